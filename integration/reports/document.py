"""A report before it is written: sections of tables and plots, the same for every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from integration.reports.counting.suppression import column_totals, left_out
from integration.reports.counting.tables import TOTAL, Counts

Cell: TypeAlias = str | int | float
"""Text or a number; `NOT_RECORDED` and `LEFT_OUT` stand in the place of one."""

NOT_RECORDED: Final = "not recorded"
LEFT_OUT: Final = "left out"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first column names the row."""

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    totals: bool = False
    """The last row is a sum."""

    @property
    def has_left_out(self) -> bool:
        """Whether a count is left out of it."""
        return any(LEFT_OUT in row for row in self.rows)


class Shape(StrEnum):
    """How a plot is drawn."""

    BARS = "bars"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of numbers that also stand in a table of the same section."""

    name: str
    title: str
    description: str
    """The text alternative: what is to be seen, with the numbers that matter."""
    shape: Shape
    unit: str
    labels: tuple[str, ...]
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, tables, plots."""

    name: str
    heading: str
    text: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report."""

    kind: str
    title: str
    facts: tuple[tuple[str, str], ...]
    """What the figures rest on: period, facility, pack, log, version."""
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    signature: tuple[str, ...] = field(default=())
    """Lines to sign on, where the report certifies something."""


def table_of(counts: Counts, *, suppress_below: int = 0, shares_totals: bool = False) -> Table:
    """Lay counts out with their totals; small ones are left out where a threshold is given.

    Args:
        counts: the table.
        suppress_below: the threshold; 0 leaves nothing out.
        shares_totals: whether another table of the report has the same column totals.
    """
    hidden = left_out(counts, suppress_below, column_totals(counts) if shares_totals else frozenset())
    one_column = len(counts.columns) == 1
    columns = [*counts.columns] if one_column else [*counts.columns, (TOTAL, "Total")]
    rows = []
    for row, label in (*counts.rows, (TOTAL, "Total")):
        cells: list[Cell] = [label]
        for column, _ in columns:
            value = counts.value(row, column)
            if hidden is None or (row, column) in hidden:
                cells.append(NOT_RECORDED if hidden is None and value is None else LEFT_OUT)
            else:
                cells.append(NOT_RECORDED if value is None else value)
        rows.append(tuple(cells))
    note = counts.note
    if suppress_below and any(LEFT_OUT in row for row in rows):
        told = f"Counts from 1 to {suppress_below - 1} are left out, and others that would tell them."
        note = f"{note} {told}".strip()
    return Table(
        counts.name,
        counts.caption,
        (counts.row_head, *(label for _, label in columns)),
        tuple(rows),
        note,
        totals=True,
    )


def rounded(value: float) -> float:
    """Round hours and days as they are printed."""
    return round(value, 2)
