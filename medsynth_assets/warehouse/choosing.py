"""The warehouse that the settings name."""

from medsynth_assets.settings import Settings
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse


def warehouse_of(settings: Settings, timeout_s: float | None = None) -> AnyWarehouse:
    """The DuckDB file, or the lake. Raises ConfigError for a lake that cannot be one."""
    patience_s = settings.lock_timeout_s if timeout_s is None else timeout_s
    if not settings.lake:
        return WarehouseFile(settings.warehouse, patience_s)
    from medsynth_assets.warehouse.lake import LakeWarehouse  # stands on an extra

    return LakeWarehouse(settings.lake, settings.data_path, settings.warehouse, patience_s)
