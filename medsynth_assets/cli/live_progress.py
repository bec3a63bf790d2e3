"""Progress of a run in the terminal: a bar for the whole, one for each stage; plain lines where there is no terminal."""

import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from medsynth_assets.records.artifact import Stage

_WHOLE = "pairs"


class LiveProgress:
    """Implements assets.progress.Progress. The whole counts pairs: slots whose dialogue is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(bar_width=18),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            refresh_per_second=8,
        )
        self._tasks: dict[str, TaskID] = {}
        self._totals: Counter[str] = Counter()
        self._accepted: Counter[Stage] = Counter()
        self._failed: Counter[Stage] = Counter()
        self._began: float | None = None
        self.tokens = 0
        self.cost_usd = 0.0
        self._expected_pairs = 0

    def __enter__(self) -> "LiveProgress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    @property
    def pairs(self) -> int:
        return self._accepted[Stage.DIALOGUES]

    @property
    def quarantined(self) -> int:
        return self._failed.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began if self._began else 0.0

    def expect(self, pairs: int) -> None:
        """How many pairs the whole invocation is about to make, at most."""
        self._expected_pairs = pairs
        if pairs:
            self._tasks[_WHOLE] = self._bars.add_task(_WHOLE, total=pairs, told="")

    def planned(self, slots: Mapping[Stage, int]) -> None:
        self._began = self._began or time.monotonic()
        for stage, count in slots.items():
            if count and stage.value not in self._tasks:
                self._tasks[stage.value] = self._bars.add_task(stage.value, total=0, told="")
            self._totals[stage.value] += count
            if stage.value in self._tasks:
                self._bars.update(self._tasks[stage.value], total=self._totals[stage.value])

    def done(self, stage: Stage, *, accepted: bool) -> None:
        (self._accepted if accepted else self._failed)[stage] += 1
        told = f"{self._accepted[stage]} accepted, {self._failed[stage]} quarantined"
        self._bars.update(self._tasks[stage.value], advance=1, told=told)
        if _WHOLE in self._tasks and (stage is Stage.DIALOGUES or not accepted):
            self._bars.update(self._tasks[_WHOLE], advance=1, told=self._rate())

    def spent(self, tokens: int, cost_usd: float) -> None:
        self.tokens += tokens
        self.cost_usd += cost_usd

    def note(self, text: str) -> None:
        if self._console.is_terminal:
            name = "now"
            if name not in self._tasks:
                self._tasks[name] = self._bars.add_task(name, total=None, told=text)
            self._bars.update(self._tasks[name], told=text)
        else:
            self._console.print(f"{text} …", highlight=False)

    def _rate(self) -> str:
        told = f"{self.pairs / self.seconds:.1f} pairs/s" if self.seconds > 1 else ""
        if self.tokens:
            share = (self.pairs + self.quarantined) / max(1, self._expected_pairs)
            expected = self.cost_usd / share if share else 0.0
            told += f"  {self.tokens:,} tokens  ${self.cost_usd:.2f} of about ${expected:.2f}"
        return told
