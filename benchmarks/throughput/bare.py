"""The bare client: chains of six POSTs, nothing kept, nothing validated. What it reaches, the endpoint can do."""

import asyncio
import json
import resource
import sys
import time

import aiohttp

_AGENTS = (
    "scenario_provider", "scenario_judge", "note_writer", "note_polisher", "dialogue_generator", "dialogue_polisher",
)  # fmt: skip
_PADDING = "x" * 8000  # about what a prompt has


async def ask_all(url: str, records: int, slots: int) -> None:
    waiting = list(range(records))[::-1]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=slots)) as session:

        async def chains() -> None:
            while waiting:
                number = waiting.pop()
                for agent in _AGENTS:
                    body = {"model": "m", "messages": [{"role": "user", "content": f"{number} {_PADDING}"}]}
                    headers = {"X-Medsynth-Record": f"A00/{number + 1:03d}", "X-Medsynth-Agent": agent}
                    async with session.post(f"{url}/chat/completions", json=body, headers=headers) as response:
                        await response.read()

        await asyncio.gather(*(chains() for _ in range(slots)))


if __name__ == "__main__":
    url, records, slots = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    before = time.process_time()
    asyncio.run(ask_all(url, records, slots))
    print(json.dumps({"cpu_s": time.process_time() - before, "rss_mib": resource.getrusage(0).ru_maxrss / 1024}))
