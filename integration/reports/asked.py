"""What a report was asked for, whole: with it and the log the same report can be made again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from integration.errors import UsageError
from integration.reports.counting.period import Period


class ReportKind(StrEnum):
    """Which report."""

    COUNCIL = "council"
    PARITY = "parity"
    HOLDS = "holds"
    GATE = "gate"
    RECONCILE = "reconcile"


class Format(StrEnum):
    """How a report is written; also the file's suffix."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A report's parameters, and the log that it is counted from. No personal data: it stands in the audit log."""

    report: str
    """A `ReportKind`."""
    first: str
    """First day, ISO 8601."""
    end: str
    """The first day that is no longer in it."""
    zone: str
    facility: str
    """The feed; empty: all of them."""
    columns: str
    """Id of the column set, for the council's report; empty otherwise."""
    public: bool
    """The public copy: no booking numbers, small counts left out."""
    suppress_below: int
    recipient: str
    version: str
    """Of the program."""
    origin: str
    """The log's name."""
    size: int
    """Number of entries that it is counted from."""
    root: str
    """The log's root hash at that size, hexadecimal."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the other lists that a reconciliation reads, by whose they are."""
    days: int = 0
    """By how many days a reconciliation's lists may differ from the log."""
    list_facility: str = ""
    """The only facility of ICE's export that is looked at; empty: every row."""

    feeds: Mapping[str, int] = field(default_factory=dict)
    """The facilities that are asked about, with the minutes that each may be silent; empty: all that the log knows."""

    despite_earlier: bool = False
    """A public copy that was wanted although it can be subtracted from an earlier one; its page says so."""

    @property
    def period(self) -> Period:
        """The period."""
        return Period(date.fromisoformat(self.first), date.fromisoformat(self.end), self.zone)

    @property
    def below(self) -> int:
        """Counts from 1 to one below this are left out."""
        return self.suppress_below if self.public else 0

    def booking(self, source: str, number: str) -> str:
        """Name a booking: with its feed, where several facilities are told of, which may use the same numbers."""
        return number if self.facility else f"{source} {number}"

    def detail(self) -> dict[str, Any]:
        """Write it as an entry's detail holds it."""
        return asdict(self)

    @classmethod
    def from_detail(cls, detail: Any) -> "Asked":
        """Read it from an entry's detail; other fields of it are passed over.

        Raises:
            UsageError: a field is missing that has no default.
        """
        try:
            return cls(**{each.name: detail[each.name] for each in fields(cls) if each.name in detail})
        except TypeError:
            raise UsageError("that entry does not say what the report was asked for") from None
