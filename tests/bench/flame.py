"""Where the time goes: samples of the stack while the service takes events in, drawn as a flame graph.

The system's profiling timer interrupts every few milliseconds of processor time; what a library does in C counts for
the function that called it. The picture is docs/flame.svg.
"""

import signal
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from integration.policy.pack import load
from integration.runners.memory import tune_collector
from tests.bench import flame_svg
from tests.bench.feed import feed
from tests.bench.rates import embedded
from tests.bench.section import ROOT, Options, Section, main, table, tell

EVERY = 0.001
STARTS_AT = "embedded (tests/bench/rates.py)"
SHOWN = 12

Stacks = Counter[tuple[str, ...]]
"""How often a stack was seen, outermost function first."""


@contextmanager
def sampled() -> Iterator[Stacks]:
    """Count the stacks of this thread while the block runs."""
    stacks: Stacks = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        names = []
        while frame is not None:
            names.append(_name(frame))
            frame = frame.f_back
        stacks[tuple(reversed(names))] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        yield stacks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _name(frame: FrameType) -> str:
    code = frame.f_code
    if code.co_filename == "<string>":
        return "constructor (generated for a row or a fact)"
    path = Path(code.co_filename)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        where = str(path.relative_to(ROOT))
    else:
        parts = path.parts
        where = "/".join(parts[parts.index("site-packages") + 1 :][:2]) if "site-packages" in parts else path.name
    return f"{code.co_qualname} ({where})"


def inside(stacks: Stacks, start: str) -> Stacks:
    """Keep what happened inside one function, beginning with it."""
    kept: Stacks = Counter()
    for stack, count in stacks.items():
        if start in stack:
            kept[stack[stack.index(start) :]] += count
    return kept


def measure(options: Options) -> Section:
    bookings = 500 if options.quick else 20_000
    tune_collector()
    lines, pack = list(feed(bookings)), load("lansing-eo-2017-01")
    tell(f"{len(lines):,} events")
    with tempfile.TemporaryDirectory() as folder, sampled() as stacks:
        embedded(lines, Path(folder), pack)
    stacks = inside(stacks, STARTS_AT)
    total = stacks.total()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "flame.svg").write_text(flame_svg.drawn(stacks), encoding="utf-8")
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack, count in stacks.items():
        own[stack[-1]] += count
        for name in set(stack):
            whole[name] += count
    rows = [
        (f"`{name}`", f"{100 * count / total:.1f}", f"{100 * whole[name] / total:.1f}")
        for name, count in own.most_common(SHOWN)
    ]
    words = (
        f"{total:,} samples of the stack, evenly over processor time, while the embedded service took {len(lines):,}"
        " events in. What a library does in C counts for the function that called it."
    )
    shown = table(("function", "itself, %", "with what it calls, %"), rows)
    return Section("Where the time goes", f"{words}\n\n![Flame graph of the hot path](flame.svg)\n\n{shown}")


if __name__ == "__main__":
    main(measure, __doc__)
