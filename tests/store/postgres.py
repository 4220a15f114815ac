"""A real PostgreSQL server for tests, in a temporary folder, reached by a socket file only."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

FOLDERS = ("/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/17/bin")
USER = "postgres"
SETTINGS = "-c fsync=off -c shared_buffers=16MB -c max_connections=60"
DURABLE = "-c fsync=on -c shared_buffers=256MB -c max_wal_size=4GB -c max_connections=60"
"""For benchmarks."""


def program(name: str) -> str | None:
    """The path of a server program, if it is installed and somebody may run it."""
    found = shutil.which(name, path=os.pathsep.join((*FOLDERS, os.environ.get("PATH", ""))))
    if os.geteuid() == 0 and (shutil.which("runuser") is None or not _user_exists()):
        return None
    return found


def _user_exists() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


class Server:
    """One server. It refuses to run as root, so root hands it to the system's database user."""

    def __init__(self, settings: str = SETTINGS) -> None:
        self._settings = f"-c listen_addresses= {settings}"
        self.folder = Path(tempfile.mkdtemp(prefix="holdwatch-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER)
        self._count = 0
        self._run("initdb", "-D", self._data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, name: str, *arguments: str) -> None:
        found = program(name)
        assert found is not None
        command = [found, *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", USER, "--", *command]
        log = self.folder / "told.log"
        patient = os.environ | {"PGCTLTIMEOUT": "120"}
        with log.open("ab") as told:
            subprocess.run(command, check=True, stdout=told, stderr=told, cwd=self.folder, env=patient, timeout=150)

    def start(self) -> None:
        log = str(self.folder / "server.log")
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", f"{self._settings} -k {self.folder}", "start")

    def start_again(self) -> None:
        """Start, unless it runs."""
        if not (self.folder / "data" / "postmaster.pid").exists():
            self.start()

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def new_database(self, *options: str) -> str:
        """Make an empty database; returns its URL. Args: ``options`` of ``createdb``."""
        self._count += 1
        name = f"test_{self._count}"
        self._run("createdb", "-h", str(self.folder), "-U", USER, "-T", "template0", *options, name)
        return f"postgresql+psycopg://{USER}@/{name}?host={self.folder}"

    def remove(self) -> None:
        try:
            self.stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
