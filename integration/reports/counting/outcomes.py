"""What became of each detainer and administrative warrant (5 ILCS 805/25 (2); New York City 9-131, 14-154)."""

from datetime import date
from typing import Final, NamedTuple

from integration.reports.counting.custody import TRANSFERRED, ends
from integration.reports.counting.papers import KINDS, REASONS, Request, detained, lodged, transfers
from integration.reports.counting.period import Period
from integration.reports.counting.standing import Standing
from integration.reports.counting.tables import Counts, Key, counted

BAIL: Final = "jail.bail.posted.v1"
_PAPERS: Final = KINDS[:2]


class Outcome(NamedTuple):
    """One paper, and what became of the person as far as the log knows."""

    request: Request
    bail_posted: str | None
    left: str | None
    how: str
    to_agency: str


def outcomes(standing: Standing, period: Period) -> list[Outcome]:
    """Return every detainer and administrative warrant of a period, in order of time."""
    bail = _bail(standing)
    ended = ends(standing)
    found = []
    for request in _received(standing, period):
        key = (request.source, request.booking)
        paid = bail.get(key)
        left, how, agency = None, "still in custody", ""
        if key in ended:
            kind, event = ended[key]
            left, how = event.time, "released"
            if event.data.get("released_to") == "agency":
                how, agency = "released to an agency", "not recorded"
            if kind == TRANSFERRED:
                how, agency = "transferred", str(event.data.get("to_agency", "not recorded"))
        found.append(Outcome(request, paid, left, how, agency))
    return found


def _received(standing: Standing, period: Period) -> list[Request]:
    kinds = {key for key, _ in _PAPERS}
    return [each for each in lodged(standing, period) if each.kind in kinds]


def _bail(standing: Standing) -> dict[tuple[str, str], str]:
    """Return when bail was first posted, by booking."""
    found: dict[tuple[str, str], str] = {}
    for home, event in standing.events(BAIL):
        key = (event.source, home)
        found[key] = min(found.get(key, event.time), event.time)
    return found


OUTCOMES: Final = (
    ("transferred", "Person transferred to an immigration authority"),
    ("held", "Person held beyond release, not transferred"),
    ("not_honored", "Not honored"),
    ("in_custody", "Person still in custody: not known yet"),
)


def by_outcome(standing: Standing, period: Period) -> Counts:
    """Count the papers of a period by what became of the person, to this day."""
    whole = Period(period.first, date(9999, 1, 1), period.zone)
    held = {(each.source, each.booking) for each in detained(standing, whole)}
    handed_over = {
        (event.source, home) for home, event, agency, _ in transfers(standing) if agency == "immigration_authority"
    }
    ended = ends(standing)
    found: list[Key] = []
    for each in _received(standing, period):
        key = (each.source, each.booking)
        outcome = "not_honored" if key in ended else "in_custody"
        found.append(("transferred" if key in handed_over else "held" if key in held else outcome, each.kind))
    note = "To the day of the log's last entry. A booking with two papers counts under each."
    head = ("detainers", "Civil immigration detainers and warrants received, by outcome", "Outcome")
    return counted(head, OUTCOMES, _PAPERS, found, note=note)


def by_reason(standing: Standing, period: Period) -> Counts:
    """Count the papers of a period by stated reason."""
    found: list[Key] = [(each.reason, each.kind) for each in _received(standing, period)]
    head = ("reasons", "Civil immigration detainers and warrants received, by stated reason", "Stated reason")
    return counted(head, REASONS, _PAPERS, found)
