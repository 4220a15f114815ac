"""Breaking the service at its named steps, and looking at what is left once it has run again without faults.

``python -m tests.faults.sweep --kills 8 --failures 2`` runs the wide sweep by hand and prints its figures.
"""

import argparse
import queue
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import orjson

from tests.faults.injection import Call, Fault, Nursery, Outcome, Place, Ran, build
from tests.faults.steps import steps
from tests.oracle.histories import history

FILES = 5
SEED = 7
"""Of a history of one facility: 400 different events, 520 with their duplicates."""
QUICK = 5.0
"""Seconds after the first failed call: by then it has stopped, or goes on as if nothing had been."""
SLOW = "it took"
ATTEMPTS = 5
"""Of whatever was only slow, after the first."""
CANNOT = 3
KILLED = -9
NO_JSON = b'{"specversion": \n'
MESSAGE = {
    "specversion": "1.0",
    "id": "m1",
    "source": "/jms/a",
    "type": "jail.message.requested.v1",
    "subject": "B1",
    "time": "2025-03-09T12:00:00Z",
    "data": {
        "message_id": "M1",
        "channel": "smtp",
        "sender": {"user": "desk"},
        "recipients": [{"address": "intake@ice.example", "agency": "ICE"}],
        "content": {"release_time": "soon"},
    },
}


def files() -> dict[str, bytes]:
    """About 500 events in a few files; two of these also hold what has to be refused, one a message to be decided."""
    lines = [orjson.dumps(event) + b"\n" for event in history(SEED, bookings=12, size=400)]
    assert all(b'"/jms/b"' not in line for line in lines)
    lines.insert(len(lines) // 2, orjson.dumps(MESSAGE) + b"\n")
    cuts = [len(lines) * number // FILES for number in range(FILES + 1)]
    made = {f"{n}.jsonl": b"".join(lines[cuts[n] : cuts[n + 1]]) for n in range(FILES)}
    for name in ("1.jsonl", "3.jsonl"):
        made[name] = NO_JSON + made[name] + NO_JSON
    return made


@dataclass(frozen=True)
class Clean:
    """What happens when nothing goes wrong."""

    calls: tuple[Call, ...]
    outcome: Outcome

    def positions(self) -> dict[str, list[int]]:
        """Numbers of the calls of each named step, in the order in which the steps first come."""
        found: dict[str, list[int]] = {}
        for name, call in steps(self.calls):
            found.setdefault(name, []).append(call.number)
        return found


@dataclass(frozen=True)
class Trial:
    """One fault at one named step."""

    step: str
    fault: Fault

    def __str__(self) -> str:
        return f"{self.step}: {self.fault}"


@dataclass(frozen=True)
class Verdict:
    """What came of a trial."""

    trial: Trial
    ran: Ran
    faults: tuple[str, ...]
    """What is wrong; empty: nothing."""

    @property
    def how(self) -> str:
        return {0: "went on", CANNOT: "stopped", KILLED: "killed"}.get(self.ran.status, f"status {self.ran.status}")

    @property
    def only_slow(self) -> bool:
        return bool(self.faults) and all(fault.startswith(SLOW) for fault in self.faults)


class Sweep:
    """Places under one folder, a few runs at a time."""

    def __init__(self, folder: Path, jobs: int = 2) -> None:
        self._folder = folder
        self._library = build(folder)
        self._files = files()
        self._idle: queue.Queue[Nursery] = queue.Queue()
        self._jobs = jobs
        self._made = 0
        for _ in range(jobs):
            self._idle.put(Nursery(self._library))

    def close(self) -> None:
        for _ in range(self._jobs):
            self._idle.get().close()

    def place(self, name: str = "") -> Place:
        """A fresh installation with every file waiting."""
        self._made += 1
        base = self._folder / (name or f"place-{self._made}")
        base.mkdir()
        return Place(base).make(self._files)

    def run(self, place: Place, fault: Fault | None = None, last: Path | None = None) -> Ran:
        nursery = self._idle.get()
        try:
            return nursery.run(place, fault or Fault(), last=last)
        finally:
            self._idle.put(nursery)

    def clean(self) -> Clean:
        """A run under the library that only counts: what every other run is compared with."""
        place = self.place()
        ran = self.run(place)
        assert (ran.status, ran.line()) == (0, ""), ran.told
        return Clean(ran.calls, place.outcome())

    def trials(self, trials: Iterable[Trial], clean: Clean) -> Iterator[Verdict]:
        with ThreadPoolExecutor(self._jobs) as pool:
            yield from pool.map(lambda trial: self.attempt(trial, clean), trials)

    def settled(self, verdicts: Iterable[Verdict], clean: Clean) -> Iterator[Verdict]:
        """Try again, alone, whatever was only slow: beside other work five seconds say nothing.

        What is slow of itself, as one that waits for a limit, is so each time.
        """
        for first in verdicts:
            last = first
            for _ in range(ATTEMPTS):
                if last.only_slow:
                    last = self.attempt(last.trial, clean)
            yield last

    def attempt(self, trial: Trial, clean: Clean) -> Verdict:
        """Break one run; run again without faults until all is read; compare."""
        place = self.place()
        broken = self.run(place, trial.fault)
        again = self.run(place)
        wrong = [*_of_broken(broken, trial.fault), *_of_recovered(place, again, clean)]
        if not wrong:
            shutil.rmtree(place.base)
        return Verdict(trial, broken, tuple(wrong))


def _of_broken(ran: Ran, fault: Fault) -> Iterator[str]:
    if fault.mode.startswith("kill"):
        if ran.status != KILLED:
            yield f"it was to be killed, and ended with {ran.status}"
        return
    if fault.mode == "short":
        if ran.status:
            yield f"short writes ended it with {ran.status}: {ran.line()}"
        return
    lines = ran.line().splitlines()
    if ran.status not in {0, CANNOT}:
        yield f"it ended with {ran.status}: {ran.line()[-500:]}"
    elif ran.status == CANNOT and (len(lines) != 1 or not lines[0].startswith("holdwatch: ")):
        yield f"not one clear line: {ran.line()[-500:]}"
    elif ran.status == 0 and lines:
        yield f"it said something and ended with 0: {ran.line()[-500:]}"
    met = next((call for call in ran.calls if call.number == fault.at), None)
    if met is None:
        yield "the fault was not met"
    elif ran.status == CANNOT and (took := (ran.ended - met.nanoseconds) / 1e9) > QUICK:
        yield f"{SLOW} {took:.1f} s to stop"


def _of_recovered(place: Place, ran: Ran, clean: Clean) -> Iterator[str]:
    if ran.status:
        yield f"it does not start again: {ran.status}, {ran.line()[-300:]}"
        return
    if ran.line():
        yield f"starting again it said {ran.line()[-300:]}"
    found, wanted = place.outcome(), clean.outcome
    if lost := wanted.accepted - found.accepted:
        yield f"{lost.total()} accepted events lost, {min(lost)} first"
    if found.doubled:
        yield f"doubled: {found.doubled}"
    for name in ("findings", "inbox", "refused", "untold", "waiting"):
        if getattr(found, name) != getattr(wanted, name):
            yield f"{name} differ"
    if not found.verified:
        yield found.verdict


def spread(numbers: Sequence[int], most: int) -> list[int]:
    """Some of the numbers, evenly, with the first and the last; of one alone, the middle one."""
    if most == 1:
        return [numbers[len(numbers) // 2]]
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[round(at * (len(numbers) - 1) / (most - 1))] for at in range(most)]


WAYS_TO_KILL = (
    Fault("kill-before"),
    Fault("kill-after", lose=True),
    Fault("kill-after"),
    Fault("kill-before", lose=True),
)
WAYS_TO_FAIL = tuple(
    Fault(mode, error=error, onward=onward)
    for onward in (False, True)
    for error in ("EIO", "ENOSPC")
    for mode in ("fail", "fail-after")
)

SHORT_WRITES = Fault("short", 1, onward=True)


def every_way(clean: Clean, ways: Sequence[Fault], most: int) -> list[Trial]:
    """Every way at up to ``most`` positions of each named step."""
    return [
        Trial(step, Fault(**{name: getattr(way, name) for name in ("mode", "error", "onward", "lose")}, at=at))
        for step, numbers in clean.positions().items()
        for at in spread(numbers, most)
        for way in ways
    ]


def one_way_each(clean: Clean, ways: Sequence[Fault]) -> list[Trial]:
    """Each named step once, the ways taking turns."""
    turns = cycle(ways)
    made = []
    for step, numbers in clean.positions().items():
        way = next(turns)
        made += [Trial(step, Fault(way.mode, spread(numbers, 1)[0], way.error, onward=way.onward, lose=way.lose))]
    return made


def report(verdicts: Sequence[Verdict]) -> str:
    """Say what came of the trials, by what happened at each step."""
    by_step: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for verdict in verdicts:
        by_step[verdict.trial.step][verdict.how] += 1
    lines = [
        f"{step:60} {', '.join(f'{how} {count}' for how, count in hows.items())}" for step, hows in by_step.items()
    ]
    bad = [f"{verdict.trial}\n    " + "\n    ".join(verdict.faults) for verdict in verdicts if verdict.faults]
    return "\n".join([*lines, *bad, f"{len(verdicts)} trials at {len(by_step)} steps, {len(bad)} with faults"])


def main() -> int:
    """Run the wide sweep and print its figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=8, help="positions of each step to kill at, four ways each")
    options.add_argument("--failures", type=int, default=2, help="positions of each step to fail at, eight ways each")
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--first", type=int, help="only so many trials of each kind, evenly spread")
    chosen = options.parse_args()
    faulty = False
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(Path(folder), chosen.jobs)
        try:
            clean = sweep.clean()
            positions = clean.positions()
            print("\n".join(f"{len(numbers):5} {step}" for step, numbers in positions.items()))
            print(f"{sum(map(len, positions.values())):5} calls, {len(positions)} named steps", flush=True)
            for ways, most in ((WAYS_TO_KILL, chosen.kills), (WAYS_TO_FAIL, chosen.failures)):
                if not most:
                    continue
                trials = every_way(clean, ways, most)
                if chosen.first and chosen.first < len(trials):
                    # An odd stride meets every way: their number is even.
                    trials = trials[:: (len(trials) // chosen.first) | 1]
                began = time.monotonic()
                verdicts = []
                for verdict in sweep.trials(trials, clean):
                    verdicts.append(verdict)
                    if verdict.faults:
                        print(f"{verdict.trial}: {'; '.join(verdict.faults)}", file=sys.stderr, flush=True)
                verdicts = list(sweep.settled(verdicts, clean))
                print(report(verdicts), f"in {time.monotonic() - began:.0f} s", flush=True)
                faulty |= any(verdict.faults for verdict in verdicts)
        finally:
            sweep.close()
    return int(faulty)


if __name__ == "__main__":
    sys.exit(main())
