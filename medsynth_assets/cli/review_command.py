"""`medsynth review`: a sample for people to read, their verdicts, and how far they agree."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from medsynth_assets.errors import UsageError
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of
from medsynth_assets.warehouse.opening import AnyWarehouse

review = typer.Typer(
    help="Human review: export a sample, import verdicts, see how far reviewers agree.",
    no_args_is_help=True, rich_markup_mode=None,
)  # fmt: skip
_SHOWN_BAD = 20


@review.command("export")
def export(
    out: Annotated[Path, typer.Option(help="A new .csv, or .json for Label Studio.")],
    size: Annotated[int, typer.Option(min=1, help="Records to read.")] = 100,
    blinded: Annotated[bool, typer.Option("--blinded", help="Hide engine, model and check results.")] = False,
    form: Annotated[str, typer.Option("--format", help="csv or label-studio.")] = "csv",
    seed: Annotated[int | None, typer.Option(help="Seed of the sample; default from the settings.")] = None,
) -> None:
    """Write a sample of current records, stratified by chapter, encounter type and check results.

    \b
    Examples:
      medsynth review export --out to_read.csv --size 50 --blinded
      medsynth review export --out tasks.json --format label-studio

    For Label Studio the labeling config is written beside the tasks (.config.xml).
    """
    from medsynth_assets.evaluation.review.exporting import write_csv, write_label_studio
    from medsynth_assets.evaluation.review.sampling import sample
    from medsynth_assets.warehouse.review_store import candidates

    suffix = {"csv": ".csv", "label-studio": ".json"}.get(form)
    if suffix is None:
        raise UsageError(f"no format {form!r}; there are csv and label-studio")
    if out.suffix != suffix or out.exists():
        said = "is there already, and may hold verdicts" if out.exists() else f"is no {suffix}"
        raise UsageError(f"{out} {said}; name a new {suffix} file for --format {form}")
    settings = load_settings()
    with _warehouse().reading() as con:
        known = candidates(con)
    if not known:
        raise UsageError("there is no complete record to review; make some with: medsynth run --top 20")
    chosen = sample(known, size, settings.seed if seed is None else seed)
    console = Console(stderr=True, highlight=False)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if form == "csv":
            write_csv(out, chosen, is_blinded=blinded)
        else:
            console.print(f"labeling config: {write_label_studio(out, chosen, is_blinded=blinded)}", soft_wrap=True)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from error
    results = Counter(candidate.checks for candidate in chosen)
    groups = len({(c.chapter, c.encounter_type, c.checks) for c in chosen})
    told = ", ".join(f"{count} {name}" for name, count in sorted(results.items()))
    console.print(f"{out}: {len(chosen):,} of {len(known):,} records, {groups} groups; checks: {told}", soft_wrap=True)


@review.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The filled-in .csv, or Label Studio's export, .json.")],
    reviewer: Annotated[str, typer.Option(help="Who gave these verdicts.")],
) -> None:
    """Take in verdicts: Unacceptable, Poor, Satisfactory or Excellent (or 1 to 4) on each dimension.

    \b
    Example:
      medsynth review import to_read.csv --reviewer "Dr. Hall"

    A record found unacceptable is withdrawn from the next release, with that reason. Lines that do not fit are told with
    their numbers and left out; the exit code is then 1. Rows without any verdict wait.
    """
    from medsynth_assets.evaluation.review.importing import read_reviews
    from medsynth_assets.evaluation.review.storing import store_reviews

    name = " ".join(reviewer.split())
    if not name:
        raise UsageError("--reviewer is empty; wanted the name of who gave these verdicts")
    read = read_reviews(file, name, dt.datetime.now(dt.UTC))
    warehouse = _warehouse()
    if not warehouse.exists:
        with warehouse.reading():  # says so
            pass
    stored = store_reviews(warehouse, read.reviews)
    console = Console(stderr=True, highlight=False)
    bad = [*read.bad, *stored.bad]
    for line in bad[:_SHOWN_BAD]:
        console.print(line, markup=False, soft_wrap=True)
    if len(bad) > _SHOWN_BAD:
        console.print(f"and {len(bad) - _SHOWN_BAD:,} more")
    console.print(
        f"{stored.new:,} reviews by {name} stored, {stored.same:,} known, {read.open_count:,} not reviewed yet,"
        f" {len(bad):,} not taken; {len(stored.withdrawn):,} records withdrawn"
        + (f": {', '.join(stored.withdrawn[:8])}" if stored.withdrawn else ""),
        markup=False,
        soft_wrap=True,
    )
    raise typer.Exit(1 if bad else 0)


@review.command("agreement")
def agreement(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Weighted kappa between reviewers, and between reviewers and the judges of the chain, with counts.

    \b
    Example:
      medsynth review agreement

    Quadratic weights. A judge that says yes or no is compared with whether the reviewer was satisfied. "-": one of the two
    never varied, so that kappa says nothing.
    """
    from medsynth_assets.evaluation.review.agreement import agreements
    from medsynth_assets.warehouse.review_store import judgements, newest_reviews

    warehouse = _warehouse()
    with warehouse.reading() as con:
        reviews = newest_reviews(con)
        judged = judgements(con, [review.dialogue_id for review in reviews])
    found = agreements(reviews, judged)
    if as_json:
        print(json.dumps([row._asdict() for row in found], indent=2))
        return
    counts = Counter(review.reviewer for review in reviews)
    console = Console(highlight=False)
    told = ", ".join(f"{who} {count:,}" for who, count in sorted(counts.items())) or "none; see: medsynth review --help"
    console.print(f"reviews: {told}", markup=False)
    if found:
        table = Table(pad_edge=False)
        for title in ("between", "and", "dimension"):
            table.add_column(title, overflow="fold")
        for title in ("pairs", "same", "kappa"):
            table.add_column(title, justify="right")
        for row in found:
            kappa = "-" if row.kappa is None else f"{row.kappa:.2f}"
            table.add_row(row.first, row.second, row.dimension, f"{row.pair_count:,}", f"{row.agreed_frac:.0%}", kappa)
        console.print(table)


def _warehouse() -> AnyWarehouse:
    settings = load_settings()
    return warehouse_of(settings)
