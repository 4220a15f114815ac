"""Every class of fault under the real engine with the real watchdog beside it: when it is told, when the alert arrives.

``python -m tests.faults.alerts`` runs each with the limits that ship and prints the table of docs/faults.md.
"""

import argparse
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from tests.conftest import environment
from tests.faults.injection import NONE, Fault, build
from tests.watch.sink import Sink, until
from tests.watch.watching import SHORT, Watched, watched

HANG = 30.0
HOUR = 3600
TOLD_WITHIN, ALERT_WITHIN = 5.0, 60.0
"""Seconds: what issue and practice ask for."""


@dataclass(frozen=True)
class Case:
    """One class of fault."""

    name: str
    fault: Fault = NONE
    both: bool = True
    """Whether it hits the watchdog too, as a bad disk or clock does."""
    before: "Callable[[Watched], None] | None" = None
    """What is done before the time counts."""
    act: "Callable[[Watched], None] | None" = None
    """What is done in place of a fault from below."""
    says: str = "holdwatch: "
    """How the line begins, or what event it is, by which the engine tells; empty: it cannot."""
    troubles: frozenset[str] = frozenset({"engine_failed", "engine_gone"})
    """What an alert must say for the fault to count as told."""


def _put_back(site: Watched) -> None:
    """Stop, and put the database of before the last file back: what an operator does with a backup."""
    kept = site.root.with_suffix(".kept")
    site.stop()
    for file in (site.root / "state").glob("holdwatch.sqlite*"):
        file.unlink()
    for file in kept.iterdir():
        shutil.copy(file, site.root / "state")


def _start_again(site: Watched) -> None:
    site.start()


def _keep(site: Watched) -> None:
    kept = site.root.with_suffix(".kept")
    kept.mkdir()
    for file in (site.root / "state").glob("holdwatch.sqlite*"):
        shutil.copy(file, kept)


def _send(number: int) -> Callable[[Watched], None]:
    def act(site: Watched) -> None:
        assert site.process is not None
        site.process.send_signal(number)

    return act


DISK = frozenset({"disk_full", "disk_read_only", "disk_failing", "disk_hanging"})
CASES = (
    Case("disk full", Fault("fail", error="ENOSPC", onward=True), troubles=frozenset({"disk_full"})),
    Case("disk read-only", Fault("fail", error="EROFS", onward=True), troubles=frozenset({"disk_read_only"})),
    Case("I/O error", Fault("fail", error="EIO", onward=True), troubles=frozenset({"disk_failing"})),
    Case("I/O error, only the engine meets it", Fault("fail", error="EIO", onward=True), both=False),
    Case(
        "a sync hangs, only the engine's",
        Fault("hang", seconds=HANG),
        both=False,
        says="engine.held_up",
        troubles=frozenset({"engine_silent"}),
    ),
    Case(
        "a sync hangs, the watchdog's too",
        Fault("hang", seconds=HANG),
        says="engine.held_up",
        troubles=frozenset({"disk_hanging"}),
    ),
    Case("clock an hour back", Fault(clock_back=HOUR), says="clock.stepped_back", troubles=frozenset({"clock_behind"})),
    Case(
        "clock an hour back, only the engine's",
        Fault(clock_back=HOUR),
        both=False,
        says="clock.stepped_back",
        troubles=frozenset({"clock_behind"}),
    ),
    Case("older database put back", before=_put_back, act=_start_again, says="holdwatch: the log has"),
    Case("engine killed", act=_send(signal.SIGKILL), says=""),
    Case("engine held (SIGSTOP)", act=_send(signal.SIGSTOP), says="", troubles=frozenset({"engine_silent"})),
)


@dataclass(frozen=True)
class Measured:
    """When it was told. Seconds after the fault began, which is before the engine can have met it."""

    case: Case
    told: float | None
    by_watchdog: float
    """A line on the watchdog's standard error."""
    alert: float
    trouble: str


def file_of(number: int, count: int = 20) -> list[bytes]:
    """Events of one file."""
    return [
        orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"{number}-{each}",
                "source": "/jms/a",
                "type": "jail.booking.opened.v1",
                "subject": f"B{number}-{each}",
                "time": "2026-03-02T10:00:00Z",
                "data": {},
            }
        )
        for each in range(count)
    ]


@contextmanager
def going(base: Path, library: Path, case: Case, limits: str) -> Iterator[tuple[Watched, Sink, Path]]:
    """An engine that has taken files in and a watchdog that has looked; the sign that begins the fault."""
    sign = base / "sign"
    with watched(base, limits=limits) as (site, sink):
        fault = replace(case.fault, **({"clock_file": sign} if case.fault.clock_back else {"file": sign}))
        told = fault.environment(site.root, base / "trace") | {"LD_PRELOAD": str(library)}
        site.put("1.jsonl", file_of(1))
        _start(site, told)
        site.wait(lambda: site.waiting == 0)
        if case.before is _put_back:
            site.stop()
            _keep(site)
            site.put("2.jsonl", file_of(2))
            _start(site, told)
            site.wait(lambda: site.waiting == 0)
        own = environment() | ({**told, "FAULTS_TRACE": str(base / "trace-watch")} if case.both else {})
        site.watch(env=own)
        until(site.state_file.exists)
        yield site, sink, sign


def _start(site: Watched, told: dict[str, str]) -> None:
    before = dict(os.environ)
    os.environ.update(told)  # `Service.start` hands the environment on
    try:
        site.start()
    finally:
        os.environ.clear()
        os.environ.update(before)


def measure(site: Watched, sink: Sink, sign: Path, case: Case, seconds: float = 180) -> Measured:
    """Begin the fault, and wait until it is told and the alert has arrived."""
    assert sink.got == []
    seen, looked = len(site.told.read_bytes()), len(site.says("watch.alert"))
    if case.before:
        case.before(site)
    began = time.monotonic()
    if case.act:
        case.act(site)
    else:
        sign.touch()
        # Something to write: an idle engine meets no disk. On a full disk it cannot even be dropped: it was there.
        site.put("9.jsonl", file_of(9))
    told = by_watchdog = alert = None
    trouble = ""
    while alert is None or by_watchdog is None or (case.says and told is None):
        now = time.monotonic() - began
        assert now < seconds, f"{case.name}: told {told}, alert {alert}; {site.said.read_text()[-2000:]}"
        if told is None and case.says and _said(site.told.read_bytes()[seen:].decode(), case.says):
            told = now
        if by_watchdog is None and case.troubles & {line["trouble"] for line in site.says("watch.alert")[looked:]}:
            by_watchdog = now
        if alert is None:
            for got in sink.got:
                if hit := case.troubles & {each["trouble"] for each in got.alerts}:
                    alert, trouble = got.at - began, min(hit)
                    break
        time.sleep(0.01)
    return Measured(case, told, by_watchdog, alert, trouble)


def _said(told: str, says: str) -> bool:
    return any(line.startswith(says) or f'"{says}"' in line for line in told.splitlines())


def main() -> int:
    """Measure every class with the limits that ship."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--short", action="store_true", help="the suite's limits in place of those that ship")
    options.add_argument("--only", default="", help="cases whose name has this in it")
    chosen = options.parse_args()
    late = 0
    print(
        "| fault | told by the engine after | by the watchdog's log after | alert received after | as |",
        "|---|---|---|---|---|",
        sep="\n",
    )
    with tempfile.TemporaryDirectory() as folder:
        library = build(Path(folder))
        for case in (each for each in CASES if chosen.only in each.name):
            found = []
            for number in range(chosen.times):
                base = Path(folder) / f"{CASES.index(case)}-{number}"
                base.mkdir()
                with going(base, library, case, SHORT if chosen.short else "") as (site, sink, sign):
                    found.append(measure(site, sink, sign, case, 180))
            late += sum((each.told or 0) > TOLD_WITHIN or each.alert > ALERT_WITHIN for each in found)
            print(row(case, found), flush=True)
    print(f"{late} later than {TOLD_WITHIN:g} s or {ALERT_WITHIN:g} s")
    return int(late > 0)


def row(case: Case, found: list[Measured]) -> str:
    told = [each.told for each in found if each.told is not None]
    cells = [
        case.name,
        spread(told) if told else "cannot",
        spread([each.by_watchdog for each in found]),
        spread([each.alert for each in found]),
        ", ".join(f"`{trouble}`" for trouble in sorted({each.trouble for each in found})),
    ]
    return f"| {' | '.join(cells)} |"


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} s (at most {max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
