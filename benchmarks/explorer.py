"""Page times of the record explorer over generated warehouses.

    python -m benchmarks.explorer [--pairs 10000 100000] [--bodies-every 1] [--folder FOLDER] [--repeat 5]

A real run makes one record of each of 200 codes; they are multiplied in SQL to the wanted number over the 2,000 most
prevalent codes. Every slot has artifacts, heads, calls and check results of its own ids, texts hold the slot's number (so
that no two are stored as one), and slots are stored in the order of prevalence, which is not the order of their ids.
A page's time is what the application takes to answer, opening and closing the warehouse included: the first time, and the
median of the later ones. Warehouses are kept in FOLDER for the next time. Full bodies take about 52 kB a pair; with
--bodies-every 10 only every tenth slot keeps them, so that 1,000,000 pairs fit where 6 GB are free: ids, heads, calls and
check results, which a record is found by, are all there.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from starlette.testclient import TestClient

from medsynth_assets.explorer.app import build_app
from medsynth_assets.warehouse.file import WarehouseFile

CODES = 2000
TEMPLATES = 200
STEP = 20_000  # slots written in one transaction


def make_templates(path: Path) -> None:
    """One record of each of the most prevalent codes, by the command as people start it."""
    home = path.parent / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    place = {"MEDSYNTH_WAREHOUSE": str(path), "DAGSTER_HOME": str(home)}
    command = [
        sys.executable,
        "-m",
        "medsynth_assets.cli",
        "run",
        "--top",
        str(TEMPLATES),
        "--per-code",
        "1",
        "--engine",
        "offline",
    ]
    subprocess.run(command, env={**os.environ, **place}, check=True, capture_output=True)


def generate(path: Path, templates: Path, pairs: int, every: int) -> None:
    """Fill `path` with `pairs` records."""
    WarehouseFile(path).ensure()
    with duckdb.connect(str(path)) as con:
        con.execute(f"attach '{templates}' as made (read_only)")
        for table in ("releases", "icd10cm_codes", "icd_prevalence"):
            con.execute(f"insert into reference.{table} by name from made.reference.{table}")
        con.execute("insert into generation.recipes by name from made.generation.recipes")
        con.execute(
            "create temp table templates as select record_id, row_number() over (order by record_id) - 1 as n"
            " from made.generation.heads where stage = 'dialogues'"
        )
        per_code = -(-pairs // CODES)
        con.execute(
            "create temp table slots as"
            " select i, code as icd_code, (i % $per_code + 1)::integer as ordinal,"
            "  format('{}/{:03d}', code, i % $per_code + 1) as record_id, templates.record_id as template,"
            "  'run-' || (i // 100000) as run_id"
            " from range($pairs) as numbers(i)"
            " inner join (select code, row_number() over (order by rank) - 1 as c from reference.icd_prevalence limit $codes)"
            "  on c = i // $per_code"
            " inner join templates on templates.n = i % (select count(*) from templates)",
            {"pairs": pairs, "per_code": per_code, "codes": CODES},
        )
        for start in range(0, pairs, STEP):
            con.begin()
            for statement in _MULTIPLY:
                bound = {"start": start, "stop": start + STEP}
                con.execute(statement, {**bound, "every": every} if "$every" in statement else bound)
            con.commit()
        con.execute("checkpoint")


_NEW_ID = "left(md5(s.i::varchar || {}), 24)"
_OF_SLOTS = (
    "inner join (select * from slots where i >= $start and i < $stop order by i) as s on t.record_id = s.template"
)
_OWN = "s.record_id as record_id, s.icd_code as icd_code"
_MULTIPLY = (
    f"""insert into generation.artifacts by name select t.* replace (
        {_OWN}, s.ordinal as ordinal, s.run_id as run_id, {_NEW_ID.format("t.artifact_id")} as artifact_id,
        case when t.text = '' or s.i % $every > 0 then '' else t.text || ' slot ' || s.i || '.' end as text,
        case when s.i % $every > 0 and t.kind <> 'plan' then '{{}}' else
            regexp_replace(t.content::varchar, '"(plan|text|name)": "', '"\\1": "slot ' || s.i || ' ') end::json as content,
        list_transform(t.parents, lambda p: {_NEW_ID.format("p")}) as parents
    ) from made.generation.artifacts as t {_OF_SLOTS}""",
    f"""insert into generation.heads by name select t.* replace (
        {_OWN}, s.ordinal as ordinal, s.run_id as run_id, s.i * 3 + t.seq % 3 as seq,
        {_NEW_ID.format("t.artifact_id")} as artifact_id, {_NEW_ID.format("t.parent_artifact_id")} as parent_artifact_id
    ) from made.generation.heads as t {_OF_SLOTS}""",
    f"""insert into generation.calls by name select t.* replace (
        {_OWN}, s.run_id as run_id, {_NEW_ID.format("t.call_id")} as call_id,
        case when t.artifact_id = '' then '' else {_NEW_ID.format("t.artifact_id")} end as artifact_id
    ) from made.generation.calls as t {_OF_SLOTS}""",
    f"""insert into quality.check_results by name select t.* replace (
        {_OWN}, s.run_id as run_id, {_NEW_ID.format("t.artifact_id")} as artifact_id,
        (t.is_passed and not (t.check_name = 'dose_exists' and s.i % 5000 = 7)) as is_passed
    ) from made.quality.check_results as t {_OF_SLOTS}""",
)


def addresses(con: duckdb.DuckDBPyConnection, pairs: int, every: int) -> dict[str, str]:
    """The pages that are asked for, by what they show."""
    (one, artifact), (other, _) = con.execute(
        "select record_id, artifact_id from generation.heads where stage = 'notes' and seq // 3 in (?, ?)",
        [number // every * every for number in (pairs // 3, pairs // 2)],
    ).fetchall()
    return {
        "search": "/",
        "search: next page, far in": "/?after=M54.5/1",
        "search: a code": "/?code=E11",
        "search: frequent text": "/?text=blood+pressure",
        "search: text of one record": f"/?text=slot+{pairs // 2 // every * every}.",
        "search: a failed check": "/?check=dose_exists",
        "search: a run": "/?run=run-0",
        "record": f"/record/{one}",
        "record: another": f"/record/{other}",
        "artifact, with its changes": f"/record/{one}/artifact/{artifact}",
        "dataset": "/dataset",
    }


def measure(path: Path, pairs: int, every: int, repeat: int) -> None:
    file = WarehouseFile(path)
    with file.reading() as con:
        asked = addresses(con, pairs, every)
    client = TestClient(build_app(file), base_url="http://127.0.0.1")
    print(
        f"\n{pairs:,} pairs, {path.stat().st_size / 1e9:.2f} GB\n{'page':<30} {'first ms':>9} {'median ms':>10}  told"
    )
    for name, address in asked.items():
        times, text = [], ""
        for _ in range(repeat + 1):
            started = time.perf_counter()
            answer = client.get(address)
            times.append(1000 * (time.perf_counter() - started))
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}")
            text = answer.text
        told = re.search(r'role="status">\s*(.*)', text)
        print(
            f"{name:<30} {times[0]:>9.0f} {statistics.median(times[1:]):>10.0f}  {told[1][:70] if told else ''}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--bodies-every", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "medsynth-explorer-benchmark")
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    templates = arguments.folder / "templates.duckdb"
    if not templates.exists():
        make_templates(templates)
    for pairs in arguments.pairs:
        every = arguments.bodies_every
        path = arguments.folder / f"{pairs}{f'-{every}' if every > 1 else ''}.duckdb"
        if not path.exists():
            started = time.perf_counter()
            generate(path, templates, pairs, every)
            print(f"generated {pairs:,} pairs in {time.perf_counter() - started:.0f} s", flush=True)
        measure(path, pairs, every, arguments.repeat)


if __name__ == "__main__":
    main()
