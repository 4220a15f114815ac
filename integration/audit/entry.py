"""What the log holds: an entry, its canonical bytes, and the salted leaf that stands for it in the tree."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

JSON: TypeAlias = str | int | bool | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""What `Entry.detail` may hold. No floats: they have no one text form, and no law speaks in them."""

SALT_BYTES: Final = 32
MAX_DEPTH: Final = 16
"""How deep `Entry.detail` may nest (the limit of EVENTS.md section 1)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE: Final = 60_000_000
_SCALARS: Final = frozenset({str, int, bool, type(None)})
_CONTAINERS: Final = frozenset({dict, list, tuple})
# Fixed for ever: a replay must give the same root whatever the version that runs it.
_SALT_LABEL: Final = b"holdwatch/audit/content-salt/v1\n"
_OPTIONS: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


class Entry(NamedTuple):
    """One thing that happened, with the six facts CJISSECPOL 6.0 AU-3 asks of an audit record.

    Attributes:
        kind: What: a dotted event tag such as ``finding.raised``.
        at: When: microseconds since the Unix epoch, UTC.
        source: The feed or component it is about (AU-3 "source").
        booking: The booking number, or ``""`` where there is none.
        actor: Identity: ``service:intake``, ``officer:jdoe``.
        outcome: How it ended.
        place: Where: component and host.
        pack: The policy pack in force.
        pack_revision: Its revision.
        detail: The facts that belong to the kind: str, int, bool, None, lists and dicts, with ASCII keys.
    """

    kind: str
    at: int
    source: str
    booking: str
    actor: str
    outcome: str
    place: str
    pack: str
    pack_revision: str
    detail: Mapping[str, JSON]


@lru_cache(maxsize=4096)
def _minute_text(minute: int) -> str:
    try:
        return (_EPOCH + timedelta(minutes=minute)).isoformat(timespec="minutes")[:16]
    except OverflowError:
        raise ValueError("an instant lies outside the years 1 to 9999") from None


@lru_cache(maxsize=1024)
def text_of(instant: int) -> str:
    """Write microseconds since the epoch as RFC 3339 in UTC with ``Z`` and six decimals.

    Raises:
        ValueError: The instant lies outside the years 1 to 9999.
    """
    # A batch has one instant, a finding is told several times with its own: most texts are wanted again at once.
    # Minutes repeat from entry to entry, so the calendar is asked once a minute of log time.
    minute, rest = divmod(instant, _MINUTE)
    digits = str(rest + 100_000_000)
    return f"{_minute_text(minute)}:{digits[1:3]}.{digits[3:]}Z"


def body(entry: Entry) -> bytes:
    """Return the entry as canonical JSON (RFC 8785).

    Raises:
        ValueError: A value that has no exact canonical form: a float, an integer of 2**53 or more, a key that
            is not ASCII text, a lone surrogate, another type (enum members too: pass their ``.value``), or
            nesting deeper than `MAX_DEPTH`.
    """
    detail = entry.detail if type(entry.detail) is dict else dict(entry.detail)
    try:
        written = orjson.dumps(
            {
                "actor": entry.actor,
                "at": text_of(entry.at),
                "booking": entry.booking,
                "detail": detail,
                "kind": entry.kind,
                "outcome": entry.outcome,
                "pack": entry.pack,
                "pack_revision": entry.pack_revision,
                "place": entry.place,
                "source": entry.source,
                "v": 1,
            },
            option=_OPTIONS,
        )
        _check(detail, MAX_DEPTH, all_ascii=written.isascii())
    except TypeError as error:  # orjson's own error is a TypeError
        raise ValueError(f"an entry of kind {entry.kind!r} has no canonical form: {error}") from error
    return written


_TEXTS: Final = ("actor", "at", "booking", "kind", "outcome", "pack", "pack_revision", "place", "source")
UNREADABLE: Final[Mapping[str, Any]] = {
    **dict.fromkeys(_TEXTS, ""),
    "detail": {"unreadable": "these bytes are no entry: somebody has changed them, verify the log"},
}
"""What readers show in the place of an entry that cannot be read."""


def read_body(entry_body: bytes) -> Mapping[str, Any]:
    """Return what an entry says; `UNREADABLE` where somebody has changed its bytes so that they say nothing.

    Whether they are the bytes that were logged is for a verifier to say. This only keeps one entry that was tampered
    with from hiding all others.
    """
    try:
        said = orjson.loads(entry_body)
    except orjson.JSONDecodeError:
        return UNREADABLE
    whole = isinstance(said, dict) and isinstance(said.get("detail"), dict)
    return said if whole and all(isinstance(said.get(name), str) for name in _TEXTS) else UNREADABLE


def _check(node: Any, depth: int, *, all_ascii: bool) -> None:
    """Refuse what orjson writes and RFC 8785 otherwise: floats, and keys that the two sort differently.

    Args:
        node: A list or a dict.
        depth: How many levels it may have.
        all_ascii: No key need be looked at.
    """
    values = node
    if type(node) is dict:
        values = node.values()
        if not all_ascii and not "".join(node).isascii():
            raise ValueError("a key in an entry's detail is not ASCII")
    for value in values:
        kind = type(value)
        if kind in _SCALARS:
            continue
        if kind not in _CONTAINERS:
            raise ValueError(f"an entry's detail holds no {kind.__name__}")
        if depth == 1:
            raise ValueError(f"an entry's detail nests deeper than {MAX_DEPTH}")
        _check(value, depth - 1, all_ascii=all_ascii)


def leaf(salt: bytes, entry_body: bytes) -> bytes:
    """Return the logged leaf data: a salted commitment to the body, and nothing about a person.

    Args:
        salt: `SALT_BYTES` bytes; ``os.urandom`` in a running service, `content_salt` in a replay.
        entry_body: The bytes of `body`.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    return b'{"alg":"sha256-salted","commit":"%b","v":1}' % sha256(salt + entry_body).hexdigest().encode()


def content_salt(index: int, entry_body: bytes) -> bytes:
    """Derive a replay's salt from the content, so that the same input gives the same root.

    Such a salt hides nothing from somebody who can guess the body: never use it for a log that is published.

    Args:
        index: The leaf index, so that equal bodies still get different leaves.
        entry_body: The bytes of `body`.
    """
    return sha256(_SALT_LABEL + index.to_bytes(8, "big") + entry_body).digest()


def jsonl_row(
    index: int, leaf_data: bytes, salt: bytes | None, entry_body: bytes | None, *, digest: bytes | None = None
) -> bytes:
    r"""Return one line of ``audit.jsonl``, with its ``\n``; the body stands in it byte for byte.

    Args:
        index: The leaf index.
        leaf_data: The bytes of `leaf`.
        salt: None when the entry is sealed.
        entry_body: None when the entry is sealed.
        digest: The stored RFC 6962 leaf hash. With it, a change in a sealed row can be located too.
    """
    if (salt is None) != (entry_body is None):
        raise ValueError("a row has both salt and body, or neither (sealed)")
    head = b'{"index":%d,' % index if digest is None else b'{"index":%d,"hash":"%b",' % (index, digest.hex().encode())
    tail = (
        b'null,"entry":null}\n'
        if salt is None or entry_body is None
        else b'"%b","entry":%b}\n' % (b64encode(salt), entry_body)
    )
    return b'%b"leaf":%b,"salt":%b' % (head, orjson.dumps(leaf_data.decode()), tail)
