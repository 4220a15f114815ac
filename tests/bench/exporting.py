"""How fast the console exports a long log, and counts it for a review: ``python -m tests.bench.exporting``.

The log is that of `tests.bench.search`, put into SQLite past the sequencer. Each format is written whole, and thrown
away.
"""

import argparse
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from integration.audit.checkpoint import Checkpoint, sign_checkpoint
from integration.audit.note import SigningKey
from integration.console import exporting
from integration.services.reviews import KINDS
from integration.store.queries import Records
from integration.store.search import Search, Wanted
from tests.bench.machine import described
from tests.bench.search import EVERY, START, Log, filled

WEEK = 7 * 86_400 * 10**6


def timed(name: str, work: Any) -> None:
    """Print how many entries went by in a second."""
    begun = time.perf_counter()
    count = work()
    took = time.perf_counter() - begun
    print(f"{name}: {count} in {took:.2f} s, {count / took:.0f} a second", flush=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=200_000)
    size = parser.parse_args().entries
    print("; ".join(f"{name}: {value}" for name, value in described()))
    with tempfile.TemporaryDirectory(prefix="exporting") as temporary:
        folder = Path(temporary)
        records = Records(filled(f"sqlite:///{folder}/log.sqlite", Log(size)))
        search = Search(folder / "search.sqlite", records)
        search.catch_up()
        parts: Any = SimpleNamespace(search=search, records=records)
        head = Checkpoint("bench.example/log", size, b"\0" * 32)
        kinds = [kind.value for group in KINDS.values() for kind in group]
        end = START + size * EVERY
        for name, since in (("review of everything", START), ("review of a week", end - WEEK)):
            timed(name, lambda since=since: sum(records.counts_by_kind(kinds, since, end).values()))  # type: ignore[misc]
        for form, lines in (("csv", exporting.csv_lines), ("ocsf", exporting.ocsf_lines)):
            rows = exporting.every(parts, Wanted(), size)
            timed(form, lambda lines=lines, rows=rows: sum(1 for _ in lines(rows, head)))  # type: ignore[misc]
        most = min(size, exporting.MOST_IN_BOOK)
        newest = exporting.every(parts, Wanted(), most)
        note = sign_checkpoint(head.origin, size, head.root, SigningKey.generate(head.origin))
        timed("xlsx", lambda: [most, exporting.workbook(newest, note, folder).close()][0])
        search.close()


if __name__ == "__main__":
    main()
