"""Searching the log: a copy of its own beside the database, so that the hot path pays nothing for it.

A follower reads entries by leaf index and files their words and properties in full-text indexes, one for each
`SHARD` entries. The copy holds no entry: what was found is read from the log. It can be thrown away at any time.
Where an entry is sealed, it is hidden at once, and the index of its shard is built anew without it.
"""

import os
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from integration.audit.entry import UNREADABLE, read_body
from integration.audit.private import touch_private
from integration.audit.sealing import KIND as SEALED
from integration.domain.instants import Instant
from integration.errors import FatalError, TransientError
from integration.services.ports import EntryRow
from integration.store.queries import Records

SHARD: Final = 250_000
"""Entries of one index: rebuilt within seconds, and few enough of them for the longest log."""
_CHUNK: Final = 5_000
_VERSION: Final = 1
_WORD: Final = re.compile(r"[^\W_]+")
_NO_WORDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z|[0-9a-f]{64}")
"""Times and digests: nobody looks for them, and each would be a word of its own."""
_MOST_WORDS: Final = 12
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, next INTEGER NOT NULL, leaf_hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS shards (number INTEGER PRIMARY KEY, low INTEGER NOT NULL, high INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS times (leaf INTEGER PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hidden (leaf INTEGER PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What entries are looked for: all that is given has to be so. Times are half-open."""

    actor: str = ""
    kind: str = ""
    rule: str = ""
    booking: str = ""
    source: str = ""
    outcome: str = ""
    provision: str = ""
    text: str = ""
    """Words, all of which are somewhere in the entry; a star at a word's end leaves its rest open."""
    since: Instant | None = None
    until: Instant | None = None
    sources: frozenset[str] | None = None
    """Only entries about one of these feeds; None: all."""


class Search:
    """The copy. Any thread may search; one at a time brings it up to date."""

    def __init__(self, path: Path, records: Records, *, shard: int = SHARD) -> None:
        """Open the copy; begin a new one where there is none, or it is none of this version.

        Raises:
            FatalError: the file cannot be opened.
        """
        self._path, self._records, self._shard = path, records, shard
        self._turn = threading.Lock()
        self._writer = self._open()

    def close(self) -> None:
        """Let the file go."""
        with self._turn:
            self._writer.close()

    @property
    def size(self) -> int:
        """Number of entries that are searched."""
        with closing(self._connect()) as reading:
            return int(reading.execute("SELECT next FROM state").fetchone()[0])

    # -- following --------------------------------------------------------------------------------------------------

    def follow(self, limit: int = _CHUNK, *, wait: bool = True) -> bool:
        """File the next entries. Returns whether there may be more.

        Args:
            limit: how many, at the most.
            wait: False: if another thread is at it, leave it to that one.

        Raises:
            TransientError: the copy or the database is not available.
        """
        if not self._turn.acquire(blocking=wait):
            return True
        try:
            return self._follow(limit)
        finally:
            self._turn.release()

    def _follow(self, limit: int) -> bool:
        with _sorted():
            next_leaf = self._position()
            rows = list(self._records.entries(next_leaf, next_leaf + limit))
            if rows:
                self._file(rows)
            elif not (dirty := self._writer.execute("SELECT leaf FROM hidden LIMIT 1").fetchone()):
                return False
            else:
                self._rebuild(dirty[0] // self._shard)
            return True

    def catch_up(self) -> None:
        """File everything there is."""
        while self.follow():
            pass

    def _position(self) -> int:
        next_leaf, leaf_hash = self._writer.execute("SELECT next, leaf_hash FROM state").fetchone()
        if next_leaf:
            last = self._records.entry(next_leaf - 1)
            if last is None or bytes(last.leaf_hash) != leaf_hash:
                # Another log, or one that was rolled back.
                self._writer.close()
                self._writer = self._open(anew=True)
                return 0
        return int(next_leaf)

    def _file(self, rows: Sequence[EntryRow]) -> None:
        with self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            for number in range(rows[0].leaf_index // self._shard, rows[-1].leaf_index // self._shard + 1):
                self._add(number, [row for row in rows if row.leaf_index // self._shard == number])
            gone = [(leaf,) for row in rows if (leaf := _sealed_by(row)) is not None]
            self._writer.executemany("INSERT OR IGNORE INTO hidden VALUES (?)", gone)
            last = rows[-1]
            self._writer.execute("UPDATE state SET next = ?, leaf_hash = ?", (last.leaf_index + 1, last.leaf_hash))
            if (last.leaf_index + 1) % self._shard == 0:
                name = f"words_{last.leaf_index // self._shard}"
                self._writer.execute(f"INSERT INTO {name} ({name}) VALUES ('optimize')")  # noqa: S608  our own name

    def _add(self, number: int, rows: Sequence[EntryRow]) -> None:
        readable = [(row.leaf_index, row.at, words) for row in rows if (words := words_of(row))]
        self._writer.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS words_{number} "
            "USING fts5 (words, content='', detail='none', columnsize=0, tokenize='ascii')"
        )
        insert = f"INSERT INTO words_{number} (rowid, words) VALUES (?, ?)"  # noqa: S608  our own name
        self._writer.executemany(insert, [(leaf, words) for leaf, _, words in readable])
        self._writer.executemany("INSERT OR REPLACE INTO times VALUES (?, ?)", [row[:2] for row in readable])
        low, high = min((at for _, at, _ in readable), default=None), max((at for _, at, _ in readable), default=None)
        if low is not None:
            self._writer.execute(
                "INSERT INTO shards VALUES (?, ?, ?) ON CONFLICT (number) "
                "DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high)",
                (number, low, high),
            )

    def _rebuild(self, number: int) -> None:
        """Build a shard's index anew from the log: what was sealed leaves the file."""
        first = number * self._shard
        end = min(first + self._shard, int(self._writer.execute("SELECT next FROM state").fetchone()[0]))
        with self._writer:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.execute(f"DROP TABLE IF EXISTS words_{number}")
            self._writer.execute("DELETE FROM shards WHERE number = ?", (number,))
            self._writer.execute("DELETE FROM times WHERE leaf >= ? AND leaf < ?", (first, end))
            for start in range(first, end, _CHUNK):
                self._add(number, list(self._records.entries(start, min(start + _CHUNK, end))))
            self._writer.execute("DELETE FROM hidden WHERE leaf >= ? AND leaf < ?", (first, end))
        # The old pages are overwritten (secure_delete); the journal still has them.
        self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- searching --------------------------------------------------------------------------------------------------

    def find(self, wanted: Wanted, *, before: int | None = None, limit: int = 50) -> list[int]:
        """Return the leaf indices of the newest entries that are as wanted, newest first.

        Args:
            wanted: what they have to be.
            before: only entries before this leaf index.
            limit: how many, at the most.
        """
        query = expression(wanted)
        if query is None:
            return []
        found: list[int] = []
        with _sorted(), closing(self._connect()) as reading:
            hidden = {row[0] for row in reading.execute("SELECT leaf FROM hidden")}
            shards = reading.execute("SELECT number, low, high FROM shards ORDER BY number DESC").fetchall()
            for number, low, high in shards:
                if len(found) >= limit:
                    break
                if before is not None and number * self._shard >= before:
                    continue
                if (wanted.until is not None and low >= wanted.until) or (
                    wanted.since is not None and high < wanted.since
                ):
                    continue
                inside = (wanted.since is None or low >= wanted.since) and (wanted.until is None or high < wanted.until)
                statement, values = _statement(number, self._shard, query, None if inside else wanted)
                end = (number + 1) * self._shard if before is None else before
                rows = reading.execute(statement, (*values, end, limit - len(found) + len(hidden)))
                found += [row[0] for row in rows if row[0] not in hidden]
        return found[:limit]

    # -- the file ---------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        touch_private(self._path)
        connection = sqlite3.connect(self._path, timeout=5, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA mmap_size=1073741824")
        return connection

    def _open(self, *, anew: bool = False) -> sqlite3.Connection:
        if not anew:
            try:
                return self._prepared()
            except sqlite3.DatabaseError:
                pass  # No such file of ours: it is made anew from the log, which is all that it is made of.
        for name in (self._path, *(self._path.with_name(self._path.name + end) for end in ("-wal", "-shm"))):
            name.unlink(missing_ok=True)
        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            raise FatalError(f"the search file cannot be made: {type(error).__name__}") from error

    def _prepared(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        connection = self._connect()
        try:
            _prepare(connection)
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # Lost work is done again: the copy need not be on the disk at once.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(_SCHEMA)
    connection.execute("INSERT OR IGNORE INTO state VALUES (1, ?, 0, x'')", (_VERSION,))
    if connection.execute("SELECT version FROM state").fetchone()[0] != _VERSION:
        raise sqlite3.DatabaseError("another version")


@contextmanager
def _sorted() -> Iterator[None]:
    """Tell what SQLite says of the copy as one of our errors. Nothing depends on it, so the caller may try again."""
    try:
        yield
    except sqlite3.Error as error:
        raise TransientError(f"the search file is not available: {type(error).__name__}") from error


def _statement(number: int, shard: int, query: str, bounds: Wanted | None) -> tuple[str, list[Any]]:
    """Return what searches one shard; the end and the limit are still to be given."""
    table = f"words_{number}"
    values: list[Any] = []
    if query:
        told = f"SELECT {table}.rowid AS leaf FROM {table}"  # noqa: S608  our own name
        told += f" CROSS JOIN times ON times.leaf = {table}.rowid" if bounds else ""
        told += f" WHERE {table} MATCH ?"
        values.append(query)
        leaf = f"{table}.rowid"
    else:
        told, leaf = "SELECT leaf FROM times WHERE leaf >= ?", "leaf"
        values.append(number * shard)
    if bounds and bounds.since is not None:
        told += " AND times.at >= ?"
        values.append(bounds.since)
    if bounds and bounds.until is not None:
        told += " AND times.at < ?"
        values.append(bounds.until)
    return f"{told} AND {leaf} < ? ORDER BY {leaf} DESC LIMIT ?", values


# -- words ------------------------------------------------------------------------------------------------------------


def expression(wanted: Wanted) -> str | None:
    """Return the full-text query; empty: everything; None: nothing can be as wanted."""
    given = [
        property_of(name, value)
        for name in ("actor", "kind", "rule", "booking", "source", "outcome", "provision")
        if (value := getattr(wanted, name))
    ]
    terms = [f'"{term}"' for term in given]
    for part in wanted.text.split()[:_MOST_WORDS]:
        words = words_in(part)
        terms += [f'"{word}"' for word in words]
        if words and part.endswith("*"):
            terms[-1] += " *"
    if wanted.text.strip() and len(terms) == len(given):
        return None  # Marks alone are in no entry's words.
    if wanted.sources is not None:
        if not wanted.sources:
            return None
        terms.append("(" + " OR ".join(f'"{property_of("source", each)}"' for each in sorted(wanted.sources)) + ")")
    return " AND ".join(terms)


@lru_cache(maxsize=65_536)
def property_of(name: str, value: str) -> str:
    """Return one word that stands for a property, whatever characters are in it."""
    return f"{name[:3]}x{blake2b(f'{name}={value}'.encode(errors='surrogatepass'), digest_size=8).hexdigest()}"


def words_in(text: str) -> list[str]:
    """Cut a text into words: letters and digits, small, without accents."""
    if not text.isascii():
        taken_apart = unicodedata.normalize("NFKD", text)
        text = "".join(character for character in taken_apart if not unicodedata.combining(character))
    return _WORD.findall(text.casefold())


def words_of(row: EntryRow) -> str:
    """Return all that an entry is found by; empty for a sealed one."""
    if row.body is None:
        return ""
    entry = read_body(row.body)
    if entry is UNREADABLE:
        # Still found by what its row says: whoever looks for this booking has to meet it.
        entry = {**UNREADABLE, "kind": row.kind, "booking": row.booking, "source": row.source, "outcome": row.outcome}
    detail = entry["detail"]
    terms = [property_of(name, entry[name]) for name in ("actor", "kind", "booking", "source", "outcome")]
    if isinstance(rule := detail.get("rule"), str):
        terms.append(property_of("rule", rule))
    provisions = detail.get("provisions")
    terms += [property_of("provision", str(each)) for each in (provisions if isinstance(provisions, list) else ())]
    texts = [entry["kind"], entry["booking"], entry["actor"], entry["outcome"], entry["source"], entry["pack"]]
    texts += _texts(detail)
    terms += dict.fromkeys(words_in(" ".join(texts)))
    return " ".join(terms)


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        if _NO_WORDS.fullmatch(node) is None:
            yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif node is not None and not isinstance(node, bool):
        yield str(node)


def _sealed_by(row: EntryRow) -> int | None:
    """Return the leaf index that an entry sealed."""
    if row.kind != SEALED or row.body is None:
        return None
    sealed = read_body(row.body)["detail"].get("leaf_index")
    return sealed if type(sealed) is int else None
