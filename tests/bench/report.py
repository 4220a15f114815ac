"""Measures everything and writes docs/benchmarks.md anew: ``make bench``.

Each part runs in a process of its own, one after the other. If one fails, the page stays as it was.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from tests.bench import machine
from tests.bench.field import beside_the_field
from tests.bench.section import ROOT, milliseconds, rate, table

PARTS = ("rates", "flat", "shapes", "latency", "verifying", "queries", "gate_relay", "flame")
LONGEST = 1800
"""Seconds a part may take."""
BUSY = 1.0
"""More processes than this that want to run, before anything of ours does, spoil the figures."""


def measured(part: str, out: Path, *, quick: bool) -> dict[str, Any]:
    """Run one part."""
    print(f"{part} …", file=sys.stderr, flush=True)
    command = [
        sys.executable,
        "-m",
        f"tests.bench.{part}",
        "--json",
        "--out",
        str(out),
        *(["--quick"] if quick else []),
    ]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, timeout=LONGEST, check=True)
    found: dict[str, Any] = orjson.loads(done.stdout.splitlines()[-1])
    return found | {"part": part}


def head(figures: dict[str, float]) -> str:
    """The figures that were asked for, and whether they were reached."""
    rows = [
        ("replay, of the floor", f"{figures['replay_ratio']:.3f}", "0.5 (our own aim)", figures["replay_ratio"] >= 0.5),
        (
            "embedded with durable commits, of the floor",
            f"{figures['embedded_ratio']:.3f}",
            "0.5 (our own aim)",
            figures["embedded_ratio"] >= 0.5,
        ),
        (
            "embedded with durable commits, events/s",
            rate(figures["embedded_rate"]),
            "500",
            figures["embedded_rate"] >= 500,
        ),
        (
            "the same with most bookings open",
            rate(figures["then_with_most_bookings"]),
            "500",
            figures["then_with_most_bookings"] >= 500,
        ),
        (
            "a finding raised after its instant, most bookings open, ms",
            milliseconds(figures["late_with_most_bookings"]),
            "1,000",
            figures["late_with_most_bookings"] <= 1,
        ),
        (
            "decision on a message, durable, p99, ms",
            milliseconds(figures["decision_p99"]),
            "1,000",
            figures["decision_p99"] <= 1,
        ),
        (
            "slowest question to the table of a long log, p95, ms (people search a copy: console.md)",
            milliseconds(figures["search_p95"]),
            "500",
            figures["search_p95"] <= 0.5,
        ),
        (
            "the same with the indexes below",
            milliseconds(figures["search_p95_indexed"]),
            "500",
            figures["search_p95_indexed"] <= 0.5,
        ),
    ]
    return table(
        ("figure", "measured", "asked", "reached"), [(*row[:3], "yes" if row[3] else "**no**") for row in rows]
    )


def page(parts: list[dict[str, Any]], loads: tuple[float, float], minutes: float, *, quick: bool) -> str:
    figures: dict[str, float] = {}
    for part in parts:
        figures |= part["figures"]
    about = [*machine.described(), ("taken", f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes with `make bench`")]
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; not edited by hand. Each part can be run by itself with the command under it.",
        "",
    ]
    if quick:
        lines += ["**A quick run with small sizes, only to try the machinery: no figure here is worth quoting.**", ""]
    busy = loads[0] > BUSY
    if busy:
        lines += [
            f"**The machine was busy with other work (load {loads[0]:.1f} before the start): times are too long.**",
            "",
        ]
    lines += [table(("", "where and when"), about), "", "## In short", "", head(figures), ""]
    for part in parts:
        command = f"`python -m tests.bench.{part['part']}`"
        lines += [f"## {part['title']}", "", part["text"], "", f"By itself: {command}.", ""]
    lines += ["## Beside the field", "", beside_the_field(figures), ""]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, into a temporary folder unless --out is given"
    )
    parser.add_argument("--out", type=Path, help="where the page and its pictures go; docs unless given")
    asked = parser.parse_args()
    out = asked.out or (Path(tempfile.mkdtemp(prefix="holdwatch-bench-")) if asked.quick else ROOT / "docs")
    out.mkdir(parents=True, exist_ok=True)
    before, started = machine.load(), time.monotonic()
    parts = [measured(part, out, quick=asked.quick) for part in PARTS]
    minutes = (time.monotonic() - started) / 60
    (out / "benchmarks.md").write_text(
        page(parts, (before, machine.load()), minutes, quick=asked.quick), encoding="utf-8"
    )
    print(out / "benchmarks.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
