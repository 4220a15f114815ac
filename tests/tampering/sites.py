"""Logs to tamper with: exported folders as anybody may hold them, and databases as an installation keeps them."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import orjson

import schemas
from integration.audit.checkpoint import sign_checkpoint
from integration.audit.proofs import root_at
from integration.audit.sealing import Logged, Order, seal
from integration.audit.tiles import export
from integration.bootstrap import scratch_desk
from integration.runners.replay import replay
from integration.services.auditing import AuditDesk
from integration.services.intake import Input
from integration.services.ports import DecisionRow, EntryRow, FindingRow
from integration.services.verification import Kept
from integration.store.queries import Records
from tests.audit.logs import KEY, Log, entry, log_of, make_log
from tests.differential import test_pack
from tests.oracle.histories import history

SPACING = 32
"""Entries between two checkpoints that somebody keeps elsewhere."""
EXAMPLES = Path(schemas.__file__).parent / "examples"


def write_export(folder: Path, log: Log, lines: Iterable[bytes] | None = None) -> None:
    """Write rows, tiles, bundles, checkpoint and key of a log."""
    folder.mkdir(parents=True, exist_ok=True)
    export(folder, log.leaves, log.checkpoint)
    rows = log.lines(digests=len(log.leaves) % 2 == 1) if lines is None else lines
    (folder / "audit.jsonl").write_bytes(b"".join(rows))
    (folder / "vkey").write_text(log.key.vkey + "\n")


def sealed_log(count: int, dice: random.Random) -> tuple[Log, list[bytes]]:
    """A log some of whose entries were sealed on a court's order, and its rows."""
    log, gone = log_of(count), dice.sample(range(count), min(count, 3))
    order = Order(authority="26-CV-1", actor="officer:clerk", at=1, source="", place="p", pack="", pack_revision="")
    records = [
        seal(Logged(i, "finding.raised", log.leaves[i], log.salts[i], log.bodies[i]), order)[1] for i in sorted(gone)
    ]
    whole = make_log([*(entry(number) for number in range(count)), *records])
    rows = whole.lines()
    for index in gone:
        text = orjson.dumps({"index": index, "leaf": whole.leaves[index].decode(), "salt": None, "entry": None})
        rows[index] = text + b"\n"
    return whole, rows


@dataclass(frozen=True)
class Database:
    """All that verification reads of an installation, and the checkpoints that somebody kept."""

    kept: Kept
    checkpoint: bytes
    earlier: tuple[bytes, ...]
    path: Path | None = None

    def with_rows(self, **changed: object) -> Kept:
        return replace(self.kept, **changed)


def events_for(seed: int, histories: int) -> list[dict]:
    """Random histories, with requests that are decided and inputs that are refused."""
    events = [event for each in range(histories) for event in _renamed(history(seed * 100 + each), f"h{each}")]
    dice = random.Random(seed)
    for path in sorted(EXAMPLES.glob("jail.*.json")):
        event = orjson.loads(path.read_bytes())
        if event["type"].split(".")[1] in {"message", "approval", "access", "assistance"}:
            events.insert(dice.randrange(len(events)), event)
    return events


def _renamed(events: list[dict], prefix: str) -> list[dict]:
    return [event | {"source": f"{event['source']}/{prefix}"} for event in events]


def build(folder: Path, seed: int, histories: int, *, sealings: int = 2) -> Database:
    """Run histories into a real SQLite file, seal some entries, and read back what verification reads."""
    path = folder / f"site-{seed}-{histories}.sqlite"
    pack = test_pack()
    store, desk = scratch_desk(path, pack)
    events = events_for(seed, histories)
    try:
        raws = [*map(orjson.dumps, events), b"not an event", b'{"specversion":"1.0"}']
        replay([Input(f"in:{number}", raw) for number, raw in enumerate(raws)], desk)
        records = Records(store.engine)
        desk_of_log = AuditDesk(store, place="host", now=lambda: 1_795_304_673_123_456)
        for index in random.Random(seed).sample(range(store.tree_size()), sealings):
            desk_of_log.seal(records, index, authority="26-CV-1", actor="officer:clerk")
        size = store.tree_size()
        marks = [*range(SPACING, size, SPACING), size]
        heads = [sign_checkpoint(KEY.name, at, root_at(at, store.tile), KEY) for at in marks]
        with records.snapshot() as moment:
            kept = moment.kept()
            whole = Kept(
                kept.size,
                list(kept.entries),
                dict(kept.sealed_leaves),
                list(kept.tiles),
                list(kept.findings),
                list(kept.decisions),
            )
    finally:
        store.close()
    return Database(whole, heads[-1], tuple(heads[:-1]), path)


@cache
def database(folder: Path, seed: int, histories: int) -> Database:
    return build(folder, seed, histories)


Rows = EntryRow | FindingRow | DecisionRow
