"""One part of the report: what was measured, as Markdown, and the figures that the page's head quotes.

Each part is a module with a ``measure``; by itself, ``python -m tests.bench.rates`` prints it. Progress goes to
standard error.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson

ROOT = Path(__file__).parents[2]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Options:
    quick: bool = False
    """Small sizes, to try the machinery: no figure of such a run is worth quoting."""
    out: Path = ROOT / "docs"
    """Where pictures go."""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    text: str
    """Markdown."""
    figures: dict[str, float] = field(default_factory=dict)


Measure = Callable[[Options], Section]


def main(measure: Measure, about: str | None) -> None:
    """Measure one part by itself."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="small sizes: only to try it")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where pictures go")
    parser.add_argument("--json", action="store_true", help="print what the report reads")
    asked = parser.parse_args()
    section = measure(Options(asked.quick, asked.out))
    if asked.json:
        print(orjson.dumps({"title": section.title, "text": section.text, "figures": section.figures}).decode())
    else:
        print(f"## {section.title}\n\n{section.text}")


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, figures: bool = True) -> str:
    """Write a Markdown table; the first column is words, the others are figures unless told otherwise."""
    lines = ["| " + " | ".join(headings) + " |", "|---" + ("|---:" if figures else "|---") * (len(headings) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def rate(value: float) -> str:
    """Write a rate with three figures: more would be noise."""
    digits = max(0, len(str(int(value))) - 3)
    return f"{round(value, -digits):,.0f}"


def milliseconds(seconds: float) -> str:
    """Write a time with about three figures."""
    value = 1000 * seconds
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def in_batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(slots=True)
class Spent:
    """What a piece of work took, in seconds."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Spent]:
    spent, wall, cpu = Spent(), time.perf_counter(), time.process_time()
    yield spent
    spent.wall, spent.cpu = time.perf_counter() - wall, time.process_time() - cpu


def tell(text: str) -> None:
    """Say how far it is."""
    print(f"  {text}", file=sys.stderr, flush=True)
