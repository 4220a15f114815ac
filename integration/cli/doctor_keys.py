"""``holdwatch doctor keys``: who can read keys and secrets, and are they the log's own?"""

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from connectors.secret import open_to_others
from integration.audit.checkpoint import verified
from integration.audit.note import KeyFileError, NoteError, SigningKey
from integration.services.doctor import Result, fault, note, ok, warning
from integration.settings import Settings

_OTHERS = 0o077
_SECRET = ("secret_file", "password_file", "key_file", "token_file", "url_file", "urls_file", "secret_files")
_PUBLIC = ("host_key_file",)


def check(settings: Settings) -> Iterator[Result]:
    """Look at the state folder, the keys in it, and the secrets that the settings name."""
    folder = settings.site.state_dir
    if not folder.is_dir():
        yield fault("keys.folder", "the state folder is not there", "`holdwatch init` makes one.")
        return
    owner = folder.stat().st_uid
    yield _private("keys.folder", folder, owner)
    for name in ("log", "vault"):
        path = settings.key_file(name)
        if path.exists():
            yield _private(f"keys.{name}", path, owner)
        else:
            yield fault(f"keys.{name}", f"{path} is missing", "Restore it, or start the service for the first time.")
    yield from _matches(settings)
    for label, path in _secrets(settings):
        if path.exists():
            yield _private(f"keys.{label}", path, None)
        else:
            yield fault(f"keys.{label}", f"{path} is missing", "Make it, mode 0600, or take it out of the settings.")
    yield from _in_the_url(settings)


def _private(name: str, path: Path, owner: int | None) -> Result:
    try:
        seen = path.stat()
    except OSError as error:
        return fault(name, f"{path} cannot be looked at: {error.strerror}", "Run the doctor as the service's user.")
    # What this program made is its own alone; what somebody put there may be of a mounted volume.
    if seen.st_mode & _OTHERS if owner is not None else open_to_others(seen):
        mode = stat.S_IMODE(seen.st_mode)
        wanted = "700" if path.is_dir() else "600"
        return fault(name, f"{path} has mode {mode:04o}: others can get at it", f"chmod {wanted} {path}")
    if owner is not None and seen.st_uid != owner:
        return fault(name, f"{path} belongs to {_user(seen.st_uid)}, its folder to {_user(owner)}", "chown it.")
    return ok(name, f"only {_user(seen.st_uid)} can read it")


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _matches(settings: Settings) -> Iterator[Result]:
    """See that the log's key is the one that signed the anchor."""
    path = settings.key_file("log")
    if not path.exists() or not settings.anchor_file.exists():
        return
    try:
        key = SigningKey.load(path, settings.log.origin)
        verified(settings.anchor_file.read_bytes(), key.vkey)
    except PermissionError:
        yield fault("keys.match", "the log's key cannot be read", "Run the doctor as the service's user.")
    except KeyFileError as error:
        todo = "Mend its mode, or restore it from its copy; never make a new one."
        yield fault("keys.match", f"the service does not use the log's key: {error}", todo)
    except (ValueError, NoteError) as error:
        todo = "Was log.origin changed, or a key of another log put here? Restore the key; never make a new one."
        yield fault("keys.match", f"the anchor is not signed by this key under this name: {error}", todo)
    else:
        yield ok("keys.match", f"{key.vkey.rpartition('+')[0]} signed the anchor")


def _secrets(table: BaseModel, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield every file that the settings name as a secret, with its dotted key."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        rows = value if isinstance(value, list | tuple) else [value]
        for row in rows:
            if isinstance(row, BaseModel):
                own = getattr(row, "name", None)
                label = f"{name}.{own}" if isinstance(own, str) else name
                yield from _secrets(row, f"{prefix}{label}.")
            elif isinstance(row, Path) and name.endswith(_SECRET) and name not in _PUBLIC:
                yield prefix + name, row


def _in_the_url(settings: Settings) -> Iterator[Result]:
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        yield fault("keys.database", "database.url is not a database URL", "Mend it.")
        return
    if url.password:
        todo = "Take it out, and name a file of libpq's format: ?passfile=/etc/holdwatch/pgpass"
        yield warning("keys.database", "the database's password stands in database.url", todo)
    passfile = url.query.get("passfile")
    if isinstance(passfile, str):
        path = Path(passfile)
        if path.exists():
            yield _private("keys.database", path, None)
        else:
            yield fault("keys.database", f"{path} is missing", "Make it, mode 0600.")
    if os.geteuid() == 0:
        yield note("keys.user", "the doctor runs as root, which can read everything", "Run it as the service's user.")
