"""`kill -9` in the middle of a release."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from medsynth_assets.lineage.release_proof import UNRECORDED, verify_release
from medsynth_assets.warehouse.file import WarehouseFile
from tests.conftest import Place


@pytest.mark.slow
def test_a_killed_release_is_whole_or_not_there(loaded_place: Place) -> None:
    """Whenever it is killed; the same command then completes it, and release, warehouse and record agree."""
    assert loaded_place.medsynth("run", "--top", "20", "--per-code", "3").returncode == 0
    warehouse = WarehouseFile(loaded_place.warehouse)
    began = time.monotonic()
    assert loaded_place.medsynth("release", "--out", "v").returncode == 0
    took, seen = time.monotonic() - began, set()
    for seed in range(12):
        out = loaded_place.folder / f"v{seed}"
        killed = subprocess.Popen(
            [sys.executable, "-m", "medsynth_assets.cli", "release", "--out", out.name],
            cwd=loaded_place.folder, env=loaded_place.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(random.Random(seed).uniform(0.2, 1.0) * took)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        if out.exists():
            assert {says for _, says in verify_release(warehouse, out).faults} <= {UNRECORDED}
        again = loaded_place.medsynth("release", "--out", out.name)
        seen.add(again.returncode)
        assert again.returncode == 0 or "holds a release" in again.stderr  # it had been done by then
        assert verify_release(warehouse, out).faults == []
        assert not (loaded_place.folder / f".{out.name}.partial").exists()
    assert 0 in seen
    assert "holds:" in loaded_place.medsynth("verify", "--all").stdout
