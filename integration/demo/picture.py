"""Draws the board as a picture: ``python -m integration.demo.picture docs/demo.svg``. The same bytes every time."""

import asyncio
import io
import re
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from integration.demo.board import Board
from integration.demo.keep import Folder
from integration.demo.open import opened
from integration.demo.pace import JumpingPace
from integration.demo.play import Stage
from integration.demo.story import tell
from integration.demo.view import View
from integration.demo.watch import Watch
from integration.domain.instants import SECOND, Instant

START: Final[Instant] = 1_772_478_000 * SECOND
"""2 March 2026, 14:00 in Lansing: fixed, so that the picture changes only with the board."""
SEED: Final = 2017
_MOMENT: Final = 26.0
"""Seconds into the story: somebody is held, and the mistaken record has not been corrected yet."""

# The picture must not send its readers' browsers to somebody else's fonts.
_FONT_FACE: Final = re.compile(r"\s*@font-face \{[^}]*\}")


class Still:
    """A screen that keeps the last view."""

    def __init__(self) -> None:
        """Start without one."""
        self.view: View | None = None

    def show(self, view: View) -> None:
        """See `Screen.show`."""
        self.view = view


def view_at(moment: float, *, seed: int = SEED, start: Instant = START) -> View:
    """Run the story through the real service up to a moment, and return what there is to see then.

    Args:
        moment: seconds after the start.
        seed: chooses the story.
        start: when it begins, microseconds UTC.
    """
    told = tell(start, seed=seed)
    story = replace(told, acts=tuple(act for act in told.acts if act.after <= moment))
    still = Still()
    with tempfile.TemporaryDirectory(prefix="holdwatch-picture-") as scratch:
        folder = Folder(Path(scratch))
        with opened(folder) as installation:
            stage = Stage(installation, folder, story, start, JumpingPace(start), Watch(installation))
            asyncio.run(stage.play(still, moment))
    assert still.view is not None
    return still.view


def draw(view: View, *, width: int, height: int) -> Console:
    """Draw the board without a terminal; export what the returned console recorded as text or SVG."""
    console = Console(width=width, height=height, record=True, file=io.StringIO(), force_terminal=True)
    console.print(Board(view), height=height)
    return console


def main(path: Path) -> None:
    """Write the picture."""
    svg = draw(view_at(_MOMENT), width=108, height=36).export_svg(title="holdwatch demo")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_FONT_FACE.sub("", svg))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
