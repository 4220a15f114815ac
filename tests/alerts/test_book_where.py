"""Which alert of several the book finds: where a finding is now, and which alert the next one joins."""

from dataclasses import replace

import pytest

from integration.domain.alerts.alert import Member
from integration.domain.alerts.said import MOST_CASES, CaseState
from tests.alerts.test_book import REOPEN, book_of, found, open_alert, shape, take
from tests.alerts.worlds import ROUTE


def test_a_finding_is_where_it_is_open_when_an_earlier_alert_of_it_is_written_again():
    book = found(book_of(), "f", "g")
    take(book, "f", "g", at=1)
    book.end("f", CaseState.RESOLVED, 2)
    found(book, "f", at=3)
    earlier, later = book.alerts.values()
    assert shape(book) == [["g"], ["f"]]
    book.put(replace(earlier, rounds=1))
    assert book.holds("f")
    # Nor does it go with the earlier one when that is closed and forgotten.
    book.put(replace(earlier, closed_at=4))
    book.take_changed()
    assert book.holds("f")
    assert list(book.alerts) == [later.alert_id]


def test_what_ended_unheard_goes_along_when_alerts_are_put_together():
    told_all = Member("over", "B", 0, end_told=True)
    near = open_alert("a2", 5).with_members(Member("unheard", "B", 0, ended_at=7), told_all)
    book = book_of(open_alert("a1", 5), near)
    book.reopening(book.alerts["a1"], REOPEN + 5)
    # What is open goes too, whatever was said of it once.
    assert sorted(book.alerts["a1"].members) == ["a1-1", "a2-1", "over", "unheard"]
    assert [book.holds(each) for each in ("unheard", "over", "a2-1")] == [False, True, True]


def test_half_of_an_odd_span_is_cut_when_alerts_are_near():
    route = replace(ROUTE, reopen=7)
    book = book_of(open_alert("a1", 0), open_alert("a2", 4), open_alert("a3", 5), route=route)
    book.reopening(book.alerts["a1"], 7)
    assert [book.alerts[each].merged_into for each in ("a2", "a3")] == ["a1", ""]


def test_the_oldest_answer_comes_first_when_alerts_are_put_together():
    own = open_alert("a1", 0, *(f"own{number}" for number in range(MOST_CASES - 2)))
    book = book_of(own, open_alert("a3", 0, "x", "y"), open_alert("a2", 1, "p", "q"))
    book.reopening(own, REOPEN)
    assert [book.alerts[each].merged_into for each in ("a2", "a3")] == ["", "a1"]


@pytest.mark.parametrize("change", [{"acked_at": 1}, {"closed_at": 1}, {"acked_at": 1, "closed_at": 2}])
@pytest.mark.parametrize("names", [("a1", "a2"), ("a2", "a1")])
def test_a_finding_joins_the_alert_that_can_grow_when_another_of_that_instant_cannot(change, names):
    growing, still = names
    book = book_of(open_alert(growing, None), replace(open_alert(still, None), **change))
    found(book, "f", at=ROUTE.window - 1)
    assert sorted(book.alerts) == ["a1", "a2"]
    assert "f" in book.alerts[growing].members


def test_a_finding_joins_what_was_split_off_when_the_other_part_is_written_again():
    book = found(book_of(), "f", "g", at=9)
    take(book, "f", at=9)
    book.put(replace(next(iter(book.alerts.values())), rounds=1))
    found(book, "h", at=10)
    assert shape(book) == [["f"], ["g", "h"]]


def test_a_finding_joins_the_newest_alert_when_an_older_one_is_written_again():
    book = found(book_of(), "f")
    found(book, "g", at=ROUTE.window)
    book.put(replace(next(iter(book.alerts.values())), rounds=1))
    found(book, "h", at=ROUTE.window + 1)
    assert shape(book) == [["f"], ["g", "h"]]


def test_a_second_alert_is_filled_before_a_third_is_opened_when_all_are_of_one_instant():
    book = found(book_of(), *(f"f{number:03}" for number in range(MOST_CASES + 2)))
    assert [len(each) for each in shape(book)] == [MOST_CASES, 2]
