"""``holdwatch deadletters``: refused inputs, kept whole: listed, read, and taken in again."""

import os
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.jms_csv.config import CsvSource
from connectors.jms_files.naming import named, short_names
from integration.audit.entry import text_of
from integration.bootstrap import Installation
from integration.cli.console import Exit, fail, out, print_json, print_table
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    audit_desk,
    opened_installation,
    opened_log,
)
from integration.errors import UsageError
from integration.runners import resubmitting
from integration.settings import Settings
from integration.store.queries import DeadLetter

app = typer.Typer(help="Refused inputs: list, show, resubmit.", no_args_is_help=True)


@app.command("list")
def list_letters(
    show_all: Annotated[bool, typer.Option("--all", help="Those taken in again since, too.")] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """List refused inputs: where each came from and why it was refused, never what it says.

    A dropped file is named where it is still in its folders: the log only has a short form of its name.
    """
    with opened_log(settings) as log:
        letters = list(log.records.dead_letters(waiting_only=not show_all))
        files = _files(letters, log.settings)
    if as_json:
        print_json([_head(letter, files) for letter in letters])
    elif not letters:
        out.print("no dead letters wait")
    else:
        rows = [
            (
                x.number,
                text_of(x.received_at),
                x.place,
                files[x.number] or "",
                x.reason,
                x.message,
                "yes" if x.resubmitted else "",
            )
            for x in letters
        ]
        columns = ("number", "received (UTC)", "place", "file", "reason", "message", "resubmitted")
        print_table(f"{len(letters)} dead letters", columns, rows)


@app.command()
def show(
    number: Annotated[int, typer.Argument(min=1, help="Number, as listed.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Print one refused input as it was received. That somebody read it goes into the log first."""
    with opened_log(settings) as log:
        letter = log.records.dead_letter(number)
        raw = log.vault.open_sealed(letter.sealed)
        audit_desk(log).record("deadletter.read", "read", actor_name(actor), {"number": number})
        log.checkpointer.publish()
        files = _files([letter], log.settings)
    if as_json:
        print_json({**_head(letter, files), **_content(raw)})
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(raw + b"\n")
    sys.stdout.flush()


@app.command()
def resubmit(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers, as listed.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every one that waits.")] = False,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Take refused inputs in again, after what was wrong has been put right.

    Exit status: 0 all taken in; 1 some refused again; 2 usage; 3 cannot decide.
    """
    if bool(numbers) == every:
        fail(Exit.USAGE, "name the dead letters to resubmit, or give --all")
    who = actor_name(actor)
    with opened_installation(settings) as installation:
        letters = _chosen(installation, numbers)
        intake = resubmitting.open_intake(installation)
        told = [resubmitting.resubmit(letter, intake, installation, who) for letter in letters]
        installation.checkpointer.publish()
    if as_json:
        print_json(told)
    elif told:
        rows = [(each["number"], each["outcome"], ", ".join(each["reasons"])) for each in told]
        print_table("resubmitted", ("number", "outcome", "reason"), rows)
    else:
        out.print("no dead letters wait")
    raise typer.Exit(int(Exit.FOUND if any(each["outcome"] == "refused" for each in told) else Exit.DONE))


def _chosen(installation: Installation, numbers: list[int] | None) -> list[DeadLetter]:
    """Return the letters, all of them before anything is taken in: a wrong number stops the whole command."""
    if not numbers:
        return list(installation.records.dead_letters(waiting_only=True))
    letters = [installation.records.dead_letter(number) for number in dict.fromkeys(numbers)]
    done = [str(letter.number) for letter in letters if letter.resubmitted]
    if done:
        raise UsageError(f"taken in already: {', '.join(done)}")
    return letters


def _files(letters: Sequence[DeadLetter], settings: Settings) -> dict[int, str | None]:
    """Return the dropped file that each came from, by number; None for what is no file, or lies there no more."""
    folders: list[Path] = [each.path for each in settings.drop_folders]
    folders += [each.path for each in settings.sources if isinstance(each, CsvSource)]
    names = short_names(folders)
    # A row of a dump keeps its place from dump to dump: its file stands in what is wrong with it.
    found = {letter.number: named(letter.place, names) or named(letter.message, names) for letter in letters}
    # A file's name is bytes: one that is no text is shown as far as it can be written.
    return {
        number: None if file is None else os.fsencode(file).decode(errors="backslashreplace")
        for number, file in found.items()
    }


def _head(letter: DeadLetter, files: dict[int, str | None]) -> dict[str, Any]:
    return {
        "number": letter.number,
        "place": letter.place,
        "file": files[letter.number],
        "reason": letter.reason,
        "message": letter.message,
        "received_at": text_of(letter.received_at),
        "resubmitted": letter.resubmitted,
    }


def _content(raw: bytes) -> dict[str, str]:
    try:
        return {"input": raw.decode()}
    except UnicodeDecodeError:
        return {"input_base64": b64encode(raw).decode()}
