"""The text form: for mail, and for every channel that has no form of its own."""

from typing import Final

from integration.services.alertwords.document import Document, Section

_INDENT: Final = "  "


def text_of(document: Document) -> str:
    """Return a notice as text. Its title stands beside it, in every channel."""
    blocks = [document.drill] if document.drill else []
    blocks.append(f"{document.heading}\n{document.reason}")
    blocks.append("\n".join(_section(section) for section in document.sections))
    if document.link:
        blocks.append(f"See and acknowledge: {document.link}\n{document.link_note}")
    blocks.append(document.foot)
    return "\n\n".join(blocks) + "\n"


def _section(section: Section) -> str:
    if len(section.lines) == 1 and not section.numbered:
        return f"{section.label}: {section.lines[0]}"
    marks = [f"{at}." if section.numbered else "-" for at in range(1, len(section.lines) + 1)]
    return "\n".join(
        [f"{section.label}:", *(f"{_INDENT}{m} {line}" for m, line in zip(marks, section.lines, strict=True))]
    )
