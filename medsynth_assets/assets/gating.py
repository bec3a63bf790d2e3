"""The gate before a dialogue is taken: which facts of the note it has yet to say."""

import asyncio
from functools import cache

from medsynth_assets.clinical.knowledge import knowledge_base
from medsynth_assets.quality.check_settings import suite
from medsynth_assets.quality.lay_forms import lay_forms
from medsynth_assets.quality.summaries import Summary, is_known, remember, summary
from medsynth_assets.quality.workers import workers

_CHECK = "note_facts_are_said"


class UnsaidGate:
    """Compares dialogues with their notes as the chain makes them: in worker processes for a run of many slots."""

    def __init__(self, slots: int, worth_workers: int = 50) -> None:
        self._pool = workers() if slots >= worth_workers else None
        self._being_read: dict[tuple[str, str], asyncio.Future[Summary]] = {}
        self._least = float(next(c for c in suite("dialogues").checks if c.name == _CHECK).limits["least"])

    async def __call__(self, code: str, note: str, dialogue: str) -> list[str]:
        """The facts to be said still; none where the dialogue covers the share that the suite asks for."""
        found = (
            _summarised(code, note, dialogue) if is_known(note, dialogue) else await self._read(code, note, dialogue)
        )
        coverage = found["fact_coverage_frac"]
        return list(coverage.said) if coverage.value < self._least else []

    async def _read(self, code: str, note: str, dialogue: str) -> Summary:
        """Once, however many ask meanwhile."""
        pair = note, dialogue
        if pair not in self._being_read:
            loop = asyncio.get_running_loop()
            reading = loop.run_in_executor(self._pool, _summarised, code, note, dialogue)  # a thread without a pool
            self._being_read[pair] = reading
            reading.add_done_callback(lambda _: self._have_read(note, dialogue))
        return await asyncio.shield(self._being_read[pair])

    def _have_read(self, note: str, dialogue: str) -> None:
        """What was found is kept before the reading is forgotten, so that nobody who asks in between reads again."""
        reading = self._being_read.pop((note, dialogue))
        if not reading.cancelled() and not reading.exception():
            remember(note, dialogue, reading.result())


def _summarised(code: str, note: str, dialogue: str) -> Summary:
    return summary(note, dialogue, _lay(code))


@cache
def _lay(code: str) -> dict[str, str]:
    return lay_forms(knowledge_base(), code)
