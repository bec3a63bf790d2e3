"""`medsynth run`: which partitions, in which runs."""

from tests.conftest import Place


def test_a_chapter_is_its_partitions(loaded_place: Place) -> None:
    """`--chapter 10` makes the respiratory codes among the top codes, and nothing else; again, nothing."""
    run = ("run", "--chapter", "10", "--per-code", "1")
    done = loaded_place.medsynth(*run, MEDSYNTH_TOP_CODES="25")
    assert done.returncode == 0, done.stdout + done.stderr
    made = loaded_place.medsynth("sql", "--json", "select distinct icd_code from marts.pairs order by all")
    assert [line.split('"')[3] for line in made.stdout.splitlines()] == ["I10", "J06.9", "J30.9", "J44.9"]
    assert "Everything is current" in loaded_place.medsynth(*run, MEDSYNTH_TOP_CODES="25").stdout
