"""A report as JSON: what it rests on, and every figure of every table."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Strict
from schemas.outputs import Count, Word

Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class ReportAsked(Strict):
    """What was asked for, and the log that it was counted from. With both the report can be made again."""

    report: Literal["council", "parity", "holds", "gate", "reconcile"]
    first: Day
    end: Day
    """The first day that is no longer in the period."""
    zone: str
    facility: str
    """The feed; empty: all of them."""
    columns: str
    public: bool
    suppress_below: Count
    recipient: str
    version: str
    origin: str
    size: Count
    root: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    lists: dict[Word, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]
    days: Count
    list_facility: str
    feeds: Annotated[dict[str, Annotated[int, Field(gt=0)]], Field(default_factory=dict)]
    """The facilities that are asked about, with the minutes that each may be silent; empty: all that the log knows."""
    despite_earlier: bool = False
    """Whether a public copy is made though it can be subtracted from one that was filed before."""


class ReportFact(Strict):
    """One line about what the report rests on."""

    name: str
    value: str


class ReportTable(Strict):
    """A table. A cell is a number, or text: a label, ``not recorded``, ``left out``."""

    name: Word
    caption: str
    columns: Annotated[list[str], Field(min_length=1)]
    rows: list[list[int | float | str]]
    note: str
    totals: bool
    """The last row is a sum of those above it."""


class ReportPlot(Strict):
    """The numbers of a plot, and its text alternative."""

    name: Word
    title: str
    description: str
    unit: str
    labels: list[str]
    series: dict[str, list[int | float]]


class ReportSection(Strict):
    """A heading with its text, tables and plots."""

    name: Word
    heading: str
    text: list[str]
    tables: list[ReportTable]
    plots: list[ReportPlot]


class Report(Strict):
    """A whole report, version 1."""

    v: Literal[1]
    asked: ReportAsked
    title: str
    facts: list[ReportFact]
    sections: list[ReportSection]
    notes: list[str]
    certificate: str
    """What is certified, where every figure is zero; empty otherwise."""


class TallyRow(Strict):
    """A count of the anonymous tally; null is one that the log does not hold."""

    facility: str
    month: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}$")]
    table: Word
    row: Word
    column: Word
    count: Count | None
