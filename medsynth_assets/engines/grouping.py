"""What many tasks ask at about the same time, done in one go: one transaction, one way to the disk or over the network for all."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Asked(NamedTuple, Generic[Q, A]):
    question: Q
    answer: "asyncio.Future[A]"


class Together(Generic[Q, A]):
    """`do` answers some questions at once, in their order; it runs in a thread, one at a time. What it raises, all are told.

    gathered_s: how long the first waits for others; what is asked while `do` works is done next in any case.
    """

    def __init__(self, do: Callable[[Sequence[Q]], Sequence[A]], gathered_s: float = 0.0) -> None:
        self._do, self._gathered_s = do, gathered_s
        self._asked: list[_Asked[Q, A]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """With what else is asked by then. Shielded: who asked may be cancelled, what is being done is done."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(question, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_off())
        return await asyncio.shield(answer)

    async def finish(self) -> None:
        """Wait for what is being done."""
        if self._working is not None:
            await self._working

    async def _work_off(self) -> None:
        while self._asked:
            if self._gathered_s:
                await asyncio.sleep(self._gathered_s)
            asked, self._asked = self._asked, []
            try:
                answers = await asyncio.to_thread(self._do, [one.question for one in asked])
            except Exception as error:
                for one in asked:
                    one.answer.set_exception(error)
                    one.answer.exception()  # looked at: who asked may be gone
            else:
                for one, answered in zip(asked, answers, strict=True):
                    one.answer.set_result(answered)
