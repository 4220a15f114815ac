"""``holdwatch gate quarantine``: messages that wait for a person, by their ids."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from integration.audit.entry import text_of
from integration.cli.console import Exit, out, print_json, print_table
from integration.cli.opening import (
    DEFAULT_SETTINGS,
    Actor,
    AsJson,
    SettingsFile,
    actor_name,
    opened_installation,
)
from integration.domain.instants import SECOND
from integration.errors import UsageError
from integration.runners.gateway.parts import GateParts, gate_parts
from integration.services.gate import Request
from integration.services.letters import DeliveryRow, State, read_asked
from integration.services.quarantine import EXPIRING, WAITING, Basis
from integration.services.showing import beside_of, inert
from schemas.kinds import LegalBasis

app = typer.Typer(help="Messages that wait for a person.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(help="Numbers of messages, as listed.")]
Id = Annotated[str, typer.Argument(help="Number of the message, as listed.")]


@contextmanager
def _opened(settings: Path) -> Iterator[GateParts]:
    with opened_installation(settings) as installation:
        parts = gate_parts(installation)
        try:
            yield parts
        finally:
            parts.close()
            installation.checkpointer.publish()


@app.command("list")
def list_messages(
    every: Annotated[bool, typer.Option("--all", help="Those that are on their way or done, too.")] = False,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """List what waits: ids, state and what the gate saw in it, never what it says or whom it is for."""
    with _opened(settings) as parts:
        rows = parts.quarantine.waiting(tuple(State) if every else WAITING)
        listed = [_listed(row) for row in rows]
    if as_json:
        print_json(listed)
    elif not listed:
        out.print("nothing waits")
    else:
        columns = ("number", "state", "since (UTC)", "kept until (UTC)", "to", "categories", "why unread", "booking")
        print_table(
            f"{len(listed)} messages", columns, [tuple(_told(value) for value in row.values()) for row in listed]
        )


def _listed(row: DeliveryRow) -> dict[str, Any]:
    asked = read_asked(row, None)
    return {
        "message_id": row.message_id,
        "state": row.state,
        "changed_at": text_of(row.changed_at),
        "kept_until": text_of(row.next_at) if row.state in EXPIRING else None,
        "recipient_class": row.recipient_class,
        "categories": list(asked.categories),
        "unread": list(asked.doubts),
        "booking": row.booking,
    }


def print_inert(value: Any) -> None:
    """Print JSON for a person: what a sender wrote stands in it, and no terminal is to obey it."""
    typer.echo(inert(orjson.dumps(value, option=orjson.OPT_INDENT_2)))


def _told(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


@app.command()
def view(
    message_id: Id,
    raw: Annotated[bool, typer.Option("--raw", help="The message alone, byte for byte.")] = False,
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Print a message whole, with all that leaves beside it. That somebody read it goes into the log first.

    Signs that a terminal would obey are spelled out; `--raw` prints the bytes as they are, for a file.
    """
    with _opened(settings) as parts:
        row, letter = parts.quarantine.view(message_id, actor=actor_name(actor))
    if not raw:
        print_inert(
            {
                **_listed(row),
                "recipient": letter.recipients[row.number],
                "sender": letter.sender,
                "user": letter.user,
                "received_at": text_of(letter.received_at),
                "asked_by": orjson.loads(row.asked_by),
                "beside": [list(each) for each in beside_of(letter)],
            }
        )
        typer.echo(inert(letter.raw))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(letter.raw)
    sys.stdout.flush()


@app.command()
def ask(message_ids: Ids, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Record that somebody asks for an approval. Whoever asks does not approve."""
    who = actor_name(actor)
    with _opened(settings) as parts:
        _each(message_ids, "asked for", lambda message_id: parts.quarantine.ask(message_id, actor=who))


@app.command()
def approve(
    message_ids: Ids,
    basis: Annotated[LegalBasis, typer.Option("--basis", help="What the approval rests on.")],
    citation: Annotated[str, typer.Option("--citation", help="Number of the warrant or order, or the statute.")],
    hours: Annotated[float, typer.Option("--hours", min=0.01, max=720, help="For how long it is good.")] = 24.0,
    booking: Annotated[str, typer.Option("--booking", help="The booking that the message is about.")] = "",
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    as_json: AsJson = False,
) -> None:
    """Give an approval to the policy, which decides. You are not the sender, and did not ask for it.

    Exit status: 0 every message leaves now; 1 the policy still blocks one; 2 usage.
    """
    who = actor_name(actor)
    until = datetime.now(UTC) + timedelta(hours=hours)
    given = Basis(basis, citation, int(until.timestamp() * SECOND), booking)
    decided: list[tuple[str, str, Request]] = []
    stopped: UsageError | None = None
    with _opened(settings) as parts:
        for message_id in message_ids:
            try:
                approval_id, request = parts.quarantine.approve(message_id, given, actor=who)
            except UsageError as error:
                stopped = error
                break
            decided.append((message_id, approval_id, request))
            if not as_json:
                verdict = "will be sent" if request.permit else "stays blocked"
                provisions = ", ".join(request.provisions) or "none"
                said = f"{message_id} {verdict}: {', '.join(request.reasons)}; provisions: {provisions}"
                out.print(said, markup=False, highlight=False)
    if as_json:
        print_json([_as_json(*each) for each in decided])
    if stopped is not None:
        raise UsageError(f"{stopped}; {_those(len(decided))} decided")
    raise typer.Exit(int(Exit.DONE if all(request.permit for _, _, request in decided) else Exit.FOUND))


def _as_json(message_id: str, approval_id: str, request: Request) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "approval_id": approval_id,
        "decision": "permit" if request.permit else "block",
        "reasons": list(request.reasons),
        "provisions": list(request.provisions),
    }


@app.command()
def withdraw(message_ids: Ids, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Take approvals back. Exit status 1: one came too late, the message was sent or is being sent."""
    who = actor_name(actor)
    late = 0
    with _opened(settings) as parts:
        for number, message_id in enumerate(message_ids):
            try:
                in_time = parts.quarantine.withdraw(message_id, actor=who)
            except UsageError as error:
                raise UsageError(f"{error}; {_those(number)} withdrawn") from None
            late += not in_time
            out.print(f"{message_id}: {'withdrawn' if in_time else 'too late'}", markup=False, highlight=False)
    raise typer.Exit(int(Exit.FOUND if late else Exit.DONE))


@app.command()
def deny(message_ids: Ids, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Decide that messages do not leave; their content is deleted."""
    who = actor_name(actor)
    with _opened(settings) as parts:
        _each(message_ids, "denied", lambda message_id: parts.quarantine.deny(message_id, actor=who))


@app.command()
def expire(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Let go of what nobody decided within the retention. The gateway does it by itself every ten minutes."""
    with _opened(settings) as parts:
        gone = parts.quarantine.expire()
    out.print(f"{gone} expired")


@app.command()
def purge(message_ids: Ids, actor: Actor = None, settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Delete messages that wait, before their time."""
    who = actor_name(actor)
    with _opened(settings) as parts:
        _each(message_ids, "deleted", lambda message_id: parts.quarantine.purge(message_id, actor=who))


@app.command()
def settle(
    message_id: Id,
    arrived: Annotated[bool, typer.Option("--arrived/--did-not-arrive", help="What the recipient's side says.")],
    actor: Actor = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Record what became of a message whose outcome was unknown. One that did not arrive is in quarantine again."""
    with _opened(settings) as parts:
        parts.quarantine.settle(message_id, arrived=arrived, actor=actor_name(actor))
    out.print(f"{message_id}: {'arrived' if arrived else 'in quarantine again'}", markup=False, highlight=False)


def _those(done: int) -> str:
    """Say what became of the messages before one that stopped a command."""
    return {0: "none is", 1: "the one before it is"}.get(done, f"the {done} before it are")


def _each(message_ids: list[str], done: str, act: Callable[[str], None]) -> None:
    """Do one thing to each. What cannot be done to one stops there, and says so."""
    for number, message_id in enumerate(message_ids):
        try:
            act(message_id)
        except UsageError as error:
            raise UsageError(f"{error}; {_those(number)} {done}") from None
        out.print(f"{message_id}: {done}", markup=False, highlight=False)
