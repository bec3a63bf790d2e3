"""The six-agent chain against the scripted endpoint, beside the least time that latency and slots allow.

    python -m benchmarks.throughput [--records 500] [--slots 64] [--latency-ms 200] [--repeat 1]
    python -m benchmarks.throughput --faults [--rpm 1200] [--tpm 2000000] | --hang 0.005 | --kill
    python -m benchmarks.throughput --dagster     the same as `medsynth run` does it: reference assets, checks and marts with it

Client and endpoint share this machine with whatever else runs on it: repeat, and read the least. Five records a code. The
endpoint's answers are the same few texts, so that it costs little; the check of each dialogue against its note therefore
costs its workers less than with real answers (benchmarks/pair_checks.py has its cost).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from benchmarks.scripted_endpoint import endpoint
from tests.scripted_openai.script import Script, http, play

PER_CODE = 5
AGENTS = 6
_LOADER = ["-m", "medsynth_assets.cli", "run", "--codes", "I10", "--per-code", "1"]
_WHOLE = """
    select count(*) from (
        select record_id from generation.current_heads where engine = 'openai' group by record_id having count(*) = 3
    )
"""
_FIRST = "select epoch(min(set_at)) from generation.heads where engine = 'openai' and stage = 'dialogues'"
_DAMAGED = """
    select count(*) from generation.current_heads as h inner join generation.artifacts as a using (artifact_id)
    inner join generation.calls as c on c.artifact_id = a.artifact_id and c.answer is not null
    where h.engine = 'openai' and c.status <> 'ok' and not exists (
        from generation.calls as good where good.artifact_id = a.artifact_id and good.status = 'ok'
    )
"""


class Place(NamedTuple):
    """A warehouse with the reference assets, and the codes to make there."""

    folder: Path
    codes: list[str]

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("MEDSYNTH_", "OPENAI_", "DAGSTER_HOME"))}
        root = Path(__file__).resolve().parents[2]
        return {
            **clean, "MEDSYNTH_WAREHOUSE": str(self.folder / "w.duckdb"), "DAGSTER_HOME": str(self.folder / "dagster"),
            "OPENAI_API_KEY": "sk-benchmark", "MEDSYNTH_OPENAI_MODEL": "gpt-4o", "PYTHONPATH": str(root),
            **{k: v for k, v in os.environ.items() if k.startswith("MEDSYNTH_") and k not in ("MEDSYNTH_WAREHOUSE",)},
        }  # fmt: skip


def loaded_place(folder: Path) -> Place:
    """Reference assets through the real command."""
    place = Place(folder, [])
    if not (folder / "dagster").exists():
        (folder / "dagster").mkdir(parents=True)
        subprocess.run(
            [sys.executable, *_LOADER], env=place.environment, cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as con:
        found = con.execute("select code from reference.icd_prevalence where code <> 'I10' order by rank").fetchall()
    return place._replace(codes=[row[0] for row in found])


@contextmanager
def fresh(place: Place) -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "place"
        shutil.copytree(place.folder, copied)
        yield place._replace(folder=copied)


def tally(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.replace("/v1", "/_tally")) as answer:
        return json.load(answer)


def chain(url: str, place: Place, records: int, slots: int, **variables: str) -> dict[str, Any]:
    """One run of the chain in a process of its own: what it says of itself."""
    codes = ",".join(place.codes[: -(-records // PER_CODE)])
    command = [sys.executable, "-m", "benchmarks.throughput.chain", "--codes", codes, "--per-code", str(PER_CODE)]
    if profile := os.environ.get("THROUGHPUT_PROFILE"):
        command += ["--profile", profile]
    environment = {**place.environment, "OPENAI_BASE_URL": url, "MEDSYNTH_CONCURRENCY": str(slots), **variables}
    began_at = time.time()
    done = subprocess.run(command, env=environment, cwd=place.folder, check=True, stdout=subprocess.PIPE, text=True)
    return {"began_at": began_at, "ended_at": time.time(), **json.loads(done.stdout.splitlines()[-1])}


def through_dagster(url: str, place: Place, records: int, slots: int) -> dict[str, Any]:
    """One `medsynth run`. The first whole record is known by when its transaction began, a moment before it was there."""
    codes = ",".join(place.codes[: -(-records // PER_CODE)])
    asked = ["run", "--codes", codes, "--per-code", str(PER_CODE), "--engine", "openai"]
    environment = {**place.environment, "OPENAI_BASE_URL": url, "MEDSYNTH_CONCURRENCY": str(slots)}
    began_at = time.time()
    run = subprocess.Popen(
        [sys.executable, "-m", "medsynth_assets.cli", *asked],
        env=environment, cwd=place.folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _, _, used = os.wait4(run.pid, 0)
    with duckdb.connect(str(place.folder / "w.duckdb"), read_only=True) as con:
        (made,), (first_at,) = (con.execute(sql).fetchone() for sql in (_WHOLE, _FIRST))
    return {
        "began_at": began_at,
        "ended_at": time.time(),
        "made": made,
        "first_whole_at": first_at,
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_mib": used.ru_maxrss / 1024,
    }


class Row(NamedTuple):
    """One run. limit_s: what latency and slots allow at best."""

    name: str
    records: int
    calls: int
    wall_s: float
    span_s: float
    limit_s: float
    start_end_s: float
    first_s: float
    used_frac: float
    cpu_s: float
    rss_mib: float
    twice: int

    @property
    def ratio(self) -> float:
        return self.span_s / self.limit_s

    def __str__(self) -> str:
        return (
            f"{self.name:<26} {self.records:>7} {self.calls:>6} {self.wall_s:>7.1f} {self.span_s:>7.2f} {self.limit_s:>7.2f} "
            f"{self.ratio:>6.2f} {self.start_end_s:>9.1f} {self.first_s:>7.1f} {self.used_frac:>6.0%} {self.cpu_s:>7.1f} "
            f"{self.rss_mib:>8.0f} {self.twice:>6}"
        )


HEADING = (
    f"{'':<26} {'records':>7} {'calls':>6} {'wall s':>7} {'span s':>7} {'limit s':>7} {'ratio':>6} {'start+end':>9} "
    f"{'first s':>7} {'used':>6} {'CPU s':>7} {'RSS MiB':>8} {'twice':>6}"
)


def least_s(served: dict[str, Any], script: Script) -> float:
    """What latency, slots and limits a minute allow at best for what was asked and answered; a full bucket may go at once."""
    limits = ((served["requests"], script.requests_per_minute), (served["tokens"], script.tokens_per_minute))
    return max(
        AGENTS * script.latency_s,
        served["worked_s"] / script.slots,
        *(used * 60 / a_minute - script.burst_s for used, a_minute in limits if a_minute),
    )


def row(name: str, told: dict[str, Any], served: dict[str, Any], script: Script) -> Row:
    span_s = served["last_at"] - served["first_at"]
    wall_s = told.get("ended_at", served["last_at"]) - told.get("began_at", served["first_at"])
    return Row(
        name=name,
        records=told.get("made", 0),
        calls=served["requests"],
        wall_s=wall_s,
        span_s=span_s,
        limit_s=least_s(served, script),
        start_end_s=wall_s - span_s,
        first_s=max(told.get("first_whole_at", 0.0) - served["first_at"], 0.0),
        used_frac=served["worked_s"] / script.slots / span_s,
        cpu_s=told["cpu_s"],
        rss_mib=told["rss_mib"],
        twice=served["twice"],
    )


def bare_run(chosen: argparse.Namespace, script: Script) -> Row:
    with endpoint(script) as url:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.throughput.bare", url, str(chosen.records), str(chosen.slots)],
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        told = {"made": chosen.records, **json.loads(done.stdout)}
        return row("bare client", told, tally(url), script)


def chain_run(
    name: str, chosen: argparse.Namespace, script: Script, place: Place, records: int, **variables: str
) -> tuple[Row, dict[str, Any]]:
    with fresh(place) as here, endpoint(script) as url:
        told = chain(url, here, records, chosen.slots, **variables)
        served = tally(url)
        found = row(name, told, served, script)
        with duckdb.connect(str(here.folder / "w.duckdb"), read_only=True) as con:
            told["whole"], told["damaged"] = (con.execute(sql).fetchone()[0] for sql in (_WHOLE, _DAMAGED))
        told["served"] = served
        return found, told


def at_the_limit(chosen: argparse.Namespace, script: Script, place: Place) -> None:
    """No faults: the ratio, and what a call costs the client."""
    print(HEADING, flush=True)
    for _ in range(chosen.repeat):
        if not chosen.no_bare:
            print(bare_run(chosen, script), flush=True)
        small, few = chain_run("chain, a fifth", chosen, script, place, max(chosen.records // 5, PER_CODE))
        print(small, flush=True)
        whole, told = chain_run("chain", chosen, script, place, chosen.records)
        print(whole, flush=True)
        making, making_few = whole.cpu_s - told["planned_cpu_s"], small.cpu_s - few["planned_cpu_s"]
        marginal = (making - making_few) / (whole.calls - small.calls) * 1000
        print(
            f"  marginal client CPU {marginal:.2f} ms a call, after {told['planned_cpu_s']:.1f} s for start and plan; writing to the warehouse {told['writing_cpu_s']:.1f} s of it; "
            f"checks in worker processes {told['workers_cpu_s']:.1f} s; "
            f"memory +{whole.rss_mib - small.rss_mib:.0f} MiB for {whole.records - small.records} records more; "
            f"load average {os.getloadavg()[0]:.1f}",
            flush=True,
        )


def under_dagster(chosen: argparse.Namespace, script: Script, place: Place) -> None:
    """Start-up of Dagster, reference assets, checks of all records and marts are in the wall, and not in the span."""
    print(HEADING, flush=True)
    for _ in range(chosen.repeat):
        with fresh(place) as here, endpoint(script) as url:
            told = through_dagster(url, here, chosen.records, chosen.slots)
            print(row("medsynth run", told, tally(url), script), flush=True)
    print(f"  load average {os.getloadavg()[0]:.1f}", flush=True)


def with_trouble(chosen: argparse.Namespace, script: Script, place: Place) -> None:
    """Faults, limits and hanging calls: nothing lost, nothing damaged, and how long it took."""
    print(HEADING, flush=True)
    for _ in range(chosen.repeat):
        found, told = chain_run("chain with trouble", chosen, script, place, chosen.records)
        print(found, flush=True)
        lost = chosen.records - told["whole"] - told["quarantined"]
        print(
            f"  whole {told['whole']}, quarantined {told['quarantined']} {told['reasons']}, lost {lost}, damaged {told['damaged']}; "
            f"refused with 429: {told['served']['refused_429']}, hung: {told['served']['hung']}; wall ÷ least {found.ratio:.2f}; "
            f"{told['served']['requests'] / found.span_s * 60:,.0f} requests and {told['served']['tokens'] / found.span_s * 60:,.0f} tokens a minute",
            flush=True,
        )


def killed(chosen: argparse.Namespace, script: Script, place: Place) -> None:
    """kill -9 in the middle, then the same again: what was delivered is not paid again."""
    with fresh(place) as here, endpoint(script) as url:
        codes = ",".join(here.codes[: -(-chosen.records // PER_CODE)])
        command = [sys.executable, "-m", "benchmarks.throughput.chain", "--codes", codes, "--per-code", str(PER_CODE)]
        environment = {**here.environment, "OPENAI_BASE_URL": url, "MEDSYNTH_CONCURRENCY": str(chosen.slots)}
        process = subprocess.Popen(command, env=environment, cwd=here.folder)
        while tally(url)["answered"] < chosen.records * AGENTS // 2 and process.poll() is None:
            time.sleep(0.05)
        process.kill()
        process.wait()
        before = tally(url)
        time.sleep(1)
        told = chain(url, here, chosen.records, chosen.slots)
        after = tally(url)
        print(
            f"killed after {before['answered']} answers; {after['answered']} at the end for {told['made']} records made since; "
            f"asked twice {after['twice']} (in flight at the kill, {chosen.slots} at most, or answered in the milliseconds before it)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=500)
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument(
        "--spread", type=float, default=0.5, help="latencies are even between 1-SPREAD and 1+SPREAD of the mean"
    )
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--no-bare", action="store_true")
    parser.add_argument("--faults", action="store_true", help="5%% HTTP 500, 3%% malformed, 2%% truncated, 2%% refused")
    parser.add_argument("--rpm", type=int, default=0, help="requests a minute that the endpoint allows")
    parser.add_argument("--tpm", type=int, default=0, help="tokens a minute that the endpoint allows")
    parser.add_argument("--silent", action="store_true", help="the endpoint tells nothing of its limits")
    parser.add_argument("--hang", type=float, default=0.0, help="share of the calls that are never answered")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--dagster", action="store_true", help="through `medsynth run`")
    parser.add_argument(
        "--place", type=Path, help="reference assets loaded there once and used again, to save that time"
    )
    chosen = parser.parse_args()
    rates = [(chosen.hang, play("hang"))] if chosen.hang else []
    if chosen.faults:
        rates += [(0.05, http(500)), (0.03, play("malformed")), (0.02, play("length")), (0.02, play("refusal"))]
    script = Script(
        latency_s=chosen.latency_ms / 1000, latency_spread_frac=chosen.spread, slots=chosen.slots, rates=rates,
        requests_per_minute=chosen.rpm, tokens_per_minute=chosen.tpm, tells_limits=not chosen.silent, keeps_bodies=False,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        place = loaded_place(chosen.place or Path(folder) / "loaded")
        if chosen.kill:
            killed(chosen, script, place)
        elif chosen.dagster:
            under_dagster(chosen, script, place)
        elif rates or chosen.rpm or chosen.tpm:
            with_trouble(chosen, script, place)
        else:
            at_the_limit(chosen, script, place)


if __name__ == "__main__":
    main()
