"""Signed tree heads in the form of C2SP tlog-checkpoint."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Final

from integration.audit.merkle import HASH_BYTES
from integration.audit.note import NoteError, SigningKey, check_name, open_note, split_note

# Base64 of 32 bytes: 43 characters, the last of which carries two unused bits that must be zero.
_TEXT: Final = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log stands for: that its first ``size`` leaves have this root, for ever."""

    origin: str
    size: int
    root: bytes


def sign_checkpoint(origin: str, size: int, root: bytes, key: SigningKey) -> bytes:
    """Return the signed checkpoint.

    The caller has made sure (see `anchor.Anchor`) that no other tree of this log was ever signed.

    Raises:
        ValueError: The size is negative, the root is not a SHA-256 hash, or the key's name is not the origin.
    """
    if size < 0 or len(root) != HASH_BYTES:
        raise ValueError("a checkpoint has a size of at least 0 and a root of 32 bytes")
    if key.name != check_name(origin):
        raise ValueError(f"the key of {key.name} does not sign for {origin}")
    return key.sign(f"{origin}\n{size}\n{b64encode(root).decode()}\n")


def _of_text(text: str) -> Checkpoint:
    match = _TEXT.fullmatch(text)
    if match is None:
        raise NoteError("a checkpoint is three lines: origin, size and root")
    return Checkpoint(match[1], int(match[2]), b64decode(match[3]))


def parse(note: bytes) -> Checkpoint:
    """Read a checkpoint WITHOUT looking at its signatures: for display, never for a decision.

    Raises:
        NoteError: It is malformed, or has extension lines (no monitor can audit those: this log has none).
    """
    return _of_text(split_note(note)[0])


def verified(note: bytes, vkey: str) -> Checkpoint:
    """Read a checkpoint after its signature by ``vkey`` has verified and its origin is that key's name.

    Raises:
        NoteError: It is malformed, not signed by that key, or speaks for another log.
    """
    checkpoint = _of_text(open_note(note, vkey))
    if checkpoint.origin != vkey.partition("+")[0]:
        raise NoteError(f"the checkpoint speaks for {checkpoint.origin}, not for the key's own log")
    return checkpoint
