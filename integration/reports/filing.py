"""Filing: which period is due, what the log says of a report that left, and whether one made again is the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Final

from integration.audit.entry import JSON
from integration.errors import UsageError
from integration.reports.asked import Asked, Format
from integration.reports.counting.period import Period, months_before
from integration.reports.counting.register import FILED
from integration.reports.making import make
from integration.reports.rendering.formats import file_name, render

_YEAR: Final = 12
MEDIA: Final = {
    Format.HTML: "text/html",
    Format.PDF: "application/pdf",
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
}

__all__ = ["FILED", "MEDIA", "Written", "differing", "filed_detail", "last_period", "said_of", "write"]


@dataclass(frozen=True, slots=True)
class Written:
    """A report in one format."""

    name: str
    form: Format
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return sha256(self.content).hexdigest()


def write(
    asked: Asked,
    bodies: Iterable[bytes | None],
    forms: Iterable[Format],
    lists: Mapping[str, bytes] | None = None,
) -> list[Written]:
    """Make a report and write it in every format that is asked for. Raises as `make` and `render` do."""
    document = make(asked, bodies, lists)
    return [Written(file_name(asked, form), form, render(document, asked, form)) for form in dict.fromkeys(forms)]


def filed_detail(asked: Asked, files: Iterable[Written], to: str) -> dict[str, JSON]:
    """Return the ``detail`` of a ``report.filed`` entry: what was asked, and the digests of what left."""
    return {**asked.detail(), "to": to, "files": {each.form.value: each.digest for each in files}}


def said_of(detail: Mapping[str, Any]) -> tuple[Asked, dict[Format, str]]:
    """Read such a detail: the request, and the digest of each format.

    Raises:
        UsageError: it is no such detail.
    """
    asked = Asked.from_detail(detail)
    try:
        return asked, {Format(form): str(digest) for form, digest in detail["files"].items()}
    except (KeyError, ValueError, AttributeError):
        raise UsageError("that entry does not say which files left") from None


def differing(files: Iterable[Written], filed: Mapping[Format, str]) -> list[Written]:
    """Return those files that are not, byte for byte, the ones that were filed."""
    return [each for each in files if each.digest != filed.get(each.form)]


def last_period(today: date, months: int, zone: str) -> Period:
    """Return the last whole period before a day; periods are counted from the first of January.

    Raises:
        UsageError: a year is not a whole number of such periods.
    """
    if months <= 0 or _YEAR % months:
        raise UsageError(f"periods of {months} months do not divide a year; give --from and --to")
    end = date(today.year, (today.month - 1) // months * months + 1, 1)
    return Period(months_before(end, months), end, zone)
