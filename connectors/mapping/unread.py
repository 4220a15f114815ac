"""What a record says of an immigration hold where no rule looks: it must not be lost without a word.

A county writes a hold into whatever column has room. A mapping reads those that its author found; this looks at all
others. Only a text that is nothing but such a hold counts ("ICE HOLD", "I-247A"): a remark is free text.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from connectors.jms_niem.vocabulary import forms_in
from connectors.mapping.coverage import read_by
from connectors.mapping.model import EventForm
from connectors.mapping.record import BEFORE, Data, leaves
from connectors.mapping.result import Refusal
from schemas.refusals import Reason

_LONGEST: Final = 80
_IMMIGRATION: Final = frozenset({"immigration_detainer", "administrative_warrant", "notification_request"})
_AGENCY: Final = "agency_hold"
_ENDS: Final = frozenset({"hold.lifted", "custody.transferred", "release.completed", "booking.voided"})


class Words(Protocol):
    """Knows the county's words."""

    def says_hold(self, text: str) -> bool:
        """Tell whether a text is nothing but an immigration hold, and says so."""

    def names_immigration(self, text: str) -> bool:
        """Tell whether a text is nothing but an immigration authority, or a hold for one."""


def is_immigration(placed: Mapping[str, Any]) -> bool:
    """Tell whether a hold is an immigration paper: by its kind, or by its form, which decides (the contract, 3)."""
    form = placed.get("document", {}).get("form", "")
    return placed.get("kind") in _IMMIGRATION or bool(forms_in(form))


def unread_holds(data: Data, words: Words, fired: Sequence[tuple[EventForm, Data]]) -> Iterator[Refusal]:
    """Yield a refusal for each column that says an immigration hold of which the record's rules made none.

    Args:
        data: the record.
        words: the county's words.
        fired: the rules that were for the record, each with what its event says; with nothing for a rule on a change
            of a record that has not changed.
    """
    if any(is_immigration(said) for _, said in fired):
        return
    ending = {column for rule, _ in fired if rule.type in _ENDS for column in read_by(rule)}
    unchanged = {column for rule, said in fired if rule.on == "change" and not said for column in read_by(rule)}
    # "HOLD" in one column and "ICE" in the next would otherwise be an agency that may keep the person.
    is_agency = any(said.get("kind") == _AGENCY for _, said in fired)
    seen: set[str] = set()
    for column, value in leaves({name: each for name, each in data.items() if name != BEFORE}):
        if column in seen | ending | unchanged or not isinstance(value, str) or len(value) > _LONGEST:
            continue
        said = words.names_immigration(value) if is_agency else words.says_hold(value)
        if said:
            seen.add(column)
            message = f"{column}: it says an immigration hold, and no rule made one of the record"
            yield Refusal("record", Reason.UNMAPPED_CODE, message)
