"""The report as one HTML file: tiles, plots, tables and definitions. Everything is inside it; it asks nothing of the network."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, select_autoescape

from medsynth_assets.evaluation import charts
from medsynth_assets.evaluation.charts import Draw, Names
from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.measures import measures, shown

OWN = "this dataset"
_QUESTIONS = {
    Dimension.REALISM: "Do notes and dialogues look like real ones?",
    Dimension.DIVERSITY: "Do records differ from each other, and cover what real ones say?",
    Dimension.FIDELITY: "Are the patients the ones that were planned, in every group, and do they fit their codes?",
    Dimension.PRIVACY: "Do records repeat what a model was shown or was to keep to itself, or hold strings that identify people?",
    Dimension.UTILITY: "What does a model learn from the dataset?",
    Dimension.COST: "What did an accepted record take, and how much of it was for nothing?",
}
_TILES = {  # the headline numbers: measure, subject, group
    Dimension.REALISM: (
        ("discriminator_auc", "note", ""), ("discriminator_auc", "dialogue", ""), ("words_median", "note", ""),
        ("turns_median", "turns", ""), ("reading_grade", "patient", ""), ("facts_median", "note", ""),
    ),
    Dimension.DIVERSITY: (
        ("near_duplicates", "note", ""), ("near_duplicates", "dialogue", ""), ("self_bleu", "note", ""),
        ("self_bleu", "dialogue", ""), ("differing_variables", "scenario", ""), ("novelty_rule_broken", "scenario", ""),
    ),
    Dimension.FIDELITY: (
        ("divergence", "", "sex × age"), ("divergence", "", "sex × age × ethnicity × language"),
        ("groups_below_floor", "sex × age × ethnicity × language", ""), ("violations", "accepted", "age_and_sex_fit_the_code"),
        ("violations", "accepted", "code_matches_partition"), ("violations", "accepted", "side_site_episode_agree"),
    ),
    Dimension.PRIVACY: (
        ("identifier_strings", "note", ""), ("identifier_strings", "dialogue", ""), ("longest_verbatim", None, ""),
        ("near_duplicates_of_sensitive", None, ""), ("closer_to_sensitive", None, ""),
    ),
    Dimension.UTILITY: (("section_f1", None, None), ("chapter_f1", None, None)),
    Dimension.COST: (
        ("calls_per_record", "", "all stages"), ("tokens_per_record", "", "all stages"), ("usd_per_record", "", "all stages"),
        ("seconds_per_record", "", "all stages"), ("wasted_share", None, ""),
    ),
}  # fmt: skip
_PLOTS: tuple[tuple[str, str | None, Draw], ...] = (
    ("words_share", "note", charts.bands),
    ("words_share", "dialogue", charts.bands),
    ("turns_share", "turns", charts.bands),
    ("section_words_median", None, charts.grouped),
    ("fact_kind_share", None, charts.pairs),
    ("ngram_distance", None, charts.grouped),
    ("reading_grade", None, charts.grouped),
    ("distinct_n", None, charts.grouped),
    ("differing_variables_share", None, charts.bands),
    ("ngrams_covered", None, charts.grouped),
    ("group_share", None, charts.pairs),
    ("divergence", None, charts.grouped),
    ("divergence_within_group", None, charts.grouped),
    ("divergence_by_dimensions", None, charts.lines),
    ("correlation_drift", None, charts.lines),
    ("plan_divergence", None, charts.grouped),
    ("plan_violations", None, charts.grouped),
    ("representation", None, charts.pairs),
    ("closest_record", None, charts.grouped),
    ("section_f1", None, charts.intervals),
    ("chapter_f1", None, charts.intervals),
    ("spent_share", None, charts.stacked),
)
_OF = dict.fromkeys(
    (
        "turns",
        "scenario",
        "accepted",
        "all made",
        "SOAP section of a sentence",
        "ICD-10-CM chapter of a dialogue",
        "sex × age × ethnicity × language",
    ),
    "",
)  # subjects that the measure's title names already
_QUOTED_WORDS = 40


class Listing(NamedTuple):
    """A table of examples below the plots of a dimension."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


class Page(NamedTuple):
    """What goes on the page beside the figures."""

    title: str
    subtitle: str
    remarks: dict[Dimension, list[str]]
    lists: dict[Dimension, list[Listing]]


def render(page: Page, figures: Sequence[Figure]) -> str:
    """The HTML. Texts of the corpora are escaped; the plots are drawn here and take nothing but numbers and group names."""
    parts = [_part(dimension, page, [f for f in figures if f.dimension is dimension]) for dimension in Dimension]
    template = _environment().get_template("report.html")
    return template.render(
        title=page.title, subtitle=page.subtitle, parts=[part for part in parts if part["rows"] or part["remarks"]]
    )


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("medsynth_assets.evaluation"), autoescape=select_autoescape(default=True))


def _part(dimension: Dimension, page: Page, figures: Sequence[Figure]) -> dict[str, Any]:
    used = dict.fromkeys(figure.measure for figure in figures)
    return {
        "id": dimension.value,
        "title": dimension.value.capitalize(),
        "question": _QUESTIONS[dimension],
        "remarks": page.remarks.get(dimension, ()),
        "tiles": [_tile(figure, page) for figure in _headlines(dimension, figures)],
        "plots": [plot for measure, subject, draw in _PLOTS if (plot := _plot(measure, subject, draw, page, figures))],
        "lists": [listing for listing in page.lists.get(dimension, ()) if listing.rows],
        "rows": [_row(figure) for figure in figures],
        "definitions": [measure for name, measure in measures().items() if name in used],
    }


def headlines(figures: Sequence[Figure]) -> list[Figure]:
    """The numbers of the tiles, over all dimensions."""
    return [
        f for dimension in Dimension for f in _headlines(dimension, [g for g in figures if g.dimension is dimension])
    ]


def _headlines(dimension: Dimension, figures: Sequence[Figure]) -> list[Figure]:
    """The figures that a tile names, None standing for any; those that could not be computed are left out."""
    found: list[Figure] = []
    for measure, subject, group in _TILES[dimension]:
        fits: Callable[[Figure], bool] = lambda f, m=measure, s=subject, g=group: (  # type: ignore[misc]  # noqa: E731
            f.measure == m and (s is None or f.subject == s) and (g is None or f.group == g)
        )
        found += [f for f in figures if fits(f) and f.value is not None and f.value == f.value]
    return found


def _tile(figure: Figure, page: Page) -> dict[str, str]:
    measure = measures()[figure.measure]
    interval = _interval(figure)
    return {
        "title": named(figure),
        "value": shown(figure.value, measure.unit),
        "other": shown(figure.reference, measure.unit)
        if figure.reference is not None and figure.reference == figure.reference
        else "",
        "other_name": measure.other or "reference",
        "note": interval if interval != "–" else f"of {figure.size:,}" if figure.size else "",
    }


def _plot(
    measure: str, subject: str | None, draw: Draw, page: Page, figures: Sequence[Figure]
) -> dict[str, str] | None:
    chosen = [
        f
        for f in figures
        if f.measure == measure and subject in (None, f.subject) and f.value is not None and f.value == f.value
    ]
    if len(chosen) < 2 or all(f.value == 0 and not f.reference for f in chosen):
        return None
    about = measures()[measure]
    drawn = charts.svg(draw, chosen, Names(OWN, about.other or "reference"))
    title = f"{about.title}: {subject}" if subject and subject not in _OF else about.title
    return {"title": title, "definition": about.definition, "svg": drawn}


def _row(figure: Figure) -> dict[str, str]:
    measure = measures()[figure.measure]
    return {
        "title": measure.title, "subject": figure.subject, "group": figure.group, "value": shown(figure.value, measure.unit),
        "interval": _interval(figure), "reference": shown(figure.reference, measure.unit),
        "count": f"{figure.size:,}" if figure.size is not None else "–",
    }  # fmt: skip


def _interval(figure: Figure) -> str:
    unit = measures()[figure.measure].unit
    if figure.low is None or figure.high is None or figure.low != figure.low:
        return "–"
    return f"{shown(figure.low, unit)} to {shown(figure.high, unit)}"


def quoted(text: str) -> str:
    """The first words of a text."""
    found = text.split()
    return " ".join(found[:_QUOTED_WORDS]) + (" …" if len(found) > _QUOTED_WORDS else "")


def named(figure: Figure) -> str:
    """A figure in a few words."""
    of = " · ".join(
        part for part in (_OF.get(figure.subject, figure.subject), figure.group) if part and part != "all stages"
    )
    title = measures()[figure.measure].title
    return f"{title}, {of.replace('_', ' ')}" if of else title


def shown_headlines(figures: Sequence[Figure]) -> list[str]:
    """The headline numbers as lines for a terminal."""
    lines = []
    for figure in headlines(figures):
        measure = measures()[figure.measure]
        beside = (
            f"  ({measure.other or 'reference'}: {shown(figure.reference, measure.unit)})"
            if figure.reference is not None
            else ""
        )
        lines.append(f"{figure.dimension:<10} {named(figure)}: {shown(figure.value, measure.unit)}{beside}")
    return lines
