"""A report as one HTML page: no scripts, nothing fetched, headings and table heads that a screen reader follows."""

from base64 import b64encode
from html import escape
from importlib.resources import files
from typing import Final

from integration.reports.document import Cell, Document, Plot, Section, Table
from integration.reports.rendering.svg import svg

_STYLE: Final = files(__package__).joinpath("report.css").read_text(encoding="utf-8")


def html(document: Document) -> bytes:
    """Write the page, UTF-8."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(document.title)}</h1>\n{_facts(document)}"
        + "".join(_section(section) for section in document.sections)
        + _signature(document)
        + "".join(f"<p class=note>{escape(note)}</p>\n" for note in document.notes)
        + "</main>\n</body>\n</html>\n"
    ).encode()


def _facts(document: Document) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>\n' for name, value in document.facts
    )
    head = '<thead><tr><th scope="col">What</th><th scope="col">Which</th></tr></thead>\n'
    caption = "<caption>What this report rests on</caption>"
    return f'<table class="facts">\n{caption}\n{head}<tbody>\n{rows}</tbody>\n</table>\n'


def _section(section: Section) -> str:
    return (
        f"<section>\n<h2>{escape(section.heading)}</h2>\n"
        + "".join(f"<p>{escape(said)}</p>\n" for said in section.text)
        + "".join(_table(table) for table in section.tables)
        + "".join(_plot(plot) for plot in section.plots)
        + "</section>\n"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    last = len(table.rows) - 1
    rows = "".join(_row(row, total=table.totals and at == last) for at, row in enumerate(table.rows))
    if not table.rows:
        rows = f"<tr><td colspan={len(table.columns)}>None.</td></tr>\n"
    note = f'<p class="note">{escape(table.note)}</p>\n' if table.note else ""
    wide = ' class="wide"' if len(table.columns) > 8 else ""  # noqa: PLR2004  what fits a page in the usual size
    return (
        f"<table{wide}>\n<caption>{escape(table.caption)}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n{note}"
    )


def _row(row: tuple[Cell, ...], *, total: bool) -> str:
    kind = ' class="total"' if total else ""
    cells = "".join(_cell(cell) for cell in row[1:])
    return f'<tr{kind}><th scope="row">{escape(str(row[0]))}</th>{cells}</tr>\n'


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return f"<td>{escape(cell)}</td>"
    return f'<td class="number">{written(cell)}</td>'


def written(number: float) -> str:
    """Write a number as every format shows it."""
    return str(number) if isinstance(number, int) else f"{number:.2f}"


def _plot(plot: Plot) -> str:
    picture = b64encode(svg(plot).encode()).decode()
    alternative = escape(f"{plot.title}. {plot.description}")
    return (
        f'<figure>\n<img src="data:image/svg+xml;base64,{picture}" alt="{alternative}">\n'
        f"<figcaption>{escape(plot.title)}</figcaption>\n</figure>\n"
    )


def _signature(document: Document) -> str:
    if not document.signature:
        return ""
    said, *lines = document.signature
    blanks = "".join(f'<p class="line">{escape(line)}: <span class="blank"></span></p>\n' for line in lines)
    return f'<section class="certificate">\n<h2>Certificate</h2>\n<p>{escape(said)}</p>\n{blanks}</section>\n'
