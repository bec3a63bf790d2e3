"""An endpoint's key and address: whether a key is needed, and how to show both without telling secrets."""

import ipaddress
import socket
from urllib.parse import urlsplit

from medsynth_assets.errors import ConfigError
from medsynth_assets.settings import Settings

_NONE_NEEDED = "none-needed"  # local servers ignore it, the client insists on one
_MASK = "[OPENAI_API_KEY]"


class Credentials:
    """The endpoint's key. What may repeat the words of a server or a library goes through `masked`."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.openai_api_key.get_secret_value().strip() if settings.openai_api_key else ""
        self._base_url = settings.openai_base_url

    @property
    def key(self) -> str:
        return self._given or _NONE_NEEDED

    @property
    def shown_url(self) -> str:
        """The address without user, password and query."""
        parts = urlsplit(self._base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

    @property
    def endpoint(self) -> str:
        """What tells it from other endpoints, also for other machines; shows no secret."""
        if _is_loopback(urlsplit(self._base_url).hostname or ""):
            return f"{self.shown_url} of {socket.gethostname()}"
        return self.shown_url

    def masked(self, text: str) -> str:
        return text.replace(self._given, _MASK) if self._given else text

    def check(self) -> None:
        """Raises ConfigError where a key is needed and missing, or cannot be sent in a header."""
        if not self._given and not _is_local(urlsplit(self._base_url).hostname or ""):
            raise ConfigError(
                f"no key for {self.shown_url}: set OPENAI_API_KEY, or use --engine offline, which needs none"
            )
        if not self._given.isascii() or not self._given.isprintable():
            raise ConfigError("OPENAI_API_KEY holds characters that no key has; copy it again")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_local(host: str) -> bool:
    """True for a server of one's own: this machine, a private address, or a name without a public domain."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith((".localhost", ".local", ".internal")))
    return address.is_private or address.is_loopback
