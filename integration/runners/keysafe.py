"""The keys of an installation in one encrypted file: AES-256-GCM under a passphrase (PBKDF2, RFC 8018)."""

import os
from pathlib import Path
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from connectors.secret import open_to_others
from integration.audit.keyfile import write_key
from integration.errors import UsageError

_MAGIC: Final = b"holdwatch keys 1\n"
_SALT: Final = 16
_NONCE: Final = 12
_ROUNDS: Final = 600_000
"""What OWASP asks of PBKDF2 with SHA-256. Not argon2: it is no FIPS algorithm (CJISSECPOL 6.0 SC-13)."""
SHORTEST: Final = 16
"""Characters of a passphrase."""


def read_passphrase(path: Path) -> bytes:
    """Read a passphrase from the first line of a file.

    Raises:
        UsageError: it is too short, or others can read the file.
    """
    if open_to_others(path.stat()):
        raise UsageError(f"{path} can be read by others: chmod 600 it")
    phrase = next(iter(path.read_bytes().splitlines()), b"").strip()
    if len(phrase) < SHORTEST:
        raise UsageError(f"a passphrase has at least {SHORTEST} characters: {path}")
    return phrase


def lock_keys(folder: Path, target: Path, passphrase: bytes) -> None:
    """Write every key of a folder into one new encrypted file.

    Raises:
        UsageError: the file is there already.
    """
    keys = {path.name: path.read_bytes().decode("latin-1") for path in sorted(folder.glob("*.key"))}
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, orjson.dumps(keys), _MAGIC)
    try:
        write_key(target, _MAGIC + salt + nonce + sealed)
    except FileExistsError:
        raise UsageError(f"{target} is there already: keys are never written over") from None


def unlock_keys(source: Path, passphrase: bytes) -> dict[str, bytes]:
    """Read the keys of such a file: name to content.

    Raises:
        UsageError: it is no such file, or the passphrase is another one.
    """
    content = source.read_bytes()
    if not content.startswith(_MAGIC):
        raise UsageError(f"{source} holds no keys of a backup")
    rest = content[len(_MAGIC) :]
    salt, nonce, sealed = rest[:_SALT], rest[_SALT : _SALT + _NONCE], rest[_SALT + _NONCE :]
    try:
        keys = orjson.loads(AESGCM(_key(passphrase, salt)).decrypt(nonce, sealed, _MAGIC))
    except InvalidTag:
        raise UsageError(f"{source} does not open: another passphrase, or the file was changed") from None
    return {Path(name).name: text.encode("latin-1") for name, text in keys.items()}


def put_keys(keys: dict[str, bytes], folder: Path) -> list[str]:
    """Write keys into a folder; those that are there are kept. Returns the names of those written."""
    written = []
    for name, content in keys.items():
        if not (folder / name).exists():
            write_key(folder / name, content)
            written.append(name)
    return written


def _key(passphrase: bytes, salt: bytes) -> bytes:
    return PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=_ROUNDS).derive(passphrase)
