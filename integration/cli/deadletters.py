"""``holdwatch deadletters``: refused inputs, kept whole: listed, read, and taken in again."""

import sys
from base64 import b64encode
from typing import Annotated, Any

import typer

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
from integration.store.queries import DeadLetter

app = typer.Typer(help="Refused inputs: list, show, resubmit.", no_args_is_help=True)


@app.command("list")
def list_letters(
    show_all: Annotated[bool, typer.Option("--all", help="Those taken in again since, too.")] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """List refused inputs: where each came from and why it was refused, never what it says."""
    with opened_log(settings) as log:
        letters = list(log.records.dead_letters(waiting_only=not show_all))
    if as_json:
        print_json([_head(letter) for letter in letters])
    elif not letters:
        out.print("no dead letters wait")
    else:
        rows = [
            (x.number, text_of(x.received_at), x.place, x.reason, x.message, "yes" if x.resubmitted else "")
            for x in letters
        ]
        columns = ("number", "received (UTC)", "place", "reason", "message", "resubmitted")
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
    if as_json:
        print_json({**_head(letter), **_content(raw)})
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


def _head(letter: DeadLetter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "place": letter.place,
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
