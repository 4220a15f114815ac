"""Compares rosters with what is on record, and tells differences: each is an entry, and stands until it ends.

Nothing is ever applied: no booking is closed, moved or merged because of a list.
"""

from collections.abc import Callable, Collection
from typing import Final

from integration.audit.entry import JSON, Entry
from integration.domain.instants import Instant
from integration.domain.parameters import Parameters
from integration.services.auditing import AuditDesk
from integration.services.casefile import CaseFile
from integration.services.ports import Changes
from integration.services.roster import Difference, DifferenceKind, Listed, SourceStore, compare, in_custody

_ACTOR: Final = "system:connect"

ParametersOf = Callable[[str, Instant], Parameters]
"""From a feed and a time to the parameters of the pack in force there."""


class RosterDesk:
    """One for all connectors of a process."""

    def __init__(
        self, store: SourceStore, audit: AuditDesk, parameters_of: ParametersOf, now: Callable[[], Instant]
    ) -> None:
        """Args: ``audit`` writes the entries; ``now`` gives the current time."""
        self._store = store
        self._audit = audit
        self._parameters_of = parameters_of
        self._now = now

    def held(self, source: str) -> frozenset[str]:
        """Return the booking numbers of a feed whose people are in custody, as far as is known here."""
        now = self._now()
        parameters = self._parameters_of(source, now)
        cases = map(CaseFile.from_row, self._store.booking_rows(source))
        return frozenset(number for case in cases for number in in_custody(case, parameters, now))

    def compared(self, name: str, now: Listed, before: Listed, held: Collection[str]) -> list[Difference]:
        """Compare a complete roster with the one before and with who is in custody here.

        Two people who became one stay a difference for as long as both numbers are listed as one person's.
        """
        found = compare(now, before, held)
        for each in self._store.differences(name):
            if each.kind is DifferenceKind.MERGED and each not in found:
                person = now.bookings.get(each.booking)
                if person and person == now.bookings.get(each.about):
                    found.append(each)
        return found

    def doubt(self, name: str, source: str, rows: int) -> None:
        """Tell that a roster is not believed: it was not compared, and what stood goes on standing."""
        standing = [each for each in self._store.differences(name) if each.kind is not DifferenceKind.SHRUNK]
        self.tell(name, source, [*standing, Difference(DifferenceKind.SHRUNK, "", str(rows))])

    def tell(self, name: str, source: str, differences: Collection[Difference]) -> tuple[int, int]:
        """Write an entry for each difference that is new, and one for each that is no more.

        Args:
            name: the connector.
            source: its feed.
            differences: all that stand now.

        Returns:
            How many are new, and how many have ended.

        Raises:
            TransientError: the store cannot at the moment.
            LogConflictError: the log kept growing.
        """
        told: list[int] = [0, 0]
        if set(differences) == set(self._store.differences(name)):
            return 0, 0

        def prepare() -> tuple[list[Entry], Changes]:
            known = self._store.differences(name)
            found = [each for each in differences if each not in known]
            gone = [each for each in known if each not in set(differences)]
            told[:] = [len(found), len(gone)]
            entries = [self._entry(name, source, each, "found") for each in found]
            entries += [self._entry(name, source, each, "gone") for each in gone]
            write = self._store.write_differences(name, found, gone, self._now())
            return entries, Changes(also=[write] if found or gone else [])

        self._audit.write(prepare)
        return told[0], told[1]

    def _entry(self, name: str, source: str, difference: Difference, outcome: str) -> Entry:
        detail: dict[str, JSON] = {"connector": name, "difference": difference.kind.value}
        if difference.about:
            detail["about"] = difference.about
        return self._audit.entry(
            "source.difference", outcome, _ACTOR, detail, source=source, booking=difference.booking
        )
