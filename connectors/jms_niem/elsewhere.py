"""Immigration holds that are said outside of charges and papers: flags, statuses, conditions, holders.

The schema has one place for such a hold, a misspelt flag; counties write it wherever their screens have room. What is
read here counts like a flag. What says a hold in an element that no rule reads is refused: nobody would learn of it.
"""

import re
from collections.abc import Iterator
from typing import Final

from connectors.jms_niem.mapping import AgencyClass
from connectors.jms_niem.message import Message
from connectors.jms_niem.result import NoteCode
from connectors.jms_niem.tree import Node, content, local_name, path
from connectors.jms_niem.vocabulary import holder, says_hold_for_immigration, says_immigration
from schemas.refusals import Reason

TRUE: Final = frozenset({"true", "1", "yes", "y", "t"})
FALSE: Final = frozenset({"false", "0", "no", "n", "f"})
_FLAG: Final = re.compile(r"(?:Immig\w*|(?<![A-Za-z])ICE|Ice(?=[A-Z])|(?<![A-Za-z])INS|DHS)\w*?(?:Hold|Detainer)(?!er)")
"""``ImmigrationHoldIndicator``, ``ICEDetainerFlag``; not ``PoliceHold``, not ``ImmigrationHolder``."""
_STATUSES: Final = frozenset(
    {"SupervisionCustodyStatus", "SubjectLocationStatus", "SupervisionCondition", "SubjectStatus"}
)
_CATEGORIES: Final = frozenset({"Arrest", "Detention", "Booking", "Holding"})
_HOLDERS: Final = frozenset({"HoldingAgency", "SupervisionAssessmentIncarcerationStatusHoldsAgencyName"})
_MAY_SAY: Final = re.compile(r"h[oe]?ld|det|dtn|I[\s-]?2\d\d", re.IGNORECASE)
"""What every text that says a hold has in it: few others are looked at word by word."""
_READ: Final = re.compile(
    r"Charge$|^BailBond$|Release|^DetainerOrder$|^Detainer$|DetainerNotificationRequest|Warrant$|^HoldForAgency$"
    r"|Person|^Identity|Location(?!Status)|Address|Contact|Official|Officer|Image|Association$"
)
"""What other rules read, and what speaks of people and places: a surname may be Ice."""


def immigration_flag(message: Message) -> bool | None:
    """Read the immigration hold indicator, in the schema's spelling (Detentiont...), a corrected one or a county's own.

    Any that says true counts; None where none says anything.
    """
    said: set[bool] = set()
    for node in message.container.iter():
        if len(node) or not _FLAG.search(local_name(node)):
            continue
        text = content(node).casefold()
        if text in TRUE:
            said.add(True)
            message.remarks.note(path(node), NoteCode.IMMIGRATION_HOLD_SEEN, "the indicator is true")
        elif text in FALSE:
            said.add(False)
        elif text:
            message.remarks.refuse(path(node), Reason.BAD_VALUE, "neither true nor false")
    return max(said, default=None)


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
        elif _MAY_SAY.search(text) and says_hold_for_immigration(message.mapping, text):
            said = "it says an immigration hold, and no rule reads this element"
            message.remarks.refuse(path(node), Reason.UNMAPPED_CODE, said)


def _leaves(container: Node) -> Iterator[Node]:
    """Yield the elements without children that no other rule reads."""
    for child in container:
        name = local_name(child)
        if _READ.search(name) or _FLAG.search(name):
            continue
        if len(child):
            yield from _leaves(child)
        else:
            yield child
