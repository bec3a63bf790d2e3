"""A release's directory is there whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from medsynth_assets.errors import ReleaseError, UsageError
from medsynth_assets.release.folder import written_whole

WRITER = """
import sys, time
from pathlib import Path
from medsynth_assets.release.folder import written_whole
with written_whole(Path(sys.argv[1])) as folder:
    (folder / "half").write_text("half")
    print("writing", flush=True)
    time.sleep(600)
"""


def test_nothing_is_there_until_all_is(tmp_path: Path) -> None:
    """Under its name only at the end, with folders below it, and nothing beside it then."""
    with written_whole(tmp_path / "deep" / "v1") as folder:
        (folder / "pairs").mkdir()
        (folder / "pairs" / "train").write_text("x")
        assert not (tmp_path / "deep" / "v1").exists()
    assert (tmp_path / "deep" / "v1" / "pairs" / "train").read_text() == "x"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["v1"]


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        pytest.param(ZeroDivisionError("a mistake"), ZeroDivisionError, id="ours"),
        pytest.param(OSError(28, "No space left on device"), ReleaseError, id="disk-full"),
    ],
)
def test_an_error_leaves_nothing(tmp_path: Path, raised: Exception, told: type[Exception]) -> None:
    """Neither the directory nor what was written beside it; a full disk is said to be one."""

    def write() -> None:
        with written_whole(tmp_path / "v1") as folder:
            (folder / "x").write_text("x")
            raise raised

    with pytest.raises(told, match=r"a mistake|No space left on device; is the disk full"):
        write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("there", "says"), [("manifest.json", "holds a release"), ("notes.txt", "is not empty")])
def test_what_is_there_is_never_written_over(tmp_path: Path, there: str, says: str) -> None:
    """A release, or anything else; an empty directory may be filled."""
    (tmp_path / "v1").mkdir()
    with written_whole(tmp_path / "v1") as folder:
        (folder / there).write_text("first")
    with pytest.raises(UsageError, match=says), written_whole(tmp_path / "v1"):
        pytest.fail("it was opened")
    assert (tmp_path / "v1" / there).read_text() == "first"


def test_a_living_writer_is_left_alone_and_a_killed_one_is_taken_over(tmp_path: Path) -> None:
    """Whether the writer lives is what the kernel says of its lock."""
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path / "v1")], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    with pytest.raises(UsageError, match="another process is writing"), written_whole(tmp_path / "v1"):
        pytest.fail("it was opened")
    assert (tmp_path / ".v1.partial" / "half").exists()
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    with written_whole(tmp_path / "v1") as folder:
        assert list(folder.iterdir()) == []
        (folder / "whole").write_text("whole")
    assert [path.name for path in (tmp_path / "v1").iterdir()] == ["whole"]
