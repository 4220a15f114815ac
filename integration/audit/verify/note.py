"""The verifier's own reading of signed notes and checkpoints (C2SP signed-note, tlog-checkpoint)."""

from binascii import a2b_base64, b2a_base64
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from integration.audit.verify.model import Head
from integration.audit.verify.tree import HASH_BYTES

_ED25519: Final = 1
_SIGNATURE_MARK: Final = b"\xe2\x80\x94 "
_MAX_SIGNATURES: Final = 100
_BODY_LINES: Final = 3


class NoteFault(ValueError):  # noqa: N818 - not an error of the program: it is what the verifier is there to find
    """What is wrong with a checkpoint or a key."""


def exact_base64(text: bytes) -> bytes:
    """Decode base64 that is written in its one exact form: no stray bits, so that no byte changes unnoticed."""
    try:
        raw = a2b_base64(text, strict_mode=True)
    except ValueError:
        raise NoteFault("a value is not base64") from None
    if b2a_base64(raw, newline=False) != text:
        raise NoteFault("a value is not in the one exact base64 form")
    return raw


def exact_decimal(text: bytes) -> int:
    """Read an ASCII decimal without sign or leading zeros."""
    if not text.isdigit() or len(text) > len(str(2**63)) or (text[:1] == b"0" and text != b"0"):
        raise NoteFault("a number is not a plain decimal")
    return int(text)


def read_checkpoint(note: bytes, vkey: str) -> Head:
    """Read a checkpoint and verify its signature by ``vkey``, whose name must be the origin.

    Raises:
        ValueError: What is wrong, as a sentence.
    """
    name, key_id, public = _key(vkey)
    body, gap, tail = note.rpartition(b"\n\n")
    if not gap or not tail.endswith(b"\n"):
        raise NoteFault("the checkpoint is not a signed note")
    text = body + b"\n"
    lines = tail[:-1].split(b"\n")
    if len(lines) > _MAX_SIGNATURES:
        raise NoteFault("the checkpoint has too many signatures")
    verified = 0
    for line in lines:
        signer, space, encoded = line.removeprefix(_SIGNATURE_MARK).partition(b" ")
        if not line.startswith(_SIGNATURE_MARK) or not space or not signer:
            raise NoteFault("a signature line of the checkpoint is malformed")
        raw = exact_base64(encoded)
        if signer == name and raw[:4] == key_id:
            verified += _signed(public, raw[4:], text)
    if not verified:
        raise NoteFault("the checkpoint has no signature by the log's key")
    return _head(body, name)


def _signed(public: bytes, signature: bytes, text: bytes) -> int:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        raise NoteFault("the checkpoint's signature does not verify") from None
    return 1


def _key(vkey: str) -> tuple[bytes, bytes, bytes]:
    name, _, rest = vkey.strip().encode().partition(b"+")
    id_text, _, encoded = rest.partition(b"+")
    raw = exact_base64(encoded)
    if not name or len(raw) != 1 + HASH_BYTES or raw[0] != _ED25519:
        raise NoteFault("the verifier key is not an Ed25519 key")
    key_id = sha256(name + b"\n" + raw).digest()[:4]
    if key_id.hex().encode() != id_text:
        raise NoteFault("the verifier key's id is not its own")
    return name, key_id, raw[1:]


def _head(body: bytes, name: bytes) -> Head:
    lines = body.split(b"\n")
    if len(lines) != _BODY_LINES:
        raise NoteFault("the checkpoint is not three lines: origin, size, root")
    origin, size, root_text = lines
    if origin != name:
        raise NoteFault("the checkpoint's origin is not the key's name")
    root = exact_base64(root_text)
    if len(root) != HASH_BYTES:
        raise NoteFault("the checkpoint's root is not a SHA-256 hash")
    return Head(origin.decode(), exact_decimal(size), root)
