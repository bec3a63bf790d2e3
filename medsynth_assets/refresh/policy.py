"""What decides staleness besides recipes: patience with failures, and age."""

import datetime as dt
from typing import NamedTuple

from medsynth_assets.settings import Settings


class Policy(NamedTuple):
    """at_once: tries quarantined slots now, whatever their backoff, as a person who runs a code wants it.

    A slot that failed n times with one recipe is due `retry_h` hours times 2 to the n-1 after the last time, at most
    `retry_most_h`. ttl_days: a record older than this is made again; None for never. force: everything is.
    since: the order was begun then, and goes on: what failed since waits for its backoff, what was made since stays.
    """

    retry_h: float
    retry_most_h: float
    ttl_days: float | None
    at_once: bool = False
    force: bool = False
    since: dt.datetime | None = None


def policy_of(
    settings: Settings, *, at_once: bool = False, force: bool = False, since: dt.datetime | None = None
) -> Policy:
    """The policy that the settings want."""
    patience = (settings.retry_hours, settings.retry_hours_most, settings.refresh_ttl_days or None)
    return Policy(*patience, at_once=at_once, force=force, since=since)
