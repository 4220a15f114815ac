"""Section 4, rules 1 to 5, at their boundaries."""

import itertools

import pytest

from integration.domain.custody import Standing, timeline_of
from tests.unit.bookings import (
    PARAMETERS,
    UNVERIFIED,
    detainer,
    due,
    hours,
    lifted,
    opened,
    placed,
    released,
    rescinded,
    stretches,
    transferred,
    verified,
    warrant,
)

TABLE = [
    ([], [], "no fact, no custody"),
    ([lifted("C", 1), due(0, 1), released(2)], [], "nothing starts custody but an opening or a hold"),
    ([opened(1)], [(1, None)], "an opening alone keeps nobody"),
    ([opened(3), opened(1, "again")], [(1, None)], "the earliest opening counts"),
    ([placed("C", 2), lifted("C", 5)], [(5, None)], "without an opening the earliest hold starts custody"),
    ([opened(3), placed("C", 1), lifted("C", 4)], [(4, None)], "an opening counts before an earlier hold"),
    ([opened(1), released(1)], [], "[1, 1) is empty"),
    ([opened(2), released(1)], [(2, None)], "a release before the start is of another time"),
    ([opened(0), released(5), released(3, "r")], [(0, 3)], "the earliest release ends custody"),
    ([opened(0), transferred(4), released(5)], [(0, 4)], "a lasting transfer ends custody"),
    ([opened(0), transferred(4, temporary=True)], [(0, None)], "a temporary one does not"),
    ([opened(0), placed("C", 0), lifted("C", 4)], [(4, None)], "at 4 the charge is no longer active: [0, 4)"),
    ([opened(0), placed("C", 0, until=3), lifted("C", 4)], [(3, None)], "it ends when it expires"),
    ([opened(0), placed("C", 0, until=5), lifted("C", 4)], [(4, None)], "or is lifted, whichever is first"),
    ([opened(0), placed("C", 2, until=2)], [(0, None)], "a hold that expires as it starts is never active"),
    ([opened(0), placed("C", 2, until=1)], [(0, None)], "nor is one that had expired before"),
    ([opened(0), placed("C", 0), lifted("C", 6), lifted("C", 4)], [(4, None)], "the earliest lifting counts"),
    ([opened(2), placed("C", 2), lifted("C", 1)], [], "a lifting before the start does not"),
    ([opened(0), placed("C", 0), lifted("C", 0)], [(0, None)], "one at the start does"),
    ([opened(0), placed("C", 0), lifted("c", 4)], [], "another hold's lifting does not"),
    (
        [opened(0), placed("C", 4, event_id="b"), placed("C", 0, event_id="a", until=1)],
        [],
        "the latest stands in, from the earliest",
    ),
    (
        [opened(0), placed("C", 0, event_id="a"), placed("C", 0, event_id="b", until=2)],
        [(2, None)],
        "of equal times the greatest id",
    ),
    (
        [opened(0), placed("C", 0, event_id="b"), placed("C", 0, event_id="a", until=2)],
        [],
        "of equal times the greatest id, again",
    ),
    ([opened(0), placed("C", 0), lifted("C", 3), placed("X", 3)], [], "holds that touch leave no gap"),
    ([opened(0), placed("C", 0), lifted("C", 3), placed("X", 4)], [(3, 4)], "holds that do not touch leave one"),
    ([opened(0), placed("C", 0), due(1, 5)], [(5, None)], "the due ends local holds at due_at"),
    ([opened(0), placed("C", 0), due(0, 5)], [(5, None)], "also one stated at the first instant there is"),
    ([opened(0), placed("C", 1), due(1, 5)], [(0, 1), (5, None)], "also one placed at the due's own time"),
    ([opened(0), placed("C", 0), placed("X", 2), due(1, 5)], [], "not one placed after it"),
    ([opened(0), placed("C", 0), placed("A", 0, "agency_hold"), due(1, 5)], [], "not another agency's"),
    ([opened(0), placed("C", 0), lifted("C", 3), due(1, 5)], [(3, None)], "not one that has ended"),
    ([opened(0), placed("C", 1), due(2, 0)], [(0, None)], "a due before the start leaves nothing of the hold"),
    ([opened(0), placed("C", 0), due(1, 5), due(2, 9, "d")], [(9, None)], "the due stated last counts"),
    ([opened(0), placed("C", 0), due(1, 5, "b"), due(1, 9, "a")], [(5, None)], "of equal times the greatest id"),
    ([opened(0), placed("C", 0), due(1, 5), rescinded(1)], [], "one rescinded at its own time does not"),
    ([opened(0), placed("C", 0), due(2, 5), rescinded(1)], [(5, None)], "one stated after the rescinding does"),
    ([opened(0), placed("C", 0), due(1, 5), due(3, 9, "d"), rescinded(2)], [(9, None)], "the one that is left counts"),
    ([opened(0), detainer(0)], [(0, None)], "an immigration paper never keeps anybody"),
    ([opened(0), placed("N", 0, "notification_request")], [(0, None)], "a request holds nobody"),
    ([opened(0), warrant(1), verified("W", 3)], [(0, 3)], "a warrant counts from its verification"),
    ([opened(0), warrant(3), verified("W", 1)], [(0, 3)], "but not before it was placed"),
    ([opened(0), warrant(0)], [(0, None)], "one that awaits verification gives no authority"),
    ([opened(0), warrant(0, until=2), verified("W", 2)], [(0, None)], "one verified as it expires never does"),
]


@pytest.mark.parametrize(("facts", "expected", "because"), TABLE, ids=[row[2] for row in TABLE])
def test_stretches_are_those_of_the_law_when(facts, expected, because):
    assert stretches(*facts) == expected, because
    for order in itertools.islice(itertools.permutations(facts), 24):
        assert stretches(*order) == expected, because


def test_a_warrant_counts_at_once_when_the_policy_asks_for_no_verification():
    assert stretches(opened(0), warrant(1), parameters=UNVERIFIED) == [(0, 1)]


def test_custody_is_told_with_the_events_that_began_and_ended_it():
    line = timeline_of(Standing([opened(1, "b"), opened(1, "a"), released(3, "z"), released(3, "y")]), PARAMETERS)
    assert (hours(line.start), hours(line.end), line.opening_id, line.closing_id) == (1, 3, "a", "y")
