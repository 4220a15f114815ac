"""``holdwatch init``: settings that load, the state folder, the keys, the first account. Never writes over anything."""

import os
import re
import socket
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from integration.bootstrap import open_log, packs_of
from integration.cli.console import out, print_json
from integration.cli.init_account import Made, first_account
from integration.cli.init_text import Answers, settings_text
from integration.cli.opening import AsJson, actor_name
from integration.errors import UsageError
from integration.policy.pack import shipped_packs
from integration.services.checkpoints import open_log_key
from integration.settings import Settings, faults_of, load_settings
from integration.store.vault import Vault

_EMPTY = "-"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Question:
    option: str
    text: str
    suggested: str


def init(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="Settings file to write.")] = Path("holdwatch.toml"),
    site: Annotated[str | None, typer.Option(help="Name of this installation: letters, digits, dot, dash.")] = None,
    source: Annotated[str | None, typer.Option(help="The facility's feed, as its events name it.")] = None,
    zone: Annotated[str | None, typer.Option(help="The facility's IANA time zone.")] = None,
    pack: Annotated[str | None, typer.Option(help="Policy pack: a shipped id, or a folder.")] = None,
    origin: Annotated[str | None, typer.Option(help="The log's name for ever: a URL without https://.")] = None,
    state_dir: Annotated[Path | None, typer.Option(help="Folder for database, keys and anchor.")] = None,
    drop: Annotated[Path | None, typer.Option(help="Folder that the jail management system drops files into.")] = None,
    database: Annotated[str | None, typer.Option(help="Database URL; empty: SQLite in the state folder.")] = None,
    admin: Annotated[str | None, typer.Option(help="Also make the console's first account, with this name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write settings, make the state folder and the keys. Asks for what is not given, if somebody is there to answer.

    Nothing that exists is written over: a settings file ends it, keys that are there are kept.
    Exit status: 0 done; 2 an answer is missing or wrong, there is a settings file already, or it cannot be written.
    """
    if to.exists():
        raise UsageError(f"{to} is there already; nothing is written over")
    # Looked at before anything is made: half an installation would be in the way of the next try.
    if not to.absolute().parent.is_dir():
        raise UsageError(f"{to}: the folder for it is not there; make it first")
    if not os.access(to.absolute().parent, os.W_OK | os.X_OK):
        raise UsageError(f"{to}: this user may not write into the folder for it")
    given = {
        "site": site,
        "source": source,
        "zone": zone,
        "pack": pack,
        "origin": origin,
        "state-dir": None if state_dir is None else str(state_dir),
        "drop": None if drop is None else str(drop),
        "database": database,
    }
    told = _asked(given, asking=sys.stdin.isatty() and not as_json)
    answers = Answers(
        site=told["site"],
        source=told["source"],
        zone=told["zone"],
        pack=_pack_path(told["pack"]),
        origin=told["origin"],
        state_dir=str(Path(told["state-dir"]).absolute()),
        drop=str(Path(told["drop"]).absolute()),
        database=told["database"],
    )
    text = settings_text(answers)
    settings = _checked(text, to)
    _make(settings)
    _write_new(to, text)
    account = first_account(open_log(load_settings(to)), admin, by=actor_name(None)) if admin else None
    _tell(to, settings, account, as_json=as_json)


def _asked(given: dict[str, str | None], *, asking: bool) -> dict[str, str]:
    """Return an answer for each question.

    Raises:
        UsageError: one is missing and nobody is there to be asked; every missing one is named.
    """
    questions = {each.option: each for each in _questions(given)}
    missing = [name for name, value in given.items() if value is None and not questions[name].suggested]
    if not asking:
        if missing:
            raise UsageError(f"not given, and nobody to ask: {', '.join(f'--{name}' for name in missing)}")
        suggested = {name: "" if each.suggested == _EMPTY else each.suggested for name, each in questions.items()}
        return {name: suggested[name] if value is None else value for name, value in given.items()}
    told: dict[str, str] = {}
    for name, value in given.items():
        told[name] = value if value is not None else _ask({q.option: q for q in _questions(told)}[name])
    return told


def _ask(question: _Question) -> str:
    default = question.suggested
    return str(
        typer.prompt(question.text, default="" if default == "-" else default, show_default=default != "-")
    ).strip()


def _questions(told: dict[str, str | None] | dict[str, str]) -> list[_Question]:
    """Return the questions with what is suggested: empty where only the site can know, `_EMPTY` where none is one."""
    site = told.get("site") or _NOT_IN_NAMES.sub("-", socket.gethostname()) or "jail"
    year = datetime.now(UTC).year
    packs = ", ".join(shipped_packs())
    return [
        _Question("site", "Name of this installation", site),
        _Question("source", "The facility's feed, as its events name it (/jms/...)", ""),
        _Question("zone", "The facility's IANA time zone (America/Detroit)", ""),
        _Question("pack", f"Policy pack: {packs}, or a folder", ""),
        _Question("origin", f"The log's name for ever, a URL without https:// (audit.YOURS.gov/{site}-{year})", ""),
        _Question("state-dir", "Folder for database, keys and anchor", "/var/lib/holdwatch"),
        _Question("drop", "Folder that the jail management system drops files into", "/var/lib/holdwatch-drop"),
        _Question("database", "Database URL, empty for SQLite", _EMPTY),
    ]


def _pack_path(pack: str) -> str:
    return str(Path(pack).absolute()) if Path(pack).is_dir() else pack


def _checked(text: str, to: Path) -> Settings:
    """Read the settings as the service will, and load their pack.

    Raises:
        UsageError: an answer is wrong; every fault is named.
        PolicyPackError: the pack does not load.
    """
    try:
        settings = Settings(**tomllib.loads(text))
    except ValidationError as error:
        faults = faults_of(error)
        raise UsageError("\n".join([f"{to} was not written, {len(faults)} answers are wrong:", *faults])) from None
    packs_of(settings)
    return settings


def _make(settings: Settings) -> None:
    """Make what is missing: folders with mode 0700, keys with 0600, whatever the umask.

    Raises:
        UsageError: a folder is there and others can get at it.
        FatalError: a key is there, and is none or can be read by others.
    """
    folder = settings.site.state_dir
    for each in (folder, folder / "keys"):
        each.mkdir(parents=True, exist_ok=True, mode=0o700)
        if each.stat().st_mode & 0o077:
            raise UsageError(f"{each} can be read by others: chmod 700 it, or choose another folder")
    for drop in settings.drop_folders:
        drop.path.mkdir(parents=True, exist_ok=True, mode=0o770)
    open_log_key(settings.key_file("log"), settings.log.origin)
    Vault.open(settings.key_file("vault"))


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, readable by its owner alone: it may name hosts and users."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise UsageError(f"{path} is there already; nothing is written over") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _tell(to: Path, settings: Settings, account: Made | None, *, as_json: bool) -> None:
    vkey = open_log_key(settings.key_file("log"), settings.log.origin).vkey
    if as_json:
        made = None if account is None else {"name": account.name, "password": account.password, "totp": account.uri}
        print_json({"settings": str(to), "state_dir": str(settings.site.state_dir), "vkey": vkey, "account": made})
        return
    say: Callable[[str], None] = lambda line: out.print(line, markup=False, highlight=False)  # noqa: E731
    say(f"settings: {to}")
    say(f"state folder: {settings.site.state_dir} (keys in keys/; back them up apart from the database)")
    say(f"verifier key, to be published: {vkey}")
    if account is not None:
        say(f"account {account.name}, shown once: password {account.password}")
        say(f"  for the app of one-time codes: {account.uri}")
    say("")
    say(f"next: holdwatch doctor all --settings {to}")
    say(f"      holdwatch run --settings {to}")
