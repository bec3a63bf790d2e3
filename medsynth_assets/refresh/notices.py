"""Notices for people, and the hooks that carry them: the log, a webhook, or a function of one's own."""

import importlib
import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from medsynth_assets.errors import ConfigError, MedsynthError
from medsynth_assets.settings import Settings

_TIMEOUT_S = 15.0


class Notice(NamedTuple):
    """kind: run_failed or budget_ended. text: one line for people."""

    kind: str
    text: str
    run_id: str


Hook = Callable[[Notice], None]


class NoticeError(MedsynthError):
    """A notice could not be delivered."""


def hook_of(settings: Settings) -> Hook:
    """The hook that the setting `notify` names. Raises ConfigError where there is none such."""
    if settings.notify == "log":
        return _log
    if settings.notify == "webhook":
        url = settings.notify_url or ""
        if urlsplit(url).scheme not in ("http", "https"):
            raise ConfigError("MEDSYNTH_NOTIFY is webhook; set MEDSYNTH_NOTIFY_URL to an http or https address")
        return partial(_post, url)
    module, _, name = settings.notify.partition(":")
    try:
        hook: Hook = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"MEDSYNTH_NOTIFY is {settings.notify!r}: {error}; wanted log, webhook or package.module:function"
        ) from error
    return hook


def _log(notice: Notice) -> None:
    logging.getLogger("medsynth.notices").warning("%s: %s", notice.kind, notice.text)


def _post(url: str, notice: Notice) -> None:
    """One JSON object; `text` is what Slack, Mattermost and others show."""
    body = json.dumps(notice._asdict()).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="POST")  # noqa: S310  hook_of lets http only
    try:
        urllib.request.urlopen(request, timeout=_TIMEOUT_S).close()  # noqa: S310
    except (urllib.error.URLError, OSError) as error:
        host = urlsplit(url).hostname  # not the URL: a webhook's path is its secret
        raise NoticeError(f"the webhook at {host} took no notice: {error}; check MEDSYNTH_NOTIFY_URL") from error
