"""From one record to its events, by a mapping.

Nothing here remembers anything: the same record gives the same events, with the same ids. So a record that is told
again, in the next dump or after a crash, is a duplicate that changes nothing. What has to be known of earlier records
(a rule ``on = "change"``) comes in from outside as `Changed`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from connectors.localtime import Doubt
from connectors.mapping.conditions import Conditions
from connectors.mapping.coverage import Coverage
from connectors.mapping.fields import FieldKind, FieldShape, event_types, full_name
from connectors.mapping.model import EventForm, MappingFile, ValueForm, fold
from connectors.mapping.record import Data, Record, Value, is_nested, leaves, text_of
from connectors.mapping.result import Mapped, Note, NoteCode, Origin, Refusal, ValueRefusedError
from connectors.mapping.times import Moment
from connectors.mapping.unread import unread_holds
from schemas import forbidden
from schemas.refusals import Reason

Changed = Callable[[EventForm, str], bool]
"""From a rule and the hash of what it watches to whether that is new for this row."""

_DIGITS: Final = 20
"""80 bits, as in the other connectors."""
_CHARGE: Final = "charge"
REMOVED: Final = "[removed by connector]"
"""Stands in for a value that must not leave the connector. The field's name tells intake what was received."""
_BEGINNINGS: Final = frozenset({"booking.opened", "hold.placed"})
_ENDS: Final = frozenset({"hold.lifted", "release.due", "release.completed", "custody.transferred"})
_MANGLED: Final = re.compile(
    r"[-+]?\d(?:[.,]\d+)?E\+\d+|#+|#[A-Z/0]+[!?]?|[-+]?(?:nan|inf(?:inity)?)", re.IGNORECASE | re.ASCII
)
"""``2.02603E+09``, ``####``, ``#REF!``, ``NaN``: many bookings would become one."""
_TRUTHS: Final = {"true": True, "1": True, "y": True, "yes": True, "t": True, "x": True,
                  "false": False, "0": False, "n": False, "no": False, "f": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """What a rule looks at, and what it had to decide on the way."""

    record: Record
    observed: Moment | None
    marks: list[str]
    later: bool = False
    """Whether a time in the repeated hour is of its second run."""


@dataclass(frozen=True, slots=True)
class _Fired:
    """An event that a rule gave."""

    rule: EventForm
    row: _Row
    event: dict[str, Any]

    @property
    def at(self) -> datetime:
        """When it happened."""
        return datetime.fromisoformat(self.event["time"])


class _SkippedError(Exception):
    """A code that the mapping says to pass over."""


def digest(*parts: str) -> str:
    """Hash parts into a short key."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:_DIGITS]


def first_sight(rule: EventForm, _hash: str) -> bool:
    """Say what is new of a row of which nothing earlier is known."""
    return rule.first


def stale(_rule: EventForm, _hash: str) -> bool:
    """Say that nothing is new: for a dump that is older than the last."""
    return False


class Mapper:
    """Applies one mapping. Counts what it sees in a `Coverage`."""

    def __init__(self, mapping: MappingFile, coverage: Coverage | None = None) -> None:
        """Args: ``coverage`` is told what every record used, for a dry run."""
        self.mapping = mapping
        self._coverage = coverage
        self._revision = digest(mapping.model_dump_json())
        self._conditions = Conditions(mapping, self._look_up)
        self._read_for_words: dict[tuple[str | None, str], set[str]] = {}
        for rule in mapping.events:
            for condition in rule.where:
                if condition.says is not None:
                    self._read_for_words.setdefault((rule.each, condition.column), set()).add(condition.says)

    def booking(self, data: Data) -> str:
        """Return the booking number of a record; empty where it says none."""
        return self._text(Record(data), self.mapping.record.booking)

    def person(self, data: Data) -> str:
        """Return a hash of the person's key; empty where there is none."""
        column = self.mapping.record.person
        key = self._text(Record(data), column) if column else ""
        return digest(key) if key else ""

    def key(self, data: Data) -> str:
        """Return what makes the row the same row in the next dump, as a hash."""
        record = Record(data)
        return digest(*(self._mark(record, column) for column in self.mapping.record.key))

    def map(self, data: Data, *, observed: datetime | None, changed: Changed = first_sight) -> Mapped:
        """Map a record.

        Args:
            data: the record.
            observed: when its file or message was written, with an offset; None where nobody knows.
            changed: what is known of the row.
        """
        whole = Record(data)
        events: dict[str, dict[str, Any]] = {}
        origins: dict[str, Origin] = {}
        given: set[str] = set()
        refusals: list[Refusal] = []
        notes: list[Note] = []
        seen = self._observed(whole, observed, refusals)
        fired = list(self._fired(whole, seen, changed, refusals, notes))
        for rule, event in self._in_order(fired):
            events.setdefault(event["id"], event)
            origins.setdefault(event["id"], Origin(rule.name, event["id"]))
            given |= {event["id"]} if rule.id is not None else set()
            if self._coverage is not None:
                self._coverage.fired(rule.name)
        self._look_at_words(whole, events, refusals, notes)
        if not refusals:
            rules = [(each.rule, each.event["data"]) for each in fired]
            refusals.extend(unread_holds(data, self._conditions, [*rules, *self._standing(whole)]))
        found = self._with_removed_fields(list(events.values()), given, data, notes)
        if self._coverage is not None:
            self._coverage.record(data, refusals, notes)
        told = tuple(dict.fromkeys(refusals)), tuple(dict.fromkeys(notes))
        return Mapped(tuple(found), tuple(origins.values()), *told)

    def _fired(
        self, whole: Record, seen: Moment | None, changed: Changed, refusals: list[Refusal], notes: list[Note]
    ) -> Iterator[_Fired]:
        """Yield what each rule gives of a record; what one cannot give is refused, and the others go on."""
        for rule in self.mapping.events:
            for record in [whole] if rule.each is None else whole.items(rule.each):
                row = _Row(record, seen, [])
                try:
                    event = self._event(rule, row, changed, notes)
                except _SkippedError:
                    notes.append(Note(rule.name, NoteCode.UNMAPPED_CODE_SKIPPED))
                except ValueRefusedError as error:
                    refusals.append(Refusal(rule.name, error.reason, error.message))
                else:
                    if event is not None:
                        yield _Fired(rule, row, event)

    def _standing(self, whole: Record) -> Iterator[tuple[EventForm, Data]]:
        """Yield the rules on a change that are for a record, be it that nothing has changed."""
        for rule in self.mapping.events:
            if rule.on == "change":
                for record in [whole] if rule.each is None else whole.items(rule.each):
                    with suppress(_SkippedError):
                        if self._conditions.all_hold(rule, record):
                            yield rule, {}

    def marks(self, data: Data) -> dict[str, str]:
        """Return the hash of what each rule on a change watches, by the rule's name; of all of the row under ``""``.

        The last tells a row that needs no second look: neither it nor the mapping has changed.
        """
        record = Record(data)
        marks = {rule.name: self.fingerprint(rule, record) for rule in self.mapping.events if rule.on == "change"}
        told = sorted((name, repr(value)) for name, value in data.items() if name != self.mapping.record.observed)
        return {"": digest(self._revision, *(part for pair in told for part in pair)), **marks}

    def fingerprint(self, rule: EventForm, record: Record) -> str:
        """Hash what a rule watches."""
        return digest(rule.name, *(self._mark(record, column) for column in rule.watch))

    def _in_order(self, fired: Sequence[_Fired]) -> Iterator[tuple[EventForm, dict[str, Any]]]:
        """Yield the events of a record; an end in the repeated hour that lies before its beginning is read as later.

        Booked at 1:50 and lifted at 1:10 of one night: the clock was put back between them.
        """
        begun: dict[str, datetime] = {}
        for each in fired:
            if each.rule.type in _BEGINNINGS:
                for about in ("", each.event["data"].get("hold_id", "")):
                    begun[about] = min(begun.get(about, each.at), each.at)
        for each in fired:
            event = each.event
            start = begun.get(event["data"].get("hold_id", ""), begun.get(""))
            in_doubt = each.rule.type in _ENDS and Doubt.REPEATED.value in each.row.marks
            if in_doubt and start is not None and each.at < start:
                row = _Row(each.row.record, each.row.observed, [], later=True)
                later = self._event(each.rule, row, lambda _rule, _hash: True, [])
                if later is not None and datetime.fromisoformat(later["time"]) >= start:
                    event = later
            yield each.rule, event

    def _look_at_words(
        self, whole: Record, events: Mapping[str, Mapping[str, Any]], refusals: list[Refusal], notes: list[Note]
    ) -> None:
        """Refuse a row whose words say a hold that no rule is for: nobody would learn of it."""
        spoke = False
        for (each, column), handled in self._read_for_words.items():
            for record in [whole] if each is None else whole.items(each):
                text = self._text(record, column)
                spoke |= bool(text)
                said = self._conditions.says(text) if text else _CHARGE
                if said != _CHARGE and said not in handled:
                    message = f"{column}: it says {said}, and no rule is for that"
                    refusals.append(Refusal("record", Reason.UNMAPPED_CODE, message))
        if spoke and not refusals and not any(event["type"] == full_name("hold.placed") for event in events.values()):
            notes.append(Note("record", NoteCode.NO_HOLD))

    # -- one event --------------------------------------------------------------------------------------------------

    def _event(self, rule: EventForm, row: _Row, changed: Changed, notes: list[Note]) -> dict[str, Any] | None:
        record = row.record
        if not self._conditions.all_hold(rule, record):
            return None
        if rule.on == "change" and not changed(rule, self.fingerprint(rule, record)):
            return None
        booking = self._plain(rule.booking, record) if rule.booking else record.text(f"^{self.mapping.record.booking}")
        if booking in ("", None) or str(booking).casefold() in self.mapping.nothing:
            raise ValueRefusedError(Reason.NO_BOOKING, f"{self.mapping.record.booking}: no booking number")
        if _MANGLED.fullmatch(str(booking)):
            message = f"{self.mapping.record.booking}: what a spreadsheet made of a number; others read the same"
            raise ValueRefusedError(Reason.BAD_VALUE, message)
        moment = self._moment(rule.time, row, "time")
        if moment is None:
            raise ValueRefusedError(Reason.NO_TIME, f"time: {_columns(rule.time)} is empty")
        content: dict[str, Any] = {
            "specversion": "1.0",
            "source": self.mapping.source,
            "type": full_name(rule.type),
            "subject": str(booking),
            "time": moment.text(),
            "data": self._data(rule, row),
        }
        recorded = self._moment(rule.recorded, _Row(record, row.observed, []), "recorded") if rule.recorded else None
        if recorded is not None:
            content["recordedtime"] = recorded.text()
        notes.extend(Note(rule.name, note) for note in moment.notes)
        return {"specversion": "1.0", "id": self._id(rule, row, content), **content}

    def _id(self, rule: EventForm, row: _Row, content: dict[str, Any]) -> str:
        if rule.id is not None:
            given = self._plain(rule.id, row.record)
            if given in ("", None):
                raise ValueRefusedError(Reason.MISSING_FIELD, f"id: {_columns(rule.id)} is empty")
            return str(given)
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        hashed = hashlib.sha256(canonical.encode()).hexdigest()[:_DIGITS]
        return "-".join([rule.type.replace(".", "-"), hashed, *dict.fromkeys(row.marks)])

    def _data(self, rule: EventForm, row: _Row) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for field, shape in event_types()[rule.type].items():
            form = rule.data.get(field)
            if form is None:
                continue
            value = self._field(form, shape, row, field)
            if value in ("", None, []) and form.table is not None:
                value = self._of_nothing(form, shape)
            if value in ("", None, []):
                if form.required or shape.required:
                    raise ValueRefusedError(Reason.MISSING_FIELD, f"{field}: {_columns(form)} is empty")
                continue
            node = data
            *parents, last = field.split(".")
            for parent in parents:
                node = node.setdefault(parent, {})
            node[last] = value
        return data

    def _field(self, form: ValueForm, shape: FieldShape, row: _Row, field: str) -> Any:
        record = row.record
        if shape.kind is FieldKind.TIME:
            moment = self._moment(form, row, field)
            return None if moment is None else moment.text()
        if shape.kind is FieldKind.JSON:
            return self._json(form, record, field)
        if shape.kind is FieldKind.LIST:
            return self._list(form, record)
        value = self._plain(form, record)
        if shape.kind is FieldKind.TRUTH:
            if isinstance(value, bool) or value in ("", None):
                return value if isinstance(value, bool) else None
            if fold(str(value)) not in _TRUTHS:
                raise ValueRefusedError(Reason.UNMAPPED_CODE, f"{field}: {_columns(form)} is neither true nor false")
            return _TRUTHS[fold(str(value))]
        if shape.kind is FieldKind.CHOICE and value not in ("", None) and value not in shape.choices:
            raise ValueRefusedError(Reason.UNMAPPED_CODE, f"{field}: {_columns(form)} is no word of the contract")
        return value if value is None else str(value)

    # -- values -----------------------------------------------------------------------------------------------------

    def _text(self, record: Record, column: str) -> str:
        return self._said(record.text(column))

    def _said(self, text: str) -> str:
        return "" if text.casefold() in self.mapping.nothing else text

    def _mark(self, record: Record, column: str) -> str:
        """Return what tells a value from another one: of what is no text, how Python writes it."""
        value = record.value(column)
        return repr(value) if is_nested(value) else self._text(record, column)

    def _texts(self, form: ValueForm, record: Record) -> list[str]:
        texts = [self._said(record.plain(column)) for column in form.sources]
        if form.take == "first":
            return [next(filter(None, texts), "")]
        return texts

    def _plain(self, form: ValueForm, record: Record) -> Any:
        """Return the text, or the meaning of a code; None where there is nothing."""
        if form.value is not None:
            return form.value
        said = [text for text in self._texts(form, record) if text]
        if not said:
            return None
        text = form.separator.join(said)
        if form.table is not None:
            return self._look_up(form.table, text, _columns(form))
        if form.digest:
            text = digest(*said)
        return f"{form.prefix}{text}"

    def _look_up(self, name: str, text: str, column: str) -> Any:
        table = self.mapping.tables[name]
        folded = fold(text)
        known = folded in table.folded
        if self._coverage is not None:
            self._coverage.code(name, text, known=known)
        if known:
            return table.folded[folded]
        if table.unmapped == "default":
            return table.default
        if table.unmapped == "skip":
            raise _SkippedError
        raise ValueRefusedError(Reason.UNMAPPED_CODE, f"{column}: a code that [tables.{name}] does not list")

    def _of_nothing(self, form: ValueForm, shape: FieldShape) -> Any:
        """Return what a table says of nothing: as ``""``, or by default where the field is needed."""
        assert form.table is not None
        table = self.mapping.tables[form.table]
        if "" not in table.folded and not (table.unmapped == "default" and (form.required or shape.required)):
            return None
        return self._look_up(form.table, "", _columns(form))

    def _list(self, form: ValueForm, record: Record) -> list[str]:
        if isinstance(listed := record.value(form.column or ""), list):
            return [text for text in (Record({"each": one}).plain("each") for one in listed) if text]
        value = self._plain(form, record)
        if isinstance(value, list):
            return value
        if value in ("", None):
            return []
        parts = [str(value)] if form.split is None else str(value).split(form.split)
        return [part.strip() for part in parts if part.strip()]

    def _json(self, form: ValueForm, record: Record, field: str) -> Value:
        if form.column is None:
            return form.value
        found = record.value(form.column)
        if not isinstance(found, str):
            return found
        if not self._text(record, form.column):
            return None
        try:
            return json.loads(found)
        except (ValueError, RecursionError):
            raise ValueRefusedError(Reason.NOT_JSON, f"{field}: {form.column} holds no JSON") from None

    def _moment(self, form: ValueForm, row: _Row, field: str) -> Moment | None:
        if form.observed:
            if row.observed is None:
                raise ValueRefusedError(Reason.NO_TIME, f"{field}: nobody knows when the record was written")
            row.marks.extend(row.observed.marks)
            return row.observed
        moment = self._read(form, row.record, field)
        if moment is None:
            return None
        if row.later and Doubt.REPEATED.value in moment.marks:
            zone = self.mapping.clock_of(form).zone
            moment = Moment(moment.at.astimezone(zone).replace(fold=1).astimezone(UTC), moment.marks)
        if form.add_minutes is not None:
            moment = Moment(_later(moment.at, form.add_minutes, field), moment.marks)
        row.marks.extend(moment.marks)
        return moment

    def _read(self, form: ValueForm, record: Record, field: str) -> Moment | None:
        texts = [text for text in self._texts(form, record) if text]
        if not texts:
            return None
        # What a driver gives as a date or number is read as that, not as its text.
        value: Value = form.separator.join(texts)
        said = [record.value(column) for column in form.sources if self._text(record, column)]
        if len(said) == 1 or form.take == "first":
            value = said[0]
        try:
            return self.mapping.clock_of(form).read(value)
        except ValueRefusedError as error:
            raise ValueRefusedError(error.reason, f"{field}: {_columns(form)}: {error.message}") from None

    def _observed(self, record: Record, given: datetime | None, refusals: list[Refusal]) -> Moment | None:
        column = self.mapping.record.observed
        nested = column is not None and is_nested(record.value(column))
        if column is None or (not nested and not self._text(record, column)):
            return None if given is None else Moment(given)
        try:
            return self.mapping.clock.read(record.value(column))
        except ValueRefusedError as error:
            refusals.append(Refusal("record", error.reason, f"observed: {column}: {error.message}"))
            return None

    def _with_removed_fields(
        self, events: list[dict[str, Any]], given: set[str], data: Data, notes: list[Note]
    ) -> list[dict[str, Any]]:
        """Tell intake which fields of status came along, on the opening or the first event: names, no values."""
        names = sorted(set(_forbidden(data, self.mapping.nothing)))
        if not names or not events:
            return events
        notes.append(Note("record", NoteCode.STATUS_FIELD_REMOVED))
        at = next((i for i, event in enumerate(events) if event["type"] == full_name("booking.opened")), 0)
        bearer = events[at]
        marked = {**bearer, "data": {**bearer["data"], **dict.fromkeys(names, REMOVED)}}
        if marked["id"] not in given:
            marked["id"] = f"{marked['id']}-{digest(*names)[:6]}"  # other content needs another id
        return [*events[:at], marked, *events[at + 1 :]]


def _forbidden(data: Data, nothing: frozenset[str]) -> Iterator[str]:
    for path, value in leaves(data):
        for part in path.replace("[]", "").split("."):
            folded = forbidden.fold(part)
            if folded in forbidden.FORBIDDEN_NAMES and text_of(value).casefold() not in nothing:
                yield folded


def _later(at: datetime, minutes: int, field: str) -> datetime:
    try:
        return at + timedelta(minutes=minutes)
    except OverflowError:
        raise ValueRefusedError(Reason.TIME_OUT_OF_RANGE, f"{field}: add_minutes leads to no time") from None


def _columns(form: ValueForm) -> str:
    return ", ".join(form.sources) or "the constant"
