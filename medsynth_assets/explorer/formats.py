"""How numbers, moments and names of ours are written on pages."""

import datetime as dt


def count_told(value: float) -> str:
    return f"{value:,.0f}"


def dollars_told(value: float) -> str:
    return "$0" if not value else f"${value:,.4f}" if value < 1 else f"${value:,.2f}"


def moment_told(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


def day_told(value: dt.datetime) -> str:
    return f"{value.astimezone(dt.UTC):%Y-%m-%d}"


def words_told(value: str) -> str:
    """A name of ours as people write it."""
    return value.replace("_", " ")


def age_told(years: float) -> str:
    if years >= 2:
        return f"{years:.0f} years"
    return f"{years * 12:.0f} months" if years * 12 >= 1.5 else f"{years * 52.2:.0f} weeks"
