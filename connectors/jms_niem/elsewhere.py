"""Immigration holds that are said outside of charges and papers: flags, statuses, conditions, holders.

The schema has one place for such a hold, a misspelt flag; counties write it wherever their screens have room. What is
read here counts like a flag. What says a hold in an element that no rule reads is refused: nobody would learn of it.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from connectors.jms_niem.mapping import AgencyClass, Mapping
from connectors.jms_niem.message import Message
from connectors.jms_niem.result import NoteCode, Remarks
from connectors.jms_niem.tree import Node, Tree, content, is_nil, local_name, path
from connectors.jms_niem.vocabulary import holder, says_hold_for_immigration, says_immigration
from schemas.refusals import Reason

TRUE: Final = frozenset({"true", "1", "yes", "y", "t"})
FALSE: Final = frozenset({"false", "0", "no", "n", "f"})
_FLAG: Final = re.compile(
    r"(?:Immig\w*|(?<![A-Za-z])ICE|Ice(?=[A-Z])|(?<![A-Za-z])INS|DHS)\w*?(?:Hold|Detainer)(?!er)"
    r"|(?:Hold|Detainer)(?!er)\w*?(?:Immig|ICE(?![a-z])|Ice(?=[A-Z]|$)|INS(?![a-z])|DHS)"
)
"""``ImmigrationHoldIndicator``, ``ICEDetainerFlag``, ``HoldICE``; not ``PoliceHold``, not ``ImmigrationHolder``."""
_NAMING: Final = frozenset({"id", "ref"})
"""Attributes that say nothing of a hold."""
_STATUSES: Final = frozenset(
    {"SupervisionCustodyStatus", "SubjectLocationStatus", "SupervisionCondition", "SubjectStatus"}
)
_CATEGORIES: Final = frozenset({"Arrest", "Detention", "Booking", "Holding"})
_HOLDERS: Final = frozenset({"HoldingAgency", "SupervisionAssessmentIncarcerationStatusHoldsAgencyName"})
_READ: Final = re.compile(
    r"Charge$|^BailBond$|Release|^DetainerOrder$|^Detainer$|DetainerNotificationRequest|Warrant$|^HoldForAgency$"
    r"|Person|^Identity|Location(?!Status)|Address|Contact|Official|Officer|Image|Association$"
)
"""What other rules read, and what speaks of people and places: a surname may be Ice."""


def immigration_flag(message: Message) -> bool | None:
    """Read the immigration hold indicator, in the schema's spelling (Detentiont...), a corrected one or a county's own.

    Any that says true counts; None where none says anything, or one says what nobody can read.
    """
    said: set[bool] = set()
    unread = False
    for node in message.container.iter():
        if not _FLAG.search(local_name(node)):
            continue
        texts = list(_said_of(node))
        text = texts[0].casefold() if len(texts) == 1 else ""
        if text in TRUE:
            said.add(True)
            message.remarks.note(path(node), NoteCode.IMMIGRATION_HOLD_SEEN, "the indicator is true")
        elif text in FALSE:
            said.add(False)
        elif len(texts) > 1:
            unread = True
            what = "an immigration hold in several parts, which no rule reads"
            message.remarks.refuse(path(node), Reason.UNMAPPED_CODE, what)
        elif text:
            unread = True
            message.remarks.refuse(path(node), Reason.BAD_VALUE, "neither true nor false")
    # Beside one that cannot be read, one that says no ends no hold.
    return True if True in said else None if unread else max(said, default=None)


def _said_of(flag: Node) -> Iterator[str]:
    """Yield what a flag says: its text, or that of the elements in it, or its attributes, as some systems write it.

    An element in it that is a flag itself, or is read by another rule, speaks for itself.
    """
    if text := content(flag):
        yield text
        return
    if is_nil(flag):
        return
    for child in flag:
        if not (_FLAG.search(local_name(child)) or _READ.search(local_name(child))):
            yield from _said_of(child)
    yield from (str(value) for name, value in flag.attrib.items() if _is_own(str(name)) and str(value).strip())


def _is_own(attribute: str) -> bool:
    return not attribute.startswith("{") and attribute not in _NAMING


def said_elsewhere(message: Message) -> Iterator[tuple[Node, str, str]]:
    """Yield element, agency name and text of what says immigration hold beside charges, bonds and papers."""
    for node in _leaves(message.container):
        text = content(node)
        if not text:
            continue
        name, parent = local_name(node), node.getparent()
        above = "" if parent is None else local_name(parent)
        higher = {local_name(ancestor) for ancestor in node.iterancestors()}
        if name in _HOLDERS or _HOLDERS & higher:
            if holder(message.mapping, text, frozenset()).class_ is AgencyClass.IMMIGRATION:
                yield node, text, ""
        elif _STATUSES & higher or (above in _CATEGORIES and name == "ActivityCategoryText"):
            if says_immigration(message.mapping, text):
                yield node, "", text
        elif says_hold_for_immigration(message.mapping, text):
            said = "it says an immigration hold, and no rule reads this element"
            message.remarks.refuse(path(node), Reason.UNMAPPED_CODE, said)


def refuse_outside(tree: Tree, mapping: Mapping, remarks: Remarks, containers: Collection[Node]) -> None:
    """Refuse what says an immigration hold outside of every booking: whose it is nobody says, no rule looks there."""
    for node in _outside(tree.root, containers):
        text = content(node)
        flagged = _FLAG.search(local_name(node)) is not None and text.casefold() not in FALSE
        if flagged or says_hold_for_immigration(mapping, text):
            what = "it says an immigration hold, and stands outside of every booking"
            remarks.refuse(path(node), Reason.UNMAPPED_CODE, what)


def _outside(node: Node, containers: Collection[Node]) -> Iterator[Node]:
    if node in containers:
        return
    if content(node):
        yield node
        return
    for child in node:
        yield from _outside(child, containers)


def _leaves(container: Node) -> Iterator[Node]:
    """Yield the elements without children that no other rule reads."""
    for child in container:
        name = local_name(child)
        if _READ.search(name) or _FLAG.search(name):
            continue
        if len(child) and not content(child):
            yield from _leaves(child)
        else:
            yield child
