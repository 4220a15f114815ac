"""Holds random histories to the laws, as many as you have time for: ``python -m tests.prove --histories 1000000``.

Each history goes through the pipeline and through the independent oracle: a finding that the pipeline does not make
is missed, one that only the pipeline makes is false. Some are held to every law besides, which takes ten times as long.
Exit status 1 where any history breaks any law; its seed is told.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from integration.policy.pack import Pack
from tests.differential import listed, moment, run, taken_by, test_pack
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import LAWS, broken_by, drawn, goes_round, recorded_at

CHUNK = 50
LAWS_EACH = 20
"""Each so many-th history is held to every law."""


@dataclass
class Result:
    histories: int = 0
    to_every_law: int = 0
    circles: int = 0
    """Histories whose moves go round, so that which of them is refused depends on the order of arrival."""
    findings: int = 0
    missed: int = 0
    false: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        self.histories += other.histories
        self.to_every_law += other.to_every_law
        self.circles += other.circles
        self.findings += other.findings
        self.missed += other.missed
        self.false += other.false
        self.broken += other.broken


@cache
def pack() -> Pack:
    return test_pack()


def held(first: int, last: int, laws_each: int) -> Result:
    """Compare core and oracle on the histories [first, last): ids, times and status; and hold some to every law."""
    result = Result(histories=last - first)
    for seed in range(first, last):
        events = drawn(seed)
        result.circles += goes_round(events)
        store, _ = run(events, pack())
        ours = listed(list(store.findings.values()))
        theirs = judge(taken_by(store, events), PARAMS, moment(max(map(recorded_at, events))))
        missed = [row for row in theirs if row not in ours]
        false = [row for row in ours if row not in theirs]
        result.findings += len(theirs)
        result.missed += len(missed)
        result.false += len(false)
        if missed or false:
            result.broken.append(f"seed {seed}: {len(missed)} missed, {len(false)} false")
        if laws_each and seed % laws_each == 0:
            result.to_every_law += 1
            if said := broken_by(seed, pack()):
                result.broken.append(f"seed {seed}: {said}")
    return result


def collected(
    pool: Executor,
    first: int,
    histories: int,
    *,
    laws_each: int = LAWS_EACH,
    on_progress: Callable[[Result], None] | None = None,
) -> Result:
    """Hold so many histories to the laws, in all processes of a pool."""
    total = Result()
    parts = [(at, min(at + CHUNK, first + histories)) for at in range(first, first + histories, CHUNK)]
    for done in [pool.submit(held, *part, laws_each) for part in parts]:
        total.add(done.result())
        if on_progress is not None:
            on_progress(total)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold random histories to the laws.")
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--laws-each", type=int, default=LAWS_EACH, help="hold each so many-th to every law; 0: none")
    parser.add_argument("--quick", dest="laws_each", action="store_const", const=0, help="only compare with the oracle")
    asked = parser.parse_args()
    started = time.monotonic()
    with ProcessPoolExecutor(asked.jobs) as pool:
        total = collected(
            pool,
            asked.first_seed,
            asked.histories,
            laws_each=asked.laws_each,
            on_progress=lambda so_far: told(so_far, asked.histories, time.monotonic() - started),
        )
    print(file=sys.stderr)
    print(
        f"{total.histories} histories ({total.circles} with moves in a circle) compared with the oracle, "
        f"{total.to_every_law} of them held to {len(LAWS)} laws, in {time.monotonic() - started:.0f} s; "
        f"{total.findings} findings: {total.missed} missed, {total.false} false; {len(total.broken)} broken"
    )
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
