"""The environment of a run: code and packages, nothing of the machine."""

from typing import NamedTuple

from medsynth_assets.records.identity import digest


class Environment(NamedTuple):
    """git_commit: '' where the code runs outside a checkout. is_modified: tracked files differ from that commit.
    packages: versions of everything this project requires, itself included."""

    git_commit: str
    is_modified: bool
    python_version: str
    packages: dict[str, str]

    @property
    def environment_id(self) -> str:
        return digest("environment:1", self._asdict())
