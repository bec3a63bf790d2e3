"""`medsynth jury`: judge models over the current pairs, and how far they agree."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from medsynth_assets.cli.run_command import parse_codes
from medsynth_assets.settings import load_settings
from medsynth_assets.warehouse.choosing import warehouse_of

if TYPE_CHECKING:
    from medsynth_assets.evaluation.jury.findings import Finding
    from medsynth_assets.evaluation.jury.sitting import Report


def jury(
    models: Annotated[str, typer.Option(help="Judge models, comma-separated; default MEDSYNTH_JURY_MODELS.")] = "",
    codes: Annotated[str, typer.Option(help="Codes to judge, comma-separated; all without it.")] = "",
    sample: Annotated[int, typer.Option(min=0, help="Most records; 0 for all.")] = 50,
    against: Annotated[str, typer.Option(help="Compare with: a strategy, or a file or folder of pairs.")] = "",
    budget_usd: Annotated[float, typer.Option(min=0, help="Most US dollars to spend; 0 for no limit.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON.")] = False,
) -> None:
    """Have models judge pairs: a four-level rubric, the support of each fact, and preferences asked in both orders.

    \b
    Examples:
      medsynth jury --models gpt-4o,gpt-4o-mini --sample 20
      medsynth jury --models gpt-4o --codes I10 --against medsynth
      medsynth sql "select model, kind, count(*), sum(cost_usd) from quality.jury_verdicts group by all"

    The endpoint is that of the openai engine. A question asked before is answered from the ledger. Exit code 1 if a
    judge gave no usable answer, or the budget ended.
    """
    settings = load_settings()
    warehouse = warehouse_of(settings)

    from medsynth_assets.evaluation.jury.findings import findings
    from medsynth_assets.evaluation.jury.sitting import Order, sit
    from medsynth_assets.warehouse.jury_store import verdict_rows

    judges = tuple(model.strip() for model in (models or settings.jury_models).split(","))
    console = Console(highlight=False)
    with Console(stderr=True).status("the jury is out") as status:
        order = Order(judges, tuple(parse_codes(codes)), sample, against, budget_usd)
        report = sit(settings, warehouse, order, lambda done, of: status.update(f"{done} of {of} hearings"))
    with warehouse.reading() as con:
        found = findings(verdict_rows(con, report.verdict_ids))
    if as_json:
        print(json.dumps(_figures(report, found), ensure_ascii=False))
    else:
        _show(console, report, found)
    if report.failed or report.ended:
        raise typer.Exit(1)


def _figures(report: "Report", found: "list[Finding]") -> dict[str, object]:
    return {
        "records": report.records,
        "verdicts": len(report.verdict_ids),
        "calls": report.calls,
        "cost_usd": round(report.usd, 6),
        "failed": [list(one) for one in report.failed],
        "ended": report.ended,
        "questions": {f.question: {"answers": f.counts, "krippendorff_alpha": f.alpha} for f in found},
    }


def _show(console: Console, report: "Report", found: "list[Finding]") -> None:
    for one in found:
        table = Table(title=f"{one.question}: alpha {'not defined' if one.alpha is None else f'{one.alpha:.3f}'}")
        for name in ("judge", *one.domain):
            table.add_column(name.replace("_", " "), justify="left" if name == "judge" else "right")
        for judge, counts in sorted(one.counts.items()):
            table.add_row(judge, *(str(counts[value]) for value in one.domain))
        console.print(table)
    for model, kind, reason in report.failed[:10]:
        console.print(f"no {kind} by {model}: {reason}", markup=False)
    spent = f"{report.calls} calls, ${report.usd:.4f}"
    console.print(f"{report.records} records, {len(report.verdict_ids)} verdicts, {len(report.failed)} failed, {spent}")
    if report.ended:
        console.print(report.ended, markup=False)
