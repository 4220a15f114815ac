"""Logs to count: a simulated jail, or a few events, through the real pipeline, exported with tiles."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

from integration.audit import tiles
from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import leaf
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.bootstrap import scratch_desk
from integration.policy.pack import load
from integration.reports.asked import Asked
from integration.runners.output import audit_line
from integration.runners.replay import replay
from integration.services.intake import Input
from integration.simulator import SimulationParams, timed
from integration.store.queries import Records

ZONE = "America/New_York"
SOURCE = "/jms/a"
PACK = "ma-welcoming-community"


def exported(folder: Path, lines: Iterable[bytes]) -> Path:
    """Take events in, and write the log as `audit export` does."""
    folder.mkdir(parents=True, exist_ok=True)
    pack = load(PACK)
    store, desk = scratch_desk(folder / "scratch.sqlite", pack)
    inputs = (Input(f"x:{number}", line.rstrip(b"\n")) for number, line in enumerate(lines, 1))
    replay(inputs, desk)
    key = SigningKey.generate("audit.example/reports")
    rows = list(Records(store.engine).entries())
    note = sign_checkpoint(key.name, len(rows), root_at(len(rows), store.tile), key)
    (folder / "audit.jsonl").write_bytes(b"".join(audit_line(row) for row in rows))
    tiles.export(folder, (leaf(row.salt or b"", row.body or b"") for row in rows), note)
    (folder / "vkey").write_text(key.vkey + "\n")
    store.close()
    (folder / "scratch.sqlite").unlink()
    return folder


def simulated(**params: Any) -> Iterator[bytes]:
    return (line for _, line in timed(SimulationParams(**params)))


def event(number: int, kind: str, time: str, data: dict[str, Any], *, booking: str = "B-1", **more: str) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e-{number}",
            "source": SOURCE,
            "type": f"jail.{kind}.v1",
            "subject": booking,
            "time": time if "Z" in time else f"{time}:00Z",
            "data": data,
            **more,
        }
    )


def bodies(folder: Path) -> list[bytes | None]:
    entries = [orjson.loads(line)["entry"] for line in (folder / "audit.jsonl").read_bytes().splitlines()]
    return [None if entry is None else orjson.dumps(entry, option=orjson.OPT_SORT_KEYS) for entry in entries]


def asked(report: str, size: int, first: str = "2026-01-01", end: str = "2026-07-01", **more: Any) -> Asked:
    columns = "m-4" if report == "council" else ""
    given: dict[str, Any] = {
        "zone": ZONE,
        "facility": "",
        "columns": columns,
        "public": False,
        "suppress_below": 0,
        "recipient": "Clerk",
        "version": "0.1.0",
        "origin": "audit.example/reports",
        "size": size,
        "root": "0" * 64,
    }
    return Asked(report, first, end, **{**given, **more})


def known_at(line: bytes) -> str:
    """When an event was recorded: the order in which events come in."""
    told = orjson.loads(line)
    return told.get("recordedtime") or told["time"]
