"""The formats by name."""

from integration.reports.asked import Asked, Format
from integration.reports.document import Document
from integration.reports.rendering.html import html
from integration.reports.rendering.jsons import to_json
from integration.reports.rendering.pdf import pdf
from integration.reports.rendering.sheets import comma_separated, workbook


def render(document: Document, asked: Asked, form: Format) -> bytes:
    """Write a report.

    Raises:
        UsageError: the format needs a part that is not installed.
    """
    match form:
        case Format.HTML:
            return html(document)
        case Format.PDF:
            return pdf(html(document))
        case Format.CSV:
            return comma_separated(document)
        case Format.XLSX:
            return workbook(document)
        case Format.JSON:
            return to_json(document, asked)


def file_name(asked: Asked, form: Format) -> str:
    """Return a name that tells reports apart: kind, facility, period, copy."""
    facility, columns = _plain(asked.facility) or "all", _plain(asked.columns.removesuffix(".toml"))
    which = f"{asked.report}-{columns}" if columns else asked.report
    copy = "-public" if asked.public else ""
    return f"{which}_{facility}_{asked.first}_{asked.period.last}{copy}.{form.value}"


def _plain(text: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else "-" for each in text).strip("-")
