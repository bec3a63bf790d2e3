"""A sitting: every judge over every case at once, what they say written as it comes, and what it adds up to."""

import asyncio
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from medsynth_assets.agents.asking import recipe_parts
from medsynth_assets.engines.budget import Budget, Limits
from medsynth_assets.engines.choosing import engine_for
from medsynth_assets.engines.pricing import PriceTable
from medsynth_assets.engines.stores import budget_of
from medsynth_assets.errors import BudgetSpent, UsageError
from medsynth_assets.evaluation.jury.cases import Case, cases_of
from medsynth_assets.evaluation.jury.judge import Heard, Judge
from medsynth_assets.lineage.environment import note_run
from medsynth_assets.records.jury_verdict import VerdictKind
from medsynth_assets.settings import AgentModels, Settings
from medsynth_assets.warehouse import generation_store
from medsynth_assets.warehouse.jury_store import write_verdicts
from medsynth_assets.warehouse.opening import AnyWarehouse

_FLUSH = 50  # cases of a judge written in one transaction, at most
Watch = Callable[[int, int], None]  # told how many of how many hearings are done


@dataclass(frozen=True)
class Order:
    """Who is to judge what. sample: most records, 0 for all. against: a strategy, a file or a folder; '' for nothing."""

    models: tuple[str, ...]
    codes: tuple[str, ...] = ()
    sample: int = 0
    against: str = ""
    budget_usd: float = 0.0


@dataclass
class Report:
    """verdict_ids: of this sitting, also those that were there before. failed: by model, kind and reason.

    usd: spent now; what the ledger knew costs nothing again. ended: why it stopped early, or ''.
    """

    records: int = 0
    verdict_ids: list[str] = field(default_factory=list)
    failed: list[tuple[str, VerdictKind, str]] = field(default_factory=list)
    calls: int = 0
    usd: float = 0.0
    ended: str = ""


def sit(settings: Settings, warehouse: AnyWarehouse, order: Order, watch: Watch = lambda *_: None) -> Report:
    """Raises UsageError where the order makes no sense, EngineDown where going on is pointless; what was said is kept."""
    models = tuple(dict.fromkeys(filter(None, order.models)))
    if not models:
        raise UsageError(
            "no judge models; set MEDSYNTH_JURY_MODELS, or give some: medsynth jury --models gpt-4o,gpt-4o-mini"
        )
    prices = PriceTable(settings.prices)
    unpriced = [model for model in models if not prices.is_priced(model)]
    if order.budget_usd and unpriced:
        raise UsageError(
            f"a budget in dollars needs a price for {', '.join(unpriced)}; set it in MEDSYNTH_PRICES (0 for a model of your own)"
        )
    cases = cases_of(warehouse, order.codes, order.sample, order.against, settings.seed)
    budget = budget_of(settings).begin(Limits(usd=order.budget_usd)) if order.budget_usd else None
    return asyncio.run(_Sitting(settings, warehouse, order.against, cases, budget, watch).hold(models))


class _Sitting:
    def __init__(
        self, settings: Settings, warehouse: AnyWarehouse, against: str, cases: Sequence[Case], budget: Budget | None,
        watch: Watch,
    ) -> None:  # fmt: skip
        self._settings, self._warehouse, self._against = settings, warehouse, against
        self._cases, self._budget, self._watch = cases, budget, watch
        self._run_id = uuid.uuid4().hex
        self._waiting: list[Heard] = []
        self._writing = asyncio.Lock()
        self._done = 0
        self.report = Report(records=len(cases))

    async def hold(self, models: Sequence[str]) -> Report:
        note_run(self._warehouse, self._run_id)
        self._all = len(models) * len(self._cases)
        try:
            async with asyncio.TaskGroup() as group:
                for model in models:
                    group.create_task(self._judged_by(model))
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None
        finally:
            await self._write(least=1)
        return self.report

    async def _judged_by(self, model: str) -> None:
        """One engine a model, all with the same ledger and budget."""
        own = self._settings.model_copy(update={"openai_model": model, "models": AgentModels()})
        engine = engine_for("openai", own, self._budget)
        try:
            await engine.preflight()
            judge = Judge(engine, self._settings.seed, self._against)
            gate = asyncio.Semaphore(self._settings.concurrency)

            async def one(case: Case) -> None:
                async with gate:
                    try:
                        await self._take(judge.model, await judge.hear(case))
                    except BudgetSpent as spent:
                        self.report.ended = str(spent)

            await asyncio.gather(*(one(case) for case in self._cases))
        finally:
            await engine.close()

    async def _take(self, model: str, heard: Heard) -> None:
        self._waiting.append(heard)
        self.report.verdict_ids += [verdict.verdict_id for verdict in heard.verdicts]
        self.report.failed += [(model, kind, reason) for kind, reason in heard.failed]
        fresh = [call for call in heard.calls if not call.from_ledger]
        self.report.calls += len(fresh)
        self.report.usd += sum(call.cost_usd for call in fresh)
        self._done += 1
        self._watch(self._done, self._all)
        await self._write(least=_FLUSH)

    async def _write(self, least: int) -> None:
        async with self._writing:
            if len(self._waiting) >= least:
                heard, self._waiting = self._waiting, []
                await asyncio.to_thread(self._keep, heard)

    def _keep(self, heard: Sequence[Heard]) -> None:
        made = [generation_store.Made(h.case.slot, (), {}, h.calls, None, {}, "openai") for h in heard]
        recipes = {recipe.recipe_id: recipe for h in heard for recipe in h.recipes}
        parts = [part for recipe in recipes.values() for part in recipe_parts(recipe)]
        batch = generation_store.batch_of(made, recipes.values(), self._run_id, parts)
        with self._warehouse.writing() as con:
            generation_store.write(con, batch)
            write_verdicts(con, [verdict for h in heard for verdict in h.verdicts], self._run_id)
