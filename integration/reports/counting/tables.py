"""A table of counts: rows, columns, cells, and totals that are always worked out and never taken from anywhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str]
"""(row, column)."""

TOTAL: Final = "total"


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that add up along rows and columns.

    Attributes:
        name: identifies it in files.
        caption: says what is counted.
        row_head: what the rows are.
        rows: key and label of each row, in order.
        columns: key and label of each column, in order.
        cells: the count of every row and column; None where the log does not hold it ("not recorded").
        note: what a reader has to know.
    """

    name: str
    caption: str
    row_head: str
    rows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    cells: Mapping[Key, int | None]
    note: str = ""

    def value(self, row: str, column: str) -> int | None:
        """Return a cell or a total (row or column `TOTAL`); None where a part of it is not recorded."""
        rows = [key for key, _ in self.rows] if row == TOTAL else [row]
        columns = [key for key, _ in self.columns] if column == TOTAL else [column]
        total = 0
        for each_row in rows:
            for each_column in columns:
                value = self.cells[each_row, each_column]
                if value is None:
                    return None
                total += value
        return total

    @property
    def total(self) -> int | None:
        """The sum of all cells."""
        return self.value(TOTAL, TOTAL)


def counted(
    head: tuple[str, str, str],
    rows: Iterable[tuple[str, str]],
    columns: Iterable[tuple[str, str]],
    found: Iterable[Key],
    *,
    note: str = "",
) -> Counts:
    """Count: every row and column is there, with zero where nothing was found.

    Args:
        head: name, caption, and what the rows are.
        rows: key and label of each.
        columns: key and label of each.
        found: row and column of each thing to count.
        note: what a reader has to know.

    Raises:
        KeyError: something was found that no row or column is for. Nothing is left out in silence.
    """
    all_rows, all_columns = tuple(rows), tuple(columns)
    cells: dict[Key, int | None] = {(row, column): 0 for row, _ in all_rows for column, _ in all_columns}
    for key in found:
        cells[key] = (cells[key] or 0) + 1
    return Counts(*head, all_rows, all_columns, cells, note)
