"""The scripted OpenAI-compatible endpoint of the tests, in a process of its own."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.scripted_openai.script import Script

_ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def endpoint(script: Script) -> Iterator[str]:
    """Its URL, while it runs."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as told:
        told.write(script.model_dump_json())
        told.flush()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.scripted_openai", "--script", told.name],
            stdout=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
        )
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
