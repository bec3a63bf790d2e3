"""The knowledge base: inheritance, covers, refusals, and what a digest depends on."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from medsynth_assets.clinical.family import Family
from medsynth_assets.clinical.knowledge import Cover, KnowledgeBase, KnowledgeError, knowledge_base

SHIPPED = knowledge_base()


def base(folder: Path, **files: str) -> KnowledgeBase:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return KnowledgeBase(folder)


@pytest.mark.parametrize(
    ("cover", "code", "covered"),
    [
        pytest.param("S52.5", "S52.501A", True, id="prefix"),
        pytest.param("S52.5", "S52.6", False, id="other-prefix"),
        pytest.param("J40-J47", "J40", True, id="first"),
        pytest.param("J40-J47", "J47.9", True, id="under-last"),
        pytest.param("J40-J47", "J48", False, id="after-last"),
        pytest.param("J40-J47", "K45", False, id="other-letter"),
        pytest.param("M05-M14", "M1A.0710", True, id="letter-in-third-place"),
        pytest.param("M15-M19", "M1A.0710", False, id="letter-sorts-first-of-its-decade"),
        pytest.param("C00-D49", "C7A.1", True, id="range-over-letters"),
    ],
)
def test_a_cover_holds_its_codes_and_no_others(cover: str, code: str, covered: bool) -> None:
    """A prefix covers what starts with it, a range its categories from first to last."""
    assert Cover.parse(cover).contains(code) is covered


def test_families_apply_from_broad_to_narrow_in_any_file_order(tmp_path: Path) -> None:
    """The chain of a code goes from chapter to code, however the file lists them."""
    text = "- {id: leaf, covers: J45.9}\n- {id: chapter, covers: J00-J99}\n- {id: block, covers: [J40-J47, J60]}\n"
    known = base(tmp_path, J_a=text)
    assert [raw.id for raw in known.chain("J45.901")] == ["chapter", "block", "leaf"]
    assert known.narrowest_cover("J45.901") == Cover("J45.9", "J45.9")
    assert known.chain("K20") == ()
    assert known.narrowest_cover("K20") is None


@pytest.mark.parametrize(
    ("files", "said"),
    [
        pytest.param({"J_a": "- {id: a, covers: J45}\n- {id: b, covers: J45}"}, "b and a both cover J45", id="equal"),
        pytest.param({"J_a": "- {id: a, covers: J45}\n- {id: a, covers: J46}"}, "a is also in J_a", id="same-file"),
        pytest.param({"J_a": "- {id: a, covers: J45}", "J_b": "- {id: a, covers: J46}"}, "J_b.yaml", id="two-files"),
        pytest.param({"J_a": "- {id: a, covers: [J45"}, "J_a.yaml: not readable", id="bad-yaml"),
        pytest.param({"J_a": "id: a\ncovers: J45"}, "J_a.yaml: wanted a list", id="not-a-list"),
        pytest.param({"J_a": "- {id: a}"}, "J_a.yaml: a family needs id and covers", id="no-covers"),
        pytest.param({"J_a": "- {id: a, covers: J45}"}, "J_a.yaml: family a: ", id="not-a-family"),
    ],
)
def test_a_contradiction_is_refused_naming_the_file(tmp_path: Path, files: Mapping[str, str], said: str) -> None:
    """Whoever edits the knowledge base is told which file to open."""
    with pytest.raises(KnowledgeError) as refused:
        base(tmp_path, **files).lookup("J45")
    assert said in str(refused.value)


def test_a_code_that_nothing_covers_is_named() -> None:
    """Nothing is invented for an unknown code."""
    with pytest.raises(KnowledgeError, match="covers @99"):
        SHIPPED.lookup("@99")


def whole(code: str) -> dict[str, object]:
    """A valid family, written from a shipped one as one block."""
    body: dict[str, object] = {}
    for raw in SHIPPED.chain(code):
        for key, value in raw.body.items():
            field = key.removesuffix("+")
            old = body.get(field, [])
            body[field] = [*old, *value] if key.endswith("+") and isinstance(old, list) else value
    return {**body, "id": "whole", "covers": "I10-I16"}


def listed() -> str:
    """A field of the family that is a list with something in it."""
    merged = whole("I10")
    return next(
        name for name in Family.model_fields if name != "covers" and isinstance(merged.get(name), list) and merged[name]
    )


def test_a_field_replaces_and_a_field_with_plus_adds(tmp_path: Path) -> None:
    """`field` stands for the broader family's, `field+` follows it; origin names whom each came from."""
    field, body = listed(), whole("I10")
    first = body[field][:1]  # type: ignore[index]
    narrow = [
        {"id": "adds", "covers": "I11", f"{field}+": first},
        {"id": "replaces", "covers": "I12", field: first},
    ]
    known = base(tmp_path, I_a=yaml.safe_dump([body, *narrow]))
    broad, adds, replaces = (known.lookup(code) for code in ("I10", "I11", "I12"))
    count = len(getattr(broad.family, field))
    assert len(getattr(adds.family, field)) == count + 1
    assert len(getattr(replaces.family, field)) == 1
    assert (adds.origin[field], replaces.origin[field]) == (("whole", "adds"), ("replaces",))


def test_editing_a_family_changes_the_digest_of_codes_under_it_only(tmp_path: Path) -> None:
    """Only what an edit can reach becomes stale, and comments or reordering reach nothing."""
    leaves: list[dict[str, object]] = [{"id": "a", "covers": "I11"}, {"id": "b", "covers": "I12"}]
    families = [whole("I10"), *leaves]
    folders = [tmp_path / name for name in ("before", "edited", "reordered")]
    for folder in folders:
        folder.mkdir()
    edited = [families[0], {**leaves[0], "min_age": 21}, leaves[1]]
    turned = [dict(reversed(list(body.items()))) for body in reversed(families)]
    bases = [
        base(folders[0], I_a=yaml.safe_dump(families)),
        base(folders[1], I_a=yaml.safe_dump(edited)),
        base(folders[2], I_a="# a comment\n" + yaml.safe_dump(turned, sort_keys=False)),
    ]
    before, after, reordered = ([known.lookup(code).digest for code in ("I10", "I11", "I12")] for known in bases)
    assert [one != other for one, other in zip(before, after, strict=True)] == [False, True, False]
    assert reordered == before


def test_no_two_shipped_families_say_the_same() -> None:
    """A family copied under another id and range would be knowledge in name only."""
    said = [yaml.safe_dump({k: v for k, v in raw.body.items() if k not in ("id", "covers")}) for raw in SHIPPED]
    assert len(said) == len(set(said))
