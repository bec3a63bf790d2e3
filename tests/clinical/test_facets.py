"""What official descriptions say besides the disease."""

import pytest

from medsynth_assets.clinical.facets import facets, facets_of
from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.clinical.used import knowledge_used


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Contusion of right knee, initial encounter", {"initial-encounter", "side"}),
        ("Sprain of unspecified site of left ankle, subsequent encounter", {"subsequent-encounter", "side"}),
        ("Encounter for supervision of normal first pregnancy, third trimester", {"third-trimester"}),
        ("Chronic kidney disease, stage 3b", {"chronic", "stage"}),
        ("Unspecified asthma with (acute) exacerbation", {"acute-exacerbation"}),
        ("Type 2 diabetes mellitus without complications", {"without-complications"}),
        ("Migraine, unspecified, not intractable, without status migrainosus", {"not-intractable", "without"}),
        ("Allergic rhinitis due to pollen", {"cause"}),
        ("Essential (primary) hypertension", set()),
        ("Bilateral primary osteoarthritis of knee", {"both-sides"}),
        ("Major depressive disorder, single episode, in full remission", {"full-remission"}),
    ],
)
def test_a_description_has_these_facets(description: str, expected: set[str]) -> None:
    """Side, acuity, episode, trimester, stage, cause and complications are read off the official words."""
    assert {present.facet.id for present in facets_of(description)} == expected


def test_what_a_pattern_catches_is_kept() -> None:
    """The stage, the side and the cause themselves go into the statements."""
    caught = {p.facet.id: p.caught for p in facets_of("Chronic kidney disease, stage 3b")}
    assert caught["stage"] == {"stage": "3b"}
    assert facets_of("Allergic rhinitis due to pollen")[0].caught == {"cause": "pollen"}


def test_ids_are_unique_and_each_facet_states_something() -> None:
    """A facet without a statement would be dead data."""
    ids = [facet.id for facet in facets()]
    assert len(set(ids)) == len(ids)
    assert all(facet.question or facet.remarks or facet.plans for facet in facets())


def test_a_recipe_names_families_and_facets() -> None:
    """What a record may draw on is in its recipe: another description of the same code changes it."""
    base = knowledge_base()
    ids, digest = knowledge_used(base, "E11.9", "Type 2 diabetes mellitus without complications")
    assert "facet:without-complications" in ids
    assert base.lookup("E11.9").chain[0] in ids
    assert knowledge_used(base, "E11.9", "Type 2 diabetes mellitus")[1] != digest
