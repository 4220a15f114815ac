"""Verifying an installation: its database against the signed checkpoint, and its projections against its log.

The rows are handed to the verifier, which shares no code with the writer. What is worked out here beside it (leaf
data, columns, stored tiles) does not use the writer's functions either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

import orjson

from integration.audit.merkle import Tile
from integration.audit.verify import Report, Row, What, verify_rows
from integration.audit.verify.model import Problems
from integration.audit.verify.tree import Stack
from integration.services.ports import DecisionRow, EntryRow, FindingRow, UnsequencedRow
from integration.services.projections import Key, Told, instant_told, key_of, projected

_WIDTH: Final = 256
_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Kept:
    """What an installation's database holds, all from one moment."""

    size: int
    """Number of entries that the log says it has."""
    entries: Iterable[EntryRow]
    sealed_leaves: Mapping[int, bytes]
    tiles: Iterable[Tile]
    findings: Iterable[FindingRow]
    decisions: Iterable[DecisionRow]
    unsequenced: Iterable[UnsequencedRow] = ()
    """Entries of workers that wait for their place, in their order: what projections show already."""


def verify_kept(
    kept: Kept, checkpoint: bytes | None, vkey: str, *, earlier: Sequence[bytes] = (), others: Sequence[str] = ()
) -> Report:
    """Verify a database: entries, leaves, checkpoint, stored tiles, columns and projections.

    Args:
        kept: what the database holds.
        checkpoint: the anchored checkpoint; None says that there is none, which is a problem.
        vkey: the log's verifier key.
        earlier: signed checkpoints that somebody kept elsewhere.
        others: earlier keys of the log, one of which may have signed one of those.
    """
    problems = Problems()
    tiles = {(tile.level, tile.number): tile.hashes for tile in kept.tiles}
    told: dict[Key, Told] = {}
    rows = _rows(kept, told, problems)
    report = verify_rows(
        rows, checkpoint, vkey, earlier=earlier, others=others, stored=lambda number: tiles.get((0, number))
    )
    if report.entries != kept.size:
        text = f"the log says it has {kept.size} entries, {report.entries} are here"
        first, end = sorted((report.entries, kept.size))
        problems.add(What.SIZE, first, text, until=end)
    _compare_tiles(tiles, report.entries, problems)
    waiting = _read_waiting(kept, told, problems)
    _compare_projections(told, kept, problems)
    listed = sorted((*report.problems, *problems.listed), key=lambda each: -1 if each.index is None else each.index)
    notes = (*report.notes, f"{waiting} entries wait for their place in the log") if waiting else report.notes
    return replace(report, problems=tuple(listed), unlisted=report.unlisted + problems.unlisted, notes=notes)


def _rows(kept: Kept, told: dict[Key, Told], problems: Problems) -> Iterator[Row]:
    """Hand the rows over one by one, and note on the way what they tell of findings and decisions."""
    for kept_row in kept.entries:
        row = kept_row._replace(
            body=_bytes(kept_row.body), salt=_bytes(kept_row.salt), leaf_hash=_bytes(kept_row.leaf_hash) or b""
        )
        index = row.leaf_index
        entry = _parsed(row.body)
        if not _columns_agree(row, entry):
            problems.add(What.COLUMNS, index, "the columns beside the body do not say what the body says")
        try:
            if (made := projected(entry)) is not None:
                told[key_of(made)] = Told(index, made)
        except ValueError:
            problems.add(What.MALFORMED_ENTRY, index, "it does not tell a whole finding or decision")
        yield Row(index, _leaf(row, kept.sealed_leaves), row.salt, row.body, row.leaf_hash)


def _read_waiting(kept: Kept, told: dict[Key, Told], problems: Problems) -> int:
    """Note what the entries after the log's end tell, and check that each is what its leaf says; returns how many."""
    count = 0
    for row in kept.unsequenced:
        count += 1
        entry = _parsed(row.body)
        as_logged = EntryRow(-1, *row)._replace(body=_bytes(row.body), salt=_bytes(row.salt))
        if not _columns_agree(as_logged, entry):
            problems.add(What.COLUMNS, None, "a waiting entry's columns do not say what its body says")
        if sha256(b"\x00" + _leaf(as_logged, {})).digest() != row.leaf_hash:
            problems.add(What.STORED_HASH, None, "a waiting entry is not the one that its leaf hash stands for")
        try:
            if (made := projected(entry)) is not None:
                told[key_of(made)] = Told(None, made)
        except ValueError:
            problems.add(What.MALFORMED_ENTRY, None, "a waiting entry does not tell a whole finding or decision")
    return count


def _bytes(value: object) -> bytes | None:
    """Read a column that should hold bytes: SQLite keeps whatever somebody puts there."""
    return value if isinstance(value, bytes | None) else str(value).encode()


def _columns_agree(row: EntryRow, entry: Mapping[str, Any]) -> bool:
    if row.body is None:
        return (row.at, row.kind, row.source, row.booking, row.outcome) == (0, "", "", "", "")
    try:
        at = instant_told(entry.get("at"))
    except ValueError:
        return True  # The verifier says that the body is malformed.
    told = tuple(entry.get(name) for name in ("kind", "source", "booking", "outcome"))
    return (row.at, row.kind, row.source, row.booking, row.outcome) == (at, *told)


def _parsed(body: bytes | None) -> Mapping[str, Any]:
    try:
        entry = None if body is None else orjson.loads(body)
    except orjson.JSONDecodeError:
        entry = None  # The verifier says so.
    return entry if isinstance(entry, dict) else {}


def _leaf(row: EntryRow, sealed: Mapping[int, bytes]) -> bytes:
    if row.salt is None or row.body is None:
        return sealed.get(row.leaf_index, b"")
    return b'{"alg":"sha256-salted","commit":"%s","v":1}' % sha256(row.salt + row.body).hexdigest().encode()


def _compare_tiles(tiles: Mapping[tuple[int, int], bytes], size: int, problems: Problems) -> None:
    """Check that exactly the full tiles are stored, and each is made of the roots of those below it."""
    left = dict(tiles)
    level, count = 0, size // _WIDTH
    while count:
        for number in range(count):
            stored = left.pop((level, number), None)
            first, span = number * _WIDTH ** (level + 1), _WIDTH ** (level + 1)
            if stored is None:
                text = f"stored tile {level}/{number} is missing"
                problems.add(What.TILE, first, text, until=first + span)
            elif level and stored != b"".join(
                _root(tiles.get((level - 1, number * _WIDTH + at), b"")) for at in range(_WIDTH)
            ):
                text = f"stored tile {level}/{number} is not made of the tiles below it"
                problems.add(What.TILE, first, text, until=first + span)
        level, count = level + 1, count // _WIDTH
    for level, number in left:
        problems.add(What.TILE, None, f"stored tile {level}/{number} belongs to no entries")


def _root(hashes: bytes) -> bytes:
    stack = Stack()
    for at in range(0, len(hashes), _HASH_BYTES):
        stack.push(hashes[at : at + _HASH_BYTES])
    return stack.root()


def _compare_projections(told: Mapping[Key, Told], kept: Kept, problems: Problems) -> None:
    left = dict(told)
    by_name: dict[str, Iterable[FindingRow | DecisionRow]] = {"finding": kept.findings, "decision": kept.decisions}
    for name, rows in by_name.items():
        for row in rows:
            key = key_of(row)
            last = left.pop(key, None)
            if last is None:
                problems.add(What.PROJECTION, None, f"{name} {key[-1]} is on record, and no entry tells of it")
            elif last.row != row:
                fields = ", ".join(_differing(row, last.row))
                problems.add(What.PROJECTION, last.leaf_index, f"{name} {key[-1]} is on record with another {fields}")
    for key, last in left.items():
        problems.add(What.PROJECTION, last.leaf_index, f"it tells of {key[-1]}, which is not on record")


def _differing(row: FindingRow | DecisionRow, other: FindingRow | DecisionRow) -> list[str]:
    return [name for name, a, b in zip(row._fields, row, other, strict=True) if a != b]
