"""Release parity (L4, M-a): the time from entitlement to release, with and without an immigration paper on file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final, NamedTuple

from integration.reports.counting.custody import OPENED, PLACED, RELEASED, TRANSFERRED, ends
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

_Of = dict[tuple[str, str], list[Event]]
"""Events by source and booking."""


class _Ground(NamedTuple):
    """One hold: all its placings together (docs/events.md section 4, rule 2)."""

    hold_id: str
    start: str
    kind: str
    """As the latest placing labels it."""
    expires_at: str | None


class Released(NamedTuple):
    """One release that counts."""

    source: str
    booking: str
    hours: float
    """From the entitlement to the release; 0 for one at or before it."""
    with_paper: bool


@dataclass(frozen=True, slots=True)
class Parity:
    """Both groups, and what was left out."""

    released: tuple[Released, ...]
    left_out: Counts
    times: Counts
    tested: Tested | None

    def hours(self, *, with_paper: bool) -> list[float]:
        """Return the times of one group, sorted."""
        return sorted(each.hours for each in self.released if each.with_paper is with_paper)

    def beyond(self, hours: float, *, with_paper: bool) -> int:
        """Return how many of one group waited longer than so many hours."""
        return sum(each > hours for each in self.hours(with_paper=with_paper))

    def median(self, *, with_paper: bool) -> float | None:
        """Return the median time of one group in hours."""
        hours = self.hours(with_paper=with_paper)
        return median(hours) if hours else None


def parity(standing: Standing, period: Period) -> Parity:
    """Compare the releases of a period."""
    found, left_out = [], Counter[str]()
    for released in _releases(standing, period):
        if isinstance(released, Released):
            found.append(released)
        else:
            left_out[released] += 1
    found.sort()
    skipped = counted(
        ("left_out", "Releases that are not compared, and why", "Reason"),
        LEFT_OUT,
        (("releases", "Releases"),),
        ((reason, "releases") for reason in left_out.elements()),
    )
    keys: list[Key] = [(_bin(each.hours), GROUPS[not each.with_paper][0]) for each in found]
    labels = [(key, label) for key, label, _ in BINS]
    times = counted(("times", "Releases by time after the entitlement", "Time"), labels, GROUPS, keys)
    groups = ([each.hours for each in found if each.with_paper is side] for side in (True, False))
    return Parity(tuple(found), skipped, times, permutation_test(*groups))


def _bin(hours: float) -> str:
    return next(key for key, _, most in BINS if hours <= most)


def _grouped(standing: Standing, kind: str) -> _Of:
    found: _Of = {}
    for home, event in standing.events(kind):
        found.setdefault((event.source, home), []).append(event)
    return found


def _releases(standing: Standing, period: Period) -> Iterator[Released | str]:
    dues = entitlements(standing)
    placed, lifted = (_grouped(standing, kind) for kind in (PLACED, LIFTED))
    papers: dict[tuple[str, str], list[Request]] = {}
    for request in requests(standing):
        papers.setdefault((request.source, request.booking), []).append(request)
    for key, (kind, last) in ends(standing).items():
        left = last.time
        if not period.has(left):
            continue
        if kind != RELEASED:
            yield "transferred"
            continue
        if last.data.get("released_to") == "agency":
            yield "to_agency"
            continue
        due = dues.get(key)
        if due is None:
            yield "no_entitlement"
            continue
        lifts = {(event.data["hold_id"], event.time) for event in lifted.get(key, ())}
        on_file = papers.get(key, [])
        grounds = _grounds(placed.get(key, []), {each.hold_id for each in on_file})
        if _has_other_ground(grounds, lifts, due, left=left):
            yield "other_ground"
            continue
        hours = max(0.0, hours_between(due.due_at, left))
        yield Released(*key, hours, any(_on_file(each, lifts, due.due_at) for each in on_file))


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
