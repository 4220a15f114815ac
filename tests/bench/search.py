"""How fast the console searches a long log: ``python -m tests.bench.search --entries 10000000 --folder DIR``.

The entries are made up on the way, alike in kind and length to those of a busy year; what is timed is the search in the
console's own copy, which is all that grows with the log. Reading the fifty entries of a page is fifty look-ups by key.

With ``--database sqlite`` or ``--database postgresql`` the entries are first put into a database of that kind (a file
in the folder; a server of its own, removed afterwards), and what is timed is the whole search as a page does it: the
copy asked, and the entries read from the database.
"""

import argparse
import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import Engine, insert, update

from integration.console.audit import found
from integration.domain.instants import SECOND
from integration.services.ports import EntryRow
from integration.store import tables
from integration.store.database import open_engine
from integration.store.migrate import migrate
from integration.store.queries import Records
from integration.store.search import Search, Wanted
from tests.store.postgres import DURABLE, Server

START = 1_767_225_600 * SECOND
EVERY = 3 * SECOND
SOURCES = [f"/jms/county-{number}" for number in range(12)]
RULES = ["overdue_detainer_hold", "overdue_release", "release_approaching", "notice_not_served", "mislabelled_document"]
EVENTS = ["booking.opened", "hold.placed", "hold.lifted", "release.due", "release.completed", "bail.posted"]


class Log:
    """Ten million entries without a database: each is made from its index, the same every time."""

    def __init__(self, size: int) -> None:
        self.size = size

    def entry(self, index: int) -> EntryRow | None:
        return self._row(index) if 0 <= index < self.size else None

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[EntryRow]:
        return map(self._row, range(first, self.size if last is None else min(last, self.size)))

    def _row(self, index: int) -> EntryRow:
        dice = random.Random(index)
        source, booking = dice.choice(SOURCES), f"26-{dice.randrange(index // 12 + 50):07d}"
        kind, outcome, actor, detail = self._what(dice)
        at = START + index * EVERY
        text = "2026-03-02T14:30:00.000000Z"
        if kind.startswith(("audit", "session")):
            source, booking = "", ""
        body = {
            "actor": actor, "at": text, "booking": booking, "detail": detail, "kind": kind, "outcome": outcome,
            "pack": "lansing-eo-2017-01", "pack_revision": "0" * 64, "place": "here", "source": source, "v": 1,
        }  # fmt: skip
        digest = hashlib.blake2b(str(index).encode(), digest_size=32).digest()
        return EntryRow(index, at, kind, source, booking, outcome, orjson.dumps(body), b"", digest)

    def _what(self, dice: random.Random) -> tuple[str, str, str, dict[str, object]]:
        drawn, key = dice.random(), f"{dice.getrandbits(40):010x}"
        if drawn < 0.80:
            kind = dice.choice(EVENTS)
            data = {"hold_id": f"h-{key[:4]}", "kind": dice.choice(["arrest", "charge", "immigration_detainer"])}
            detail = {
                "event_id": f"jms-{key}",
                "type": f"jail.{kind}.v1",
                "data": data,
                "time": "2026-03-02T14:30:00.000000Z",
            }
            return "event.accepted", "accepted", "service:intake", detail
        if drawn < 0.92:
            rule = dice.choice(RULES)
            detail = {
                "finding_id": f"{dice.getrandbits(128):032x}", "rule": rule, "provisions": [f"L{dice.randrange(9)}"],
                "severity": "violation", "evidence": [f"jms-{key}"], "about": "", "names": {},
            }  # fmt: skip
            return (
                f"finding.{dice.choice(['raised', 'resolved'])}",
                dice.choice(["open", "resolved"]),
                "service:intake",
                detail,
            )
        if drawn < 0.97:
            detail = {
                "message_id": f"m-{key}", "reasons": ["more_than_status"], "provisions": ["L8"], "errors": [],
                "categories": ["release_time"], "recipient_class": "immigration_authority", "policies": ["l8-status"],
            }  # fmt: skip
            return "message.decided", dice.choice(["block", "permit"]), "service:intake", detail
        return "audit.read", "read", f"officer:user{dice.randrange(40)}", {"page": "audit", "filters": ["text"]}


def asked(size: int, dice: random.Random) -> list[tuple[str, Wanted]]:
    """Searches as people make them, and the worst that the index has to do."""
    span = size * EVERY

    def day() -> dict[str, int]:
        since = START + dice.randrange(span)
        return {"since": since, "until": since + 86_400 * SECOND}

    booking = f"26-{dice.randrange(size // 12):07d}"
    return [
        ("newest", Wanted()),
        ("one booking", Wanted(booking=booking)),
        ("one booking, as a word", Wanted(text=booking)),
        ("kind", Wanted(kind="message.decided")),
        ("rule and facility", Wanted(rule=dice.choice(RULES), source=dice.choice(SOURCES))),
        ("rule, open, provision", Wanted(rule=dice.choice(RULES), outcome="open", provision="L5")),
        ("one officer", Wanted(actor=f"officer:user{dice.randrange(40)}")),
        ("one officer, one day", Wanted(actor=f"officer:user{dice.randrange(40)}", **day())),
        ("one day", Wanted(**day())),
        ("blocked on one day", Wanted(kind="message.decided", outcome="block", **day())),
        ("words", Wanted(text="immigration_detainer hold")),
        ("beginning of a word", Wanted(text=f"jms {dice.getrandbits(16):04x}*")),
        ("one of three facilities", Wanted(kind="message.decided", sources=frozenset(SOURCES[:3]))),
        ("nothing: a word that is nowhere", Wanted(text="zanzibar")),
        ("nothing: two common things that never meet", Wanted(kind="event.accepted", outcome="open")),
    ]


PAGE = 50
"""Entries."""
CHUNK = 10_000


def filled(url: str, log: Log) -> Engine:
    """Put the entries into a database, past the sequencer: nothing here is verified."""
    engine = open_engine(url)
    migrate(engine)
    begun = time.perf_counter()
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            cursor = connection.connection.cursor()
            with cursor.copy(f"COPY entries ({', '.join(EntryRow._fields)}) FROM STDIN") as copy:
                for row in log.entries():
                    copy.write_row(row)
        else:
            for first in range(0, log.size, CHUNK):
                connection.execute(insert(tables.entries), [row._asdict() for row in log.entries(first, first + CHUNK)])
        connection.execute(update(tables.log_state).values(size=log.size))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As the server's own upkeep does after a while.
        connection.exec_driver_sql("ANALYZE")
    print(f"{log.size} entries put into {engine.dialect.name} in {time.perf_counter() - begun:.0f} s", flush=True)
    return engine


def database(kind: str, given: Any, log: Log, ending: ExitStack) -> Any:
    """Return where entries are read from."""
    if not kind:
        return log
    url = f"sqlite:///{given.folder / 'log.sqlite'}"
    if kind == "postgresql":
        server = Server(DURABLE)
        ending.callback(server.remove)
        url = server.new_database()
    engine = filled(url, log)
    ending.callback(engine.dispose)
    return Records(engine)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--database", choices=["", "sqlite", "postgresql"], default="")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ending:
        run(given, database(given.database, given, Log(given.entries), ending))


def run(given: Any, records: Any) -> None:
    path = given.folder / "search.sqlite"
    search = Search(path, records)
    ask: Callable[[Wanted], object] = search.find
    if given.database:
        parts = SimpleNamespace(search=search, records=records)
        ask = lambda wanted: found(parts, wanted, None, PAGE)  # type: ignore[arg-type]  # noqa: E731  one of two
    begun, before = time.perf_counter(), search.size
    while search.follow(50_000):
        if search.size % 500_000 == 0:
            print(f"{search.size} filed, {(search.size - before) / (time.perf_counter() - begun):.0f}/s", flush=True)
    print(f"{search.size} entries, {path.stat().st_size / 2**20:.0f} MiB")
    took: dict[str, list[float]] = {}
    dice = random.Random(1)
    for _ in range(given.rounds):
        for name, wanted in asked(given.entries, dice):
            start = time.perf_counter()
            ask(wanted)
            took.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    for name, times in took.items():
        print(_line(name, sorted(times)))
    print(_line("all", sorted(each for times in took.values() for each in times)))
    search.close()


def _line(name: str, times: list[float]) -> str:
    p95 = times[int(len(times) * 0.95)]
    return f"{name:45} median {statistics.median(times):7.1f} ms  p95 {p95:7.1f} ms  longest {times[-1]:7.1f} ms"


if __name__ == "__main__":
    main()
