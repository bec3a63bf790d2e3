"""Headless Chromium, for tests and benchmarks that look at pages."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


class NoChromium(Exception):
    """The machine has no Chromium with its chromedriver."""


@contextmanager
def chromium(size: tuple[int, int] = (1280, 1600), logs: Mapping[str, str] | None = None) -> Iterator[Any]:
    """Selenium's driver of one, for a while. logs: which of its logs to keep. Raises NoChromium."""
    browser, driver = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if not browser or not driver:
        raise NoChromium("no Chromium and chromedriver on this machine: Debian's packages chromium, chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    sized = f"--window-size={size[0]},{size[1]}"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", sized):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", dict(logs or {"browser": "ALL"}))
    with webdriver.Chrome(options=options, service=Service(driver)) as page:
        yield page
