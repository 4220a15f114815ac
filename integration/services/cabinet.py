"""The case files in memory: those of people whom the stream speaks of now, and which of them have changed."""

from collections.abc import Iterable, Iterator

from integration.domain.facts import Moved, Retracted
from integration.domain.groups import destinations, retracted_ids
from integration.domain.instants import NEVER
from integration.services.casefile import CaseFile, merge
from integration.services.ports import BookingKey, BookingRow, Store
from schemas.refusals import InvalidEventError, Reason

_CACHED = 5_000
"""Case files kept between batches: those of people booked lately, whom the next events speak of."""


class Cabinet:
    """Case files by booking number, read from the store when they are first asked for."""

    def __init__(self, store: Store) -> None:
        """Start empty."""
        self._store = store
        self._cases: dict[BookingKey, CaseFile] = {}
        self._homes: dict[BookingKey, BookingKey] = {}
        self._changed: dict[BookingKey, CaseFile] = {}
        self._versions: dict[BookingKey, int] = {}
        """Of numbers that live with another: as the store has them."""
        self._moved: dict[BookingKey, None] = {}
        """Numbers that have come to live with another since the last commit."""

    @property
    def has_changes(self) -> bool:
        """Whether anything would have to be written."""
        return bool(self._changed)

    def load(self, keys: Iterable[BookingKey]) -> None:
        """Bring case files into memory; numbers that the store does not know get an empty one."""
        wanted = [key for key in dict.fromkeys(self._homes.get(key, key) for key in keys) if key not in self._cases]
        while wanted:
            elsewhere = []
            for row in self._store.bookings(wanted):
                key = BookingKey(row.source, row.number)
                if row.home is None:
                    self._cases[key] = CaseFile.from_row(row)
                else:
                    self._versions[key] = row.version
                    home = BookingKey(row.source, row.home)
                    self._redirect(key, home)
                    elsewhere.append(home)
            for key in wanted:
                if key not in self._cases and key not in self._homes:
                    self._cases[key] = CaseFile(key, {})
            wanted = [key for key in elsewhere if key not in self._cases]

    def _redirect(self, key: BookingKey, home: BookingKey) -> None:
        """Let a number live with another, and whoever lived with it too."""
        for known, before in list(self._homes.items()):
            if before == key:
                self._homes[known] = home
        self._homes[key] = home

    def refresh(self, keys: Iterable[BookingKey]) -> None:
        """Read case files again that another worker may have changed; those changed here are kept as they are."""
        fresh = [key for key in dict.fromkeys(keys) if self.holds(key) and not self.case(key).dirty]
        for key in fresh:
            self._cases.pop(self._homes.pop(key, key), None)
        self.load(keys)

    def holds(self, key: BookingKey) -> bool:
        """Tell whether a case file is in memory."""
        return self._homes.get(key, key) in self._cases

    def case(self, key: BookingKey) -> CaseFile:
        """Return the case file that holds a booking's facts."""
        if not self.holds(key):
            self.load([key])
        return self._cases[self._homes.get(key, key)]

    def mark(self, case: CaseFile) -> None:
        """Take note that a case file has to be written."""
        if not case.dirty:
            case.dirty = True
            self._changed[case.key] = case

    def tie(self, case: CaseFile, subject: str, move: Moved, against: Iterable[Retracted] = ()) -> list[Moved]:
        """Join the two groups that a move ties together, into ``case``.

        Args:
            case: holds the facts of the booking that moves.
            subject: its number.
            move: the move.
            against: what retracts the move, if that was known before it came: then it closes no circle.

        Returns:
            Earlier moves that this one shows to close a circle: they count for nothing from now on.

        Raises:
            InvalidEventError: this move is the one that closes a circle; nothing was changed.
        """
        other = self.case(BookingKey(case.source, move.into))
        dropped = _circle_closers(case, other, subject, move, against)
        if move in dropped:
            raise InvalidEventError(Reason.MOVE_CYCLE, "/data/into: the booking would move in a circle")
        if other is not case:
            self._absorb(case, other)
        case.add(subject, move)
        return dropped

    def _absorb(self, case: CaseFile, other: CaseFile) -> None:
        merge(case, other)
        # Whoever still holds the emptied file, such as a queued deadline, finds nothing due in it.
        other.next_at = NEVER
        del self._cases[other.key]
        self._changed.pop(other.key, None)
        self._versions[other.key] = other.version
        self._redirect(other.key, case.key)
        self._moved[other.key] = None
        case.facts.setdefault(other.key.number, [])
        for number in other.facts:
            if number != other.key.number:
                self._homes[key := BookingKey(case.source, number)] = case.key
                self._moved[key] = None

    def rows(self) -> Iterator[BookingRow]:
        """Yield what has to be written: changed case files, and the numbers that have come to live with them."""
        for case in self._changed.values():
            yield case.to_row()
        if unread := [key for key in self._moved if key not in self._versions]:
            # Whoever wrote them since their home was read has changed that home, too: the commit fails at it.
            self._versions |= {BookingKey(row.source, row.number): row.version for row in self._store.bookings(unread)}
        for key in self._moved:
            home = self._homes[key]
            yield BookingRow(key.source, key.number, home.number, b"", b"", None, self._versions.get(key, 0))

    def written(self) -> None:
        """Take note that everything is in the store, and let go of the case files that were used first."""
        for case in self._changed.values():
            case.dirty = False
            case.version += 1
        self._changed.clear()
        for key in self._moved:
            self._versions[key] = self._versions.get(key, 0) + 1
        self._moved.clear()
        while len(self._cases) > _CACHED:
            del self._cases[next(iter(self._cases))]
        if len(self._homes) > _CACHED:
            self._homes.clear()
        if len(self._versions) > _CACHED:
            self._versions.clear()

    def forget(self) -> None:
        """Let go of everything: the store has the truth."""
        self._cases.clear()
        self._homes.clear()
        self._changed.clear()
        self._versions.clear()
        self._moved.clear()


def _circle_closers(
    case: CaseFile, other: CaseFile, subject: str, move: Moved, against: Iterable[Retracted]
) -> list[Moved]:
    """Return the moves that would count for nothing, if ``move`` were filed."""
    trial = {number: list(facts) for number, facts in case.facts.items()}
    if other is not case:
        trial.update(other.facts)
    trial[subject] = [*trial.get(subject, []), move]
    gone = retracted_ids([*against, *(fact for facts in trial.values() for fact in facts)])
    standing = {number: [fact for fact in facts if fact.id not in gone] for number, facts in trial.items()}
    return destinations(standing)[1]
