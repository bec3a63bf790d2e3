"""`medsynth refresh` as a person runs it: what a change makes stale, and what limits do."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import medsynth_assets
from medsynth_assets.warehouse.file import WarehouseFile
from tests.cli.test_refusals import refused
from tests.conftest import REPOSITORY, Place
from tests.scripted_openai.fixture import ScriptedOpenAI

TOP = {"MEDSYNTH_TOP_CODES": "3", "MEDSYNTH_PER_CODE": "1"}


def planned(place: Place, package: Path | None = None, **variables: str) -> dict[str, list[str]]:
    """Records of the plan by `stage: reason (detail)`, with the package at another place where one is given."""
    done = subprocess.run(
        [sys.executable, "-m", "medsynth_assets.cli", "refresh", "--dry-run", "--json"],
        cwd=package or place.folder, env={**place.environment, **TOP, **variables},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        detail = f" ({row['detail']})" if row["detail"] else ""
        found.setdefault(f"{row['stage']}: {row['reason']}{detail}", []).append(row["record_id"])
    return found


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the product to change."""
    folder = tmp_path / "product"
    source = Path(medsynth_assets.__file__).parent
    shutil.copytree(source, folder / "medsynth_assets", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dbt_like_sql", "expectations"):
        shutil.copytree(REPOSITORY / name, folder / name)
    return folder


def test_only_what_a_change_decides_is_made_again(loaded_place: Place, package: Path) -> None:
    """The dialogue prompt: dialogues. A comment, another order of families: nothing. One family: its codes, and no other."""
    assert loaded_place.medsynth("refresh", **TOP).returncode == 0
    assert planned(loaded_place, package) == {}

    prompts, knowledge = package / "medsynth_assets/prompts", package / "medsynth_assets/clinical/knowledge"
    for prompt in prompts.glob("*.md"):
        prompt.write_text(prompt.read_text("utf-8").replace("\n- ", "\n{# a remark\nof two lines #}\n- ", 1), "utf-8")
    for file in knowledge.glob("*.yaml"):
        turned = re.split(r"(?m)^(?=- )", file.read_text("utf-8"))
        file.write_text("# a remark\n" + turned[0] + "".join(reversed(turned[1:])), "utf-8")
    assert planned(loaded_place, package) == {}

    dialogue = prompts / "dialogue_generator.md"
    dialogue.write_text(
        dialogue.read_text("utf-8").replace("{% block system %}", "{% block system %}\nBe kind."), "utf-8"
    )
    assert planned(loaded_place, package) == {
        "dialogues: recipe changed (prompt of dialogue generator)": ["I10/001", "E78.5/001", "E11.9/001"]
    }
    shutil.copy(REPOSITORY / "medsynth_assets/prompts/dialogue_generator.md", dialogue)

    family = next(
        file for file in knowledge.glob("*.yaml") if re.search(r"(?m)^  covers: \[?I10\b", file.read_text("utf-8"))
    )
    before, covers, after = re.split(r"(?m)^(  covers: \[?I10\b)", family.read_text("utf-8"))
    family.write_text(before + covers + after.replace("  plain: ", "  plain: lasting ", 1), "utf-8")
    assert planned(loaded_place, package) == {
        "scenarios: recipe changed (knowledge of scenario judge, scenario provider)": ["I10/001"],
        "notes: parent superseded": ["I10/001"],
        "dialogues: parent superseded": ["I10/001"],
    }


def test_a_refresh_within_limits_says_what_stays_planned_and_the_next_goes_on(loaded_place: Place) -> None:
    """One record of the two that are missing; then the other; then nothing, and no engine is asked."""
    first = loaded_place.medsynth("refresh", "--max-records", "1", **TOP)
    assert first.returncode == 0, first.stderr
    assert "1 pairs made" in first.stdout
    assert "Stopped: the limit of 1 records is reached. 1 slots stay planned" in " ".join(first.stdout.split())
    dry = loaded_place.medsynth("refresh", "--dry-run", **TOP)
    assert "code entered the top" in dry.stdout
    assert all(len(line) <= 80 for line in dry.stdout.splitlines())
    second = loaded_place.medsynth("refresh", **TOP)
    assert "1 pairs made" in second.stdout
    third = loaded_place.medsynth("refresh", "--engine", "offline", **TOP)
    assert third.stdout.strip() == "Everything is current; nothing to make."


def test_money_is_a_hard_stop_and_what_was_paid_is_not_paid_again(
    loaded_place: Place, scripted_openai: ScriptedOpenAI
) -> None:
    """A budget for part of the work stops it; the next refresh goes on from there, and no request is sent twice."""
    environment = {
        **TOP, "OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "sk-test", "MEDSYNTH_ENGINE": "openai",
        "MEDSYNTH_CONCURRENCY": "2",
    }  # fmt: skip
    first = loaded_place.medsynth("refresh", "--budget-tokens", "30000", **environment)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "the budget of 30,000 tokens is spent" in " ".join(first.stdout.split())
    asked = len(scripted_openai.chats)
    assert 0 < asked < 18  # six calls for each of three records
    second = loaded_place.medsynth("refresh", **environment)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Everything is current" in second.stdout
    sent = [(chat["headers"]["x-medsynth-record"], json.dumps(chat["body"])) for chat in scripted_openai.chats]
    assert len(set(sent)) == len(sent) > asked
    assert {record for record, _ in sent} == {"I10/001", "E78.5/001", "E11.9/001"}
    idle = loaded_place.medsynth("refresh", **environment)
    assert "Everything is current" in idle.stdout
    assert len(scripted_openai.chats) == len(sent)
    told = json.loads(loaded_place.medsynth("status", "--json").stdout)
    assert told["cost_today_usd"] == pytest.approx(told["cost_usd"], abs=1e-3)
    assert told["cost_this_month_usd"] >= told["cost_today_usd"] > 0


@pytest.mark.slow
def test_what_a_refresh_leaves_can_be_verified(loaded_place: Place, scripted_openai: ScriptedOpenAI) -> None:
    """New records of a model, old ones drawn again with another seed, and marks of codes that left the top: all sealed."""
    openai = {"OPENAI_BASE_URL": scripted_openai.url, "OPENAI_API_KEY": "sk-test", "MEDSYNTH_ENGINE": "openai"}
    openai["MEDSYNTH_RETRY_HOURS"] = "0.0000001"  # its answers are of one patient: for other codes they fail checks
    for limits in (TOP, {**TOP, "MEDSYNTH_REFRESH_TTL_DAYS": "0.0000001"}, {**TOP, "MEDSYNTH_TOP_CODES": "1"}):
        done = loaded_place.medsynth("refresh", **openai, **limits)
        assert done.returncode == 0, done.stdout + done.stderr
    with WarehouseFile(loaded_place.warehouse).reading() as con:
        assert con.execute("select count(*) > 0 from generation.code_marks where mark <> ''").fetchone() == (True,)
        assert con.execute("select count(distinct request_hash) > 18 from generation.calls").fetchone() == (True,)
    verified = loaded_place.medsynth("verify", "--all")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        pytest.param(["--until", "6"], {}, ["--until", "06:00"], id="until"),
        pytest.param(["--json"], {}, ["--dry-run"], id="json-alone"),
        pytest.param(["--dry-run"], {}, ["no warehouse"], id="no-warehouse"),
        pytest.param(
            ["--budget-usd", "5", "--engine", "openai"],
            {"MEDSYNTH_OPENAI_MODEL": "our-own"},
            ["our-own", "MEDSYNTH_PRICES", "--budget-tokens"],
            id="no-price",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused(
    place: Place, arguments: list[str], variables: dict[str, str], words: list[str]
) -> None:
    """A limit that could not hold, and a plan without a warehouse."""
    refused(place.medsynth("refresh", *arguments, **variables), *words)
