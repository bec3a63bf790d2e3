"""The warehouse's clock: it never goes back, whatever happens to the machine's.

What is newest decides what is current, what is wanted and what is still in quarantine. So a moment that is written is
later than every one written before it.
"""

import datetime as dt
import logging

import duckdb

_NOTEWORTHY = dt.timedelta(minutes=1)  # less is two machines' clocks, or one being corrected
_LATEST = """
    select greatest(
        (select max(set_at) from generation.heads),
        (select max(quarantined_at) from generation.quarantine),
        (select max(set_at) from generation.targets),
        (select max(marked_at) from generation.code_marks),
        (select max(loaded_at) from reference.releases)
    )
"""


def machine_time() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def moment(con: duckdb.DuckDBPyConnection) -> dt.datetime:
    """The time of this transaction: the machine's, or just after the newest in the warehouse where that is later.

    Says so in the log where the machine's clock is behind by more than a minute.
    """
    now = machine_time()
    row = con.execute(_LATEST).fetchone()
    latest: dt.datetime | None = row[0] if row else None
    if latest is None or latest < now:
        return now
    if latest - now > _NOTEWORTHY:
        logging.getLogger("medsynth").warning(
            "this machine's clock (%s UTC) is behind the newest entry of the warehouse (%s UTC): it was set back, or was "
            "ahead before; nothing is lost, and new entries are dated just after that one until the clock is past it",
            f"{now:%Y-%m-%d %H:%M}",
            f"{latest.astimezone(dt.UTC):%Y-%m-%d %H:%M}",
        )
    return latest.astimezone(dt.UTC) + dt.timedelta(microseconds=1)
