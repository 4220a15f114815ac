"""The printable form: one HTML page with a style for paper, nothing to fetch, nothing that runs."""

from html import escape
from typing import Final

from integration.services.notices.languages import Language
from integration.services.notices.sheet import Block, Paragraph, Sheet

_STYLE: Final = """\
@page { size: letter; margin: 15mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 8mm; max-width: 190mm; color: #000; background: #fff; line-height: 1.3;
  font-family: "Noto Sans", "Noto Sans SC", "Noto Sans Arabic", "Segoe UI", Arial, "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.4em; margin: 0 0 .4em; }
h2 { font-size: 1.1em; margin: .8em 0 .3em; break-after: avoid; }
p { margin: 0 0 .4em; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #000; padding: .2em .6em; text-align: start; vertical-align: top; font-weight: normal; }
th { width: 38%; }
.mark { border: 3px solid #000; padding: .5em .8em; margin: 0 0 1em; font-weight: bold; }
.english { font-style: italic; border-inline-start: 3px solid #000; padding-inline-start: .8em; }
.receipt { break-inside: avoid; }
.receipt td { height: 2.2em; }
.foot { font-size: .8em; margin-top: 1em; }
@media print { body { padding: 0; max-width: none; } }
"""
_NORMAL, _LARGE = "12pt", "18pt"
"""Large print is 18 points and more (American Printing House's guidelines)."""


def html_of(sheet: Sheet, *, large: bool = False) -> str:
    """Return a notice as a page for print. Args: ``large`` sets it in 18 points."""
    title = escape(sheet.title)
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{_tag(sheet.language)}" dir="{sheet.direction}">',
        f'<head><meta charset="utf-8"><title>{title}</title>',
        f"<style>\nhtml {{ font-size: {_LARGE if large else _NORMAL}; }}\n{_STYLE}</style></head>",
        "<body>",
    ]
    if sheet.marks:
        parts.append(f'<div class="mark" role="note">{"".join(map(_paragraph, sheet.marks))}</div>')
    parts += [f"<h1>{title}</h1>", f"<p>{escape(sheet.intro)}</p>"]
    for block in sheet.blocks:
        parts += _block(block)
    parts += ['<div class="receipt">', *_block(sheet.receipt), f"<p>&#9744; {escape(sheet.refused)}</p>", "</div>"]
    parts += [f'<p class="foot">{escape(sheet.foot)}</p>', "</body></html>"]
    return "\n".join(parts) + "\n"


def _tag(language: Language) -> str:
    return "zh-Hans" if language is Language.CHINESE else language.value


def _block(block: Block) -> list[str]:
    parts = [f"<h2>{escape(block.heading)}</h2>", *map(_paragraph, block.paragraphs)]
    if block.rows:
        rows = [f'<tr><th scope="row">{escape(a)}</th><td><bdi>{escape(b)}</bdi></td></tr>' for a, b in block.rows]
        parts += ["<table>", *rows, "</table>"]
    return parts


def _paragraph(paragraph: Paragraph) -> str:
    if paragraph.english:
        return f'<p class="english" lang="en" dir="ltr">{escape(paragraph.text)}</p>'
    return f"<p>{escape(paragraph.text)}</p>"
