"""Tampers with logs, and counts what is found: ``python -m tests.tampering.run --flips 100000 --clean 1000``.

Exit status 1 where anything was not found, not located, or raised although nobody had touched it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path

from tests.tampering.clean import clean_logs
from tests.tampering.edits import all_edits
from tests.tampering.flips import Count, database_flips, folder_flips
from tests.tampering.rows import SIZE, Kept200, all_rows, deleted_runs
from tests.tampering.sites import Database, build
from tests.tampering.two import Verdicts, built, compared

CHUNK = 1000
EDIT_ROWS = 12


@cache
def scratch() -> Path:
    """A folder of this process."""
    return Path(tempfile.mkdtemp(prefix="tampering-"))


@cache
def sites() -> tuple[Database, ...]:
    """Small databases, and at the end one that has full tiles."""
    return (build(scratch(), 1, 1), build(scratch(), 2, 1), build(scratch(), 3, 8))


def folder_chunk(seed: int) -> Count:
    with tempfile.TemporaryDirectory() as work:
        return folder_flips(Path(work), seed, CHUNK)


def database_chunk(seed: int) -> Count:
    return database_flips(sites(), seed, CHUNK)


def runs_chunk(part: int) -> Count:
    return deleted_runs(Kept200(), range(part, SIZE, 10))


def rows_chunk(seed: int) -> Count:
    with tempfile.TemporaryDirectory() as work:
        return all_rows(Path(work), seed, 250)


def edits_chunk(seed: int) -> Count:
    return all_edits(scratch(), sites()[seed % 3], seed, EDIT_ROWS)


def clean_chunk(part: int) -> Count:
    with tempfile.TemporaryDirectory() as work:
        return clean_logs(Path(work), part, 50)


def work(asked: argparse.Namespace) -> list[tuple[Callable[[int], Count], int]]:
    flips = asked.flips // CHUNK
    plan = [(folder_chunk if number % 2 else database_chunk, number) for number in range(flips)]
    plan += [(runs_chunk, part) for part in range(10)]
    plan += [(rows_chunk, seed) for seed in range(asked.rows // 250)]
    plan += [(edits_chunk, seed) for seed in range(3)]
    plan += [(clean_chunk, part) for part in range(asked.clean // 50)]
    return plan


def counted(asked: argparse.Namespace) -> Count:
    """Do everything on all jobs."""
    count, started = Count(), time.monotonic()
    plan = work(asked)
    with ProcessPoolExecutor(asked.jobs) as processes:
        futures: list[Future[Count]] = [processes.submit(do, number) for do, number in plan]
        for done, future in enumerate(as_completed(futures), start=1):
            count.join(future.result())
            left = (time.monotonic() - started) / done * (len(plan) - done)
            text = f"\r{done}/{len(plan)} parts, {left:.0f} s left, {len(count.missed)} missed "
            print(text, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return count


def told(count: Count) -> bool:
    """Print the table; whether everything is as it should be."""
    print(f"{'class':34} {'total':>8} {'found':>8} {'located':>8}")
    for name in sorted(count.total):
        print(f"{name:34} {count.total[name]:8} {count.found[name]:8} {count.located[name]:8}")
    for line in count.missed[:20]:
        print(f"  not found or not located: {line}")
    return not count.missed


def agreed(verdicts: list[Verdicts]) -> bool:
    """Print where the two verifiers disagree; whether ours refuses all that the other one refuses."""
    same = sum(each.ours == each.theirs for each in verdicts)
    print(
        f"two verifiers: {len(verdicts)} exports, {same} verdicts alike, {sum(not v.theirs for v in verdicts)} refused"
    )
    stricter = sorted({(v.file, v.way) for v in verdicts if v.theirs and not v.ours})
    for file, way in stricter:
        print(f"  only ours refuses: {file}, {way}")
    laxer = [v for v in verdicts if v.ours and not v.theirs]
    for each in laxer:
        print(f"  only theirs refuses: {each.file}, {each.way}")
    return not laxer and verdicts[0].ours and verdicts[0].theirs


def main() -> int:
    parser = argparse.ArgumentParser(description="Tamper with logs, and count what is found.")
    parser.add_argument("--flips", type=int, default=100_000, help="half in exported folders, half in databases")
    parser.add_argument("--rows", type=int, default=5000, help="swaps, inserts and replacements of each kind")
    parser.add_argument("--clean", type=int, default=1000, help="folders, and stores, that nobody touched")
    parser.add_argument("--two", type=int, default=300, help="tampered exports that both verifiers judge")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    started = time.monotonic()
    good = told(counted(asked))
    with tempfile.TemporaryDirectory() as folder:
        if (go := built(Path(folder))) is None:
            print("two verifiers: no Go on the PATH")
        else:
            good &= agreed(compared(Path(folder), go, asked.two))
    print(f"{time.monotonic() - started:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
