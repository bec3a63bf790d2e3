"""What this process runs: the git commit of its code, Python, and the packages that the project requires."""

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from medsynth_assets.records.environment import Environment
from medsynth_assets.settings import PROJECT
from medsynth_assets.warehouse.opening import AnyWarehouse
from medsynth_assets.warehouse.run_store import record_run

_DISTRIBUTION = "medsynth-assets"
_GIT_S = 10.0


@cache
def current_environment() -> Environment:
    """The environment of this process. Two machines with the same code and packages have the same one."""
    commit = _git("rev-parse", "HEAD")
    modified = bool(commit) and bool(_git("status", "--porcelain", "--untracked-files=no"))
    return Environment(commit, modified, platform.python_version(), _packages())


def note_run(warehouse: AnyWarehouse, run_id: str) -> None:
    """Say in the warehouse what this run runs in. Once a run is enough; again does no harm."""
    environment = current_environment()  # takes a moment the first time, and the file is not held meanwhile
    with warehouse.writing() as con:
        record_run(con, run_id, environment)


def _git(*arguments: str) -> str:
    """What git says of the project's checkout; '' where there is no git or no checkout of it."""
    if not (PROJECT / ".git").exists():
        return ""
    try:
        said = subprocess.run(  # noqa: S603  fixed arguments
            ["git", "-C", str(PROJECT), *arguments],  # noqa: S607  the git of whoever runs this
            capture_output=True, text=True, timeout=_GIT_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.strip()


def _packages() -> dict[str, str]:
    """Versions of everything that the project requires, directly or not, as installed."""
    found: dict[str, str] = {}
    waiting = [(_DISTRIBUTION, frozenset[str]())]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue  # required elsewhere than on this platform
        found[canonicalize_name(name)] = installed.version
        for text in installed.requires or ():
            requirement = Requirement(text)
            wanted = requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            )
            step = (requirement.name, frozenset(requirement.extras))
            if wanted and step not in seen:
                seen.add(step)
                waiting.append(step)
    return dict(sorted(found.items()))
