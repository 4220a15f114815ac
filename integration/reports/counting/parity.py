"""Release parity (L4, M-a): the time from entitlement to release, with and without an immigration paper on file."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from statistics import median
from typing import Final, NamedTuple

from integration.reports.counting.custody import OPENED, PLACED, RELEASED, TRANSFERRED, Booking, ends
from integration.reports.counting.entitlement import BAIL, DUE, RESCINDED, Entitlement, entitlements
from integration.reports.counting.papers import Request, requests
from integration.reports.counting.period import Period, hours_between
from integration.reports.counting.permutation import Tested, permutation_test
from integration.reports.counting.register import Event
from integration.reports.counting.standing import ALWAYS, Standing
from integration.reports.counting.tables import Counts, Key, counted

LIFTED: Final = "jail.hold.lifted.v1"
TYPES: Final = ALWAYS | {OPENED, DUE, BAIL, RESCINDED, RELEASED, TRANSFERRED, PLACED, LIFTED}
RULES: Final = frozenset({"mislabelled_document"})

GROUPS: Final = (("with_paper", "With a paper"), ("without_paper", "Without a paper"))
LEFT_OUT: Final = (
    ("transferred", "Left by transfer to another agency, immigration authorities among them"),
    ("to_agency", "Released into the hands of another agency"),
    ("no_entitlement", "No entitlement to release is recorded"),
    (
        "other_ground",
        "Another ground for custody was on file (another agency's hold, a judicial warrant, a later charge)",
    ),
)
BINS: Final = (
    ("h0", "at or before it", 0.0),
    ("h1", "up to 1 hour", 1.0),
    ("h2", "1 to 2 hours", 2.0),
    ("h4", "2 to 4 hours", 4.0),
    ("h6", "4 to 6 hours", 6.0),
    ("h12", "6 to 12 hours", 12.0),
    ("h24", "12 to 24 hours", 24.0),
    ("h48", "24 to 48 hours", 48.0),
    ("more", "over 48 hours", float("inf")),
)
_LOCAL: Final = frozenset({"arrest", "charge", "sentence", "court_order"})
_OTHER_GROUND: Final = frozenset({"agency_hold", "judicial_warrant"})

_Of = dict[Booking, list[Event]]
"""Events by source and booking."""
_Waits = dict[str, list[tuple[str, float]]]
"""Booking and hours of releases, by source, both sorted: the groups that are dealt at random have one order."""


class _Ground(NamedTuple):
    """One hold: all its placings together (docs/events.md section 4, rule 2)."""

    hold_id: str
    start: str
    kind: str
    """As the latest placing labels it."""
    expires_at: str | None


@dataclass(frozen=True, slots=True)
class Parity:
    """Both groups, and what was left out."""

    waits: Mapping[bool, Sequence[float]]
    """Hours from the entitlement to the release, sorted; 0 for one at or before it. By whether a paper was on file."""
    left_out: Counts
    times: Counts
    tested: Tested | None

    def hours(self, *, with_paper: bool) -> Sequence[float]:
        """Return the times of one group, sorted."""
        return self.waits[with_paper]

    def beyond(self, hours: float, *, with_paper: bool) -> int:
        """Return how many of one group waited longer than so many hours."""
        waits = self.waits[with_paper]
        return len(waits) - bisect_right(waits, hours)

    def median(self, *, with_paper: bool) -> float | None:
        """Return the median time of one group in hours."""
        waits = self.waits[with_paper]
        return median(waits) if waits else None


def parity(standing: Standing, period: Period) -> Parity:
    """Compare the releases of a period."""
    found, left_out = _compared(standing, period)
    dealt = {side: [hours for of in found[side].values() for _, hours in of] for side in (True, False)}
    skipped = counted(
        ("left_out", "Releases that are not compared, and why", "Reason"),
        LEFT_OUT,
        (("releases", "Releases"),),
        ((reason, "releases") for reason in left_out.elements()),
    )
    tested = permutation_test(dealt[True], dealt[False])
    waits = {side: sorted(dealt[side]) for side in (True, False)}
    labels = [(key, label) for key, label, _ in BINS]
    times = counted(("times", "Releases by time after the entitlement", "Time"), labels, GROUPS, _binned(waits))
    return Parity(waits, skipped, times, tested)


def _binned(waits: Mapping[bool, Sequence[float]]) -> Iterator[Key]:
    """Yield bin and group of each release."""
    for (group, _), side in zip(GROUPS, (True, False), strict=True):
        first = 0
        for key, _, most in BINS:
            last = bisect_right(waits[side], most)
            yield from repeat((key, group), last - first)
            first = last


def _grouped(standing: Standing, kind: str) -> _Of:
    found: _Of = {}
    for home, event in standing.events(kind):
        found.setdefault((event.source, home), []).append(event)
    return found


def _compared(standing: Standing, period: Period) -> tuple[dict[bool, _Waits], Counter[str]]:
    """Return the releases that are compared, by whether a paper was on file, and how many are not, by reason."""
    found: dict[bool, _Waits] = {True: {}, False: {}}
    left_out = Counter[str]()
    for told, key, hours in _releases(standing, period):
        if isinstance(told, str):
            left_out[told] += 1
        else:
            found[told].setdefault(key[0], []).append((key[1], hours))
    return {side: {source: sorted(of[source]) for source in sorted(of)} for side, of in found.items()}, left_out


def _releases(standing: Standing, period: Period) -> Iterator[tuple[bool | str, Booking, float]]:
    """Yield each release of a period: whether a paper was on file, or why it is not compared; booking; hours."""
    start, end = period.start_text, period.end_text
    dues = entitlements(standing)
    placed, lifted = (_grouped(standing, kind) for kind in (PLACED, LIFTED))
    papers: dict[tuple[str, str], list[Request]] = {}
    for request in requests(standing):
        papers.setdefault((request.source, request.booking), []).append(request)
    for key, (kind, last) in ends(standing).items():
        left = last.time
        if not start <= left < end:
            continue
        if kind != RELEASED:
            yield "transferred", key, 0.0
            continue
        if last.data.get("released_to") == "agency":
            yield "to_agency", key, 0.0
            continue
        due = dues.get(key)
        if due is None:
            yield "no_entitlement", key, 0.0
            continue
        paper = False
        # Of most bookings no hold was read at all.
        if key in placed:
            lifts = {(event.data["hold_id"], event.time) for event in lifted.get(key, ())}
            on_file = papers.get(key, [])
            grounds = _grounds(placed[key], {each.hold_id for each in on_file})
            if _has_other_ground(grounds, lifts, due, left=left):
                yield "other_ground", key, 0.0
                continue
            paper = any(_on_file(each, lifts, due.due_at) for each in on_file)
        yield paper, key, max(0.0, hours_between(due.due_at, left))


def _on_file(request: Request, lifts: set[tuple[str, str]], entitled: str) -> bool:
    """Tell whether a paper was on file, neither lifted nor expired, at the entitlement.

    One that came later does not count: the longer somebody waits, the likelier a paper comes, so the wait would make
    the group and not the group the wait.
    """
    return request.lodged <= entitled and not _ended(
        request.hold_id, request.lodged, request.expires_at, lifts, entitled
    )


def _ended(hold_id: str, start: str, expires_at: str | None, lifts: set[tuple[str, str]], by: str) -> bool:
    """Tell whether a hold was lifted or had expired by a time."""
    if expires_at is not None and expires_at <= by:
        return True
    return any(lift == hold_id and start <= time <= by for lift, time in lifts)


def _grounds(placed: list[Event], papers: set[str]) -> Iterator[_Ground]:
    """Yield the holds that are no immigration papers."""
    by_hold: dict[str, list[Event]] = {}
    for event in placed:
        if event.data["hold_id"] not in papers:
            by_hold.setdefault(event.data["hold_id"], []).append(event)
    for hold_id, events in by_hold.items():
        last = max(events, key=lambda event: (event.time, event.event_id))
        yield _Ground(hold_id, min(event.time for event in events), last.data["kind"], last.data.get("expires_at"))


def _has_other_ground(grounds: Iterable[_Ground], lifts: set[tuple[str, str]], due: Entitlement, *, left: str) -> bool:
    """Tell whether something other than the local case until then kept the person, or may have."""
    for hold in grounds:
        counts = hold.kind in _OTHER_GROUND or (hold.kind in _LOCAL and hold.start > due.told)
        if counts and hold.start <= left and not _ended(hold.hold_id, hold.start, hold.expires_at, lifts, due.due_at):
            return True
    return False
