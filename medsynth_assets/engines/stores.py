"""Where paid answers, parked requests and budgets are kept: beside the DuckDB file, or for the machines of a lake in its PostgreSQL."""

from collections.abc import Iterator

from medsynth_assets.engines.budget import Budget, FileBudget, budget_path
from medsynth_assets.engines.ledger import AnyLedger, Ledger, calls_in, insert_call, ledger_path
from medsynth_assets.engines.parking import PARKING_SCHEMA, Parking
from medsynth_assets.engines.tables import FileTables
from medsynth_assets.records.call import Call
from medsynth_assets.settings import Settings


def ledger_of(settings: Settings) -> AnyLedger:
    if not settings.catalog:
        return Ledger(ledger_path(settings.warehouse))
    from medsynth_assets.engines.shared_ledger import SharedLedger  # stands on an extra

    return SharedLedger(settings.catalog)


def ledger_name(settings: Settings) -> str:
    """What people know it by."""
    return settings.lake or str(ledger_path(settings.warehouse))


def calls_of(settings: Settings) -> Iterator[Call]:
    """Every call of the ledger, oldest first. Raises UsageError where nothing was ever paid for."""
    if not settings.catalog:
        return calls_in(ledger_path(settings.warehouse))
    from medsynth_assets.engines.shared_ledger import calls_at

    return calls_at(settings.catalog)


def has_ledger(settings: Settings) -> bool:
    """Whether anything was ever paid for or parked; asking makes none."""
    if not settings.catalog:
        return ledger_path(settings.warehouse).exists()
    from medsynth_assets.engines.postgres_tables import has_tables, looking

    with looking(settings.catalog) as connection:
        return has_tables(connection)


def parking_of(settings: Settings) -> Parking:
    if not settings.catalog:
        return Parking(FileTables(ledger_path(settings.warehouse), PARKING_SCHEMA), insert_call)
    from medsynth_assets.engines.postgres_tables import PostgresTables
    from medsynth_assets.engines.shared_ledger import insert_shared

    return Parking(PostgresTables(settings.catalog, lock="parking"), insert_shared)


def budget_of(settings: Settings, budget_id: str = "") -> Budget:
    """Without an id a new one, to be begun."""
    if not settings.catalog:
        return FileBudget(budget_path(settings.warehouse), budget_id)
    from medsynth_assets.engines.shared_budget import SharedBudget

    return SharedBudget(settings.catalog, budget_id)
