"""Where the prevalence table comes from: file, folder, URL."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from medsynth_assets.errors import ReferenceInputError
from medsynth_assets.reference.prevalence import DEFAULT
from medsynth_assets.reference.source import fingerprint, prevalence_file
from medsynth_assets.settings import Settings


def settings(tmp_path: Path, prevalence: str | None) -> Settings:
    return Settings(warehouse=tmp_path / "warehouse" / "w.duckdb", prevalence=prevalence)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Not into the test's output."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


def test_without_a_setting_it_is_the_shipped_table(tmp_path: Path) -> None:
    """Which never changes by itself."""
    assert prevalence_file(settings(tmp_path, None)) == DEFAULT
    assert fingerprint(settings(tmp_path, None)) == fingerprint(settings(tmp_path, None))


def test_of_a_folder_it_is_the_table_with_the_last_name(tmp_path: Path) -> None:
    """Releases are named by their dates; other files do not count; a changed file is seen."""
    folder = tmp_path / "releases"
    folder.mkdir()
    chosen = settings(tmp_path, str(folder))
    with pytest.raises(ReferenceInputError, match="put a prevalence table there"):
        prevalence_file(chosen)
    for name in ("2025-01.csv", "2026-01.parquet", "readme.txt"):
        (folder / name).write_text("x")
    assert prevalence_file(chosen) == folder / "2026-01.parquet"
    before = fingerprint(chosen)
    (folder / "2026-01.parquet").write_text("other")
    assert fingerprint(chosen) != before


def test_a_url_is_fetched_and_its_copy_stands_in(tmp_path: Path, served: tuple[Path, str]) -> None:
    """Over real HTTP: the content is that of the server, and of the last visit where there is none any more."""
    folder, url = served
    (folder / "codes.csv").write_text("code,count\nI10,5\n")
    chosen = settings(tmp_path, f"{url}/codes.csv")
    before = fingerprint(chosen)
    copy = prevalence_file(chosen)
    assert (copy.name, copy.read_text()) == ("codes.csv", "code,count\nI10,5\n")
    (folder / "codes.csv").write_text("code,count\nI10,5\nE11.9,4\n")
    assert fingerprint(chosen) != before
    assert "E11.9" in prevalence_file(chosen).read_text()
    (folder / "codes.csv").unlink()
    assert "E11.9" in prevalence_file(chosen).read_text()


def test_a_source_that_was_never_reached_is_named_without_its_secrets(tmp_path: Path) -> None:
    """Neither user, password nor signature."""
    chosen = settings(tmp_path, "http://me:hidden@127.0.0.1:9/codes.csv?signature=hidden")
    for look in (prevalence_file, fingerprint):
        with pytest.raises(ReferenceInputError, match="MEDSYNTH_PREVALENCE") as told:
            look(chosen)
        assert "hidden" not in str(told.value)
        assert "127.0.0.1:9/codes.csv" in str(told.value)
