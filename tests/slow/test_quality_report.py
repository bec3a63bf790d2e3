"""The page of the quality report in a browser: it follows the theme, and asks nothing of the network."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medsynth_assets.evaluation.figure import Dimension, Figure
from medsynth_assets.evaluation.page import Page, render
from tests.chromium import NoChromium, chromium

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    try:
        with chromium(logs={"performance": "ALL", "browser": "ALL"}) as page:
            yield page
    except NoChromium as missing:
        pytest.skip(str(missing))


@pytest.fixture
def page(tmp_path: Path) -> Path:
    figures = [
        Figure(Dimension.FIDELITY, "group_share", "sex", sex, share, 0.5)
        for sex, share in (("female", 0.6), ("male", 0.4))
    ]
    path = tmp_path / "report.html"
    path.write_text(render(Page("Quality report", "two records", {}, {}), figures))
    return path


def test_plots_follow_the_theme_and_nothing_is_fetched(browser: Any, page: Path) -> None:
    """Page and marks change colour between light and dark; the only request is for the page itself; it fits a narrow window."""
    seen = {}
    for theme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": theme}]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        browser.get(page.as_uri())
        seen[theme] = browser.execute_script(
            "const paint = e => getComputedStyle(e);"
            "return [paint(document.body).backgroundColor, paint(document.querySelector('svg .mark-symbol path')).fill]"
        )
    assert seen["light"][0] != seen["dark"][0]
    assert seen["light"][1] != seen["dark"][1]
    assert "none" not in (seen["light"][1], seen["dark"][1])
    requests = [
        entry["message"] for entry in browser.get_log("performance") if 'Network.requestWillBeSent"' in entry["message"]
    ]
    assert all(page.as_uri() in message for message in requests)
    assert browser.get_log("browser") == []
    browser.set_window_size(420, 900)
    assert browser.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")
