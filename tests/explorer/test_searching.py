"""Searching: each filter alone and together, pages that leave nothing out, and a search that stops in time."""

import re

import pytest
from starlette.testclient import TestClient

from medsynth_assets.explorer import searching
from tests.explorer.conftest import Shelf, open_explorer, page


def listed(client: TestClient, address: str) -> list[str]:
    return re.findall(r'class="id" href="/record/([^"]+)"', page(client, address))


@pytest.fixture
def client(shelf: Shelf) -> TestClient:
    shelf.put("E11.9/001", "metformin for Diabetes", passing=("dose_exists",))
    shelf.put("E11.9/002", "diet", says="Any diabetes at home?", failing=("dose_exists",), passing=("age_arithmetic",))
    shelf.put("I10/001", "100% better_now", engine="openai", run="run-b", failing=("age_arithmetic",))
    shelf.put("I10/002", "salt", run="run-b", stages=())
    shelf.quarantine("I10/002")
    return open_explorer(shelf.path)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("", ["E11.9/001", "E11.9/002", "I10/001", "I10/002"], id="everything-in-order-of-code"),
        pytest.param("text=DIABETES", ["E11.9/001", "E11.9/002"], id="text-of-note-or-dialogue-in-any-case"),
        pytest.param("text=100%25 better_", ["I10/001"], id="signs-of-patterns-are-text"),
        pytest.param("text=%25", ["I10/001"], id="a-percent-sign-is-no-wildcard"),
        pytest.param("code=e11", ["E11.9/001", "E11.9/002"], id="the-beginning-of-a-code"),
        pytest.param("check=failed", ["E11.9/002", "I10/001"], id="any-check-failed"),
        pytest.param("check=passed", ["E11.9/001"], id="all-checks-passed"),
        pytest.param("check=quarantined", ["I10/002"], id="in-quarantine"),
        pytest.param("check=dose_exists", ["E11.9/002"], id="one-check-failed"),
        pytest.param("engine=openai", ["I10/001", "I10/002"], id="engine-of-what-was-made-or-tried"),
        pytest.param("run=run-b", ["I10/001"], id="run"),
        pytest.param("run=run-", ["E11.9/001", "E11.9/002", "I10/001", "I10/002"], id="the-beginning-of-a-run"),
        pytest.param("text=diabetes&check=failed", ["E11.9/002"], id="filters-add-up"),
        pytest.param("text=nothing of it", [], id="nothing"),
        pytest.param("text=' or 1=1 --", [], id="sql-is-text"),
    ],
)
def test_filters_find_their_records(client: TestClient, asked: str, found: list[str]) -> None:
    """Each filter by itself, and two at once."""
    assert listed(client, f"/?{asked}") == found


def test_a_verdict_that_was_renewed_counts_once(shelf: Shelf) -> None:
    """A check that failed once and passes now is no failure."""
    shelf.put("I10/001", failing=("dose_exists",))
    shelf.put("I10/001", passing=("dose_exists",))
    client = open_explorer(shelf.path)
    assert listed(client, "/?check=failed") == []
    assert listed(client, "/?check=passed") == ["I10/001"]


def test_a_superseded_text_is_not_found(shelf: Shelf) -> None:
    """Only what stands is searched."""
    shelf.put("I10/001", "obsolete advice")
    shelf.put("I10/001", "better advice")
    client = open_explorer(shelf.path)
    assert listed(client, "/?text=obsolete") == []
    assert listed(client, "/?text=better") == ["I10/001"]


def test_the_match_is_shown_in_its_context(client: TestClient) -> None:
    """Marked as it is written, where it is written."""
    text = page(client, "/?text=diabetes")
    assert "<mark>Diabetes</mark>" in text
    assert "<i>dialogue</i>" in text


@pytest.mark.parametrize("asked", ["e11.9/2", "E11.9/002"])
def test_a_record_id_goes_to_its_record(client: TestClient, asked: str) -> None:
    """Typed into the code field, in any case, with or without zeros."""
    answer = client.get(f"/?code={asked}", follow_redirects=False)
    assert answer.headers["location"] == "/record/E11.9/002"


def test_pages_leave_nothing_out(shelf: Shelf) -> None:
    """Following `next` to the end lists every record once, in order, with a filter and without."""
    wanted = [f"{code}/{n:03d}" for code in ("A00.0", "E11.9", "I10") for n in range(1, 21)]
    for record_id in reversed(wanted):
        shelf.put(record_id)
    client = open_explorer(shelf.path)
    for filters in ("", "text=well"):
        found, address = [], f"/?{filters}"
        while address:
            found += listed(client, address)
            following = re.findall(r'rel="next" href="([^"]+)"', page(client, address))
            address = following[0].replace("&amp;", "&") if following else ""
        assert found == wanted


def test_a_long_search_stops_and_goes_on(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is up the page says how far it looked, and the next page takes it from there."""
    for code in ("A00.0", "B00.0", "C00.0"):
        shelf.put(f"{code}/001", "rare" if code == "C00.0" else "common")
    monkeypatch.setattr(searching, "BUDGET_S", 0.0)
    monkeypatch.setattr(searching, "_FIRST_SLOTS_FILTERED", 1)
    monkeypatch.setattr(searching, "_GROWTH", 1)
    client = open_explorer(shelf.path)
    text = page(client, "/?text=rare")
    assert "None found up to code A00.0" in text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', text)
    text = page(client, following.replace("&amp;", "&"))
    assert "None found up to code B00.0" in text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', text)
    assert listed(client, following.replace("&amp;", "&")) == ["C00.0/001"]
