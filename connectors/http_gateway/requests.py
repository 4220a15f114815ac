"""``/messages``, ``/access``, ``/assistance``: decisions on JSON requests, with their ids. Who asks acts itself.

A permit for a message is handed out once: whoever sends has it then, and a second asking is refused.
"""

import asyncio
from hashlib import sha256
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import parse_qs

import orjson
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from connectors.http_gateway.asked import Asked, RefusedError, booking_of, json_response, problem_response
from connectors.http_gateway.problems import Problem, blocked
from integration.policy.pack import Pack
from integration.services.asking import Asking, pack_of
from integration.services.citing import can_be_approved, cited
from integration.services.examining import examine_request
from integration.services.gate import Request
from integration.services.letters import ASKED, AlreadyFiledError, Channel, Letter, MailBook, State
from integration.services.maildesk import MailDesk
from integration.services.mailroom import Mailroom
from integration.services.pending import ids_of
from integration.services.sending import Outcome, Sending
from schemas.refusals import Reason
from schemas.requests import AccessRequestedData, AssistanceRequestedData, MessageRequestedData

_Data = TypeVar("_Data", bound=BaseModel)
MESSAGES = "/messages"
_ROAD = "asked"
_CLOSED = (
    (
        State.UNKNOWN.value,
        "unknown_outcome",
        "A permit may have been handed out. A person finds out what became of it.",
    ),
    (State.DENIED.value, "denied", "A person decided that it does not leave."),
    (State.EXPIRED.value, "expired", "Nobody approved it in time. Ask under another id."),
    (State.REFUSED.value, "refused", "It will not leave."),
)
"""How a message that waits no longer is told of, by the state of any of its recipients; the first that fits."""
_HANDED_OUT = ("handed_out", "The permit was handed out before.")


class Requests:
    """Answers systems that send, admit or help by themselves. One event loop."""

    def __init__(self, asking: Asking, mailroom: Mailroom, sending: Sending, desk: MailDesk, *, source: str) -> None:
        """Args: ``source`` is the facility that is meant where a request names none."""
        self._asking, self._mailroom, self._sending, self._desk = asking, mailroom, sending, desk
        self._book: MailBook = desk.book
        self._source = source

    async def access(self, asked: Asked) -> Response:
        """Answer whether an agency may reach a person in custody."""
        data, source, booking = self._read(asked, AccessRequestedData)
        actor = f"client:{asked.user}" if asked.user else "service:gate"
        request = await asyncio.wrap_future(self._asking.access(data, source=source, booking=booking, actor=actor))
        return self._answer(request, source)

    async def assistance(self, asked: Asked) -> Response:
        """Answer whether staff may take part or help."""
        data, source, booking = self._read(asked, AssistanceRequestedData)
        actor = f"client:{asked.user}" if asked.user else "service:gate"
        request = await asyncio.wrap_future(self._asking.assistance(data, source=source, booking=booking, actor=actor))
        return self._answer(request, source)

    def _answer(self, request: Request, source: str) -> Response:
        pack = pack_of(self._desk, source, self._desk.now()).id
        told = {request.kind: request.request_id}
        if request.permit:
            words = {"reasons": list(request.reasons), "provisions": list(request.provisions)}
            return json_response({"decision": "permit", **told, **words, "pack": pack})
        problem = blocked("", reasons=request.reasons, provisions=request.provisions, pack=pack, kept=False, contact="")
        detail = "The policy does not permit it."
        return problem_response(Problem("blocked", problem.status, detail, {**problem.more, **told}))

    async def message(self, asked: Asked) -> Response:
        """Decide a message; or, asked again with the same content, say what has become of it."""
        data, source, booking = self._read(asked, MessageRequestedData)
        now = self._desk.now()
        pack = pack_of(self._desk, source, now)
        examined = await asyncio.to_thread(examine_request, data, pack.parameters, roster=self._desk.roster())
        each = tuple(examined.alone(number) for number in range(len(data.recipients)))
        own = ids_of(data)
        ids = tuple(self._desk.number(source, one) for one in own)
        mail_id = f"{ASKED}{sha256(orjson.dumps([source, data.message_id])).hexdigest()[:32]}"
        letter = Letter(
            mail_id=mail_id,
            channel=Channel.HTTP,
            source=source,
            received_at=now,
            raw=asked.body,
            sender="",
            recipients=tuple(one.recipients[0].shown or "nobody" for one in each),
            user=data.sender.user or "",
            options={"road": _ROAD, "asked_by": asked.client},
            booking=booking,
            message_ids=ids,
        )
        try:
            await asyncio.wrap_future(self._mailroom.file(letter, each))
        except AlreadyFiledError as error:
            known = await asyncio.to_thread(self._book.head, mail_id) if error.same else None
            if known is None:
                if not error.same:
                    reason = Reason.CONFLICTING_DUPLICATE.value
                    await asyncio.wrap_future(self._mailroom.turn_away(reason, source, ids[0]))
                other = Problem(
                    "already_filed", HTTPStatus.CONFLICT, "Another message with this id was handed in before."
                )
                raise RefusedError(other) from None
        handed = [await self._hand_over(*each, pack) for each in zip(ids, own, strict=True)]
        return self._told(data.message_id, handed, pack.id)

    async def _hand_over(self, message_id: str, own_id: str, pack: Pack) -> dict[str, Any]:
        """Give a permit away, once it is recorded that it was; say how it stands else."""
        named = {"message_id": own_id} | ({"number": message_id} if message_id != own_id else {})
        begun = await asyncio.wrap_future(self._sending.begin(message_id))
        if begun is not None:
            await asyncio.wrap_future(self._sending.finish([begun.row], Outcome.SENT, "handed_over"))
            return {**named, "decision": "permit"}
        row = await asyncio.to_thread(self._book.delivery, message_id)
        told: dict[str, Any] = {**named, "decision": "block", "state": row.state if row else "unknown"}
        standing = await asyncio.wrap_future(self._asking.standing(message_id))
        if standing is not None:
            told |= {"reasons": list(standing.reasons), "provisions": list(cited(standing, pack))}
            told["approvable"] = can_be_approved(standing)
        return told

    def _told(self, message_id: str, handed: list[dict[str, Any]], pack: str) -> Response:
        if all(each["decision"] == "permit" for each in handed):
            return json_response({"decision": "permit", "message_id": message_id, "recipients": handed, "pack": pack})
        waits = [each for each in handed if each.get("state") == State.BLOCKED.value]
        if not waits:
            states = {each.get("state") for each in handed}
            kind, detail = next((told for state, *told in _CLOSED if state in states), _HANDED_OUT)
            told = {"message_id": message_id, "recipients": handed}
            return problem_response(Problem(kind, HTTPStatus.CONFLICT, detail, told))
        reasons = list(dict.fromkeys(reason for each in handed for reason in each.get("reasons", ())))
        provisions = list(dict.fromkeys(number for each in handed for number in each.get("provisions", ())))
        problem = blocked(
            message_id,
            reasons=reasons,
            provisions=provisions,
            pack=pack,
            kept=True,
            contact=self._desk.terms.contact,
            unread=not any(each.get("approvable", True) for each in waits),
        )
        return problem_response(
            Problem("blocked", problem.status, problem.detail, {**problem.more, "recipients": handed})
        )

    def _read(self, asked: Asked, model: type[_Data]) -> tuple[_Data, str, str]:
        """Return what is asked, the facility and the booking."""
        try:
            data = model.model_validate_json(asked.body)
        except ValidationError as error:
            places = [f"/{'/'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors()]
            detail = "The body is no such request."
            raise RefusedError(
                Problem("bad_request", HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"faults": places[:20]})
            ) from None
        fields = parse_qs(asked.query)
        unknown = sorted(set(fields) - {"source", "booking"})
        if unknown or any(len(values) > 1 for values in fields.values()):
            raise RefusedError(
                Problem("bad_query", HTTPStatus.BAD_REQUEST, "The query names a source and a booking, each once.")
            )
        return data, fields.get("source", [self._source])[0], booking_of(fields.get("booking", [""])[0])
