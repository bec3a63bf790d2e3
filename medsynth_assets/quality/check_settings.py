"""Limits and severities that a user sets over those of the suites (`checks` of the settings)."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from medsynth_assets.errors import ConfigError
from medsynth_assets.quality.suites import FOLDER, Check, Suite, written
from medsynth_assets.settings import CheckSetting, load_settings

_SHOWN = 3  # close matches


def suite(name: str) -> Suite:
    """The suite of a table as it is in force: as written, under the settings.

    Raises FileNotFoundError for one that does not exist, ConfigError for settings that no check has.
    """
    settings = load_settings().checks
    demand_known(settings)
    checks = (_set(check, f"{name}.{check.name}", settings) for check in written(name).checks)
    return written(name)._replace(checks=tuple(checks))


def demand_known(settings: Mapping[str, CheckSetting]) -> None:
    """Raises ConfigError where a setting names a check that does not exist, with the names close to it, or another limit."""
    if not settings:
        return
    known = {f"{path.stem}.{c.name}": c for path in sorted(FOLDER.glob("*.json")) for c in written(path.stem).checks}
    for name, setting in settings.items():
        if name not in known:
            close = get_close_matches(name, known, _SHOWN, cutoff=0.5)
            meant = f"did you mean {' or '.join(close)}?" if close else f"the checks are {', '.join(known)}"
            raise ConfigError(f"MEDSYNTH_CHECKS sets {name!r}, which is no check; {meant}")
        _limits(known[name], name, setting)


def _set(check: Check, name: str, settings: Mapping[str, CheckSetting]) -> Check:
    setting = settings.get(name)
    if setting is None:
        return check
    limits = _limits(check, name, setting)
    severity = setting.severity or check.severity
    body = {**check.body, "kwargs": {**check.body["kwargs"], **limits}, "severity": severity}
    return check._replace(limits={**check.limits, **limits}, severity=severity, body=body)


def _limits(check: Check, name: str, setting: CheckSetting) -> dict[str, Any]:
    """The limits that a setting changes. A whole number stays one: counts are compared with counts."""
    if setting.limit is None:
        return {}
    numbers = [limit for limit, value in check.limits.items() if _is_number(value)]
    if not isinstance(setting.limit, dict):
        if len(numbers) != 1:
            wanted = (
                f"one of each: limit = {{{', '.join(f'{n} = {check.limits[n]}' for n in numbers)}}}"
                if numbers
                else "none"
            )
            raise ConfigError(f"MEDSYNTH_CHECKS sets one limit to {name}, which has {len(numbers)}; wanted {wanted}")
        return {numbers[0]: _whole(setting.limit)}
    if unknown := sorted(set(setting.limit) - set(numbers)):
        raise ConfigError(
            f"MEDSYNTH_CHECKS sets {', '.join(unknown)} of {name}; its limits are {', '.join(numbers) or 'none'}"
        )
    return {limit: _whole(value) for limit, value in setting.limit.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else value
