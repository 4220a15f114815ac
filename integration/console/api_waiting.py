"""For programs: what waits for a person, and accounts: messages in quarantine, refused inputs, who may do what."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request
from pydantic import JsonValue
from starlette.exceptions import HTTPException

from integration.audit.entry import text_of
from integration.console import deadletters, quarantine
from integration.console.api import Answer
from integration.console.api_acts import Done
from integration.console.api_bodies import Alike
from integration.console.common import parts_of
from integration.console.guard import caller_of
from integration.console.parts import Parts
from integration.runners.resubmitting import Outcome
from integration.services.showing import beside_of
from integration.store.accounts import AccountRow

router = APIRouter(prefix="/api/v1")
Message = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Path(ge=0, lt=2**53)]
Name = Annotated[str, Path(max_length=200)]


class Waiting(Answer):
    """Messages that wait, without a word of them; ``gate``: whether there is one here."""

    gate: bool
    messages: list[dict[str, JsonValue]]


class Whole(Answer):
    """A message as it was taken: text alone, whatever it is made of."""

    message: str
    received_at: str
    sender: str
    to: str
    asked_by: list[str]
    beside: list[tuple[str, str]]
    """What leaves with it beside its content: names and values."""
    parts: list[dict[str, JsonValue]]
    raw: str


class Letters(Answer):
    """Refused inputs: where each came from and why it was refused, never what it says."""

    letters: list[dict[str, JsonValue]]


class Input(Answer):
    """A refused input as it was received; what is no UTF-8 is replaced."""

    number: int
    reason: str
    input: str


class TakenIn(Answer):
    """What became of inputs that were taken in again, and how many more wait for that reason."""

    outcomes: list[dict[str, JsonValue]]
    waiting: int = 0


class AccountList(Answer):
    """Accounts of the console, by name."""

    accounts: list[dict[str, JsonValue]]


class OneAccount(Answer):
    """An account, and the keys for programs that act for it."""

    account: dict[str, JsonValue]
    sessions: int
    keys: list[dict[str, JsonValue]]


@router.get("/quarantine")
def waiting(request: Request) -> Waiting:
    """Return what waits at the account's facilities. To decide about it, somebody shows who he is, in a browser."""
    told: list[dict[str, JsonValue]] = [
        {
            "message": each.message_id,
            "source": each.source,
            "state": each.state,
            "changed_at": text_of(each.changed_at),
            "kept_until": None if each.kept_until is None else text_of(each.kept_until),
            "recipient": each.recipient,
            "categories": list(each.saw),
            "doubts": list(each.doubts),
            "booking": each.booking,
            "approval_asked": each.asked,
        }
        for each in quarantine.waiting_for(request)
    ]
    return Waiting(gate=parts_of(request).gate is not None, messages=told)


@router.post("/quarantine/{message}/show")
def show(request: Request, message: Message) -> Whole:
    """Return a message whole. That somebody read it goes into the log first."""
    gate, about = quarantine.named(request, message)
    row, letter = gate.quarantine.view(about.message_id, actor=caller_of(request).actor)
    return Whole(
        message=about.message_id,
        received_at=text_of(letter.received_at),
        sender=letter.sender,
        to=letter.recipients[row.number],
        asked_by=orjson.loads(row.asked_by),
        beside=list(beside_of(letter)),
        parts=[
            {"type": each.kind, "name": each.name, "bytes": each.size, "text": each.text}
            for each in quarantine.pieces_of(letter)
        ],
        raw=letter.raw.decode("utf-8", "replace"),
    )


@router.post("/quarantine/{message}/ask")
def ask(request: Request, message: Message) -> Done:
    """Record that somebody asks for an approval: he does not give it."""
    gate, about = quarantine.named(request, message)
    gate.quarantine.ask(about.message_id, actor=caller_of(request).actor)
    return Done()


@router.get("/deadletters")
def letters(request: Request) -> Letters:
    """Return those that wait, the newest first."""
    found = list(parts_of(request).records.dead_letters(waiting_only=True))[: -deadletters.SHOWN - 1 : -1]
    return Letters(
        letters=[
            {
                "number": each.number,
                "place": each.place,
                "reason": each.reason,
                "message": each.message,
                "received_at": text_of(each.received_at),
            }
            for each in found
        ]
    )


@router.post("/deadletters/{number}/show")
def letter(request: Request, number: Number) -> Input:
    """Return one as it was received. That somebody read it goes into the log first."""
    found, raw = deadletters.read_letter(request, number)
    return Input(number=found.number, reason=found.reason, input=raw.decode(errors="replace"))


@router.post("/deadletters/{number}/resubmit")
def resubmit(request: Request, number: Number) -> TakenIn:
    """Take one in again, by the mapping as it is now."""
    return TakenIn(outcomes=[_outcome(deadletters.taken_in_again(request, number))])


@router.post("/deadletters/resubmit")
def resubmit_alike(request: Request, given: Alike) -> TakenIn:
    """Take in again those that wait for one reason, 200 at a time."""
    told, more = deadletters.taken_in_alike(request, given.reason)
    return TakenIn(outcomes=[_outcome(each) for each in told], waiting=more)


def _outcome(told: Outcome) -> dict[str, JsonValue]:
    return {
        "number": told["number"],
        "outcome": told["outcome"],
        "reasons": list(told["reasons"]),
        "entry": told["entry"],
    }


@router.get("/accounts")
def accounts(request: Request) -> AccountList:
    """Return who has an account, what each may do, and which are locked. To change one, somebody shows who he is."""
    parts = parts_of(request)
    return AccountList(accounts=[_account(parts, row) for row in parts.accounts.accounts()])


@router.get("/accounts/{name}")
def account(request: Request, name: Name) -> OneAccount:
    """Return one account."""
    parts = parts_of(request)
    row = parts.accounts.account(name)
    if row is None:
        raise HTTPException(404)
    return OneAccount(
        account=_account(parts, row),
        sessions=parts.accounts.open_sessions(name),
        keys=[
            {
                "key": each.token_id,
                "scopes": list(each.scopes),
                "expires_at": text_of(each.expires_at),
                "revoked_at": None if each.revoked_at is None else text_of(each.revoked_at),
            }
            for each in parts.accounts.tokens(name)
        ],
    )


def _account(parts: Parts, row: AccountRow) -> dict[str, JsonValue]:
    return {
        "name": row.name,
        "state": row.state.value,
        "locked_at": None if row.locked_at is None else text_of(row.locked_at),
        "last_log_in": text_of(row.seen_at),
        "roles": [f"{each.role}@{each.source or '*'}" for each in parts.accounts.grants(row.name)],
    }
