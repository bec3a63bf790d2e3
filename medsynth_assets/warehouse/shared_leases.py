"""Leases of several machines: a table in PostgreSQL, beside the catalog of the lake. Its clock is the one that counts.

As leases.py, with two differences: a holder on another machine cannot be asked whether it lives, so what a killed one held
is free when its lease ends; and each verb is one transaction of a connection of its own, because a server may go away.
"""

import threading
import uuid
from collections.abc import Iterable
from types import TracebackType
from typing import Any

from medsynth_assets.errors import WarehouseError

_RENEWALS = 3  # in the life of a lease: two may fail before it ends
_TABLE = (
    "create table if not exists medsynth_leases"
    " (icd_code text primary key, holder text not null, until_at timestamptz not null)"
)
_TAKE = (
    "insert into medsynth_leases select code, %(holder)s, clock_timestamp() + %(for_s)s * interval '1 second'"
    " from unnest(%(codes)s::text[]) as code order by code "
    "on conflict (icd_code) do update set holder = excluded.holder, until_at = excluded.until_at"
    " where medsynth_leases.holder = excluded.holder or medsynth_leases.until_at < clock_timestamp() "
    "returning icd_code"
)
_RENEW = (
    "update medsynth_leases set until_at = clock_timestamp() + %(for_s)s * interval '1 second'"
    " where holder = %(holder)s returning icd_code"
)
_RELEASE = "delete from medsynth_leases where holder = %(holder)s and icd_code = any(%(codes)s) returning icd_code"
_LEAVE = "delete from medsynth_leases where holder = %(holder)s returning icd_code"


class SharedLeases:
    """The leases of one run, renewed by a thread until it is left; then its codes are free.

    dsn: libpq's connection string. for_s: how long a lease lives without renewal.
    """

    def __init__(self, dsn: str, for_s: float) -> None:
        self._dsn, self._for_s = dsn, for_s
        self._holder = uuid.uuid4().hex
        self._left = threading.Event()
        self._renewing = threading.Thread(target=self._renew_in_time, name="leases", daemon=True)

    def __enter__(self) -> "SharedLeases":
        """Raises WarehouseError where the table cannot be used."""
        self._ask("select pg_advisory_xact_lock(hashtext('medsynth_leases'))", _TABLE)
        self._renewing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._renewing.join()
        try:
            self._ask(_LEAVE)
        except WarehouseError:
            if error is None:
                raise

    def take(self, codes: Iterable[str]) -> set[str]:
        """Those of the codes that are now ours; the others are another's."""
        return self._ask(_TAKE, codes=sorted(set(codes)))

    def renew(self) -> set[str]:
        """Renew what is still ours, and say which codes those are."""
        return self._ask(_RENEW)

    def release(self, codes: Iterable[str]) -> None:
        """Free these codes, as far as they are ours."""
        self._ask(_RELEASE, codes=list(codes))

    def _renew_in_time(self) -> None:
        while not self._left.wait(self._for_s / _RENEWALS):
            try:
                self.renew()
            except WarehouseError:
                continue  # tried again in time; who writes asks what is still ours

    def _ask(self, *statements: str, **values: Any) -> set[str]:
        """In one transaction; the codes that the last statement returns."""
        import psycopg

        given = {"holder": self._holder, "for_s": self._for_s, **values}
        try:
            with psycopg.connect(self._dsn, application_name="medsynth", connect_timeout=10) as connection:
                for statement in statements:
                    cursor = connection.execute(statement.encode(), given)
                return {row[0] for row in cursor.fetchall()} if cursor.description else set()
        except psycopg.Error as error:
            said = " ".join(str(error).split())
            raise WarehouseError(f"the leases in PostgreSQL cannot be used: {said}; is the server up?") from error
