"""The `medsynth` command: its subcommands, and one line with exit code 2 for what cannot be done."""

import sys
from typing import Annotated, Any

import typer

from medsynth_assets.cli.batches_command import batches
from medsynth_assets.cli.calls_command import calls
from medsynth_assets.cli.check_command import check
from medsynth_assets.cli.config_command import config
from medsynth_assets.cli.data_docs_command import data_docs
from medsynth_assets.cli.evaluate_command import evaluate
from medsynth_assets.cli.explore_command import explore
from medsynth_assets.cli.gc_command import gc
from medsynth_assets.cli.jury_command import jury
from medsynth_assets.cli.knowledge_command import knowledge
from medsynth_assets.cli.lineage_command import lineage
from medsynth_assets.cli.predict_command import predict
from medsynth_assets.cli.refresh_command import refresh
from medsynth_assets.cli.release_command import release
from medsynth_assets.cli.report_command import report
from medsynth_assets.cli.review_command import review
from medsynth_assets.cli.run_command import run
from medsynth_assets.cli.show_command import show
from medsynth_assets.cli.snapshot_command import snapshot
from medsynth_assets.cli.sql_command import sql
from medsynth_assets.cli.status_command import status
from medsynth_assets.cli.train_command import train
from medsynth_assets.cli.verify_command import verify
from medsynth_assets.disk_full import is_disk_full
from medsynth_assets.errors import MedsynthError

# click's ClickException, or that of the copy that newer typer carries (typer._click), which click's own does not catch
_MISUSE: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    help="Synthetic clinical encounters by ICD-10-CM code: scenarios, SOAP notes, dialogues.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    run, refresh, status, show, lineage, explore, verify, gc, sql, snapshot, check, report, jury, data_docs, knowledge,
    config, evaluate, predict, train,
):  # fmt: skip
    app.command()(command)
app.add_typer(review, name="review")
app.add_typer(calls, name="calls")
app.add_typer(batches, name="batches")
app.add_typer(release, name="release")


@app.callback()
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        print(f"medsynth {installed('medsynth-assets')}")
        raise typer.Exit


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 done but something was not accepted, 2 could not be done, 130 stopped."""
    try:
        code = app(prog_name="medsynth", standalone_mode=False)
    except _MISUSE as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "medsynth"
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
            code = 0
        else:
            code = _fail(f"{error.format_message()} See: {where} --help")
    except MedsynthError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        print("\nmedsynth: stopped; what was finished is kept, run the same command to go on", file=sys.stderr)
        code = 130
    except BrokenPipeError:
        code = 0
    except Exception as error:  # from a library, at any depth: a full disk strikes wherever something is written
        if not is_disk_full(error):
            raise
        code = _fail(
            f"the disk is full ({str(error).splitlines()[0]}); what was finished is kept: free some space, run the same command again"
        )
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> int:
    print(f"medsynth: {' '.join(message.split())}", file=sys.stderr)
    return 2
