"""A prevalence table: read whole, judged row by row, ranked."""

from pathlib import Path

import polars as pl
import pytest

from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.records.population import Group
from medsynth_assets.reference.groups import Limits, admitted
from medsynth_assets.reference.prevalence import Prevalence, read_prevalence

CODES = pl.DataFrame({"code": ["I10", "E11.9", "E11", "J06.9"], "is_billable": [True, True, False, True]})


def read(folder: Path, text: str) -> Prevalence:
    (folder / "p.csv").write_text(text, "utf-8")
    return read_prevalence(folder / "p.csv", "any_listed", CODES)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(",5", "missing code", id="no-code"),
        pytest.param("X99.9,5", "unknown code", id="unknown"),
        pytest.param("E11,5", "not billable", id="category"),
        pytest.param("E11.9,", "missing weight", id="no-weight"),
        pytest.param("E11.9,many", "missing weight", id="word-for-weight"),
        pytest.param("E11.9,NaN", "missing weight", id="nan"),
        pytest.param("E11.9,inf", "missing weight", id="infinite"),
        pytest.param("E11.9,-1", "negative weight", id="negative"),
        pytest.param("E11.9,0", "zero weight", id="zero"),
        pytest.param("i10,7", "duplicate code", id="duplicate"),
    ],
)
def test_an_unusable_row_is_set_aside_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    """The good rows load, and the bad one is named by its row number."""
    got = read(tmp_path, f"code,count\nI10,9\n{row}\nJ069,1\n")
    assert got.rejects.select("row_number", "reason").rows() == [(2, reason)]
    assert got.rows.select("code", "share_frac", "rank", "row_number").rows() == [
        ("I10", 0.9, 1, 1),
        ("J06.9", 0.1, 2, 3),
    ]


def test_codes_without_dots_or_capitals_and_ties_keep_file_order(tmp_path: Path) -> None:
    """`e119` is E11.9, and equal weights rank as listed."""
    assert read(tmp_path, "ICD10,N\nj069,2\n e119 ,2\nI10,2\n").rows["code"].to_list() == ["J06.9", "E11.9", "I10"]


def test_parquet_reads_as_csv_does(tmp_path: Path) -> None:
    """Numbers typed in Parquet give the same ranking."""
    pl.DataFrame({"code": ["I10", "E119"], "weight": [1, 3]}).write_parquet(tmp_path / "p.parquet")
    got = read_prevalence(tmp_path / "p.parquet", "any_listed", CODES)
    assert got.rows.select("code", "share_frac").rows() == [("E11.9", 0.75), ("I10", 0.25)]


def test_first_listed_uses_its_own_weight_and_leaves_zeros_out_quietly(tmp_path: Path) -> None:
    """A code never listed first is not an error, and the basis makes another release."""
    every = read(tmp_path, "code,weight,weight_first\nI10,9,0\nE11.9,1,4\n")
    first = read_prevalence(tmp_path / "p.csv", "first_listed", CODES)
    assert (first.rows["code"].to_list(), first.rejects.height) == (["E11.9"], 0)
    assert first.release_id != every.release_id


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        pytest.param("p.csv", b"code,count\nX99.9,1\n", "no usable row (1 unknown code)", id="no-usable-row"),
        pytest.param("p.csv", b"code,count\n", "no rows", id="header-only"),
        pytest.param("p.csv", b"name,count\nI10,1\n", "no column for the code; found name, count", id="no-code-column"),
        pytest.param("p.csv", b"code,total\nI10,1\n", "no column for the weight", id="no-weight-column"),
        pytest.param("p.csv", b"", "p.csv cannot be read", id="empty-file"),
        pytest.param("p.parquet", b"not parquet", "p.parquet cannot be read", id="not-parquet"),
        pytest.param("p.csv", None, "MEDSYNTH_PREVALENCE", id="no-file"),
    ],
)
def test_a_table_that_gives_nothing_is_refused_saying_what_was_found(
    tmp_path: Path, name: str, body: bytes | None, said: str
) -> None:
    """The load stops with one clear line."""
    if body is not None:
        (tmp_path / name).write_bytes(body)
    with pytest.raises(ReferenceInputError) as refused:
        read_prevalence(tmp_path / name, "any_listed", CODES)
    assert said in str(refused.value)


def test_limits_cut_groups_and_their_shares() -> None:
    """A half-lost age band keeps half its share, and the other sex goes."""
    groups = [Group("female", 0, 10, 0.4), Group("female", 10, 20, 0.2), Group("male", 10, 20, 0.4)]
    assert admitted(groups, Limits(5, 9, "female")) == [Group("female", 5, 10, 0.2)]
