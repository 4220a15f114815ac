"""What a backup says of itself, and what has to be settled when one is put back. No files are touched here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter, ValidationError

from integration.audit.checkpoint import Checkpoint, verified
from integration.audit.entry import JSON, Entry, text_of
from integration.audit.note import NoteError
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.services.auditing import AuditDesk
from integration.services.letters import DeliveryRow, State
from integration.services.ports import Changes, Write

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
CHECKPOINT: Final = "checkpoint"
VKEY: Final = "vkey"
SQLITE: Final = "holdwatch.sqlite"
DUMP: Final = "holdwatch.dump"
SETTINGS: Final = "holdwatch.toml"
CONFIGURATION: Final = "configuration.tar"
"""Packs and mapping files of the installation's own."""
RESTORING: Final = "restoring"
"""Folder in a state folder. While it is there, a restore has begun and not ended: nothing else opens the log."""


class Keys(StrEnum):
    """What became of the keys."""

    LEFT_OUT = "left_out"
    """They are in no backup: somebody else keeps them, or nobody."""
    APART = "apart"
    """In a file of their own, encrypted, not in this folder."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a backup."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; the file that names the hash of every other."""

    format: int
    version: str
    """Of the program that made it."""
    made_at: str
    """UTC, RFC 3339."""
    site: str
    origin: str
    vkey: str
    database: str
    """``sqlite`` or ``postgresql``."""
    size: int
    """Entries in the log at least; exactly, in a SQLite backup."""
    checkpoint_size: int
    keys: Keys
    verified: bool
    """Whether the copy's log was verified whole when it was made."""
    files: dict[str, File]


_FORM: Final = TypeAdapter(Manifest)


def write_manifest(manifest: Manifest) -> bytes:
    """Return it as JSON."""
    return _FORM.dump_json(manifest, indent=2) + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """Read one.

    Raises:
        UsageError: it is none, or of a later version of the program.
    """
    try:
        manifest = _FORM.validate_json(content)
    except ValidationError as error:
        raise UsageError(f"{MANIFEST} is not one of a backup: {error.error_count()} faults") from None
    if manifest.format != FORMAT:
        raise UsageError(f"{MANIFEST} has format {manifest.format}, this version reads {FORMAT}")
    return manifest


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restored log lacks of what was signed."""

    kept: Checkpoint
    """The backup's own."""
    signed: Checkpoint
    """The latest that is known."""


def loss_of(size: int, backup: Checkpoint, known: Sequence[Checkpoint], accepted: Checkpoint | None) -> Loss | None:
    """Tell what is lost by going on from a backup; None: nothing that was ever signed, as far as is known.

    Args:
        size: entries in the backup's log.
        backup: its checkpoint.
        known: every checkpoint of this log that is at hand from elsewhere: the old anchor, a witness's.
        accepted: the checkpoint after which somebody accepts the loss.

    Raises:
        RolledBack: a later checkpoint is known, and nobody accepts the loss.
        UsageError: somebody accepts a loss that there is not, or after another checkpoint than the backup's.
    """
    latest = max(known, key=lambda each: each.size, default=backup)
    if latest.size <= size:
        if accepted is not None:
            raise UsageError("nothing is lost: leave --accept-loss-after out")
        return None
    if accepted is None:
        raise RolledBackupError(backup, latest, size)
    if accepted != backup:
        raise UsageError(
            f"--accept-loss-after names a checkpoint over {accepted.size} entries; "
            f"the backup's own, its file {CHECKPOINT}, is over {backup.size}"
        )
    return Loss(backup, latest)


class RolledBackupError(UsageError):
    """The backup is older than what was signed since."""

    def __init__(self, backup: Checkpoint, latest: Checkpoint, size: int) -> None:
        """Say how much is missing, and what to do."""
        super().__init__(
            f"this backup is older than the log was: it has {size} entries, and a checkpoint over {latest.size} was "
            f"signed. Look for a newer backup first. To go on without entries {size} to {latest.size - 1}, give "
            f"--accept-loss-after with the backup's checkpoint (over {backup.size}); the log will say so for ever"
        )
        self.missing = latest.size - size


def heads(notes: Sequence[tuple[str, bytes]], vkey: str) -> list[Checkpoint]:
    """Read checkpoints of this log. Args: ``notes`` with where each came from.

    Raises:
        UsageError: one is not signed by this log's key. It is named: to pass it over could hide a loss.
    """
    read = []
    for place, note in notes:
        try:
            read.append(verified(note, vkey))
        except NoteError as error:
            raise UsageError(f"{place} is no checkpoint of this log: {error}") from None
    return read


Settle = Callable[[Instant], Write]
"""Ends every session and every key for programs: one that was revoked after the backup must not come back."""
Hold = Callable[[DeliveryRow, DeliveryRow], Write]


def restored(
    desk: AuditDesk,
    manifest: Manifest,
    loss: Loss | None,
    waiting: Callable[[], Sequence[DeliveryRow]],
    *,
    actor: str,
    now: Callable[[], Instant],
    settle: Settle,
    hold: Hold,
) -> int:
    """Write that the log goes on from a backup, and hold what may have left in the lost time; returns how many.

    A message to an immigration authority goes out at most once. One that the backup shows as waiting may have left
    since: a person finds out, nothing is sent by itself.

    Args:
        desk: writes to the restored database.
        manifest: of the backup.
        loss: what is lost.
        waiting: reads the messages that may go out at most once and wait to be sent.
        actor: who puts it back.
        now: gives the current time.
        settle: see `Settle`.
        hold: see `MailBook.change`.
    """
    held = 0

    def prepare() -> tuple[list[Entry], Changes]:
        nonlocal held
        at = now()
        rows = [row for row in waiting() if row.at_most_once]
        held = len(rows)
        detail: dict[str, JSON] = {
            "backup_made_at": manifest.made_at,
            "checkpoint_size": manifest.checkpoint_size,
            "messages_held": held,
            **(_told(loss) if loss else {}),
        }
        entries = [desk.entry("backup.restored", "loss_accepted" if loss else "restored", actor, detail, at=at)]
        writes: list[Write] = [settle(at)]
        for row in rows:
            why: dict[str, JSON] = {"message_id": row.message_id, "attempt": row.attempts, "why": "restored"}
            entries.append(desk.entry("message.unknown", "unknown", actor, why, at=at, booking=row.booking))
            after = row._replace(state=State.UNKNOWN.value, changed_at=at, owner="", version=row.version + 1)
            writes.append(hold(row, after))
        return entries, Changes(also=writes)

    desk.write(prepare)
    return held


def _told(loss: Loss) -> dict[str, JSON]:
    return {
        "lost_after": loss.kept.size,
        "kept_root": loss.kept.root.hex(),
        "signed_size": loss.signed.size,
        "signed_root": loss.signed.root.hex(),
    }


def stamp(now: Instant) -> str:
    """Return a time as a manifest has it."""
    return text_of(now)
