"""Typed records: detainer orders, notification requests and warrants that a message carries as such.

NIEM derives a detainer order and a warrant from one court order type, so the word proves nothing. What counts is
who issued the paper: a court with a judicial officer, an immigration authority, or another agency. The contract
judges the paper again from form, court and title; this module only hands over what the record says.
"""

from collections.abc import Iterator
from typing import Final

from connectors.jms_niem.events import Fact, digest, without_empty
from connectors.jms_niem.mapping import fold
from connectors.jms_niem.message import Kind, Message
from connectors.jms_niem.result import NoteCode
from connectors.jms_niem.times import Moment
from connectors.jms_niem.tree import Node, content, local_name, path
from connectors.jms_niem.vocabulary import forms_in, says_immigration
from integration.domain.agencies import words
from schemas.refusals import Reason

_RECORDS: Final = ("j:DetainerOrder", "j:Detainer", "j:DetainerNotificationRequest", "j:Warrant", "j:ArrestWarrant")
_REQUEST: Final = "DetainerNotificationRequest"
_WARRANTS: Final = frozenset({"Warrant", "ArrestWarrant"})
_CAN_BE_BASIS: Final = frozenset({"judicial_warrant", "agency_hold"})
_ENDED: Final = frozenset(
    {"recalled", "returned", "inactive", "stayed", "lifted", "cancelled", "canceled", "withdrawn"}
)
_STARTED_AT: Final = ("j:CourtOrderServiceDate", "j:CourtOrderIssuingDate", "nc:ActivityDate", "nc:NotificationDate")
_ENDED_AT: Final = ("j:CourtOrderRecallDate", "im:DetainerLiftDate", "im:DetentionDetainerLiftDate")
_LABELS: Final = ("Category", "Description", "Designation", "Form", "Name", "Title", "Subject")


def paper_facts(message: Message) -> Iterator[Fact]:
    """Yield the holds that a message carries as records of their own, and their ends."""
    seen: dict[str, int] = {}
    bases = _bases_of_arrests(message)
    for node in message.tree.within(message.container, *_RECORDS):
        if len(node):
            yield from _paper(message, node, seen, bases)


def _paper(message: Message, node: Node, seen: dict[str, int], bases: set[Node]) -> Iterator[Fact]:
    issuer = _issuer(message, node)
    forms = forms_in(" ; ".join(_labels(node)))
    kind = _kind(message, node, issuer, forms)
    if kind is None:
        return
    if kind in _CAN_BE_BASIS and node in bases:
        message.remarks.note(path(node), NoteCode.BASIS_OF_ARREST, "the arrest rests on it: no hold of its own")
        return
    number = _number(message, node)
    identity = digest("paper", local_name(node), number or issuer.get("agency", ""), number and "numbered")
    seen[identity] = seen.get(identity, 0) + 1
    hold_id = f"paper-{digest(identity, str(seen[identity]))}"
    document = without_empty(
        {"form": forms[0] if forms else "", "number": number if kind == "judicial_warrant" else ""}
    )
    if kind != "judicial_warrant":
        issuer.pop("official_name", None)  # only a court's officer is somebody to ask about the paper
    data = {"hold_id": hold_id, "kind": kind, "issuer": issuer, "document": document}
    yield Fact("hold.placed", _started(message, node), without_empty(data))
    yield from _end(message, node, hold_id)


def _kind(message: Message, node: Node, issuer: dict[str, str], forms: tuple[str, ...]) -> str | None:
    record = local_name(node)
    if record == _REQUEST:
        return "notification_request"
    is_immigration = bool(forms) or _is_immigration(message, node, issuer)
    is_warrant = record in _WARRANTS
    if is_immigration:
        # The contract turns it into what its form says; without a form the record's own name has to serve.
        return "administrative_warrant" if is_warrant else "immigration_detainer"
    if issuer.get("court") and (is_warrant or not issuer.get("agency")):
        return "judicial_warrant"
    if issuer.get("agency"):
        return "agency_hold"
    message.remarks.refuse(
        path(node), Reason.ISSUER_UNKNOWN, "neither court nor agency: it gives nobody authority to keep a person"
    )
    return None


def _is_immigration(message: Message, node: Node, issuer: dict[str, str]) -> bool:
    mapping = message.mapping
    listed = mapping.agency_table.get(fold(issuer.get("agency", "")))
    named = (issuer.get("agency"), issuer.get("court"))
    return (
        (listed is not None and listed.class_ == "immigration")
        or any(mapping.authorities.has_name(name) for name in named if name)
        or "immigration" in words(issuer.get("official_title", ""))
        or any(says_immigration(mapping, label) for label in _labels(node))
    )


def _issuer(message: Message, node: Node) -> dict[str, str]:
    tree = message.tree
    court = _first_text(message, node, "j:CourtOrderIssuingCourt", "j:CourtName", "nc:OrganizationName")
    official = tree.find(node, "j:CourtOrderIssuingJudicialOfficial")
    if official is None:
        official = next(tree.within(node, "j:IssuingJudicialOfficial", "j:WarrantIssuingJudicialOfficial"), None)
    title = name = ""
    if official is not None:
        person = tree.find(official, "nc:RoleOfPerson")
        name = _full_name(message, official if person is None else person)
        titles = ("j:JudicialOfficialCategoryText", "nc:EmployeePositionName", "j:JudicialOfficialTitleText")
        title = next((text for one in titles if (text := tree.text(official, one))), "")
    agency = _agency(message, node)
    table = message.mapping.agency_table.get(fold(agency))
    agency = table.name if table is not None else agency
    return without_empty({"agency": agency, "court": court, "official_name": name, "official_title": title})


def _agency(message: Message, node: Node) -> str:
    """Return the organisation that issued a record: any it names outside its court."""
    for element in node.iter():
        if local_name(element) not in {"OrganizationName", "AgencyName"}:
            continue
        inside = {local_name(ancestor) for ancestor in element.iterancestors()}
        if "CourtOrderIssuingCourt" not in inside and (text := content(element)):
            return text
    for child in node:
        target = message.tree.resolve(child)
        if target is not child and (text := message.tree.text(target, "nc:OrganizationName")):
            return text
    return ""


def _first_text(message: Message, node: Node, name: str, *fields: str) -> str:
    found = message.tree.find(node, name)
    return next((text for one in fields if (text := message.tree.text(found, one))), "")


def _full_name(message: Message, person: Node) -> str:
    name = message.tree.find(person, "nc:PersonName")
    full = message.tree.text(name, "nc:PersonFullName")
    return full or " ".join(
        text for one in ("nc:PersonGivenName", "nc:PersonSurName") if (text := message.tree.text(name, one))
    )


def _number(message: Message, node: Node) -> str:
    names = ("j:WarrantIdentification", "j:CourtOrderIdentification", "nc:ActivityIdentification")
    return next((text for one in names if (text := message.tree.text(node, one, "nc:IdentificationID"))), "")


def _labels(node: Node) -> list[str]:
    """Return the texts that say what a record is; never its dates, numbers and people."""
    return [
        text
        for element in node.iter()
        if any(label in local_name(element) for label in _LABELS)
        and "Person" not in local_name(element)
        and (text := content(element))
    ]


def _bases_of_arrests(message: Message) -> set[Node]:
    """Return what arrests refer to: on such a paper the charge speaks for it, and bail can end it."""
    arrests = message.definitions("j:Arrest", "j:Booking")
    return {message.tree.resolve(child) for arrest in arrests for child in arrest}


def _started(message: Message, node: Node) -> Moment:
    for name in _STARTED_AT:
        if (moment := message.starts(message.tree.find(node, name))) is not None:
            return moment
    if message.kind is Kind.BOOKING and message.opened is not None:
        return message.opened
    return message.as_of


def _end(message: Message, node: Node, hold_id: str) -> Iterator[Fact]:
    lift = next(message.tree.within(node, "im:DetainerLiftReason", "im:DetentionDetainerLiftCode"), None)
    codes = [content(element) for element in lift.iter()] if lift is not None else []
    code = next(filter(None, codes), "")
    status = " ".join(
        content(element)
        for element in node.iter()
        if "StatusCode" in local_name(element) or "StatusText" in local_name(element)
    )
    dated = next((at for one in _ENDED_AT if (at := message.ends(message.tree.find(node, one))) is not None), None)
    if code or dated is not None or _ENDED & set(words(status)):
        data = without_empty({"hold_id": hold_id, "reason": f"lift code {code}" if code else ""})
        yield Fact("hold.lifted", dated or message.as_of, data)
