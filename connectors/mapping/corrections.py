"""What a row said before and says no more: taken back, ended, or left as history.

A record is mapped without memory (`apply`), so a corrected row would only add its new events to the old ones, and the
contract would choose between them as if both were meant. Here a row's events are compared with those that it gave
before, and each that it no longer gives is settled by its rule's ``gone``:

``retract``
    It was a mistake: an ``event.retracted`` takes it back.
``lift``
    Of a hold: it was so, and has ended when the change was seen. Where the same rule tells another version of the
    hold, the earlier version was a mistake.
``keep``
    It was so, and another rule says what became of it.

What is given once and retracted never counts again (contract, section 1), so what comes back gets an id of its own.
All rows of a booking are looked at together: an event that another of them still gives stands.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import orjson

from connectors.mapping.apply import Changed, Mapper, digest
from connectors.mapping.fields import full_name
from connectors.mapping.result import Mapped
from connectors.mapping.rows import Row, refused_inputs, written
from integration.services.intake import Input

RETRACTION: Final = "event-retracted"
"""Begins the ids of retractions that a connector makes."""
_LIFT: Final = ""
"""Stands for the rule of a lift that is made here."""

TakenBack: TypeAlias = Callable[[Collection[str]], Collection[str]]
"""Which of some event ids a connector has retracted before."""


@dataclass(frozen=True, slots=True)
class Given:
    """One event that a row gave."""

    rule: str
    about: str
    """Its hold, where it has one: what tells two events of one rule apart."""
    core: str
    """What it says, without what came along with it that is not kept."""
    base: str
    """Its id as it follows from its content."""
    id: str
    """Its id as it was handed in: another one where the first was retracted."""
    past: bool = False
    """Whether the row no longer says it, and it stands as what once was."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a row."""

    marks: Mapping[str, str]
    """See `Mapper.marks`."""
    given: tuple[Given, ...] = ()

    @classmethod
    def read(cls, marks: str, given: str) -> "Remembered":
        """Read what `written` wrote."""
        found = tuple(Given(*each) for each in orjson.loads(given))
        return cls(orjson.loads(marks), found)

    def written(self) -> tuple[str, str]:
        """Write it for the database: marks and events."""
        rows = [[each.rule, each.about, each.core, each.base, each.id, each.past] for each in self.given]
        return orjson.dumps(self.marks).decode(), orjson.dumps(rows).decode()


@dataclass(frozen=True, slots=True)
class Told:
    """A row that is to be mapped."""

    key: str
    place: str
    row: Row
    changed: Changed


@dataclass(slots=True)
class Settled:
    """What comes of some rows of one booking."""

    inputs: list[Input] = field(default_factory=list)
    rows: dict[str, Remembered] = field(default_factory=dict)
    """What is to be remembered of each row, as far as it is new."""
    retracted: set[str] = field(default_factory=set)
    """Ids that are taken back."""


def settle(
    mapper: Mapper,
    before: Mapping[str, Remembered],
    told: Sequence[Told],
    *,
    observed: datetime | None,
    now: datetime,
    taken_back: TakenBack,
) -> Settled:
    """Map rows of one booking, and settle what they no longer say.

    Args:
        mapper: the mapping.
        before: what is known of all rows of the booking, by their keys.
        told: those that are new or changed, each key once.
        observed: when they were written, where that is known.
        now: stands in for it in what is made here.
        taken_back: what connectors have retracted.
    """
    booking = _Booking(mapper, before, observed or now, taken_back)
    for each in told:
        mapped = mapper.map(each.row.record, observed=observed, changed=each.changed)
        booking.take(each, mapped, mapper.marks(each.row.record))
    return booking.settled(mapper.booking(told[0].row.record))


class _Booking:
    """The rows of one booking while they are settled."""

    def __init__(self, mapper: Mapper, before: Mapping[str, Remembered], at: datetime, taken_back: TakenBack) -> None:
        self._rules = {rule.name: rule for rule in mapper.mapping.events}
        self._source = mapper.mapping.source
        self._at = at
        self._taken_back = taken_back
        self._known = {each.base: each.id for row in before.values() for each in row.given}
        self._rows = dict(before)
        self._changed: set[str] = set()
        self._dropped: dict[str, Given] = {}
        self._inputs: list[Input] = []
        self._place = ""

    def take(self, told: Told, mapped: Mapped, marks: Mapping[str, str]) -> None:
        """Take a row as it is now."""
        self._place = told.place
        old = self._rows.get(told.key, Remembered({}))
        ids = self._ids([event["id"] for event in mapped.events])
        new: list[Given] = []
        for event, origin in zip(mapped.events, mapped.origins, strict=True):
            about = str(event["data"].get("hold_id", ""))
            given = Given(origin.rule, about, origin.core, event["id"], ids[event["id"]])
            new.append(given)
            self._inputs.append(Input(f"{told.place}#{given.id}", written({**event, "id": given.id})))
        self._inputs += refused_inputs(told.place, told.row, mapped)
        unsure = {refusal.place for refusal in mapped.refusals}
        bases, cores = {each.base for each in new}, {each.core for each in new}
        slots = {(each.rule, each.about) for each in new}
        for each in old.given:
            if each.base in bases:
                continue
            # Of one core, only what came along with it and is not kept has changed: that it was received stays true.
            kept = each if each.core in cores else self._kept(each, slots, old.marks, marks, unsure)
            if kept is None:
                self._dropped[each.base] = each
            else:
                new.append(kept)
        self._rows[told.key] = Remembered(marks, tuple(new))
        self._changed.add(told.key)

    def _kept(
        self,
        each: Given,
        slots: Collection[tuple[str, str]],
        old: Mapping[str, str],
        new: Mapping[str, str],
        unsure: Collection[str],
    ) -> Given | None:
        """Return how an event that the row does not give again goes on standing; None where it does not."""
        rule = self._rules.get(each.rule)
        if each.rule == _LIFT or each.rule in unsure:
            return each  # Ends with its hold's return; or nobody can say what the row means now.
        if rule is None:
            return None
        told_again = (each.rule, each.about) in slots
        if rule.on == "change" and (told_again or old.get(rule.name) == new.get(rule.name)):
            return each  # What it watches is as it was, or has changed once more: the first change was one, too.
        if rule.gone == "keep" or (rule.gone == "lift" and not told_again):
            return replace(each, past=True)
        return None

    def settled(self, booking: str) -> Settled:
        """Return everything, once all rows are taken."""
        self._lift(booking)
        standing = {each.base for row in self._rows.values() for each in row.given}
        retracted: set[str] = set()
        for each in self._dropped.values():
            if each.base in standing:
                continue
            event = self._event("event.retracted", booking, {"retracts": each.id}, RETRACTION)
            self._inputs.append(Input(f"{self._place}#{event['id']}", written(event)))
            retracted.add(each.id)
        return Settled(self._inputs, {key: self._rows[key] for key in self._changed}, retracted)

    def _lift(self, booking: str) -> None:
        """End the holds that no row tells any more, and take the end back of those that are told again."""
        every = [(key, each) for key, row in self._rows.items() for each in row.given]
        placed = [(key, each) for key, each in every if self._type(each) == "hold.placed"]
        live = {each.about for _, each in placed if not each.past}
        lifted = {each.about for _, each in every if each.rule == _LIFT}
        for key, each in every:
            if each.rule == _LIFT and each.about in live:
                row = self._rows[key]
                self._rows[key] = replace(row, given=tuple(one for one in row.given if one is not each))
                self._changed.add(key)
                self._dropped[each.base] = each
        for key, each in placed:
            rule = self._rules[each.rule]
            if each.past and rule.gone == "lift" and each.about not in live | lifted:
                event = self._event("hold.lifted", booking, {"hold_id": each.about}, "hold-lifted")
                end = Given(_LIFT, each.about, event["id"], event["id"], event["id"])
                self._rows[key] = replace(self._rows[key], given=(*self._rows[key].given, end))
                self._changed.add(key)
                self._inputs.append(Input(f"{self._place}#{event['id']}", written(event)))
                lifted.add(each.about)

    def _type(self, each: Given) -> str:
        rule = self._rules.get(each.rule)
        return "" if rule is None else rule.type

    def _ids(self, bases: Collection[str]) -> dict[str, str]:
        """Return the id under which each event is handed in: the one that it had, or the first that is not spent."""
        ids = {base: self._known.get(base, base) for base in bases}
        number = 1
        while spent := self._taken_back([each for base, each in ids.items() if base not in self._known]):
            number += 1
            ids |= {base: f"{base}-{number}" for base, each in ids.items() if each in spent}
        self._known |= ids
        return ids

    def _event(self, kind: str, booking: str, data: dict[str, Any], stem: str) -> dict[str, Any]:
        time = self._at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
        hashed = digest(kind, self._source, booking, time, *data.values())
        content = {"source": self._source, "type": full_name(kind), "subject": booking, "time": time, "data": data}
        return {"specversion": "1.0", "id": f"{stem}-{hashed}", **content}
