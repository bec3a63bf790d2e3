"""Left and right of the body, told from `all right` and `you're right`."""

from collections.abc import Sequence

from medsynth_assets.quality.language.tokens import Token

OTHER = {"left": "right", "right": "left"}
_BOTH = {"both", "bilater", "bilat"}
_NAMED = _BOTH | {"left", "right"}
_NOT_A_SIDE_AFTER = set("all be that you ye yeah okay oh just do go".split())
_NOT_A_SIDE_BEFORE = set(
    "now here there away back befor after ? , . okay so and well but um uh in at to i you we".split()
)
_DETERMINERS = {"the", "your", "my"}
_LEFT_BEHIND = set("it him her me with over off my home work".split())  # `left it at home`


def sides(found: Sequence[Token]) -> list[tuple[int, str]]:
    """Where a side is named: token index, and left, right or both."""
    result = []
    for n, token in enumerate(found):
        if token.stem not in _NAMED or _is_of_a_choice(found, n):
            continue
        before = found[n - 1].stem if n else ""
        after = found[n + 1].stem if n + 1 < len(found) else "."
        if token.stem in _BOTH:
            result.append((n, "both"))
        elif (token.stem == "left" and after not in _LEFT_BEHIND) or (
            token.stem == "right" and before not in _NOT_A_SIDE_AFTER and after not in _NOT_A_SIDE_BEFORE
        ):
            result.append((n, token.stem))
        elif token.stem == "right" and before in ("my", "your", "his", "her", "the", "on"):
            result.append((n, "right"))
    return result


def _is_of_a_choice(found: Sequence[Token], n: int) -> bool:
    """`which wrist, left or right?` names neither."""
    other = OTHER.get(found[n].stem)
    behind = [token.stem for token in found[n + 1 : n + 4] if token.stem not in _DETERMINERS]
    ahead = [token.stem for token in found[max(0, n - 3) : n] if token.stem not in _DETERMINERS]
    return other is not None and (behind[:2] == ["or", other] or ahead[-2:] == [other, "or"])
