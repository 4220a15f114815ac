"""What every command shares: exit statuses, errors told in one line, JSON or a table, progress."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)
_WIDE = 500


class Exit(IntEnum):
    """Exit statuses (section 7)."""

    DONE = 0
    FOUND = 1
    """Done, and some input was rejected, or a check found a fault."""
    USAGE = 2
    CANNOT = 3
    """Cannot decide: a pack does not load, the store fails."""


def fail(status: Exit, message: str) -> NoReturn:
    """Tell an error on standard error and leave."""
    err.print(f"holdwatch: {message}", style="bold red", markup=False, highlight=False)
    raise typer.Exit(int(status))


def print_json(value: Any) -> None:
    """Print one JSON value, indented, for a program to read."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table for a person to read. Neither title nor cells are taken as markup."""
    table = Table(title=_plain(title), title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    # A pipe has no width: there a table is as wide as its cells, so that an id stays in one piece for grep.
    (out if out.is_terminal else Console(soft_wrap=True, width=_WIDE)).print(table)


def _plain(cell: object) -> str:
    text = str(cell).replace("[", "\\[")
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


@contextmanager
def progress(what: str, total: int | None, *, shown: bool) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on standard error while the body runs.

    Args:
        what: what is being counted.
        total: how many there will be; None when nobody knows.
        shown: False prints nothing, for pipes and ``--json``.

    Yields:
        A function that takes the number done so far.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not shown or not err.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)
