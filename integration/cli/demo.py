"""``holdwatch demo``: an invented day in an invented jail, through the real pipeline."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from integration.demo.play import play

_STORY = 2017


def demo(
    seconds: Annotated[
        float, typer.Option(min=0, help="How long the live board stays; 0 runs everything without waiting.")
    ] = 45,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="Empty folder for what it leaves; default: a temporary one.")
    ] = None,
    web: Annotated[
        bool | None,
        typer.Option(
            "--console/--no-console", help="Serve the web console, on this machine alone. In a terminal: yes."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses booking numbers, names and times of the story.")] = _STORY,
) -> None:
    """Show a live board over an invented jail: no setup, no real data, everything kept in one folder.

    In a terminal it serves the web console too, on this machine alone, and says how to log in: a person of each role,
    somebody kept past release time, a mail in quarantine, and a copy of the log in which one byte was changed. The
    console stays when the story is told, until Ctrl-C. In a pipe it prints a line for each change, and ends by itself.
    """
    console = Console(highlight=False)
    served = console.is_terminal and seconds > 0 if web is None else web and seconds > 0
    play(console, seconds=seconds, out=out_dir, seed=seed, web=served)
