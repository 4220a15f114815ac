"""The book of open alerts, one law at a time: which alert a finding belongs to, and what changes that."""

from dataclasses import replace

import pytest

from integration.domain.alerts.alert import Alert, Group, Member, alert_id
from integration.domain.alerts.book import Book, News
from integration.domain.alerts.said import MOST_CASES, CaseState
from integration.domain.alerts.topics import Topic
from integration.domain.instants import DAY, MINUTE
from schemas.kinds import Rule, Severity
from tests.alerts.worlds import ROUTE

STRETCH, MOMENT = Rule.OVERDUE_DETAINER_HOLD, Rule.MISLABELLED_DOCUMENT
GROUP = Group("/jms/a", STRETCH, Severity.VIOLATION, "all")
ALONE = replace(ROUTE, window=0)
REOPEN = ROUTE.reopen


def book_of(*alerts: Alert, route=ROUTE) -> Book:
    return Book(lambda *_: route, alerts)


def news(name: str, at: int, state: CaseState = CaseState.OPEN, *, begins: bool = True, **more) -> News:
    said = {"source": "/jms/a", "rule": STRETCH, "severity": Severity.VIOLATION, "until": None, **more}
    return News(name, said["source"], f"B-{name}", said["rule"], said["severity"], said["until"], state, at, begins)


def found(book: Book, *names: str, at: int = 0, **more) -> Book:
    for name in names:
        book.observe(news(name, at, **more))
    return book


def shape(book: Book) -> list[list[str]]:
    """Open findings, alert by alert."""
    return [sorted(each.finding_id for each in alert.open_members()) for alert in book.alerts.values()]


def only(book: Book) -> Alert:
    [alert] = book.alerts.values()
    return alert


def take(book: Book, *names: str, at: int = MINUTE, by: str = "officer:x") -> bool:
    """Acknowledge the alert of the first finding."""
    alert = next(each for each in book.alerts.values() if names[0] in {m.finding_id for m in each.open_members()})
    return book.acknowledge(alert.alert_id, by, at, set(names))


# -- what belongs together ---------------------------------------------------------------------------------------------


def test_a_finding_opens_an_alert_with_the_id_of_its_group_and_instant():
    book = found(book_of(), "f", at=7)
    assert only(book) == Alert(alert_id(GROUP, 7, ""), GROUP, 7, members={"f": Member("f", "B-f", 7)})
    alone = found(book_of(route=ALONE), "f", at=7)
    assert list(alone.alerts) == [alert_id(GROUP, 7, "f")]


@pytest.mark.parametrize(
    ("second", "at", "expected", "because"),
    [
        ({}, 0, [["f", "g"]], "at one instant"),
        ({}, ROUTE.window - 1, [["f", "g"]], "in the window"),
        ({}, ROUTE.window, [["f"], ["g"]], "after it"),
        ({"source": "/jms/b"}, 0, [["f"], ["g"]], "of another facility"),
        ({"rule": MOMENT}, 0, [["f"], ["g"]], "of another rule"),
        ({"severity": Severity.WARNING}, 0, [["f"], ["g"]], "of another severity"),
    ],
)
def test_findings_are_told_together_when_they_are_alike_and_near(second, at, expected, because):
    book = found(book_of(), "f")
    book.observe(news("g", at, **second))
    assert shape(book) == expected, because


def test_each_finding_has_an_alert_of_its_own_when_there_is_no_window():
    assert shape(found(book_of(route=ALONE), "f", "g")) == [["f"], ["g"]]


def test_an_alert_takes_as_many_as_one_notice_tells():
    book = found(book_of(), *(f"f{number}" for number in range(MOST_CASES + 1)))
    assert sorted(map(len, shape(book))) == [1, MOST_CASES]


def test_what_joins_goes_to_the_newest_alert_that_takes_others():
    book = found(book_of(), "f")
    found(book, "g", at=ROUTE.window)
    found(book, "h", at=ROUTE.window + 1)
    assert shape(book) == [["f"], ["g", "h"]]
    # Read again in whatever order, it is the same.
    again = book_of(*reversed(book.alerts.values()))
    found(again, "i", at=ROUTE.window + 2)
    assert sorted(shape(again)) == [["f"], ["g", "h", "i"]]


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"acked_at": 1, "acked_by": "x"}, "somebody has taken it on"),
        ({"closed_at": 1}, "it is closed"),
        ({"drill": True}, "it is an exercise"),
    ],
)
def test_nothing_joins_an_alert_that_is_settled(change, because):
    for later in (False, True):
        book = found(book_of(), "f")
        if later:
            book.put(replace(only(book), **change))
        else:
            book = book_of(replace(only(book), **change))
        if later and "drill" in change:
            continue  # No alert becomes an exercise.
        found(book, "g", at=1)
        assert shape(book) == [["f"], ["g"]], because


# -- the same again, and ends ------------------------------------------------------------------------------------------


def test_the_same_news_twice_changes_nothing():
    book = found(book_of(), "f")
    before = only(book)
    book.take_changed()
    found(book, "f", at=5)
    book.observe(news("f", 5, begins=False))
    assert (only(book), dict(book.changed)) == (before, {})


def test_a_change_of_what_nobody_was_told_of_is_no_news():
    book = book_of()
    book.observe(news("f", 0, begins=False))
    book.observe(news("f", 0, CaseState.RESOLVED, begins=False))
    assert book.alerts == {}


@pytest.mark.parametrize("state", [CaseState.RESOLVED, CaseState.WITHDRAWN, CaseState.ACKNOWLEDGED])
def test_a_finding_ends_once_and_says_how(state):
    for end in ("observe", "end"):
        book = found(book_of(), "f")
        if end == "observe":
            book.observe(news("f", 9, state, begins=False))
            book.observe(news("f", 10, CaseState.RESOLVED, begins=False))
        else:
            book.end("f", state, 9)
            book.end("f", CaseState.RESOLVED, 10)
        assert only(book).members == {"f": Member("f", "B-f", 0, ended_at=9, state=state)}
        assert not book.holds("f")


def test_nothing_ends_that_was_never_told():
    book = found(book_of(), "f")
    book.end("g", CaseState.RESOLVED, 9)
    assert book.holds("f")
    assert not book.holds("g")
    assert not book.holds("")


def test_a_finding_that_comes_back_is_open_again_in_its_alert():
    book = found(book_of(), "f", "g")
    book.end("f", CaseState.RESOLVED, 9)
    found(book, "f", at=2 * ROUTE.window)
    assert shape(book) == [["f", "g"]]
    assert only(book).members["f"] == Member("f", "B-f", 2 * ROUTE.window)


def test_a_finding_that_comes_back_has_an_alert_of_its_own_when_the_first_was_taken_on():
    book = found(book_of(), "f", "g")
    take(book, "f", "g")
    book.end("f", CaseState.RESOLVED, 9)
    found(book, "f", at=2 * ROUTE.window)
    assert shape(book) == [["g"], ["f"]]
    # And ends there, not in the alert where it ended before.
    book.end("f", CaseState.WITHDRAWN, 3 * ROUTE.window)
    assert [each.members["f"].state for each in book.alerts.values()] == [CaseState.RESOLVED, CaseState.WITHDRAWN]


def test_what_was_over_when_it_became_known_is_told_once_and_not_when_it_is_old():
    for until, quiet in ((None, False), (9 * DAY, False), (9 * DAY - 1, True)):
        book = found(book_of(), "f", at=10 * DAY, state=CaseState.RESOLVED, until=until)
        ended = Member("f", "B-f", 10 * DAY, ended_at=10 * DAY, state=CaseState.RESOLVED, end_told=quiet)
        assert only(book).members == {"f": ended}, until
        before = only(book)
        found(book, "f", at=11 * DAY, state=CaseState.WITHDRAWN)
        assert only(book) == before


def test_what_ended_unheard_is_told_anew_when_the_alert_it_was_in_is_taken_on():
    book = found(book_of(), "f", "g")
    take(book, "f", "g")
    book.end("f", CaseState.RESOLVED, 9)
    found(book, "f", at=2 * ROUTE.window, state=CaseState.RESOLVED)
    assert shape(book) == [["g"], []]


# -- what changed ------------------------------------------------------------------------------------------------------


def test_changes_are_handed_over_once_and_in_their_order():
    book = found(book_of(), "f")
    found(book, "g", at=ROUTE.window)
    book.end("f", CaseState.RESOLVED, ROUTE.window)
    assert list(book.changed) == list(book.alerts)
    assert book.take_changed() == list(book.alerts.values())
    assert (book.take_changed(), dict(book.changed)) == ([], {})
    # What was read from the store has not changed.
    assert dict(book_of(*book.alerts.values()).changed) == {}


def test_a_closed_alert_is_forgotten_once_it_was_handed_over():
    book = found(book_of(), "f", "g")
    found(book, "h", at=ROUTE.window)
    first, second = book.alerts.values()
    closed = replace(first, closed_at=9)
    book.put(closed)
    assert list(book.alerts.values()) == [closed, second]
    assert book.take_changed() == [closed, second]
    assert list(book.alerts.values()) == [second]
    assert [book.holds(each) for each in "fgh"] == [False, False, True]
    # A finding of it that comes back begins anew.
    found(book, "f", at=2 * ROUTE.window)
    assert shape(book) == [["h"], ["f"]]


def test_what_ended_in_a_forgotten_alert_comes_back_to_the_one_that_told_of_it_since():
    book = found(book_of(), "f")
    book.put(replace(only(book), closed_at=9))
    book.take_changed()
    found(book, "f", at=ROUTE.window, state=CaseState.RESOLVED)
    found(book, "f", at=3 * ROUTE.window)
    assert shape(book) == [["f"]]


def test_putting_back_what_did_not_change_is_no_change():
    book = found(book_of(), "f")
    book.take_changed()
    book.put(only(book))
    assert dict(book.changed) == {}
    book.put(replace(only(book), rounds=1))
    assert list(book.changed) == list(book.alerts)
    assert only(book).rounds == 1


# -- what people do ----------------------------------------------------------------------------------------------------


def test_an_alert_is_taken_on_with_what_people_were_told_of():
    book = found(book_of(), "f", "g", "h")
    book.put(replace(only(book), failed=("desk",)))
    book.end("h", CaseState.RESOLVED, 5)
    assert take(book, "f", at=9)
    first, second = book.alerts.values()
    assert (first.acked_at, first.acked_by, first.failed, sorted(first.members)) == (9, "officer:x", (), ["f", "h"])
    # The rest goes on as if it had just been found, in an alert of its own.
    assert second == Alert(alert_id(GROUP, 9, ""), GROUP, 9, members={"g": Member("g", "B-g", 0)})
    assert [book.holds(each) for each in "fgh"] == [True, True, False]


def test_what_was_told_is_told_again_when_it_was_split_off():
    book = found(book_of(), "f", "g")
    told = {each: replace(member, told=True) for each, member in only(book).members.items()}
    book.put(replace(only(book), members=told))
    take(book, "f", at=9)
    assert [[m.told for m in each.open_members()] for each in book.alerts.values()] == [[True], [False]]


def test_each_finding_that_is_split_off_has_an_alert_when_there_is_no_window():
    book = book_of(Alert("a1", GROUP, 0, members={each: Member(each, "B", 0) for each in "fgh"}), route=ALONE)
    take(book, "f", at=9)
    assert shape(book) == [["f"], ["g"], ["h"]]
    assert list(book.alerts) == ["a1", alert_id(GROUP, 9, "g"), alert_id(GROUP, 9, "h")]


def test_an_id_is_never_used_twice_when_an_alert_is_split_as_it_opens():
    book = found(book_of(), "f", "g", "h", at=9)
    take(book, "f", at=9)
    take(book, "g", at=9)
    assert shape(book) == [["f"], ["g"], ["h"]]
    assert list(book.alerts) == [alert_id(GROUP, 9, each) for each in ("", "'", "''")]


@pytest.mark.parametrize(
    ("covers", "because"),
    [(set(), "nothing"), ({"x"}, "what is not in it"), ({"g"}, "what has ended")],
)
def test_nothing_is_taken_on_when_nothing_of_it_is_left(covers, because):
    book = found(book_of(), "f", "g")
    book.end("g", CaseState.RESOLVED, 5)
    book.take_changed()
    assert not book.acknowledge(only(book).alert_id, "officer:x", 9, covers), because
    assert not book.acknowledge("a-none", "officer:x", 9, {"f"})
    assert (only(book).acked_at, dict(book.changed)) == (None, {})


@pytest.mark.parametrize(
    ("rule", "drill", "over"), [(MOMENT, False, True), (STRETCH, True, True), (STRETCH, False, False)]
)
def test_what_is_taken_on_is_over_when_it_is_a_moment_or_an_exercise(rule, drill, over):
    members = {each: Member(each, "B", 0) for each in "fg"}
    book = book_of(Alert("a1", replace_rule(rule), 0, drill=drill, members=members))
    assert book.acknowledge("a1", "officer:x", 9, {"f"})
    ended = Member("f", "B", 0, ended_at=9, state=CaseState.ACKNOWLEDGED)
    assert book.alerts["a1"].members == {"f": ended if over else Member("f", "B", 0)}


def replace_rule(rule: Topic) -> Group:
    return GROUP._replace(rule=rule)


@pytest.mark.parametrize(
    ("second", "expected", "because"),
    [
        ((10, "b"), (10, "b"), "the later one counts"),
        ((9, "b"), (9, "a"), "of two at one instant the first name, whoever was read first"),
        ((9, "A"), (9, "A"), "so that the order of reading is of no matter"),
        ((8, "A"), (9, "a"), "an earlier one changes nothing"),
    ],
)
def test_of_two_answers_one_counts_in_whatever_order_they_are_read(second, expected, because):
    for first, other in (((9, "a"), second), (second, (9, "a"))):
        book = found(book_of(), "f")
        for at, by in (first, other):
            assert take(book, "f", at=at, by=by)
        assert (only(book).acked_at, only(book).acked_by) == expected, because


def test_an_answer_that_does_not_count_leaves_what_failed():
    book = found(book_of(), "f")
    take(book, "f", at=9, by="a")
    book.put(replace(only(book), failed=("desk",)))
    for at, by in ((8, "A"), (9, "a"), (9, "b")):
        take(book, "f", at=at, by=by)
        assert only(book).failed == ("desk",), (at, by)


# -- acknowledgements that run out -------------------------------------------------------------------------------------


def open_alert(name: str, acked_at: int | None, *members: str, **more) -> Alert:
    listed = {each: Member(each, "B", 0, told=True) for each in members or (f"{name}-1",)}
    return Alert(name, more.pop("group", GROUP), 0, members=listed, acked_at=acked_at, **more)


def test_what_ran_out_takes_in_what_is_near_to_it():
    now = REOPEN + 5
    near, far = open_alert("a2", 5 + REOPEN // 2, told=("desk",)), open_alert("a3", 6 + REOPEN // 2)
    gone = Member("gone", "B", 0, ended_at=7, end_told=True)
    unheard = Member("unheard", "B", 0, ended_at=7)
    near = near.with_members(gone, unheard)
    book = book_of(open_alert("a1", 5, told=("watch", "chief")), near, far)
    alert = book.reopening(book.alerts["a1"], now)
    assert alert == book.alerts["a1"]
    assert sorted(alert.members) == ["a1-1", "a2-1", "unheard"]
    assert alert.told == ("chief", "desk", "watch")
    assert book.alerts["a2"] == replace(near, members={"gone": gone}, merged_into="a1")
    assert book.alerts["a3"] == far
    assert list(book.changed) == ["a2", "a1"]
    assert book.holds("a2-1")
    book.end("a2-1", CaseState.RESOLVED, now)
    assert book.alerts["a1"].members["a2-1"].ended_at == now


@pytest.mark.parametrize(
    ("change", "now", "route", "because"),
    [
        ({}, REOPEN + 4, ROUTE, "it has not run out"),
        ({"acked_at": None}, REOPEN + 5, ROUTE, "nobody had taken it on"),
        ({"drill": True}, REOPEN + 5, ROUTE, "it is an exercise"),
        ({"closed_at": 9}, REOPEN + 5, ROUTE, "it is closed"),
        ({"members": {"f": Member("f", "B", 0, ended_at=9)}}, REOPEN + 5, ROUTE, "nothing of it is open"),
        ({}, REOPEN + 5, ALONE, "each finding has an alert of its own"),
    ],
)
def test_nothing_is_taken_in_when(change, now, route, because):
    alert = replace(open_alert("a1", 5), **change)
    book = book_of(alert, open_alert("a2", 5), route=route)
    assert book.reopening(alert, now) is alert, because
    assert dict(book.changed) == {}


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (open_alert("a2", 5, group=replace_rule(MOMENT)), "of another group"),
        (open_alert("a2", 5, drill=True), "an exercise"),
        (open_alert("a2", 5, closed_at=9), "closed"),
        (open_alert("a2", 5, merged_into="a9"), "gone into another"),
        (replace(open_alert("a2", 5), members={"f": Member("f", "B", 0, ended_at=9)}), "over"),
        (open_alert("a2", None), "not taken on by anybody"),
    ],
)
def test_another_alert_is_left_alone_when_it_is(other, because):
    alert = open_alert("a1", 5)
    book = book_of(alert, other)
    assert book.reopening(alert, REOPEN + 5) is alert, because


def test_alerts_are_put_together_only_as_far_as_one_notice_tells():
    own = open_alert("a1", 0, *(f"own{number}" for number in range(40)))
    own = own.with_members(Member("over", "B", 0, ended_at=1))
    six = open_alert("a4", 1, *(f"six{number}" for number in range(6)))
    five = open_alert("a3", 2, *(f"five{number}" for number in range(5)))
    four = open_alert("a2", 3, *(f"four{number}" for number in range(4)))
    book = book_of(own, five, six, four)
    alert = book.reopening(own, REOPEN)
    # The oldest answer first; what does not fit is left, and what comes after it may still fit: 40 + 6 + 4.
    assert [book.alerts[each].merged_into for each in ("a2", "a3", "a4")] == ["a1", "", "a1"]
    assert sum(1 for _ in alert.open_members()) == MOST_CASES


def test_alerts_taken_on_at_one_instant_are_put_together_by_their_ids():
    own = open_alert("a1", 0, *(f"own{number}" for number in range(48)))
    book = book_of(own, open_alert("a3", 0, "x", "y"), open_alert("a2", 0, "p", "q"))
    book.reopening(own, REOPEN)
    assert [book.alerts[each].merged_into for each in ("a2", "a3")] == ["a1", ""]


# -- receivers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycle", "step", "receiver", "failed", "because"),
    [
        (0, 1, "desk", ("desk", "old"), "it was told in this step"),
        (1, 1, "desk", ("old",), "that was another cycle"),
        (0, 0, "desk", ("old",), "that was another step"),
        (0, 1, "chief", ("old",), "it was not told"),
        (0, 1, "old", ("old",), "it is known"),
    ],
)
def test_a_receiver_failed_when_it_will_not_take_what_it_was_told_now(cycle, step, receiver, failed, because):
    book = book_of(open_alert("a1", None, step=1, tried=("desk", "old"), failed=("old",)))
    book.failed("a1", cycle, step, receiver)
    book.failed("a-none", 0, 1, "desk")
    assert only(book).failed == failed, because
    assert bool(book.changed) is (failed != ("old",))
