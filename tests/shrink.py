"""Makes a failing history small: ``python -m tests.shrink --seed 17`` writes the smallest one as a golden file."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def smallest(items: Sequence[T], fails: Callable[[list[T]], bool], *, tries: int = 5000) -> list[T]:
    """Delta debugging (ddmin): leave out ever smaller runs while what is left still fails.

    Args:
        items: a failing list.
        fails: tells whether a shorter list still fails; must give the same answer each time.
        tries: how often to ask at most.
    """
    kept, size = list(items), max(1, len(items) // 2)
    while size and tries > 0:
        at, shorter = 0, False
        while at < len(kept) and tries > 0:
            tries -= 1
            rest = kept[:at] + kept[at + size :]
            if rest and fails(rest):
                kept, shorter = rest, True
            else:
                at += size
        if not shorter or size > len(kept):
            size = 0 if size == 1 and not shorter else max(1, size // 2)
    return kept
