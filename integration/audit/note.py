"""C2SP signed notes with Ed25519 (signature type 0x01), and the key file behind them."""

import os
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from integration.audit.keyfile import write_key

_ED25519: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_PUBLIC_BYTES: Final = 32
_DASH: Final = "\N{EM DASH} "
_MAX_SIGNATURES: Final = 100
"""As many as other readers of signed notes bear with."""
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NoteError(ValueError):
    """A note, a verifier key or a key name that is not well formed, or a signature that does not verify."""


class KeyFileError(RuntimeError):
    """The private key file must not be used: others can read it, or it holds another kind of key."""


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def check_name(name: str) -> str:
    """Return a key name as it is.

    Raises:
        NoteError: It is empty or holds a space, a control character or ``+`` (C2SP signed-note, "Format").
    """
    if not name or "+" in name or not name.isprintable() or any(c.isspace() for c in name):
        raise NoteError(f"{name!r} cannot name a key: it is empty or holds a space, a control character or '+'")
    return name


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A log's private key under the name it signs with; the name equals the log's origin."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> Self:
        """Make a fresh key from the system's random source."""
        return cls(check_name(name), Ed25519PrivateKey.generate())

    @property
    def vkey(self) -> str:
        """The public half as text, for everybody who verifies: ``name+keyid+base64(type || key)``."""
        public = self.private.public_key().public_bytes_raw()
        return f"{self.name}+{_key_id(self.name, public).hex()}+{b64encode(_ED25519 + public).decode()}"

    def sign(self, text: str) -> bytes:
        """Return the signed note of ``text``.

        Raises:
            NoteError: The text is empty, does not end in a newline, or holds another control character.
        """
        if not text.endswith("\n") or any(c < " " and c != "\n" for c in text):
            raise NoteError("a note's text ends in a newline and has no other control character")
        key_id = _key_id(self.name, self.private.public_key().public_bytes_raw())
        signature = b64encode(key_id + self.private.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.name} {signature}\n".encode()

    def write(self, path: Path) -> None:
        """Write the private key as PEM (PKCS #8) with mode 0600, whole or not at all.

        Raises:
            FileExistsError: The file is there already: a log's key is never overwritten.
        """
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_key(path, pem)

    @classmethod
    def load(cls, path: Path, name: str) -> Self:
        """Read the private key from ``path``.

        Raises:
            KeyFileError: Group or others have any access to the file, or it holds no Ed25519 key.
        """
        with path.open("rb") as file:
            # Asked of the open file, so that it cannot be exchanged between question and reading.
            if os.fstat(file.fileno()).st_mode & _OTHERS:
                raise KeyFileError(f"{path} is open to group or others: run chmod 600, and consider the key known")
            pem = file.read()
        try:
            private = load_pem_private_key(pem, None)
        except (ValueError, TypeError) as error:
            raise KeyFileError(f"{path} holds no unencrypted PEM private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyFileError(f"{path} holds a key that is not Ed25519")
        return cls(check_name(name), private)


def split_note(note: bytes) -> tuple[str, list[str]]:
    """Cut a note at its last empty line into text and signature lines.

    Raises:
        NoteError: It is not a note.
    """
    try:
        text, gap, signatures = note.decode().rpartition("\n\n")
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8") from error
    lines = signatures.split("\n")
    if not gap or lines[-1] or len(lines) < len(("signature", "")):
        raise NoteError("a note is text, an empty line and signature lines")
    if len(lines) > _MAX_SIGNATURES + 1:
        raise NoteError("a note has too many signatures")
    if not all(line.startswith(_DASH) for line in lines[:-1]):
        raise NoteError("a line after the note's text is not a signature")
    return text + "\n", lines[:-1]


def open_note(note: bytes, vkey: str) -> str:
    """Return the note's text once a signature of ``vkey`` verifies; signatures of other keys are passed over.

    Raises:
        NoteError: The note or the key is malformed, no signature is by that key, or one is and fails.
    """
    name, key_id, public = _parse_vkey(vkey)
    text, lines = split_note(note)
    found = False
    for line in lines:
        signer, gap, encoded = line.removeprefix(_DASH).partition(" ")
        if not signer or not gap:
            raise NoteError("a signature line has no name or no signature")
        try:
            raw = b64decode(encoded, validate=True)
        except ValueError as error:
            raise NoteError("a signature line is not base64") from error
        if signer != name or raw[:_KEY_ID_BYTES] != key_id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(raw[_KEY_ID_BYTES:], text.encode())
        except InvalidSignature as error:
            raise NoteError(f"the signature by {name} does not verify") from error
        found = True
    if not found:
        raise NoteError(f"the note carries no signature by {name}")
    return text


def _parse_vkey(vkey: str) -> tuple[str, bytes, bytes]:
    try:
        name, key_id, encoded = vkey.strip().split("+", 2)
        raw = b64decode(encoded, validate=True)
    except ValueError as error:
        raise NoteError("a verifier key is name+keyid+base64") from error
    if raw[:1] != _ED25519 or len(raw) != 1 + _PUBLIC_BYTES or _key_id(name, raw[1:]).hex() != key_id:
        raise NoteError("a verifier key is not Ed25519, or its key id is not its own")
    return check_name(name), bytes.fromhex(key_id), raw[1:]
