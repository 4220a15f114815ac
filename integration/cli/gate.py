"""``holdwatch gate``: the gate for outgoing messages. ``check`` is a dry run: nothing is sent, kept or logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from connectors.roster.file import RosterError, read_roster
from integration.cli import gateask, gaterun, quarantine
from integration.cli.console import Exit, out, print_json, print_table
from integration.cli.opening import AsJson
from integration.cli.requestfile import request_in
from integration.contents.framing import from_file
from integration.domain.facts import Opened
from integration.domain.messages.people import Roster
from integration.domain.recipients.reach import reach_of
from integration.errors import FatalError, UsageError
from integration.policy.pack import Pack, load
from integration.services.examining import Envelope, Examined, Reached, examine_mail, examine_request, examine_text
from integration.services.gate import Request, asked_of, decide_message
from schemas.requests import MessageRequestedData

app = typer.Typer(help="The gate for outgoing messages.", no_args_is_help=True)
app.command("run")(gaterun.run)
app.command("login")(gaterun.login)
app.command("access")(gateask.access)
app.command("assistance")(gateask.assistance)
app.command("acl-helper")(gateask.acl_helper)
app.add_typer(quarantine.app, name="quarantine")
_LARGEST: Final = 64 * 1024 * 1024


class Form(StrEnum):
    """How a file holds a message."""

    MAIL = "mail"
    JSON = "json"
    TEXT = "text"


_SUFFIXES: Final = {".eml": Form.MAIL, ".msg": Form.MAIL, ".mail": Form.MAIL, ".json": Form.JSON}


@dataclass(frozen=True, slots=True)
class _To:
    """Recipients given on the command line."""

    addresses: Sequence[str]
    agencies: Sequence[str]
    oris: Sequence[str]
    numbers: Sequence[str]

    def reached(self, pack: Pack) -> tuple[Reached, ...]:
        parameters = pack.parameters
        return (
            *(Reached(each, "given", reach_of(parameters, address=each)) for each in self.addresses),
            *(Reached(each, "given", reach_of(parameters, agency=each)) for each in self.agencies),
            *(Reached(each, "given", reach_of(parameters, ori=each)) for each in self.oris),
            *(Reached(each, "given", reach_of(parameters, number=each)) for each in self.numbers),
        )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A message: .eml, JSON (an event or its data), or text.")],
    policy: Annotated[str, typer.Option("--policy", help="Pack id or folder.")],
    to: Annotated[list[str] | None, typer.Option("--to", help="Envelope recipient; repeatable.")] = None,
    agency: Annotated[list[str] | None, typer.Option("--agency", help="Recipient by agency name.")] = None,
    ori: Annotated[list[str] | None, typer.Option("--ori", help="Recipient by ORI.")] = None,
    number: Annotated[list[str] | None, typer.Option("--number", help="Recipient by fax or telephone number.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Envelope sender.")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", help="CSV: family_name, given_name, birth_date, booking.")
    ] = None,
    form: Annotated[Form | None, typer.Option("--form", help="How the file holds it; else by its suffix.")] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what the gate would decide about one message on a booking without a warrant, and with no approval.

    Exit status: 0 permit; 1 block; 2 usage; 3 cannot decide.
    """
    pack = load(Path(policy) if Path(policy).is_dir() else policy)
    given = _To(to or (), agency or (), ori or (), number or ())
    kind = form or _SUFFIXES.get(file.suffix.casefold(), Form.TEXT)
    people = _roster(roster)
    examined = _examine(file, kind, given, sender, pack, people)
    message = asked_of(examined, event_id="check", time=0, message_id="check", channel="check", sender=None)
    # As if it were about somebody in custody, so that the pack is asked and cites its provisions.
    request = decide_message(message, pack, now=0, facts=(Opened("check", 0, (), None),))
    if as_json:
        print_json(_as_json(examined, request, pack))
    else:
        _print(examined, request, pack, from_header=kind is Form.MAIL and not to)
    if request.reasons == ("policy_error",):
        raise FatalError("the policies could not be evaluated")
    raise typer.Exit(int(Exit.DONE if request.permit else Exit.FOUND))


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise UsageError(f"{file} is no file")
    if file.stat().st_size > _LARGEST:
        raise UsageError(f"{file} is larger than any message")
    return file.read_bytes()


def _examine(file: Path, kind: Form, to: _To, sender: str | None, pack: Pack, roster: Roster) -> Examined:
    raw = _bytes(file)
    if kind is Form.MAIL:
        mail = from_file(raw)
        addresses = tuple(to.addresses) or _stated(mail, pack)
        examined = examine_mail(mail, Envelope(addresses, sender), pack.parameters, roster=roster)
        others = _To((), to.agencies, to.oris, to.numbers).reached(pack)
        return Examined(
            (*examined.recipients, *others),
            examined.evidence,
            examined.content,
            examined.unread,
            examined.refused,
            examined.purpose,
        )
    if kind is Form.JSON:
        return examine_request(request_in(file, MessageRequestedData, raw), pack.parameters, roster=roster)
    recipients = to.reached(pack)
    if not recipients:
        raise UsageError("a text has no recipients of its own: give --to, --agency, --ori or --number")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the file is not UTF-8; is it a mail message? (--form mail)") from None
    return examine_text(text, recipients, pack.parameters, roster=roster)


def _stated(mail: bytes, pack: Pack) -> tuple[str, ...]:
    """Return the addresses of To, Cc and Bcc: only a dry run may take them for the envelope's."""
    examined = examine_mail(mail, Envelope(("nobody@invalid.example",)), pack.parameters)
    stated = tuple(dict.fromkeys(examined.stated))
    if not stated and examined.refused is None:
        raise UsageError("the message names no recipient; give --to")
    return stated


def _roster(path: Path | None) -> Roster:
    if path is None:
        return Roster()
    try:
        return read_roster(path)
    except RosterError as error:
        raise UsageError(
            f"{path}: no roster: {error}; columns are family_name, given_name, birth_date, booking"
        ) from None


def _as_json(examined: Examined, request: Request, pack: Pack) -> dict[str, Any]:
    return {
        "decision": "permit" if request.permit else "block",
        "reasons": list(request.reasons),
        "provisions": list(request.provisions),
        "pack": pack.id,
        "pack_revision": pack.revision,
        "recipient_class": examined.recipient_class.value,
        "categories": list(request.categories),
        "recipients": [_recipient(each) for each in (*examined.recipients, *examined.evidence)],
        "found": [
            {"category": each.category.value, "part": each.part, "view": each.how, "detector": each.detector}
            for each in examined.content.found
        ],
        "unread": [{"part": each.part, "reason": each.gap.value} for each in examined.unread],
        "refused": examined.refused.value if examined.refused else None,
    }


def _recipient(each: Reached) -> dict[str, str | None]:
    return {
        "recipient": each.shown,
        "source": each.source,
        "class": each.reach.party.value,
        "by": each.reach.by.value,
        "doubt": each.reach.doubt.value if each.reach.doubt else None,
    }


def _print(examined: Examined, request: Request, pack: Pack, *, from_header: bool) -> None:
    rows = [
        tuple(value or "" for value in _recipient(each).values()) for each in (*examined.recipients, *examined.evidence)
    ]
    print_table("recipients", ("recipient", "source", "class", "by", "doubt"), rows)
    found = [(each.category.value, each.part, each.how, each.detector) for each in examined.content.found]
    print_table("what it gives away", ("category", "part", "view", "detector"), found)
    if examined.unread:
        print_table(
            "not read, or not for certain", ("part", "reason"), [(u.part, u.gap.value) for u in examined.unread]
        )
    if examined.refused:
        out.print(f"refused before it is judged: {examined.refused.value}", markup=False, highlight=False)
    if from_header:
        out.print("recipients were taken from the header; a gateway takes them from the envelope alone", markup=False)
    verdict = "permit" if request.permit else "block"
    reasons, provisions = ", ".join(request.reasons), ", ".join(request.provisions) or "none"
    out.print(f"{verdict} under {pack.id}: {reasons}; provisions: {provisions}", markup=False, highlight=False)
