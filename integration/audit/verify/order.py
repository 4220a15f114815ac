"""Whether the indexes of a log run 0, 1, 2 …, and exactly what is wrong where they do not."""

from dataclasses import dataclass, field
from typing import Final

from integration.audit.verify.model import Problems, What

_MAX_RUNS: Final = 10_000


@dataclass(slots=True)
class Order:
    """Keeps the rows' indexes as runs of consecutive numbers: one run in a clean log."""

    runs: list[tuple[int, int]] = field(default_factory=list)
    start: int = 0
    next: int = 0

    def place(self, claimed: int | None) -> int:
        """Take the next row's index; a row whose index cannot be read is taken for the one expected there."""
        index = self.next if claimed is None else claimed
        if index != self.next:
            self._close()
            self.start = index
        self.next = index + 1
        return index

    def _close(self) -> None:
        if self.next > self.start and len(self.runs) < _MAX_RUNS:
            self.runs.append((self.start, self.next))

    def copy(self) -> "Order":
        """Return an independent copy."""
        return Order(self.runs.copy(), self.start, self.next)

    def report(self, problems: Problems) -> None:
        """Name the missing, the repeated and the misplaced."""
        self._close()
        before = 0
        for start, end in self.runs:
            if start < before:
                text = f"entry {start} follows entry {before - 1}"
                problems.add(What.OUT_OF_ORDER, start, text, until=end)
            before = end
        covered = 0
        for start, end in sorted(self.runs):
            if start > covered:
                problems.add(What.MISSING, covered, "they are not in the log", until=start)
            elif start < covered:
                text = "they are in the log more than once"
                problems.add(What.DUPLICATE, start, text, until=min(end, covered))
            covered = max(covered, end)
        if len(self.runs) >= _MAX_RUNS:
            problems.add(What.OUT_OF_ORDER, None, f"more than {_MAX_RUNS} breaks in the order")
