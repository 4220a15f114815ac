"""Opening an installation for a command that works beside the service: never one that does not exist yet."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from integration.bootstrap import Installation, OpenLog, open_installation, open_log
from integration.clock import WallClock
from integration.errors import UsageError
from integration.logs import configure_logs
from integration.services.auditing import AuditDesk
from integration.settings import Settings, load_settings

SettingsFile = Annotated[Path, typer.Option("--settings", help="Settings file.", envvar="HOLDWATCH_SETTINGS")]
DEFAULT_SETTINGS = Path("holdwatch.toml")
Actor = Annotated[
    str | None, typer.Option("--actor", help="Who does it, for the log. The system's user, if not given.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings_of(path: Path) -> Settings:
    """Read settings, and see that there is an installation.

    Raises:
        UsageError: the settings have faults, or nothing has run under them yet.
    """
    settings = load_settings(path)
    configure_logs(settings.logging.level)
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        raise UsageError(f"{path}: database.url is not a database URL") from None
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        raise UsageError(f"{path}: {no_database(settings)}")
    return settings


def no_database(settings: Settings) -> str:
    """Return what to say where there is no SQLite file: whether it was never made or is gone, the anchor knows."""
    if settings.anchor_file.exists():
        return "the database is gone, its log was begun: is the disk mounted? Else restore a backup"
    return "there is no database yet; `holdwatch run` makes it"


@contextmanager
def opened_log(path: Path) -> Iterator[OpenLog]:
    """Open an installation's records; its packs are not needed and may be broken.

    Raises:
        UsageError: see `settings_of`.
        AnchorError: the database was rolled back.
        FatalError: a key can be read by others, or the database fails.
    """
    log = open_log(settings_of(path))
    try:
        yield log
    finally:
        log.store.close()


@contextmanager
def opened_installation(path: Path) -> Iterator[Installation]:
    """Open a whole installation. Raises as `opened_log` does, and PolicyPackError."""
    installation = open_installation(settings_of(path))
    try:
        yield installation
    finally:
        installation.store.close()


def audit_desk(log: OpenLog | Installation) -> AuditDesk:
    """Return what writes entries about commands."""
    settings = log.settings
    return AuditDesk(log.store, place=settings.site.name, now=WallClock().now, beside=settings.kafka is not None)


def actor_name(given: str | None) -> str:
    """Return who does it: as given, or the operating system's user.

    Raises:
        UsageError: the system does not know the user.
    """
    if given:
        return given
    try:
        return f"officer:{getpass.getuser()}"
    except (OSError, KeyError):
        raise UsageError("the system does not tell who you are; name yourself with --actor") from None
