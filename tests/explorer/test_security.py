"""Who may look, what a browser is told, and that looking changes nothing."""

import hashlib
import re

import duckdb
import pytest
from starlette.testclient import TestClient

from medsynth_assets.errors import UsageError, WarehouseError
from medsynth_assets.explorer.reading import Reading
from medsynth_assets.explorer.security import checked_token
from medsynth_assets.warehouse.file import WarehouseFile
from tests.conftest import Place
from tests.explorer.conftest import dataset_page, open_explorer, page

TOKEN = "a-token-of-some-length"
PAGES = ("/", "/?text=pressure", "/record/I10/001", "/dataset")


@pytest.mark.parametrize("address", [*PAGES, "/nowhere", "/static/explorer.js", "/static/none.css"])
def test_every_answer_carries_the_policy(explorer: TestClient, address: str) -> None:
    """Scripts and styles come from this server alone, nothing may frame it, and nothing is fetched from elsewhere."""
    headers = explorer.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_pages_need_nothing_that_the_policy_forbids(explorer: TestClient) -> None:
    """No inline script, style or handler, and no address of another host."""
    artifacts = re.findall(r'href="(/record/I10/001/artifact/[^"]+)"', page(explorer, "/record/I10/001"))
    for address in (*PAGES, *artifacts):
        text = page(explorer, address)
        assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=|\son[a-z]+=|javascript:", text), address
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text), address


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", PAGES)
def test_nothing_but_reading_is_offered(explorer: TestClient, method: str, address: str) -> None:
    """Other methods are refused."""
    assert explorer.request(method, address).status_code == 405


def test_looking_changes_nothing_and_holds_nothing(explorer: TestClient, loaded_place: Place) -> None:
    """The file is the same byte for byte, and can be opened for writing between two requests."""
    before = hashlib.sha256(loaded_place.warehouse.read_bytes()).hexdigest()
    for address in PAGES:
        page(explorer, address)
        duckdb.connect(str(loaded_place.warehouse)).close()
    assert hashlib.sha256(loaded_place.warehouse.read_bytes()).hexdigest() == before


@pytest.mark.parametrize(
    "statement",
    ["delete from generation.heads", "select * from read_text('/etc/hostname')", "attach ':memory:' as other; create table other.t(a int); copy other.t to 't.csv'"],
)  # fmt: skip
def test_the_connection_can_neither_write_nor_reach_files(loaded_place: Place, statement: str) -> None:
    """Whatever a query says."""
    with Reading(WarehouseFile(loaded_place.warehouse)).open() as con, pytest.raises(duckdb.Error):
        con.execute(statement)


def test_what_was_made_since_is_seen(explorer: TestClient, loaded_place: Place) -> None:
    """What is kept of a warehouse is forgotten when the file changes."""
    dataset_page(explorer)
    assert "I10/002" not in page(explorer, "/")
    done = loaded_place.medsynth("run", "--codes", "I10", "--per-code", "2")
    assert done.returncode == 0, done.stderr
    assert "I10/002" in page(explorer, "/")
    assert "<dd>2</dd>" in dataset_page(explorer)


def test_a_file_that_is_no_warehouse_is_told(place: Place) -> None:
    """A DuckDB file without our tables: one line with what to run, as a page."""
    duckdb.connect(str(place.warehouse)).close()
    assert "lacks tables" in page(open_explorer(place.warehouse), "/", 503)
    with Reading(WarehouseFile(place.warehouse)).open() as con:
        assert con.execute("select 1").fetchall() == [(1,)]
    with pytest.raises(WarehouseError, match="medsynth run"), Reading(WarehouseFile(place.warehouse)).open() as con:
        con.execute("from generation.heads")


def test_a_token_opens_once_and_is_kept_in_a_cookie(loaded_place: Place) -> None:
    """The address with the token leads to the same page without it; from then on the cookie does."""
    client = open_explorer(loaded_place.warehouse, TOKEN, follow_redirects=False)
    for address in (*PAGES, "/static/explorer.js", "/?token=wrong-token-of-length"):
        assert client.get(address).status_code == 401
    opened = client.get(f"/?token={TOKEN}&text=a")
    assert (opened.status_code, opened.headers["location"]) == (303, "/?text=a")
    assert "HttpOnly" in opened.headers["set-cookie"]
    assert "SameSite=strict" in opened.headers["set-cookie"]
    for address in PAGES:
        assert client.get(address).status_code == 200


def test_programs_send_the_token_as_bearer(loaded_place: Place) -> None:
    """`Authorization: Bearer`, right or wrong."""
    client = open_explorer(loaded_place.warehouse, TOKEN)
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    client.cookies.clear()
    assert client.get("/", headers={"Authorization": f"Bearer {TOKEN}x"}).status_code == 401
    assert client.get("/", headers={"Authorization": TOKEN}).status_code == 401


def test_other_names_for_this_machine_are_refused(explorer: TestClient) -> None:
    """A page elsewhere that points its own name at 127.0.0.1 gets nothing."""
    assert explorer.get("/", headers={"Host": "evil.example:8765"}).status_code == 421
    assert explorer.get("/", headers={"Host": "localhost:8765"}).status_code == 200
    assert explorer.get("/", headers={"Host": "[::1]:8765"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "token", "accepted"),
    [
        pytest.param("127.0.0.1", "", True, id="this-machine-needs-none"),
        pytest.param("::1", "", True, id="this-machine-by-its-other-name"),
        pytest.param("127.0.0.1", TOKEN, True, id="this-machine-may-have-one"),
        pytest.param("0.0.0.0", TOKEN, True, id="elsewhere-with-one"),
        pytest.param("0.0.0.0", "", False, id="elsewhere-without"),
        pytest.param("::", "", False, id="elsewhere-by-the-other-protocol"),
        pytest.param("192.168.1.5", "short", False, id="elsewhere-with-a-short-one"),
        pytest.param("example.org", "", False, id="a-name"),
    ],
)
def test_a_token_is_required_to_bind_elsewhere(host: str, token: str, accepted: bool) -> None:
    """And the refusal says which setting to make."""
    if accepted:
        assert checked_token(host, token) == token
    else:
        with pytest.raises(UsageError, match="MEDSYNTH_EXPLORER_TOKEN"):
            checked_token(host, token)


def test_the_command_refuses_to_bind_elsewhere_without_a_token(loaded_place: Place) -> None:
    """Exit code 2 and one line, before anything listens."""
    done = loaded_place.medsynth("explore", "--host", "0.0.0.0", "--port", "0", timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "MEDSYNTH_EXPLORER_TOKEN" in done.stderr
