"""What happens around a person in custody: trips to court, messages out, approvals, requests to see the person."""

from typing import Any, Final

from integration.simulator import texts
from integration.simulator.booking import Booking
from integration.simulator.dice import DAY, HOUR, MINUTE, weighted

_TRIPS: Final = weighted((3, "14-A District Court"), (1, "Mercy General Hospital"))
_TOLD, _ASKED_FOR_ACCESS, _COUNSEL = 0.5, 0.3, 0.004
_APPROVED, _BY_SENDER, _WITHDRAWN = 0.45, 0.12, 0.1
_MODES: Final = ("in_person", "telephone", "video")
_BASES: Final = weighted(
    (4, "judicial_warrant"),
    (3, "court_order"),
    (3, "public_record"),
    (2, "statute"),
    (2, "serious_crime_investigation"),
)
_ORDINARY: Final[tuple[dict[str, Any], ...]] = (
    {
        "channel": "smtp",
        "recipients": [{"address": "clerk@court.example", "agency": "14-A District Court"}],
        "purpose": "court",
        "content": {"hearing": "tomorrow", "custody_status": "in custody"},
    },
    {
        "channel": "http",
        "recipients": [{"address": "notify@victims.example", "agency": "Victim Notification Service"}],
        "purpose": "victim_notice",
        "content": {"release_time": "today"},
    },
    {
        "channel": "fax",
        "recipients": [{"number": "555-0142", "agency": "Office of the Public Defender"}],
        "purpose": "other",
        "content": {"personal": "file copy"},
    },
    {
        "channel": "kafka",
        "recipients": [{"agency": "Kentmoor County Sheriff"}],
        "purpose": "criminal_investigation",
        "content": {"custody_status": "in custody"},
    },
)
_TO_IMMIGRATION: Final[tuple[dict[str, Any], ...]] = (
    {
        "channel": "smtp",
        "recipients": [{"address": "duty.desk@ero.example", "agency": "ICE/ERO Field Office"}],
        "purpose": "immigration_enforcement",
        "content": {"release_time": "ready at 11", "custody_status": "in custody"},
        "text": "{name} bonded out, ready at 11",
    },
    {
        "channel": "smtp",
        "recipients": [{"agency": "ICE"}, {"agency": "Office of the Public Defender"}],
        "content": {"hearing": "next court date attached", "home_address": "on file"},
    },
    {
        "channel": "telephone",
        "recipients": [{"agency": "US Border Patrol", "number": "555-0171"}],
        "content": {"other": "call back"},
        "text": "asked about {name}, told booked and in custody",
    },
    {
        "channel": "nlets",
        "recipients": [{"ori": "VTICE0900"}],
        "content": {"citizenship_or_immigration_status": "query"},
        "text": "IAQ.CUS/Y",
    },
    {
        "channel": "http",
        "recipients": [{"agency": "Immigration and Customs Enforcement"}],
        "content": {"citizenship_or_immigration_status": "as asked"},
    },
)


def be_in_contact(it: Booking) -> None:
    """Let a booking have its trips, messages and requests."""
    dice, params = it.dice, it.params
    if dice.chance(params.court_trips):
        it.put("custody.transferred", _some_time(it), {"to_agency": dice.pick(_TRIPS), "temporary": True})
    if dice.chance(params.messages):
        _send(it, dice.pick(_ORDINARY), _some_time(it))
    if dice.chance(_COUNSEL):
        _ask_for_access(it, "Office of the Public Defender", None)
    if it.immigration:
        if dice.chance(_TOLD):
            _tell_immigration(it)
        if dice.chance(_ASKED_FOR_ACCESS):
            _ask_for_access(it, dice.pick(texts.IMMIGRATION), it.warrant)


def _some_time(it: Booking) -> int:
    return it.dice.between(it.opened, it.left)


def _send(it: Booking, message: dict[str, Any], at: int) -> tuple[str, str]:
    """Ask for a message to be sent; returns its id and its sender."""
    message_id = f"{it.number}-M{it.events + 1}"
    user = it.dice.pick(texts.OFFICERS)
    data = {**message, "message_id": message_id, "sender": {"user": user}}
    if "text" in message:
        data["text"] = message["text"].format(name=it.family_name)
    it.put("message.requested", at, data)
    return message_id, user


def _tell_immigration(it: Booking) -> None:
    dice = it.dice
    at = _some_time(it)
    message_id, sender = _send(it, dice.pick(_TO_IMMIGRATION), at)
    if not dice.chance(_APPROVED):
        return
    approval_id = f"{message_id}-A"
    at += dice.between(5 * MINUTE, 5 * HOUR)
    data = {
        "approval_id": approval_id,
        "message_id": message_id,
        "legal_basis": dice.pick(_BASES),
        "citation": "see file",
        "approved_by": sender if dice.chance(_BY_SENDER) else "shift supervisor",
        "expires_at": it.write(at + dice.pick((HOUR, 8 * HOUR, 3 * DAY))),
    }
    it.put("approval.granted", at, data)
    if dice.chance(_WITHDRAWN):
        it.put("approval.withdrawn", at + dice.between(10 * MINUTE, DAY), {"approval_id": approval_id})


def _ask_for_access(it: Booking, agency: str, warrant: str | None) -> None:
    data: dict[str, Any] = {
        "access_id": f"{it.number}-V{it.events + 1}",
        "agency": agency,
        "mode": it.dice.pick(_MODES),
        "purpose": "interview",
    }
    if warrant is not None:
        data["warrant_hold_id"] = warrant
    it.put("access.requested", _some_time(it), data)
