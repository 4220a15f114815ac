"""The HTML form: one page with its style in the elements, without images, scripts or anything to fetch."""

from html import escape
from typing import Final

from integration.services.alertwords.document import Document, Section

_BODY: Final = "margin:0;padding:16px;background:#ffffff;color:#1b1b1b;font:16px/1.5 Arial,Helvetica,sans-serif"
_DRILL: Final = "margin:0 0 16px;padding:12px;border:4px dashed #1b1b1b;font-weight:bold"
_LABEL: Final = (
    "padding:6px 16px 6px 0;text-align:left;vertical-align:top;white-space:nowrap;border-top:1px solid #a9aeb1"
)
_VALUE: Final = "padding:6px 0;vertical-align:top;border-top:1px solid #a9aeb1"
_BUTTON: Final = (
    "display:inline-block;padding:12px 20px;background:#005ea2;color:#ffffff;font-weight:bold;border-radius:4px"
)
_SMALL: Final = "margin:8px 0;color:#565c65;font-size:14px"


def html_of(document: Document) -> str:
    """Return a notice as a page. Everything in it is text that was escaped."""
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(document.title)}</title></head>",
        f'<body style="{_BODY}">',
    ]
    if document.drill:
        parts.append(f'<p style="{_DRILL}">{escape(document.drill)}</p>')
    parts.append(f'<h1 style="margin:0 0 8px;font-size:20px">{escape(document.heading)}</h1>')
    parts.append(f'<p style="margin:0 0 16px">{escape(document.reason)}</p>')
    parts.append('<table style="border-collapse:collapse">')
    parts += [_row(section) for section in document.sections]
    parts.append("</table>")
    if document.link:
        link = escape(document.link)
        parts.append(f'<p style="margin:24px 0 8px"><a href="{link}" style="{_BUTTON}">See and acknowledge</a></p>')
        parts.append(f'<p style="{_SMALL}">{link}<br>{escape(document.link_note)}</p>')
    parts.append(f'<p style="{_SMALL}">{escape(document.title)}<br>{escape(document.foot)}</p>')
    parts.append("</body></html>")
    return "\n".join(parts) + "\n"


def _row(section: Section) -> str:
    return (
        f'<tr><th scope="row" style="{_LABEL}">{escape(section.label)}</th>'
        f'<td style="{_VALUE}">{_lines(section)}</td></tr>'
    )


def _lines(section: Section) -> str:
    if len(section.lines) == 1 and not section.numbered:
        return f"<bdi>{escape(section.lines[0])}</bdi>"
    kind = "ol" if section.numbered else "ul"
    items = "".join(f"<li><bdi>{escape(line)}</bdi></li>" for line in section.lines)
    return f'<{kind} style="margin:0;padding-left:24px">{items}</{kind}>'
