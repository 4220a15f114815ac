"""How long a report takes on a long log: by hand, ``python -m tests.bench.reporting --entries 10000000``.

A simulated log is repeated with other ids until it is long enough: real entries of every kind, in the shares in which a
jail writes them. Each report is counted from an exported file and from a SQLite database, and written as HTML.
"""

import argparse
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from integration.bootstrap import open_store, scratch_desk
from integration.policy.pack import load
from integration.reports.asked import Asked, Format
from integration.reports.filing import write
from integration.runners.replay import replay
from integration.runners.reporting import Bodies, file_of
from integration.services.intake import Input
from integration.simulator import SimulationParams, timed
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.scanning import bodies, some_bodies
from integration.store.vault import Vault
from tests.bench.machine import described

_FINDING = b'"finding_id":"'


def base(folder: Path) -> list[tuple[str, str, bytes]]:
    """Return kind, booking and body of the entries of half a year of one middling jail."""
    store, desk = scratch_desk(folder / "base.sqlite", load("ma-welcoming-community"))
    params = SimulationParams(seed=3, facilities=4, bookings_per_day=40.0, days=181)
    replay((Input(f"x:{number}", line) for number, (_, line) in enumerate(timed(params))), desk)
    rows = [(row.kind, row.booking, row.body or b"") for row in Records(store.engine).entries()]
    store.close()
    (folder / "base.sqlite").unlink()
    return rows


def repeated(rows: list[tuple[str, str, bytes]], entries: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield entries of other bookings, events and findings each time round."""
    done, block = 0, 0
    while done < entries:
        mark = b'"%dB0' % block
        other = b"%08x" % block
        for kind, booking, body in rows[: entries - done]:
            new = body.replace(b'"B0', mark)
            at = new.find(_FINDING)
            if at >= 0:
                at += len(_FINDING)
                new = new[:at] + other + new[at + 8 :]
            yield kind, f"{block}{booking}", new
        done += min(len(rows), entries - done)
        block += 1


def build(folder: Path, entries: int) -> tuple[Path, Path]:
    """Write the same log as a file and as a database."""
    rows = base(folder)
    log, database = folder / "audit.jsonl", folder / "log.sqlite"
    open_store(f"sqlite:///{database}", Vault.throwaway(), durable=False).close()
    to = sqlite3.connect(database)
    to.execute("PRAGMA synchronous=OFF")
    to.execute("DROP INDEX entries_by_booking")
    insert = "INSERT INTO entries VALUES (?, 1, ?, '/jms/a', ?, 'x', ?, ?, ?)"
    head = (
        b'{"index":%d,"leaf":"{\\"alg\\":\\"sha256-salted\\",\\"commit\\":\\"' + b"0" * 64 + b'\\",\\"v\\":1}","salt":"'
    )
    salt = b"A" * 43 + b'=","entry":'
    with log.open("wb") as stream:
        chunk = []
        for index, (kind, booking, body) in enumerate(repeated(rows, entries)):
            stream.write(head % index + salt + body + b"}\n")
            chunk.append((index, kind, booking, body, bytes(32), bytes(32)))
            if len(chunk) == 10_000:
                to.executemany(insert, chunk)
                chunk.clear()
        to.executemany(insert, chunk)
    to.commit()
    to.close()
    return log, database


def main() -> None:
    """Build, count, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--kinds", default="council,gate,holds,parity")
    entries = parser.parse_args().entries
    for name, value in described():
        print(f"{name}: {value}")
    with tempfile.TemporaryDirectory(prefix="reporting") as temporary:
        log, database = build(Path(temporary), entries)
        print(f"{entries} entries; file {log.stat().st_size >> 20} MiB, database {database.stat().st_size >> 20} MiB")
        engine = open_engine(f"sqlite:///{database}")
        from_file = file_of(log)
        from_database = Bodies(lambda: bodies(engine, entries), lambda leaves: some_bodies(engine, leaves))
        for kind in parser.parse_args().kinds.split(","):
            columns = "m-4" if kind == "council" else ""
            asked = Asked(
                kind, "2026-01-01", "2026-07-01", "America/New_York", "", columns, True, 0, "", "0", "x", entries, "00"
            )
            for name, source in (("file", from_file), ("database", from_database)):
                started, used = time.perf_counter(), time.process_time()
                (written,) = write(asked, source, [Format.HTML])
                took, cpu = time.perf_counter() - started, time.process_time() - used
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
                print(f"{kind} from {name}: {took:.1f} s ({cpu:.1f} s of processor), {len(written.content)} bytes, "
                      f"{peak} MiB at most so far", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
