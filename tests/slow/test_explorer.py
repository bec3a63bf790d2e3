"""The explorer as a person meets it: the real command, headless Chromium, screenshots in two themes and two widths."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.chromium import NoChromium, chromium
from tests.conftest import Place
from tests.slow.test_ui import SHOTS

DESKTOP, PHONE = (1360, 1000), (390, 844)


@contextmanager
def explored(place: Place) -> Iterator[str]:
    """The address of `medsynth explore`, for a while."""
    command = [sys.executable, "-m", "medsynth_assets.cli", "explore", "--port", "0"]
    with subprocess.Popen(
        command, cwd=place.folder, env=place.environment, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout
            yield re.findall(r"http://127\.0\.0\.1:\d+", running.stdout.readline())[0]
        finally:
            running.terminate()


class Browser:
    """Chromium, and what a person does with it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def show(self, address: str, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> None:
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [theme]})
        width, height = size
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE},
        )
        self.driver.get(address)

    def keep(self, name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SHOTS / f"explorer_{name}.png"))

    def counted(self) -> None:
        """Wait until the dataset page has counted everything."""
        self.wait_for("document.querySelector('.figures') && !document.body.innerText.includes('being counted')", 120)

    def run(self, script: str) -> Any:
        return self.driver.execute_script(f"return {script}")

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def wait_for(self, script: str, seconds: float = 10) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, seconds).until(lambda _: self.run(script))

    def point_at(self, selector: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.by import By

        ActionChains(self.driver).move_to_element(self.driver.find_element(By.CSS_SELECTOR, selector)).perform()

    @property
    def complaints(self) -> list[str]:
        """What the console says: violations of the security policy, errors of scripts, missing files."""
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture
def browser() -> Iterator[Browser]:
    try:
        with chromium() as page:
            yield Browser(page)
    except NoChromium as missing:
        pytest.skip(str(missing))


@pytest.mark.slow
def test_a_person_explores_the_demo(place: Place, browser: Browser) -> None:
    """Searching, a record in two themes and on a phone, facts and turns by mouse and keyboard, a step of the lineage."""
    from selenium.webdriver.common.keys import Keys

    done = place.medsynth("run", "--top", "20", "--per-code", "5", "--engine", "offline")
    assert done.returncode == 0, done.stderr
    with explored(place) as url:
        browser.show(f"{url}/")
        browser.press("/")
        browser.press("chest pain", Keys.ENTER)
        browser.wait_for("location.search.includes('chest')")
        assert browser.run("document.querySelectorAll('mark').length") > 0
        browser.keep("search")

        browser.show(f"{url}/record/E11.9/003")
        browser.point_at(".note a.fact")
        turns = browser.run("document.querySelector('.note a.fact').dataset.turns.trim().split(' ').map(n => 't' + n)")
        assert browser.run("[...document.querySelectorAll('.turns .lit')].map(e => e.id)") == turns
        browser.point_at(f"#{turns[0]}")
        assert "f0" in browser.run("[...document.querySelectorAll('.note .lit')].map(e => e.id)")
        browser.keep("record")
        browser.run("[...document.querySelectorAll('.note a.fact')].at(-1).scrollIntoView()")
        browser.run("[...document.querySelectorAll('.note a.fact')].at(-1).click()")
        browser.wait_for(
            "[document.querySelector('.turns .lit').getBoundingClientRect()]"
            ".every(box => box.top >= 0 && box.bottom <= innerHeight)"
        )

        browser.run(
            "document.querySelector('.note a.fact').previousElementSibling, document.querySelector('.note .scroll').focus()"
        )
        browser.press(Keys.TAB)
        assert browser.run("document.activeElement.className").startswith("fact")
        assert browser.run("document.querySelectorAll('.turns .lit').length") == len(turns)
        browser.press(Keys.ESCAPE)
        assert browser.run("document.querySelectorAll('.lit').length") == 0

        for n in range(browser.run("document.querySelectorAll('.graph a[href*=artifact]').length")):
            browser.run(f"document.querySelectorAll('.graph a[href*=artifact]')[{n}].focus()")
            browser.press(Keys.ENTER)
            browser.wait_for("document.querySelector('#opened article')")
            if browser.run("document.querySelectorAll('#opened ins, #opened del').length") > 0:
                break
            browser.press(Keys.ESCAPE)
        else:
            pytest.fail("no artifact shows what it changed of its parent")
        browser.keep("lineage")
        browser.press(Keys.ESCAPE)
        assert browser.run("document.querySelector('#opened article')") is None

        for name, address in (("record", "/record/E11.9/003"), ("dataset", "/dataset"), ("search", "/?code=E11")):
            browser.show(url + address, dark=True)
            if name == "dataset":
                browser.counted()
            browser.keep(f"{name}_dark")
            for dark in (False, True):
                browser.show(url + address, PHONE, dark=dark)
                assert browser.run("document.documentElement.scrollWidth") <= PHONE[0], "a phone would scroll sideways"
                browser.keep(f"{name}_phone{'_dark' if dark else ''}")
        browser.show(f"{url}/dataset")
        browser.keep("dataset")
        assert browser.complaints == []


@pytest.mark.slow
def test_a_person_meets_an_empty_warehouse_and_a_hostile_note(loaded_place: Place, browser: Browser) -> None:
    """Before anything is made there is a page with the command; markup in a note is text, and runs nothing."""
    import duckdb

    markup = "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    with duckdb.connect(str(loaded_place.warehouse)) as con:
        con.execute(
            "update generation.artifacts set text = text || ?,"
            " content = json_merge_patch(content, json_object('plan', ?)) where kind = 'note'", [markup, markup]
        )  # fmt: skip
    with explored(loaded_place) as url:
        browser.show(f"{url}/record/I10/001")
        assert markup in browser.run("document.querySelector('.note').textContent")
        assert browser.run("document.title").startswith("I10/001")
        browser.show(f"{url}/?text=document.title")
        assert browser.run("document.title").startswith("document.title ·")
        assert browser.run("document.querySelectorAll('img').length") == 0
        loaded_place.warehouse.unlink()
        for name, size, dark in (
            ("empty", DESKTOP, False),
            ("empty_dark", DESKTOP, True),
            ("empty_phone", PHONE, False),
        ):
            browser.show(f"{url}/", size, dark=dark)
            assert "medsynth run --top 20" in browser.run("document.body.textContent")
            browser.keep(name)
        assert browser.complaints == []
