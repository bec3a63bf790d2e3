"""What cannot be done: exit code 2, one line that says what was wanted, no traceback."""

import subprocess

import pytest

from tests.conftest import Place


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """The claim of this module about one finished process."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith("medsynth: ")
    assert "Traceback" not in done.stdout + done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        pytest.param(["run", "--codes", "hello"], {}, ["'hello'", "E11.9"], id="malformed-code"),
        pytest.param(["run", "--codes", "I10'; drop"], {}, ["not an ICD-10-CM code"], id="hostile-code"),
        pytest.param(["run", "--codez", "I10"], {}, ["--codez", "medsynth run --help"], id="unknown-option"),
        pytest.param(["run", "--codes", "I10", "--top", "3"], {}, ["exclude each other"], id="codes-with-top"),
        pytest.param(["run", "--engine", "magic"], {}, ["'magic'", "offline", "openai"], id="unknown-engine"),
        pytest.param(["run", "--engine", "openai"], {}, ["OPENAI_API_KEY"], id="no-key"),
        pytest.param(
            ["run", "--engine", "openai", "--codes", "I10"],
            {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "sk-x", "MEDSYNTH_MAX_RETRIES": "0"},
            ["127.0.0.1:9"],
            id="unreachable-endpoint",
        ),
        pytest.param(["status"], {"MEDSYNTH_PER_CODE": "many"}, ["MEDSYNTH_PER_CODE", "'many'"], id="bad-setting"),
        pytest.param(["status"], {}, ["no warehouse", "medsynth run"], id="status-without-warehouse"),
        pytest.param(["show", "I10/001"], {}, ["no warehouse", "medsynth run"], id="show-without-warehouse"),
        pytest.param(["show", "I10"], {}, ["'I10'", "E11.9/003"], id="show-what-is-no-record"),
        pytest.param(["sql", "select 1"], {}, ["no warehouse", "medsynth run"], id="sql-without-warehouse"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    place: Place, arguments: list[str], variables: dict[str, str], words: list[str]
) -> None:
    """Each says what was found and what was wanted, before anything is written."""
    refused(place.medsynth(*arguments, **variables), *words)
    assert not place.warehouse.exists()


def test_a_code_that_is_not_in_the_code_set_is_refused(loaded_place: Place) -> None:
    """A well-formed code that does not exist, or a category, is named in the refusal."""
    refused(loaded_place.medsynth("run", "--codes", "I10,X99.99,E11"), "X99.99", "E11", "not a billable code")


def test_a_warehouse_that_cannot_be_made_names_the_setting(place: Place) -> None:
    """A path below a file cannot hold a warehouse."""
    (place.folder / "taken").write_text("a file")
    refused(
        place.medsynth("run", "--codes", "I10", MEDSYNTH_WAREHOUSE=str(place.folder / "taken" / "w.duckdb")),
        "MEDSYNTH_WAREHOUSE",
    )


def test_a_text_file_in_the_place_of_the_warehouse_is_refused_and_kept(place: Place) -> None:
    """The file is named and not overwritten."""
    place.warehouse.write_text("dear diary\n" * 1000)
    refused(place.medsynth("status"), "MEDSYNTH_WAREHOUSE", place.warehouse.name)
    assert place.warehouse.read_text() == "dear diary\n" * 1000


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("delete from generation.heads", id="delete"),
        pytest.param("create table marts.mine as select 1", id="create"),
        pytest.param("copy (select 1) to 'out.csv'", id="copy-out"),
        pytest.param("select * from read_text('secret.txt')", id="read-file"),
        pytest.param("attach 'other.duckdb'", id="attach"),
    ],
)
def test_sql_neither_writes_nor_reads_files(loaded_place: Place, query: str) -> None:
    """A query is for the warehouse, and for reading."""
    (loaded_place.folder / "secret.txt").write_text("hush")
    done = loaded_place.medsynth("sql", query)
    refused(done, "DuckDB")
    assert "hush" not in done.stdout
    assert not (loaded_place.folder / "out.csv").exists()
    assert not (loaded_place.folder / "other.duckdb").exists()
