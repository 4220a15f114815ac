"""Where a view is shown: a live board in a terminal, or plain lines in a pipe."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live

from integration.demo.board import Board, plain_held, plain_line, plain_paper
from integration.demo.view import Sign, View


class Screen(Protocol):
    """Shows one view after the other."""

    def show(self, view: View) -> None:
        """Show what there is to see now."""
        ...


class LiveScreen(AbstractContextManager["LiveScreen"]):
    """A board that is drawn anew in place; rings when somebody begins to be kept on immigration paper."""

    def __init__(self, console: Console, note: str = "") -> None:
        """Args: ``console`` is a terminal; ``note`` is a line that stays in sight."""
        self._console = console
        self._note = note
        self._live = Live(console=console, screen=True, auto_refresh=False, vertical_overflow="crop")
        self._rung = 0
        self._last: View | None = None

    def __enter__(self) -> Self:
        """Take the terminal over."""
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the terminal back as it was, and leave the last board standing in it."""
        self._live.__exit__(kind, error, trace)
        if self._last is not None:
            self._console.print(Board(self._last, changes=10))

    def show(self, view: View) -> None:
        """Draw the board."""
        self._last = view
        self._live.update(Board(view, note=self._note), refresh=True)
        if any(change.rings for change in view.changes[self._rung :]):
            self._console.bell()
        self._rung = len(view.changes)


class PlainScreen(AbstractContextManager["PlainScreen"]):
    """One line a change. Never rings."""

    def __init__(self, console: Console) -> None:
        """Args: ``console`` takes the lines."""
        self._console = console
        self._shown = 0
        self._standing: dict[str, tuple[str, Sign]] = {}
        self._last: View | None = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say who is still kept past release time."""
        if self._last is not None:
            for line in plain_held(self._last.held, self._last):
                self._say(line)

    def show(self, view: View) -> None:
        """Print what is new since the last view."""
        self._last = view
        for change in view.changes[self._shown :]:
            self._say(plain_line(change, view))
        self._shown = len(view.changes)
        for each in view.papers:
            # Minutes to release count down all the time: only another standing is worth a line.
            if self._standing.get(each.booking) != (each.paper, each.sign):
                self._standing[each.booking] = (each.paper, each.sign)
                self._say(plain_paper(each, view))

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
