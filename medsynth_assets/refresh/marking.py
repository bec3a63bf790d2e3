"""Marks of codes that are kept as they are: written where a refresh finds other ones than before."""

import uuid

from medsynth_assets.lineage.environment import note_run
from medsynth_assets.refresh.plan import Plan
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.opening import AnyWarehouse


def mark_kept(warehouse: AnyWarehouse, plan: Plan) -> None:
    """Set the marks that the plan over all codes gives. Opens the warehouse for writing only where that is news."""
    marks = dict(plan.marked.select("icd_code", "mark").iter_rows())
    with warehouse.reading() as con:
        if store.marks(con) == marks:
            return
    run_id = f"refresh-{uuid.uuid4().hex[:12]}"
    note_run(warehouse, run_id)
    with warehouse.writing() as con:
        store.set_marks(con, marks, list(plan.targets), run_id)
