"""Duties in the book of open alerts: told once, anew when they come due, and gone when they are done."""

from collections.abc import Collection

import pytest

from integration.domain.alerts.alert import Alert, Group, Member, alert_id
from integration.domain.alerts.book import Book
from integration.domain.alerts.said import CaseState
from integration.domain.alerts.topics import DutyKind, Owed
from schemas.kinds import Severity
from tests.alerts.test_book import book_of, found, only, open_alert, shape


def owed(name: str, severity: Severity = Severity.WARNING) -> Owed:
    return Owed(name, DutyKind.CERTIFICATION, "/jms/a", f"B-{name}", "", 5, 1, (), severity)


def owing(book: Book, *duties: Owed, put_off: Collection[str] = (), now: int = 0) -> Book:
    book.owe(duties, put_off, now)
    return book


def test_duties_are_told_together_and_once():
    book = owing(book_of(), owed("d"), owed("e"), now=3)
    alert = only(book)
    group = Group("/jms/a", DutyKind.CERTIFICATION, Severity.WARNING, "all")
    members = {"d": Member("d", "B-d", 3), "e": Member("e", "B-e", 3)}
    assert alert == Alert(alert_id(group, 3, ""), group, 3, members=members)
    book.take_changed()
    owing(book, owed("d"), owed("e"), now=4)
    assert dict(book.changed) == {}


def test_a_duty_ends_when_it_is_owed_no_more():
    book = owing(book_of(), owed("d"), owed("e"), owed("g"))
    found(book, "f")
    owing(book, owed("e"), put_off={"g"}, now=9)
    assert shape(book) == [["e"], ["f"]]
    members = next(iter(book.alerts.values())).members
    assert members["d"] == Member("d", "B-d", 0, ended_at=9, state=CaseState.RESOLVED)
    # What was put off is not done: nobody is told that all is well.
    assert members["g"] == Member("g", "B-g", 0, ended_at=9, state=CaseState.RESOLVED, end_told=True)
    # It ended once.
    owing(book, owed("e"), now=10)
    assert next(iter(book.alerts.values())).members == members


def test_an_exercise_is_no_duty_that_ends():
    group = Group("/jms/a", DutyKind.CERTIFICATION, Severity.WARNING, "all")
    book = book_of(open_alert("a0", None, group=group, drill=True), open_alert("a1", None, "d", group=group))
    owing(book, now=9)
    assert shape(book) == [["a0-1"], []]


def test_a_duty_that_comes_due_is_told_anew_and_nothing_is_said_of_what_it_was():
    book = owing(book_of(), owed("d"))
    owing(book, owed("d", Severity.VIOLATION), now=9)
    before, after = book.alerts.values()
    assert (before.members, before.merged_into) == ({}, after.alert_id)
    assert after.group.severity is Severity.VIOLATION
    assert after.members == {"d": Member("d", "B-d", 9)}
    book.take_changed()
    owing(book, owed("d", Severity.VIOLATION), now=10)
    assert dict(book.changed) == {}


@pytest.mark.parametrize(
    ("other", "merged", "because"),
    [
        (Member("e", "B-e", 0), False, "another of it is open"),
        (Member("e", "B-e", 0, end_told=True), False, "whatever was said of it"),
        (Member("e", "B-e", 0, ended_at=5), False, "the end of another is still to be told"),
        (Member("e", "B-e", 0, ended_at=5, end_told=True), True, "nothing of it is left to tell"),
    ],
)
def test_an_alert_goes_on_without_the_duty_when_something_of_it_is_left(other, merged, because):
    group = Group("/jms/a", DutyKind.CERTIFICATION, Severity.WARNING, "all")
    book = book_of(Alert("a1", group, 0, members={"d": Member("d", "B-d", 0), "e": other}))
    owing(book, owed("d", Severity.VIOLATION), owed("e"), now=9)
    assert "d" not in book.alerts["a1"].members
    assert bool(book.alerts["a1"].merged_into) is merged, because
