"""The offline engine alone, no Dagster and no warehouse, on one core: complete chains a second and peak memory.

python -m benchmarks.offline_engine [--codes 400] [--per-code 5]
"""

import argparse
import asyncio
import resource
import time

from benchmarks.offline_records import known_codes, make_records
from medsynth_assets.engines.offline.engine import OfflineEngine


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=400)
    parser.add_argument("--per-code", type=int, default=5)
    arguments = parser.parse_args()
    engine = OfflineEngine()
    began = time.perf_counter()
    codes = known_codes(arguments.codes)
    print(f"knowledge of {len(codes)} codes read in {time.perf_counter() - began:.1f} s")
    print(f"{'pairs':>7} {'seconds':>8} {'pairs/s':>8} {'peak MiB':>9}")
    total, began = 0, time.perf_counter()
    for n, (code, description) in enumerate(codes, 1):
        total += len(await make_records(engine, code, description, arguments.per_code))
        if n % max(1, len(codes) // 4) == 0:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            seconds = time.perf_counter() - began
            print(f"{total:>7} {seconds:>8.2f} {total / seconds:>8.0f} {peak:>9.0f}")


if __name__ == "__main__":
    asyncio.run(main())
