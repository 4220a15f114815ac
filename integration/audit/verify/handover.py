"""From one verifier key of a log to the next: an entry names it, and both keys signed a checkpoint that covers that."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integration.audit.verify.note import read_checkpoint


@dataclass(frozen=True, slots=True)
class Rotation:
    """What an entry ``key.rotated`` says."""

    index: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a trusted key leads."""

    key: str
    """The one that has to have signed the newest checkpoint."""
    others: tuple[str, ...]
    """Earlier keys of the same log."""
    notes: tuple[bytes, ...]
    """The checkpoints that hand over: the log has to contain what they cover, or the entry that names the key is not
    the one that the old key signed for."""


def read_rotations(lines: Iterable[tuple[int, bytes | None]]) -> list[Rotation]:
    """Find the entries that change the key. Args: ``lines`` with index and body; what is malformed tells nothing."""
    found = []
    for index, body in lines:
        if body is None or b'"key.rotated"' not in body:
            continue
        try:
            entry = json.loads(body)
            if entry["kind"] == "key.rotated":
                found.append(Rotation(index, str(entry["detail"]["old_vkey"]), str(entry["detail"]["new_vkey"])))
        except (ValueError, KeyError, TypeError):
            continue
    return found


def follow(vkey: str, rotations: Sequence[Rotation], notes: Sequence[bytes]) -> Followed:
    """Follow a log's keys from the one that somebody trusts.

    A step is taken only where the old key signed a checkpoint that covers the entry, and the new key signed the same
    one. Whoever has no old key cannot lead a verifier to a key of his own. What is handed in here is not believed
    before the log was compared with `Followed.notes`.
    """
    key, passed, used = vkey, list[str](), list[bytes]()
    for rotation in sorted(rotations, key=lambda each: each.index):
        if rotation.old != key:
            continue
        note = next((each for each in notes if _covers(each, rotation)), None)
        if note is None:
            break
        passed.append(key)
        used.append(note)
        key = rotation.new
    # Those before the trusted one: good for checkpoints that somebody kept, whose roots are compared anyway.
    named, before = vkey, list[str]()
    for rotation in sorted(rotations, key=lambda each: -each.index):
        if rotation.new == named:
            before.append(rotation.old)
            named = rotation.old
    return Followed(key, (*passed, *before), tuple(used))


def _covers(note: bytes, rotation: Rotation) -> bool:
    try:
        head = read_checkpoint(note, rotation.old)
        return head == read_checkpoint(note, rotation.new) and head.size > rotation.index
    except ValueError:
        return False
