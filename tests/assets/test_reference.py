"""Reference assets: a prevalence file of one's own, what is rejected, and which codes are partitions."""

from pathlib import Path

import pytest

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.records.plan import CodeFacts
from medsynth_assets.records.population import Group
from medsynth_assets.reference.population import Populations
from medsynth_assets.settings import load_settings
from tests.assets.conftest import Platform, failure, metadata

BAD_ROWS = """code,count
I10,50
e119,30
ZZZ,5
I10,7
J06.9,-1
E78.5,none
F41.9,0
,9
E11,4
<script>alert(1)</script>|[x](http://evil) *b* `c`,3
"""


def use(monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"MEDSYNTH_{name.upper()}", str(value))
    load_settings.cache_clear()


def table(platform: Platform, text: str) -> Path:
    path = platform.place.folder / "mine.csv"
    path.write_text(text, "utf-8")
    return path


def in_force(platform: Platform) -> list[tuple[str, int, float]]:
    return platform.ask(
        "select code, rank, round(share_frac, 6) from reference.icd_prevalence where release_id ="
        " (select release_id from reference.releases where kind = 'prevalence' order by loaded_at desc limit 1)"
        " order by rank"
    )


def test_rows_that_cannot_be_used_are_kept_with_their_reason(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good rows are the release; each bad row is in the rejects table and in the metadata, as it was written."""
    use(monkeypatch, prevalence=table(platform, BAD_ROWS))
    result = platform.materialize("icd_prevalence")
    assert result.success
    assert in_force(platform) == [("I10", 1, 0.625), ("E11.9", 2, 0.375)]
    assert platform.ask("select row_number, raw_code, reason from reference.icd_prevalence_rejects order by 1")[:7] == [
        (3, "ZZZ", "unknown code"),
        (4, "I10", "duplicate code"),
        (5, "J06.9", "negative weight"),
        (6, "E78.5", "missing weight"),
        (7, "F41.9", "zero weight"),
        (8, None, "missing code"),
        (9, "E11", "not billable"),
    ]
    told = metadata(result, "icd_prevalence")
    assert (told["dagster/row_count"], told["rejected_rows"], told["source"]) == (2, 8, "mine.csv")


def test_hostile_text_in_rejects_is_escaped(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's text reaches Dagster's markdown with every mark escaped, in one cell of the table."""
    use(monkeypatch, prevalence=table(platform, BAD_ROWS))
    shown = metadata(platform.materialize("icd_prevalence"), "icd_prevalence")["rejects"]
    (line,) = [line for line in shown.splitlines() if "alert" in line]
    assert "\\<script\\>" in line
    assert "\\|\\[x\\](http://evil) \\*b\\* \\`c\\`" in line
    assert line.replace("\\|", "").count("|") == 5


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("code,count\nZZZ,1\n", "mine.csv has no usable row (1 unknown code)", id="no-usable-row"),
        pytest.param("code,count\n", "no usable row", id="only-a-header"),
        pytest.param("", "cannot be read as a table", id="empty"),
        pytest.param("kode,count\nI10,1\n", "has no column for the code", id="no-code-column"),
        pytest.param("code,size\nI10,1\n", "has no column for the weight", id="no-weight-column"),
    ],
)
def test_a_table_without_a_usable_row_keeps_the_last_release(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, text: str, wanted: str
) -> None:
    """The failure says what was found, and the release in force and the partitions are what they were."""
    before, partitions = in_force(platform), platform.codes
    use(monkeypatch, prevalence=table(platform, text))
    result = platform.materialize("icd_prevalence")
    assert not result.success
    assert wanted in failure(result)
    assert in_force(platform) == before
    assert platform.codes == partitions


def test_a_table_that_is_not_there_says_which_setting_names_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong path is a failure naming MEDSYNTH_PREVALENCE."""
    use(monkeypatch, prevalence=platform.place.folder / "none.csv")
    assert "set MEDSYNTH_PREVALENCE" in failure(platform.materialize("icd_prevalence"))


def test_another_basis_is_another_release(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """first_listed counts the reason for the visit only: other weights, another release id, the older one kept."""
    listed = in_force(platform)
    use(monkeypatch, prevalence_basis="first_listed")
    result = platform.materialize("icd_prevalence")
    assert metadata(result, "icd_prevalence")["basis"] == "first_listed"
    assert in_force(platform) != listed
    assert platform.ask("select distinct basis from reference.icd_prevalence order by 1") == [
        ("any_listed",),
        ("first_listed",),
    ]


def test_partitions_are_the_top_codes_and_every_code_with_records(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code that falls out of the top is no partition any more, unless it has records: those stay, and so does it."""
    use(monkeypatch, prevalence=table(platform, "code,count\nE11.9,3\nJ06.9,2\nF41.9,1\n"), top_codes=2)
    before = platform.heads("I10")
    result = platform.materialize("icd_prevalence")
    assert set(platform.codes) == {"E11.9", "J06.9", "I10"}
    assert platform.heads("I10") == before != {}
    told = metadata(result, "icd_prevalence")
    assert told["partitions"] == 2
    assert told["share_of_top_codes"] == pytest.approx(5 / 6)


def test_loading_a_release_again_does_not_double_it(platform: Platform) -> None:
    """The same file loaded twice is one release."""
    before = in_force(platform)
    assert platform.materialize("icd_prevalence", "icd_prevalence_by_group").success
    assert in_force(platform) == before
    assert platform.ask("select count(*) - count(distinct code) from reference.icd_prevalence") == [(0,)]


@pytest.mark.parametrize("asset", ["icd_prevalence", "icd_prevalence_by_group"])
def test_prevalence_without_the_code_set_says_what_to_materialize(empty_platform: Platform, asset: str) -> None:
    """A reference asset that stands on another names it."""
    result = empty_platform.materialize(asset)
    assert not result.success
    assert "icd10cm_codes has not been materialized" in failure(result)


def test_a_family_of_newborns_narrows_the_official_limit_of_the_first_year() -> None:
    """`Newborn` is age 0 in the edits, which admits the whole first year; a family of four weeks admits less of it."""
    icd = CodeFacts(
        code="Z00.110", description="Health examination for newborn under 8 days old", category="Z00", chapter="21",
        inclusion_terms=[], episode="", release_id="r", row_hash="h",
    )  # fmt: skip
    populations = Populations({"Z00": [Group("female", 0, 1, 1.0)]}, [], 1.0, {"Z00.110": [(0.0, 0.0, None)]}, {})
    (group,) = populations.of(icd, knowledge_base()).groups
    assert group.max_age == pytest.approx(knowledge_base().lookup("Z00.110").family.max_age)
    assert group.max_age < 0.1
