"""The plain text form of a notice, for printers and screens that know nothing else."""

from typing import Final

from integration.services.notices.sheet import Block, Paragraph, Sheet

_FIRST_STRONG, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
"""Isolates (Unicode UAX 9): what stands in them keeps its own direction in a line that runs the other way."""
_QUESTIONS: Final = ("?", "\uff1f", "\u061f")
_LINE: Final = "_" * 40


def text_of(sheet: Sheet) -> str:
    """Return a notice as text."""
    turned = sheet.direction == "rtl"
    parts = ["\n".join(f"*** {_said(mark, turned=turned)} ***" for mark in sheet.marks)] if sheet.marks else []
    parts += [sheet.title, sheet.intro, *(_block(block, turned=turned) for block in sheet.blocks)]
    receipt = [sheet.receipt.heading, "", *(_said(each, turned=turned) for each in sheet.receipt.paragraphs), ""]
    receipt += [f"{label}: {_LINE}\n" for label, _ in sheet.receipt.rows]
    parts += ["\n".join([*receipt, f"[ ] {sheet.refused}"]), sheet.foot]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, *, turned: bool) -> str:
    rows = [f"{_asked(label)} {_isolated(value) if turned else value}" for label, value in block.rows]
    return "\n".join([block.heading, "", *rows, *(_said(each, turned=turned) for each in block.paragraphs)])


def _asked(label: str) -> str:
    return label if label.endswith(_QUESTIONS) else f"{label}:"


def _said(paragraph: Paragraph, *, turned: bool) -> str:
    return f"{_LEFT_TO_RIGHT}{paragraph.text}{_END}" if turned and paragraph.english else paragraph.text


def _isolated(text: str) -> str:
    return f"{_FIRST_STRONG}{text}{_END}"
