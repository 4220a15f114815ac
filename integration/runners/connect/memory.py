"""What a connector remembers of rows, in the database: which events each gave, and a hash of what was watched."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.jms_webhook.bodies import Body
from connectors.mapping.apply import Mapper, digest
from connectors.mapping.corrections import RETRACTION, Remembered, Settled, Told, settle
from connectors.mapping.history import changed_since
from connectors.mapping.rows import Row, inputs_of
from integration.domain.instants import SECOND, Instant
from integration.services.intake import Input
from integration.services.roster import RosterRow, SourceStore

_SHOWN = 12
"""Digits of a row's hash in a place."""
_REMEMBERED = 200_000
"""Ids of events that were taken back: more than any batch has."""


@dataclass(slots=True)
class Found:
    """What some rows give: inputs, and what is to be remembered in their transaction."""

    inputs: list[Input] = field(default_factory=list)
    rows: list[RosterRow] = field(default_factory=list)


class Memory:
    """What one connector remembers."""

    def __init__(self, name: str, mapper: Mapper, store: SourceStore) -> None:
        """Args: ``name`` is the connector's."""
        self._name = name
        self._mapper = mapper
        self._store = store
        self._nothing = False
        self._retracted: dict[str, None] = {}
        """The latest: a row that goes there and back in one batch takes back what the database does not know yet."""

    def settled(
        self, before: Iterable[RosterRow], told: Sequence[Told], observed: datetime | None, now: Instant
    ) -> Settled:
        """Settle rows of one booking. Args: ``before`` is all that is remembered of the booking."""
        known = {row.key: Remembered.read(row.marks, row.given) for row in before}
        at = datetime.fromtimestamp(now / SECOND, UTC)
        found = settle(self._mapper, known, told, observed=observed, now=at, taken_back=self._taken_back)
        self._retracted |= dict.fromkeys(found.retracted)
        while len(self._retracted) > _REMEMBERED:
            del self._retracted[next(iter(self._retracted))]
        return found

    def row(self, told: Told, remembered: Remembered) -> RosterRow:
        """Return a row as it is remembered."""
        record = told.row.record
        booking, person = self._mapper.booking(record), self._mapper.person(record)
        return RosterRow(self._name, told.key, booking, person, *remembered.written())

    def place(self, key: str) -> str:
        """Return how inputs of a row are called: the same in each dump."""
        return f"{self._name}:{key[:_SHOWN]}"

    def read(self, rows: Iterable[tuple[Row, datetime | None]], now: Instant) -> Found:
        """Read rows as they come, each with the time at which it was written: later ones are later versions.

        Nothing is changed; what is to be remembered has to be written with the inputs.
        """
        self.look()
        found, new = Found(), dict[str, RosterRow]()
        each = []
        for row, at in rows:
            if row.refusal is None:
                each.append((row, at, self._mapper.key(row.record), self._mapper.booking(row.record)))
            else:
                found.inputs += inputs_of(f"{self._name}:rows", row, self._mapper, observed=at)
        known: defaultdict[str, dict[str, RosterRow]] = defaultdict(dict)
        for remembered in self._store.rows_of(self._name, {booking for *_, booking in each}):
            known[remembered.booking][remembered.key] = remembered
        for row, at, key, booking in each:
            last = known[booking].get(key)
            marks = None if last is None else Remembered.read(last.marks, last.given).marks
            if marks == self._mapper.marks(row.record):
                continue
            told = Told(key, self.place(key), row, changed_since(marks))
            settled = self.settled(known[booking].values(), [told], at, now)
            found.inputs += settled.inputs
            kept = self.kept(settled, {key: told}, known[booking])
            known[booking] |= {row.key: row for row in kept}
            new |= {row.key: row for row in kept}
        found.rows += new.values()
        return found

    def compared(self, body: Body, now: Instant) -> tuple[Sequence[Input], Sequence[RosterRow]]:
        """Return the inputs of a message, with what its records take back, and what is to be remembered."""
        found = self.read([(row, None) for row in body.rows], now)
        return found.inputs, found.rows

    def kept(self, settled: Settled, told: Mapping[str, Told], before: Mapping[str, RosterRow]) -> list[RosterRow]:
        """Return the rows of a booking that are to be written."""
        rows = []
        for key, remembered in settled.rows.items():
            if key in told:
                rows.append(self.row(told[key], remembered))
            else:
                marks, given = remembered.written()
                rows.append(before[key]._replace(marks=marks, given=given))
        return rows

    def moved_from(self, known: RosterRow) -> RosterRow:
        """Return what stays of a row whose booking number has changed.

        Whose the old number was: as long as somebody is in custody under it, that may have to be told.
        """
        return known._replace(key=f"was-{digest(known.booking)}", marks="{}")

    def look(self) -> None:
        """Find out whether anything was ever taken back: before some rows are settled, where nothing is committed."""
        self._nothing = not self._store.takes_back(self._mapper.mapping.source, RETRACTION)

    def _taken_back(self, ids: Collection[str]) -> Collection[str]:
        found = self._retracted.keys() & set(ids)
        if ids and not self._nothing:
            found |= self._store.taken_back(self._mapper.mapping.source, ids, RETRACTION)
        return found
