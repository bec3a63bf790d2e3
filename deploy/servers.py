"""PostgreSQL and Redis of one's own: Debian's packages, sockets in a folder, nothing on the network, nothing kept."""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

NEEDED = (
    "PostgreSQL and Redis are needed as programs of this machine; on Debian: apt-get install postgresql redis-server"
)


class ServersMissing(Exception):
    """A server is not installed; `str()` says which, and how to get it."""


def _postgres_folder() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(path) for path in [shutil.which("initdb")] if path
    ]
    if not found:
        raise ServersMissing(f"no initdb in /usr/lib/postgresql/*/bin or PATH. {NEEDED}")
    return found[-1].parent


def _redis_program() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if not found:
        raise ServersMissing(f"no redis-server in PATH. {NEEDED}")
    return found


def demand_servers() -> None:
    """Raises ServersMissing."""
    demand_postgres()
    _redis_program()


def demand_postgres() -> None:
    """Raises ServersMissing."""
    _postgres_folder()


@dataclass(frozen=True)
class Postgres:
    """A server whose data and socket are in `folder`, which must have a short name. fsync is off: it is thrown away."""

    folder: Path

    def run(self, program: str, *arguments: str) -> None:
        """As the user whose server it is: PostgreSQL refuses root."""
        other = "postgres" if os.geteuid() == 0 else None
        done = subprocess.run(
            [str(_postgres_folder() / program), *arguments], user=other, group=other, extra_groups=[] if other else None,
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")

    def start(self) -> None:
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-A", "trust", "-U", "medsynth", "--no-sync", "-E", "UTF8")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        self.run("pg_ctl", "-D", data, "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def create(self, database: str, like: str = "template1") -> None:
        """Empty, or with all that another holds."""
        self.run("createdb", "-h", str(self.folder), "-U", "medsynth", "-T", like, database)

    def dsn(self, database: str) -> str:
        """libpq's connection string."""
        return f"dbname={database} host={self.folder} user=medsynth"

    def url(self, database: str) -> str:
        """SQLAlchemy's."""
        return f"postgresql+psycopg2://medsynth@/{database}?host={self.folder}"


class Redis:
    """A server whose socket is in `folder`; it keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "redis.sock"
        self._log = folder / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [_redis_program(), *options], stdout=log, stderr=log, process_group=0, cwd=self.socket.parent
            )
        deadline = time.monotonic() + 20
        while not self.socket.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start: {self._log.read_text('utf-8')}")
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(20)
