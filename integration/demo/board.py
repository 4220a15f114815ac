"""From a view to what rich draws. Pure: no clock, no store, no terminal."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from integration.demo.view import Change, Held, OnFile, Sign, View
from integration.demo.words import RULES, clock_time, counting, day_and_time, short_time, since
from integration.domain.instants import SECOND

BANNER: Final = "DEMO: invented jail, invented people. Not for real data."

# Loudest first: what has no room on a small screen is left out from the end.
STYLES: Final = {
    Sign.VIOLATION: "bold red",
    Sign.WARNING: "yellow",
    Sign.ADVICE: "cyan",
    Sign.LAWFUL: "green",
    Sign.BLOCKED: "bold magenta",
    Sign.REFUSED: "magenta",
    Sign.WITHDRAWN: "green",
    Sign.ENDED: "dim",
    Sign.RECORD: "dim",
    Sign.ON_FILE: "",
}
_LOUDNESS: Final = list(STYLES)
_SIGN_WIDTH: Final = max(len(sign) for sign in Sign)
_FEWEST_CHANGES: Final = 4
_AIRY: Final = 32
"""Lines from which on there is room for empty ones."""


class Board:
    """The board as a renderable: fits itself into the height it is given."""

    def __init__(self, view: View, *, changes: int | None = None, note: str = "") -> None:
        """Put it together.

        Args:
            view: what there is to see.
            changes: how many of the last changes to show; None: as many as fit on the screen.
            note: a line below the banner.
        """
        self._view = view
        self._note = note
        self._changes = changes

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw who is held whole, then as much of the rest as there is room for."""
        yield from self.parts(console, options)

    def parts(self, console: Console, options: ConsoleOptions) -> list[RenderableType]:
        """Return what is drawn, from top to bottom."""
        view, count = self._view, self._changes
        if count is not None:
            return self._drawn(0, count, airy=True)
        free = options.update(height=None)
        airy = options.max_height >= _AIRY
        for hidden in range(len(view.papers) + 1):
            height = len(console.render_lines(Group(*self._drawn(hidden, 0, airy=airy)), free, pad=False))
            if height + _FEWEST_CHANGES <= options.max_height:
                return self._drawn(hidden, options.max_height - height, airy=airy)
        return self._drawn(len(view.papers), _FEWEST_CHANGES, airy=airy)

    def _drawn(self, hidden: int, changes: int, *, airy: bool) -> list[RenderableType]:
        view = self._view
        parts = [
            title(view, self._note),
            held_table(view),
            papers_table(view, hidden),
            change_lines(view, changes),
            footer(view),
        ]
        return [each for part in parts for each in (part, Text())][:-1] if airy else parts


def title(view: View, note: str = "") -> RenderableType:
    """Return the banner, the clock, and a note if there is one."""
    banner = Text(BANNER, style="bold black on yellow", justify="center")
    clock = Text.assemble(("holdwatch ", "bold"), view.place, "  ", (day_and_time(view.now, view.zone), "bold"))
    return Group(banner, clock, *([Text(note)] if note else []))


def held_table(view: View) -> RenderableType:
    """Return the table of people kept past release time, oldest first."""
    heading = f"HELD PAST RELEASE: {len(view.held)}"
    if not view.held:
        return Text(f"{heading}. Nobody is kept past release time.", style="bold green")
    rows = [_held_cells(each, view) for each in view.held]
    table = _table(heading, "bold red")
    table.add_column("booking", no_wrap=True)
    table.add_column("for", no_wrap=True, justify="right")
    today = all(len(cells[2]) == len("00:00:00 -05:00") for cells in rows)
    table.add_column("since", width=len("00:00:00") if today else len("2026-01-01"))
    table.add_column("what is wrong", ratio=24)
    table.add_column("on file", ratio=11)
    table.add_column("missing", ratio=10, min_width=9)
    table.add_column("clause", no_wrap=True)
    for cells in rows:
        table.add_row(*cells, style=STYLES[Sign.VIOLATION])
    return table


def _held_cells(each: Held, view: View) -> list[str]:
    length = counting(view.now - each.since)
    return [
        f"! {each.booking}",
        length,
        since(each.since, view.zone, now=view.now),
        RULES[each.rule],
        each.paper,
        each.missing,
        each.provisions,
    ]


def papers_table(view: View, hidden: int = 0) -> RenderableType:
    """Return the table of papers on file for everybody else, next release first.

    Args:
        view: what there is to see.
        hidden: how many rows to leave out for want of room: quiet ones first.
    """
    by_loudness = sorted(view.papers, key=lambda each: _LOUDNESS.index(each.sign))
    shown = by_loudness[: len(by_loudness) - hidden]
    more = f", {hidden} not shown: make the window taller" if hidden else ""
    table = _table(f"OTHER PAPERS ON FILE: {len(view.papers)}{more}", "bold")
    table.add_column("booking", no_wrap=True)
    table.add_column("release", no_wrap=True)
    table.add_column("on file", no_wrap=True)
    table.add_column("standing", ratio=1)
    for each in (each for each in view.papers if each in shown):
        table.add_row(*_paper_cells(each, view))
    return table


def _paper_cells(each: OnFile, view: View) -> list[RenderableType]:
    release = "not set" if each.release_at is None else short_time(each.release_at, view.zone, now=view.now)
    style = STYLES[each.sign]
    standing = Text.assemble((each.sign.value, f"bold {style}"), " ", (each.standing, style))
    return [each.booking, release, each.paper, standing]


def change_lines(view: View, count: int) -> RenderableType:
    """Return the last changes, newest first, a line each: the end of a long one is cut."""
    lines = [Text("RECENT CHANGES, newest first", style="bold")]
    lines += [
        change_line(each, view) for each in reversed(view.changes[len(view.changes) - min(count, len(view.changes)) :])
    ]
    return Group(*lines)


def change_line(change: Change, view: View) -> Text:
    """Return one change."""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(f"{clock_time(change.at, view.zone)[: len('00:00:00')]} ")
    line.append(f"{change.sign.value:{_SIGN_WIDTH}} ", style=STYLES[change.sign])
    line.append(f"{change.booking} {change.text}".strip())
    return line


def footer(view: View) -> RenderableType:
    """Return the state of the log."""
    log = view.log
    badge = ("VERIFIED", "bold green") if log.intact else ("NOT INTACT", "bold white on red")
    ago = (view.now - log.checkpoint_at) // SECOND
    return Text.assemble(
        "log ",
        (f"{log.entries} entries", "bold"),
        f", checkpoint over {log.checkpoint} signed {ago} s ago: ",
        badge,
        f"; dead letters: {log.dead_letters}",
    )


def _table(heading: str, style: str) -> Table:
    return Table(
        title=heading,
        title_style=style,
        title_justify="left",
        header_style="dim underline",
        box=None,
        expand=True,
        padding=(0, 1, 0, 0),
        collapse_padding=True,
    )


def plain_line(change: Change, view: View) -> str:
    """Return one change as a line for a pipe, with its offset."""
    booking = change.booking or "-"
    return f"{clock_time(change.at, view.zone)}  {change.sign.value:{_SIGN_WIDTH}}  {booking:7}  {change.text}"


def plain_paper(each: OnFile, view: View) -> str:
    """Return a paper's standing as a line for a pipe."""
    change = Change(view.now, each.sign, each.booking, f"{each.paper}; {each.standing}")
    return plain_line(change, view)


def plain_held(held: Sequence[Held], view: View) -> list[str]:
    """Return who is kept past release time, a line each."""
    return [
        f"HELD PAST RELEASE  {each.booking}  since {clock_time(each.since, view.zone)}, for "
        f"{counting(view.now - each.since)}: {RULES[each.rule]}; on file: {each.paper}; missing: {each.missing}; "
        f"rests on {each.provisions}"
        for each in held
    ]
