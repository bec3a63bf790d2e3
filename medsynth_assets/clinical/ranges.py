"""Ranges of ICD-10-CM codes as the tables write them: `E11`, `I10-I1A`, `N18.4-N18.6`."""


def within(code: str, span: str) -> bool:
    """Whether a code, or everything under a category, lies in the range. Both ends are inclusive, with all below them."""
    first, _, last = span.partition("-")
    last = last or first
    return first <= code[: len(first)] and code[: len(last)] <= last


def contains(outer: str, inner: str) -> bool:
    """Whether all of one range lies in another."""
    first, _, last = inner.partition("-")
    return within(first, outer) and within(last or first, outer)


def meet(one: str, other: str) -> bool:
    """Whether two ranges share a code."""
    return any(within(end, other) for end in _ends(one)) or any(within(end, one) for end in _ends(other))


def _ends(span: str) -> tuple[str, str]:
    first, _, last = span.partition("-")
    return first, last or first
