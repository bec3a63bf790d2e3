"""What the pages show, for records, for none, and for what tries to break them."""

import json
import re

import pytest
from starlette.testclient import TestClient

from tests.conftest import Place
from tests.explorer.conftest import Shelf, dataset_page, open_explorer, page

HOSTILE = '<script>alert("note")</script><img src=x onerror=alert(1)>'


def test_a_record_is_shown_with_everything_about_it(explorer: TestClient, loaded_place: Place) -> None:
    """Note, dialogue, lineage, history, checks and calls stand on one page."""
    text = page(explorer, "/record/I10/001")
    for part in (
        "Essential (primary) hypertension",
        "Subjective",
        "Lineage",
        "History of the slot",
        "checks passed",
        "note polisher",
    ):
        assert part in text
    told = json.loads(loaded_place.medsynth("show", "I10/001", "--json").stdout)
    turns = told["dialogue"]["content"]["turns"]
    assert text.count('<li id="t') == len(turns)


def test_a_record_tells_where_it_was_published(shelf: Shelf) -> None:
    """Each release with the split, and whether it holds what stands; who withdrew it and why, as text."""
    shelf.put("I10/001", "first")
    with shelf.file.reading() as con:
        (dialogue,) = con.execute("select artifact_id from generation.heads where stage = 'dialogues'").fetchone() or (
            "",
        )
    for release, held in (("v1", "0123456789ab"), ("v2", dialogue)):
        shelf.execute(
            "insert into generation.releases by name select $name as release_id, $name as name, '' as lineage_root,"
            " '' as manifest_sha256, 1 as record_count, []::varchar[] as codes, []::varchar[] as held_out_codes,"
            " '' as directory, '' as run_id, now() as released_at", name=release,
        )  # fmt: skip
        shelf.execute(
            "insert into generation.released_records by name select $name as release_id, 'I10/001' as record_id,"
            " 'I10' as icd_code, 'test' as split, '' as scenario_id, '' as note_id, $held as dialogue_id",
            name=release, held=held,
        )  # fmt: skip
    shelf.execute(
        "insert into generation.withdrawals (artifact_id, record_id, reason, reviewer) values ($held, 'I10/001', $reason, 'dr-a')",
        held=dialogue, reason=HOSTILE,
    )  # fmt: skip
    text = page(open_explorer(shelf.path), "/record/I10/001")
    assert "in 2 releases" in text
    assert re.search(r"<td>v2</td><td>test</td>.*as it stands", text)
    assert re.search(r"<td>v1</td><td>test</td>.*an earlier version, 01234567", text)
    assert "dr-a: &lt;script&gt;" in text
    assert HOSTILE not in text


def test_facts_and_turns_point_at_each_other(explorer: TestClient) -> None:
    """What a fact names as its turns names the fact in turn; no script is needed to go there."""
    text = page(explorer, "/record/I10/001")
    facts = {
        (int(fact), int(turn))
        for fact, first, turns in re.findall(r'id="f(\d+)" href="#t(\d+)" data-turns="([\d ]+)"', text)
        for turn in turns.split()
    }
    turns = {
        (int(fact), int(turn))
        for turn, facts_said in re.findall(r'<li id="t(\d+)"[^>]*data-facts="([\d ]*)"', text)
        for fact in facts_said.split()
    }
    assert facts
    assert facts == turns


def test_every_step_of_the_lineage_opens(explorer: TestClient) -> None:
    """Each box of the graph is a link to a page, and its part alone can be fetched; a text is compared with its draft."""
    text = page(explorer, "/record/I10/001")
    links = set(re.findall(r'href="(/record/I10/001/(?:artifact|source)/[^"]+)"', text))
    assert len(links) == 10  # plan, two of scenario, verdict, two of note, two of dialogue, two rows
    for link in links:
        assert "<article" in page(explorer, link)
        assert "<html" not in page(explorer, f"{link}?part=1")
    dialogue = re.findall(r'href="(/record/I10/001/artifact/[^"]+)"[^>]*aria-label="dialogue [^d]', text)[0]
    opened = page(explorer, dialogue)
    assert "from dialogue draft" in opened
    assert "<ins>" in opened
    for part in ("engine answers from the knowledge families", "You are the editor", "Environment", "duckdb"):
        assert part in opened


def test_reference_rows_say_which_release_they_are_of(explorer: TestClient) -> None:
    """The prevalence row opens with rank, file and hash, and the checksum of its release."""
    (link,) = set(re.findall(r'href="(/record/I10/001/source/prevalence_row[^"]+)"', page(explorer, "/record/I10/001")))
    opened = page(explorer, link)
    assert "row hash" in opened
    assert "sha256" in opened


@pytest.mark.parametrize(
    "address", ["/record/I10/001", "/?text=script", "/?text=alert", "/record/I10/001/artifact/NOTE"]
)
def test_texts_are_escaped(shelf: Shelf, address: str) -> None:
    """A note, a dialogue and a description that hold markup show it as text, on every page."""
    shelf.put("I10/001", HOSTILE, says=HOSTILE, failing=("dose_exists",))
    shelf.execute("update quality.check_results set explanation = ?", HOSTILE)
    shelf.execute(
        "insert into reference.icd10cm_codes by name select 'I10' as code, ? as description, true as is_billable,"
        " 'I10' as category_code, '' as block, '9' as chapter, ? as chapter_title, [] as inclusion_terms,"
        " '' as seventh_character, 'r' as release_id, 'h' as row_hash", HOSTILE, HOSTILE
    )  # fmt: skip
    client = open_explorer(shelf.path)
    if "NOTE" in address:
        found = re.findall(r"/artifact/([0-9a-f]{24})", page(client, "/record/I10/001"))
        texts = [page(client, address.replace("NOTE", artifact)) for artifact in found]
    else:
        texts = [page(client, address)]
    assert any("&lt;script&gt;" in text for text in texts)
    for text in texts:
        assert "<script>" not in text
        assert "<img" not in text


def test_what_is_asked_is_escaped(explorer: TestClient) -> None:
    """The search is echoed into its fields and links as text."""
    for field in ("text", "code", "check", "engine", "run"):
        text = explorer.get(f'/?{field}="><script>alert(1)<%2Fscript>').text
        assert "<script>alert" not in text
        assert ("&lt;script&gt;alert" in text) is (field in ("text", "code", "run"))  # the others are chosen from lists


@pytest.mark.parametrize("address", ["/", "/dataset"])
@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_warehouse_says_how_to_fill_it(place: Place, shelf: Shelf, address: str, exists: bool) -> None:
    """No file, or a file without records: the page names the command."""
    if not exists:
        shelf.path.unlink()
    assert "medsynth run --top 20" in page(open_explorer(place.warehouse), address)
    assert shelf.path.exists() is exists, "looking made a file"


@pytest.mark.parametrize(
    "address", ["/record/I10/777", "/record/I10/001/artifact/0", "/record/I10/001/source/x", "/nowhere"]
)
def test_what_is_not_there_is_told_in_a_page(explorer: TestClient, address: str) -> None:
    """404, in the same clothes as every other page."""
    text = page(explorer, address, 404)
    assert "All records" in text


def test_a_quarantined_slot_has_a_page(shelf: Shelf) -> None:
    """Nothing was made of it, and the page says why and since when."""
    shelf.quarantine("I10/002", "refusal", "cannot write <this>")
    text = page(open_explorer(shelf.path), "/record/I10/002")
    assert "In quarantine since" in text
    assert "cannot write &lt;this&gt;" in text


def test_a_replaced_note_is_history(shelf: Shelf) -> None:
    """Both versions stand in the history, the newer as current, and the change can be looked at."""
    shelf.put("I10/001", "take the old drug")
    shelf.put("I10/001", "take the new drug")
    client = open_explorer(shelf.path)
    text = page(client, "/record/I10/001")
    assert "note replaced" in text
    assert "note made" in text
    newer = re.findall(r"data-open>([0-9a-f]{8})</a>", text.partition("note replaced")[2])[0]
    link = next(link for link in re.findall(r"/record/I10/001/artifact/([0-9a-f]{24})", text) if link.startswith(newer))
    opened = page(client, f"/record/I10/001/artifact/{link}")
    assert "<del>old</del><ins>new</ins>" in opened


def test_what_was_written_together_stands_in_the_order_of_stages(shelf: Shelf) -> None:
    """One moment, three products: the history reads downwards from the dialogue to what it was made from."""
    shelf.put("I10/001")
    text = page(open_explorer(shelf.path), "/record/I10/001")
    assert re.findall(r"(dialogue|note|scenario) made", text) == ["dialogue", "note", "scenario"]


def test_a_body_that_cannot_be_read_is_told(shelf: Shelf) -> None:
    """A note changed by hand into something else does not break its page."""
    shelf.put("I10/001")
    shelf.execute("""update generation.artifacts set content = '{"other": 1}' where kind = 'note'""")
    assert "no readable content" in page(open_explorer(shelf.path), "/record/I10/001")


def test_the_dataset_page_counts_what_is_there(shelf: Shelf) -> None:
    """Complete records, quarantine and failing checks, as figures and as pictures with words."""
    for n in range(1, 4):
        shelf.put(f"I10/00{n}", failing=("dose_exists",) if n == 1 else (), passing=() if n == 1 else ("dose_exists",))
    shelf.quarantine("I10/004")
    shelf.execute(
        "insert into generation.targets by name select 'I10' as icd_code, 5 as record_count, 'r' as run_id, now() as set_at"
    )
    text = dataset_page(open_explorer(shelf.path))
    assert '<dd>3</dd><dd class="quiet">of 5 wanted</dd>' in text
    assert 'aria-label="3 complete, 1 in quarantine, 1 still to be made"' in text
    assert 'aria-label="2 passed, 1 failed"' in text
    assert "40–49: 3 female, 0 male" in text
