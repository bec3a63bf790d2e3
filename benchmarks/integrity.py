"""The integrity checks: alarms on real notes, and on the notes and scenarios of the offline engine.

    python -m benchmarks.integrity [--codes 2000] [--per-code 1] [--real FOLDER] [--show 5]

FOLDER holds aci_bench_train_valid.jsonl and mts_dialog_train.jsonl. Real notes carry no code, so only what a note says of
itself is judged there. An alarm on a real note is a false one unless the note is wrong; --show prints them to be read.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.offline_records import known_codes, make_records
from medsynth_assets.clinical.family import Sex
from medsynth_assets.engines.offline.engine import OfflineEngine
from medsynth_assets.quality.integrity.checking import CHECKS, integrity
from medsynth_assets.quality.integrity.finding import Finding, Subject
from medsynth_assets.quality.integrity.scenario_text import scenario_text
from medsynth_assets.records.artifact import Stage
from medsynth_assets.records.scenario import Scenario


def real(path: Path) -> Iterator[tuple[str, list[Finding]]]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        yield row["id"], integrity(row["note"])


def made(codes: int, per_code: int, stage: Stage) -> Iterator[tuple[str, list[Finding]]]:
    engine = OfflineEngine()
    for code, description in known_codes(codes):
        for work in asyncio.run(make_records(engine, code, description, per_code)):
            product, plan = work.products[stage], work.plan
            scenario = Scenario.model_validate(product.content) if stage is Stage.SCENARIOS else None
            text = scenario_text(scenario) if scenario else product.text
            yield work.slot.record_id, integrity(text, Subject(code, description, plan.age_years, Sex(plan.sex)))


def count(found: Iterator[tuple[str, list[Finding]]], show: int) -> dict[str, float]:
    began = time.perf_counter()
    alarms: Counter[str] = Counter()
    records = 0
    for name, findings in found:
        records += 1
        for finding in findings:
            alarms[finding.check] += 1
            if alarms[finding.check] <= show:
                print(f"{name} {finding.check}: {finding.reason} [{finding.sentence[:160]}]")
    return {"records": records, **{c: alarms[c] for c in CHECKS}, "seconds": round(time.perf_counter() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=2000)
    parser.add_argument("--per-code", type=int, default=1)
    parser.add_argument("--real", type=Path, help="folder of the real corpora")
    parser.add_argument("--show", type=int, default=0, help="print so many alarms of each check")
    arguments = parser.parse_args()
    columns = {
        "made notes": count(made(arguments.codes, arguments.per_code, Stage.NOTES), arguments.show),
        "made scenarios": count(made(arguments.codes, arguments.per_code, Stage.SCENARIOS), arguments.show),
    }
    for name, file in (("ACI-Bench", "aci_bench_train_valid.jsonl"), ("MTS-Dialog", "mts_dialog_train.jsonl")):
        path = arguments.real / file if arguments.real else None
        if path and path.exists():
            columns[name] = count(real(path), arguments.show)
        else:
            print(f"{name}: skipped, no corpus given (--real)")
    table = Table("alarms", *columns, title="Integrity checks")
    for row in ("records", *CHECKS, "seconds"):
        table.add_row(row, *(f"{column[row]:g}" for column in columns.values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
