"""Changing the key that signs the log: the log names the new one, and both keys sign the checkpoint that covers that.

In an order in which a crash leaves a log that one of the two keys opens; the same command then goes on. No other
process may have the log open: it would go on signing with the old key, and be refused.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from integration.audit.checkpoint import parse
from integration.audit.note import SigningKey, split_note
from integration.bootstrap import OpenLog
from integration.errors import FatalError
from integration.runners.backup import sync
from integration.runners.restore import nobody_works
from integration.services.auditing import AuditDesk

HANDOVERS: Final = "handovers"
"""Folder of the state folder, and of an export: one checkpoint for each change, signed by both keys."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of the keys."""

    old_vkey: str
    new_vkey: str
    size: int
    """Entries under the checkpoint that both signed."""
    note: Path
    old_key: Path
    """Where the old key is kept: a backup from before needs it."""


def rotate(log: OpenLog, desk: AuditDesk, *, actor: str, reason: str) -> Rotated:
    """Change the log's signing key.

    Raises:
        UsageError: the service runs.
        FatalError: a key cannot be written.
    """
    state = log.settings.site.state_dir
    nobody_works(state)
    current = log.settings.key_file("log")
    following = current.with_name(f"{current.name}.next")
    if not following.exists():
        SigningKey.generate(log.key.name).write(following)
    new = SigningKey.load(following, log.key.name)
    told = (orjson.loads(row.body)["detail"] for row in log.records.entries_of_kinds(["key.rotated"]) if row.body)
    if new.vkey not in {each["new_vkey"] for each in told}:
        detail = {"old_vkey": log.key.vkey, "new_vkey": new.vkey, "reason": reason}
        desk.record("key.rotated", "rotated", actor, dict(detail))
    text, _ = split_note(log.checkpointer.publish())
    both = log.key.sign(text) + new.sign(text).rpartition(b"\n\n")[2]
    size = parse(both).size
    folder = state / HANDOVERS
    folder.mkdir(mode=0o700, exist_ok=True)
    note = folder / f"{size:012}.note"
    _write(note, both)
    # Signed by both, it is the anchor of whichever key a crash leaves in place.
    log.checkpointer.hand_over(both)
    kept = current.with_name(f"{current.name}.until-{size}")
    try:
        # A second name first: a moment without log.key would be taken for a log that has none yet.
        if not kept.exists():
            os.link(current, kept)
        following.replace(current)
    except OSError as error:
        raise FatalError(f"{current} cannot be replaced: {error.strerror}") from None
    sync(current.parent)
    return Rotated(log.key.vkey, new.vkey, size, note, kept)


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(content)
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


def handovers_in(folder: Path) -> list[bytes]:
    """Return the checkpoints that hand over, of a state folder or an export; none where there are none."""
    return [each.read_bytes() for each in sorted((folder / HANDOVERS).glob("*.note"))]
