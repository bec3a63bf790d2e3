"""What one turn to write costs: a transaction of so many slots, sealed, in the DuckDB file and in a DuckLake.

    python -m benchmarks.writing_turn [--lake "ducklake:postgres:dbname=... host=..." --data-path FOLDER]

CPU is this process's; PostgreSQL's comes on top. Slots are written as runs write them: a dozen artifacts and six calls each.
"""

import argparse
import datetime as dt
import tempfile
import time
import uuid
from pathlib import Path

from medsynth_assets.records.artifact import Agent, Artifact, Kind, Recipe, Stage
from medsynth_assets.records.call import Call
from medsynth_assets.records.identity import Slot
from medsynth_assets.warehouse import generation_store as store
from medsynth_assets.warehouse.file import WarehouseFile
from medsynth_assets.warehouse.opening import AnyWarehouse

SIZES = (1, 25, 250)
TEXT = "Patient reports no chest pain and takes lisinopril 10 mg daily. " * 40  # 2.6 kB, as a note
RECIPE = Recipe(Agent.NOTE_WRITER, "prompt", "schema", "openai", "m", {"seed": 1}, (), "k")


def slot(ordinal: int, batch: str) -> store.Made:
    """As an engine's slot: drafts, verdict and products, and the calls that brought them."""
    where = Slot("I10", ordinal)
    kinds = [Kind.PLAN, Kind.VERDICT, Kind.SCENARIO, *[Kind.NOTE] * 4, *[Kind.DIALOGUE] * 5]
    made: list[Artifact] = []
    for number, kind in enumerate(kinds):
        parents = (made[-1].artifact_id,) if made else ()
        content = {"text": f"{batch} {number} {TEXT}"}
        made.append(Artifact(kind, where, content, TEXT, parents, RECIPE.recipe_id, "openai", "m"))
    calls = tuple(
        Call(
            f"{batch}-{ordinal}-{number}", "hash", where.record_id, "I10", agent, 1, 1, RECIPE.recipe_id, "openai", "m", "p",
            [{"role": "user", "content": TEXT}], {"t": 0.5}, TEXT, "ok", "", 900, 700, 0, 0.01, 2000.0,
            dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
        )
        for number, agent in enumerate(Agent)
    )  # fmt: skip
    products = {Stage.SCENARIOS: made[2], Stage.NOTES: made[6], Stage.DIALOGUES: made[11]}
    return store.Made(where, made, products, calls, None, dict.fromkeys(Stage, "r"), "openai")


def turn(warehouse: AnyWarehouse, slots: int) -> tuple[float, float]:
    """Seconds of the clock and of this process's CPU."""
    made = [slot(n + 1, uuid.uuid4().hex) for n in range(slots)]
    batch = store.batch_of(made, [RECIPE], "run")
    clock, cpu = time.monotonic(), time.process_time()
    with warehouse.writing() as con:
        store.write(con, batch)
    return time.monotonic() - clock, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lake", default="")
    parser.add_argument("--data-path", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        warehouses: list[AnyWarehouse] = [WarehouseFile(Path(folder) / "w.duckdb")]
        if given.lake:
            from medsynth_assets.warehouse.lake import LakeWarehouse

            warehouses.append(LakeWarehouse(given.lake, given.data_path, Path(folder) / "lake.duckdb"))
        print(f"{'warehouse':>15} {'slots':>6} {'wall s':>8} {'cpu s':>8}")
        for warehouse in warehouses:
            turn(warehouse, 1)  # makes the tables
            for size in SIZES:
                wall_s, cpu_s = turn(warehouse, size)
                print(f"{type(warehouse).__name__:>15} {size:>6} {wall_s:>8.2f} {cpu_s:>8.2f}", flush=True)


if __name__ == "__main__":
    main()
