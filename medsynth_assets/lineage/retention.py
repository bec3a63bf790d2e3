"""Retention: which superseded artifacts may lose their bodies. What stands, and what it was made from, never does."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from medsynth_assets.lineage.trace import with_ancestors
from medsynth_assets.warehouse import removal_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.removal_store import HeadRow, Removed

_RECORDS_AT_ONCE = 1000  # in one transaction: the file is held for moments only


def collect(
    warehouse: AnyWarehouse, keep: int, older_than_days: int, watch: Callable[[int, int], None] = lambda *_: None
) -> Removed:
    """Remove the bodies of superseded artifacts but for the newest `keep` products of each slot and stage before the
    current one. `watch` is told of records done and records to do."""
    with warehouse.reading() as con:
        records = store.slots_remade(con, keep + 1)
    removed = Removed(0, 0, 0)
    for start in range(0, len(records), _RECORDS_AT_ONCE):
        part = records[start : start + _RECORDS_AT_ONCE]
        with warehouse.writing() as con:
            parents = store.parents(con, part, older_than_days)
            going = sorted(removable(store.history(con, part), parents, keep))
            removed += store.remove(con, going, f"superseded; kept {keep} before the current one")
        watch(min(start + _RECORDS_AT_ONCE, len(records)), len(records))
    return removed


def removable(history: Iterable[HeadRow], artifacts: Mapping[str, tuple[list[str], bool]], keep: int) -> set[str]:
    """Of the artifacts (their parents, and whether they are old enough) those that no kept product was made from."""
    stood: dict[tuple[str, str], list[str]] = defaultdict(list)
    for head in history:
        line = stood[head.record_id, head.stage]
        if head.artifact_id in line:
            line.remove(head.artifact_id)  # it stands again: its newest time counts
        line.append(head.artifact_id)
    kept = (made for line in stood.values() for made in line[-keep - 1 :])
    needed = with_ancestors(kept, {made: of for made, (of, _) in artifacts.items()})
    return {made for made, (_, may_go) in artifacts.items() if may_go and made not in needed}
