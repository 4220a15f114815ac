"""Holds random histories to the laws, as many as you have time for: ``python -m tests.prove --histories 1000000``.

Each history goes through the pipeline and through the independent oracle: a finding that the pipeline does not make
is missed, one that only the pipeline makes is false. Exit status 1 where any history breaks any law; its seed is told.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from integration.policy.pack import Pack
from tests.differential import listed, run, test_pack
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import LAWS, broken_by, drawn, goes_round, law_oracle

CHUNK = 50


@dataclass
class Result:
    histories: int = 0
    findings: int = 0
    missed: int = 0
    false: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        self.histories += other.histories
        self.findings += other.findings
        self.missed += other.missed
        self.false += other.false
        self.broken += other.broken


@cache
def pack() -> Pack:
    return test_pack()


def held(first: int, last: int, *, every_law: bool) -> Result:
    """Hold the histories [first, last) to the laws."""
    result = Result(histories=last - first)
    for seed in range(first, last):
        events = drawn(seed)
        if not goes_round(events):
            store, _ = run(events, pack())
            ours, theirs = listed(list(store.findings.values())), judge(events, PARAMS)
            missed = [row for row in theirs if row not in ours]
            false = [row for row in ours if row not in theirs]
            result.findings += len(theirs)
            result.missed += len(missed)
            result.false += len(false)
            if missed or false:
                result.broken.append(f"seed {seed}: {len(missed)} missed, {len(false)} false")
        laws = [law for law in LAWS if law is not law_oracle] if every_law else []
        if said := broken_by(seed, pack(), laws):
            result.broken.append(f"seed {seed}: {said}")
    return result


def chunks(first: int, histories: int) -> Iterator[tuple[int, int]]:
    for at in range(first, first + histories, CHUNK):
        yield at, min(at + CHUNK, first + histories)


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold random histories to the laws.")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="only compare with the oracle")
    asked = parser.parse_args()
    total, started = Result(), time.monotonic()
    parts = list(chunks(asked.first_seed, asked.histories))
    with ProcessPoolExecutor(asked.jobs) as pool:
        futures = (pool.submit(held, first, last, every_law=not asked.quick) for first, last in parts)
        for done in [*futures]:
            total.add(done.result())
            told(total, asked.histories, time.monotonic() - started)
    print(file=sys.stderr)
    print(f"{total.histories} histories, {total.findings} findings: {total.missed} missed, {total.false} false")
    for line in total.broken[:100]:
        print(line)
    return 1 if total.broken else 0


def told(total: Result, of: int, seconds: float) -> None:
    rate = total.histories / seconds
    left = (of - total.histories) / rate
    text = f"\r{total.histories}/{of} histories, {rate:.0f}/s, {left:.0f} s left, {len(total.broken)} broken "
    print(text, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
