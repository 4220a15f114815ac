"""Other people's lists of detainers, read from CSV: ICE's own export, and the paper log of a front desk.

Only what is matched on is read. Names, birth dates and whatever else stands in such a file are passed over.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from integration.domain.papers import kind_of_form
from integration.errors import UsageError
from integration.reports.counting.matching import Line, Unread

_DAY_FORMATS: Final = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y/%m/%d", "%d-%b-%Y", "%d-%b-%y")
_HEAD_WITHIN: Final = 20
"""ICE's files have six rows above their heads; looked for, not counted on."""


class ListKind(StrEnum):
    """Whose list it is."""

    ICE = "ice"
    PAPER = "paper"


_COLUMNS: Final[Mapping[ListKind, Mapping[str, tuple[str, ...]]]] = {
    ListKind.ICE: {
        "day": ("detainerpreparedate",),
        "kind": ("detainertype",),
        "notify": ("notifyreleaserequestyesno",),
        "identifier": ("anonymizedidentifier", "uniqueidentifier"),
        "facility": ("detainerfacilitycode", "detainerfacility"),
    },
    ListKind.PAPER: {
        "day": ("received", "receivedat", "date"),
        "kind": ("form", "kind"),
        "booking": ("booking", "bookingnumber"),
        "hold_id": ("holdid",),
    },
}
_NEEDED: Final = "day"


def read_list(
    kind: ListKind, content: bytes, *, crosswalk: bytes | None = None, facility: str = ""
) -> tuple[list[Line], list[Unread]]:
    """Read a list.

    Args:
        kind: whose it is.
        content: CSV, UTF-8 or Windows-1252.
        crosswalk: CSV with the columns ``identifier`` and ``booking``: which of the agency's bookings an identifier of
            the list is. Without one, ICE's export names no booking.
        facility: only rows of this facility or code; empty: all of them.

    Raises:
        UsageError: the column that everything hangs on is missing.
    """
    rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    at, columns = _head(kind, rows)
    known = _crosswalk(crosswalk) if crosswalk is not None else {}
    lines, unread = [], []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        if not any(cell.strip() for cell in row):
            continue
        told = {name: row[place].strip() if place < len(row) else "" for name, place in columns.items()}
        if facility and "facility" in told and told["facility"].casefold() != facility.casefold():
            continue
        day = _day(told[_NEEDED])
        if day is None:
            unread.append(Unread(number, "its date cannot be read"))
            continue
        booking = told.get("booking") or known.get(told.get("identifier", ""), "")
        lines.append(Line(number, day, _kind(told), booking, told.get("hold_id", "")))
    return lines, unread


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _key(head: str) -> str:
    return re.sub(r"[^a-z]", "", head.casefold())


def _head(kind: ListKind, rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    for at, row in enumerate(rows[:_HEAD_WITHIN]):
        heads = [_key(cell) for cell in row]
        places = {
            name: heads.index(head)
            for name, choices in _COLUMNS[kind].items()
            for head in choices[::-1]
            if head in heads
        }
        if _NEEDED in places:
            return at, places
    names = " or ".join(_COLUMNS[kind][_NEEDED])
    raise UsageError(f"the list has no column {names} in its first {_HEAD_WITHIN} rows")


def _crosswalk(content: bytes) -> dict[str, str]:
    reader = csv.DictReader(io.StringIO(_text(content), newline=""))
    if not {"identifier", "booking"} <= set(reader.fieldnames or ()):
        raise UsageError("the crosswalk has no columns identifier and booking")
    return {row["identifier"].strip(): row["booking"].strip() for row in reader if row["identifier"]}


def _day(text: str) -> date | None:
    said = text.strip()
    try:
        return datetime.fromisoformat(said).date()
    except ValueError:
        pass
    first = said.split(" ")[0].split("T")[0]
    return next(_days(first), None)


def _days(text: str) -> Iterator[date]:
    for form in _DAY_FORMATS:
        try:
            yield datetime.strptime(text, form).date()  # noqa: DTZ007  a day of a calendar, no instant
        except ValueError:
            continue


def _kind(told: Mapping[str, str]) -> str:
    """Tell what kind of request a row is about; empty where it does not say."""
    said = told.get("kind", "")
    if (known := kind_of_form(said)) is not None:
        return known.value
    words = said.casefold().replace("_", " ")
    if "warrant" in words:
        return "administrative_warrant"
    if "notif" in words:
        return "notification_request"
    return "immigration_detainer" if "detain" in words or "hold" in words else ""
