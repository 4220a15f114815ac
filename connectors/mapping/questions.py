"""What a mapping never says: the facts without which no finding can come of it, unless another feed tells them.

A mapping can read every row without a fault and still watch nobody: one that says who is held and never who is owed
release. A trial tells that; it is no fault, because a jail may have several feeds.
"""

from typing import Final

from connectors.mapping.model import EventForm, MappingFile

_LOCAL: Final = frozenset({"arrest", "charge", "sentence", "court_order"})
_IMMIGRATION: Final = frozenset({"immigration_detainer", "administrative_warrant", "notification_request"})


def unanswered(mapping: MappingFile) -> list[str]:
    """Return what no rule of a mapping says, one sentence each."""
    types = {rule.type for rule in mapping.events}
    kinds = [_kinds(mapping, rule) for rule in mapping.events if rule.type == "hold.placed"]
    found: list[str] = []
    if "booking.opened" not in types:
        found.append("no rule says that somebody was booked (booking.opened)")
    if not any(kind is None or kind & _LOCAL for kind in kinds):
        found.append(
            "no rule says what the local case keeps somebody on (hold.placed of a charge, an arrest, a sentence)"
        )
    if not any(kind is None or kind & _IMMIGRATION for kind in kinds):
        found.append("no rule says that an immigration paper is there (hold.placed of an immigration_detainer)")
    if not types & {"release.due", "hold.lifted", "bail.posted"}:
        found.append(
            "no rule says that somebody is owed release (release.due, hold.lifted, bail.posted): "
            "nobody will ever be overdue"
        )
    if not types & {"release.completed", "custody.transferred"}:
        found.append("no rule says that somebody has left (release.completed, custody.transferred)")
    return found


def _kinds(mapping: MappingFile, rule: EventForm) -> frozenset[str] | None:
    """Return the kinds of hold that a rule can give; None where its column may say any."""
    form = rule.data.get("kind")
    if form is None:
        return frozenset()
    if form.table is not None:
        table = mapping.tables[form.table]
        return frozenset(str(each) for each in (*table.codes.values(), table.default))
    return frozenset({form.value}) if isinstance(form.value, str) else None
