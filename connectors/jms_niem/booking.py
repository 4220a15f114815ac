"""The booking itself: who (by key only), when, by whom, and which status fields came along.

Names, birth dates, addresses, numbers of other agencies and health data are never read. Of the person only the
exchange's own persistent key and the language for notices are taken.
"""

import re
from functools import lru_cache
from typing import Final

from connectors.jms_niem.events import Fact, without_empty
from connectors.jms_niem.mapping import fold
from connectors.jms_niem.message import Message
from connectors.jms_niem.result import NoteCode
from connectors.jms_niem.times import Moment
from connectors.jms_niem.tree import Node, content, is_nil, local_name, path
from schemas.refusals import Reason

_LONGEST_KEY: Final = 512
_STATUS_FIELDS: Final = (
    ("citizenship", re.compile(r"Citizen(?!Complaint)")),
    ("nationality", re.compile(r"Nationality|NationalOrigin")),
    ("place_of_birth", re.compile(r"Birth(?:Place|Location|Country|State|City)|PlaceOfBirth|CountryOfBirth")),
    ("alien_number", re.compile(r"Alien")),
    ("immigration_status", re.compile(r"Immigration(?:Legal)?Status|VisaStatus|ImmigrantStatus")),
)
"""Elements that speak of what the contract's section 5 forbids, by NIEM's and its domains' names for them."""


def opening(message: Message, opened: Moment) -> Fact:
    """Say that the booking was opened."""
    tree = message.tree
    person_node = _person(message)
    person_id = tree.text(person_node, "ext:PersonPersistentIdentification", "nc:IdentificationID")
    if len(person_id) > _LONGEST_KEY:
        place = path(person_node, "ext:PersonPersistentIdentification")
        message.remarks.refuse(place, Reason.BAD_VALUE, f"a key has at most {_LONGEST_KEY} characters")
        person_id = ""
    person = without_empty({"person_id": person_id, "preferred_language": _language(message, person_node)})
    arrests = list(message.definitions("j:Arrest", "j:Booking"))
    bases = [tree.text(arrest, "nc:ActivityCategoryText") for arrest in arrests]
    agency = tree.agency(message.booking, "j:BookingAgency")
    listed = message.mapping.agency_table.get(fold(agency))
    data = {
        "person": person,
        "arrested_at": _arrested_at(message, arrests),
        "booked_by": listed.name if listed is not None else agency,
        "basis": list(dict.fromkeys(filter(None, bases))),
    }
    return Fact("booking.opened", opened, without_empty(data))


def removed_fields(message: Message) -> list[str]:
    """Name the forbidden fields that the message carries, never their values."""
    found: set[str] = set()
    for node in message.container.iter():
        for field in _fields_named(local_name(node)):
            if _says_something(node):
                found.add(field)
                message.remarks.note(path(node), NoteCode.STATUS_FIELD_REMOVED, f"{field}: not read, only reported")
    return sorted(found)


@lru_cache(maxsize=1024)
def _fields_named(name: str) -> tuple[str, ...]:
    return tuple(field for field, pattern in _STATUS_FIELDS if pattern.search(name))


def _person(message: Message) -> Node | None:
    tree = message.tree
    return tree.find(message.booking, "j:BookingSubject", "nc:RoleOfPerson")


def _language(message: Message, person: Node | None) -> str:
    tree = message.tree
    said = tree.find(person, "nc:PersonPrimaryLanguage")
    text = next((one for field in ("nc:LanguageName", "nc:LanguageCode") if (one := tree.text(said, field))), "")
    return message.mapping.language_table.get(fold(text), text)


def _arrested_at(message: Message, arrests: list[Node]) -> str:
    """Return the earliest time of arrest, where a time and not only a day is said."""
    said = [message.stated(message.tree.find(arrest, "nc:ActivityDate")) for arrest in arrests]
    times = [moment for moment in said if isinstance(moment, Moment)]
    return min(times, key=lambda moment: moment.at).text() if times else ""


def _says_something(node: Node) -> bool:
    return any(content(element) and not is_nil(element) for element in node.iter())
