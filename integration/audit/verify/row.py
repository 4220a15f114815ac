"""One row of the log by itself: its form, its leaf, and whether salt and body are what the leaf commits to."""

import re
from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from json import JSONDecoder, JSONEncoder
from typing import Any, Final, NoReturn

from integration.audit.verify.model import What
from integration.audit.verify.note import NoteFault, exact_base64
from integration.audit.verify.tree import HASH_BYTES, hash_leaf

_LEAF: Final = re.compile(rb'\{"alg":"sha256-salted","commit":"([0-9a-f]{64})","v":1\}')
_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_MAX_SAFE: Final = 2**53 - 1
_TEXTS: Final = (
    "actor", "at", "booking", "kind", "outcome", "pack", "pack_revision", "place", "source",
)  # fmt: skip
_FIELDS: Final = frozenset({*_TEXTS, "detail", "v"})
_ROW_KEYS: Final = (["index", "leaf", "salt", "entry"], ["index", "hash", "leaf", "salt", "entry"])
_SEALING: Final = "entry.sealed"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a store holds it; the body is checked as the bytes that were stored, never written anew.

    Attributes:
        index: The leaf index.
        leaf: The leaf data.
        salt: None when sealed.
        body: The entry's canonical JSON; None when sealed.
        hash: The stored leaf hash, where the store keeps it.
    """

    index: int
    leaf: bytes
    salt: bytes | None
    body: bytes | None
    hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What one row says and what is wrong with it.

    Attributes:
        index: The index it claims, or None where that cannot be read or relied on.
        leaf_hash: Hash of its leaf data, or None where that cannot be read.
        sealed: It has neither salt nor body.
        seals: The leaf index that it, being a sealing entry, names.
        problems: Kind and sentence of each.
    """

    index: int | None
    leaf_hash: bytes | None
    sealed: bool
    seals: int | None
    problems: tuple[tuple[What, str], ...]


class _Fault(ValueError):  # noqa: N818 - a finding, not an error
    pass


def _refuse(token: str) -> NoReturn:
    raise _Fault(f"it holds the number {token[:20]}, which has no exact form")


def _integer(token: str) -> int:
    value = int(token)
    if abs(value) > _MAX_SAFE:
        _refuse(token)
    return value


_decode: Final = JSONDecoder(parse_float=_refuse, parse_int=_integer, parse_constant=_refuse).decode
_encode: Final = JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def check(row: Row | bytes) -> Checked:
    """Check one row by itself: a line of ``audit.jsonl`` with its newline, or a stored row."""
    if isinstance(row, Row):
        return _check(row, [])
    try:
        parsed, entry = _parse(row)
    except (_Fault, NoteFault) as fault:
        return Checked(None, None, sealed=False, seals=None, problems=((What.MALFORMED_ROW, str(fault)),))
    problems: list[tuple[What, str]] = []
    if _line(parsed) != row:
        # Not only tidiness: a byte that changes no meaning must not change unnoticed either.
        problems.append((What.NOT_CANONICAL, "the row is not written in its one exact form"))
        # Its index may be what was changed: the row then counts as the one expected at its place.
        return replace(_check(parsed, problems, entry), index=None)
    return _check(parsed, problems, entry)


def _check(row: Row, problems: list[tuple[What, str]], entry: dict[str, Any] | None = None) -> Checked:
    digest = hash_leaf(row.leaf)
    commit = _LEAF.fullmatch(row.leaf)
    if commit is None:
        problems.append((What.MALFORMED_LEAF, "the leaf is not a commitment of this log's form"))
    if row.hash is not None and row.hash != digest:
        problems.append((What.STORED_HASH, "the leaf is not the one whose hash is stored with it"))
    seals = None
    if (row.salt is None) != (row.body is None):
        problems.append((What.MALFORMED_ROW, "of salt and body one is missing"))
    if row.salt is not None and row.body is not None:
        if len(row.salt) != HASH_BYTES:
            # Of any other length, the border between salt and body could be moved.
            problems.append((What.MALFORMED_ROW, "the salt has not 32 bytes"))
        if commit is not None and sha256(row.salt + row.body).hexdigest().encode() != commit[1]:
            problems.append((What.COMMITMENT, "salt and body are not what the leaf commits to"))
        try:
            seals = _entry(row.body, entry)
        except _Fault as fault:
            problems.append((What.MALFORMED_ENTRY, str(fault)))
    return Checked(row.index, digest, row.salt is None and row.body is None, seals, tuple(problems))


def _loads(data: bytes) -> Any:
    try:
        return _decode(data.decode())
    except _Fault:
        raise
    except UnicodeDecodeError:
        raise _Fault("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise _Fault("it is not JSON") from None


def _canonical(value: Any) -> bytes:
    try:
        return _encode(value).encode()
    except (UnicodeEncodeError, RecursionError):
        raise _Fault("it holds text that is not Unicode, or nests too deep") from None


def _entry(body: bytes, known: dict[str, Any] | None) -> int | None:
    """Check a body's form; return the leaf index it seals, if it is a sealing entry."""
    entry = known if known is not None else _loads(body)
    if not isinstance(entry, dict) or entry.keys() != _FIELDS or type(entry["v"]) is not int or entry["v"] != 1:
        raise _Fault("the entry has not the fields of version 1")
    if known is None and _canonical(entry) != body:
        raise _Fault("the entry is not canonical JSON")
    if not isinstance(entry["detail"], dict) or {type(entry[name]) for name in _TEXTS} != {str}:
        raise _Fault("a field of the entry has the wrong type")
    if _AT.fullmatch(entry["at"]) is None:
        raise _Fault("the entry's time is not UTC with microseconds")
    if entry["kind"] != _SEALING:
        return None
    target = entry["detail"].get("leaf_index")
    if type(target) is not int or target < 0:
        raise _Fault("a sealing entry names no leaf")
    return target


def _parse(line: bytes) -> tuple[Row, dict[str, Any] | None]:
    if not line.endswith(b"\n"):
        raise _Fault("the row is cut off or too long")
    value = _loads(line)
    if not isinstance(value, dict) or list(value) not in _ROW_KEYS:
        raise _Fault("the row has not the fields index, leaf, salt, entry")
    index, leaf, salt, entry = value["index"], value["leaf"], value["salt"], value["entry"]
    digest = value.get("hash")
    if type(index) is not int or index < 0 or type(leaf) is not str or type(digest) not in (str, type(None)):
        raise _Fault("a field of the row has the wrong type")
    if type(salt) not in (str, type(None)) or type(entry) not in (dict, type(None)):
        raise _Fault("salt or entry has the wrong type")
    try:
        raw_salt = None if salt is None else exact_base64(salt.encode())
        stored = None if digest is None else bytes.fromhex(digest)
        data = leaf.encode()
    except ValueError:
        raise _Fault("salt, hash or leaf is not written as it has to be") from None
    if (stored is None and "hash" in value) or (stored is not None and len(stored) != HASH_BYTES):
        raise _Fault("the stored hash is not a SHA-256 hash")
    return Row(index, data, raw_salt, None if entry is None else _canonical(entry), stored), entry


def _line(row: Row) -> bytes:
    """Write the row as the log's format has it."""
    digest = "" if row.hash is None else f'"hash":"{row.hash.hex()}",'
    head = f'{{"index":{row.index},{digest}"leaf":{_encode(row.leaf.decode())},"salt":'
    salt = b"null" if row.salt is None else b'"' + b64encode(row.salt) + b'"'
    return head.encode() + salt + b',"entry":' + (row.body or b"null") + b"}\n"
