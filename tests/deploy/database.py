"""The containers' database on a real PostgreSQL of this machine, in which every user needs a password."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from integration.settings import load_settings
from tests.store.postgres import USER, Server

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "deploy/compose/holdwatch.toml"
PASSWORD = 'it\'s "invented" \\ $HOME'
SUPERUSER = "superuser"


@contextmanager
def secured_server(folder: Path) -> Iterator[Server]:
    """A server with the role and the database that deploy/compose/database.sh makes."""
    server = Server()
    try:
        engine = create_engine(server.new_database())
        with engine.begin() as link:
            link.execute(text(f"ALTER ROLE {USER} PASSWORD '{SUPERUSER}'"))
        engine.dispose()
        server.stop()
        (server.folder / "data" / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        server.start()
        run_script(server, folder)
        yield server
    finally:
        server.remove()


def run_script(server: Server, folder: Path) -> None:
    """Run the script as the PostgreSQL image would."""
    secret = folder / "holdwatch_password"
    secret.write_text(PASSWORD)
    bash = shutil.which("bash")
    assert bash is not None
    given = {"POSTGRES_USER": USER, "PGPASSWORD": SUPERUSER, "PGHOST": str(server.folder)}
    done = subprocess.run(
        [bash, ROOT / "deploy/compose/database.sh"],
        env={"PATH": os.environ["PATH"], "HOLDWATCH_PASSWORD_FILE": str(secret)} | given,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def password_file(folder: Path, password: str = PASSWORD, mode: int = 0o400) -> Path:
    path = folder / "pgpass"
    path.write_text("*:*:holdwatch:holdwatch:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n")
    path.chmod(mode)
    return path


def url(server: Server, passfile: Path) -> str:
    """The containers' URL, with this server's place and this password file."""
    asked = load_settings(SETTINGS).database_url
    own = asked.replace("@postgres/holdwatch?", f"@/holdwatch?host={server.folder}&")
    assert own != asked
    return own.replace("/run/secrets/pgpass", str(passfile))
