"""One plan at a time: whom an alert is told to at an instant, what that makes of it, and when to look again."""

from dataclasses import replace

import pytest

from integration.domain.alerts.alert import Alert, Group, Member
from integration.domain.alerts.planning import Planned, Send, Terms, plan, upcoming
from integration.domain.alerts.routes import Duty, Route, Step
from integration.domain.alerts.said import Stage
from integration.domain.instants import NEVER
from schemas.kinds import Rule, Severity

ROUTE = Route(
    "all",
    frozenset(),
    frozenset(),
    frozenset(),
    (Step(("a",), ("one",), 300), Step(("b",), ("two",), 600), Step(("c",), (), 900)),
    gather=10,
    window=100,
    repeat=1000,
    reopen=5000,
)
GROUP = Group("/jms/a", Rule.OVERDUE_RELEASE, Severity.VIOLATION, "all")
NEW = Alert("a1", GROUP, 0, members={"f": Member("f", "B", 0)})
TOLD = replace(
    NEW,
    members={"f": Member("f", "B", 0, told=True)},
    step=0,
    step_at=10,
    repeat_at=1010,
    rounds=1,
    told=("a",),
    told_now=("a",),
    tried=("a",),
)
"""After the first notice, at 10."""
ACKED = replace(TOLD, acked_at=20, acked_by="officer:x")
GONE = Member("f", "B", 0, told=True, ended_at=50)


def terms(route: Route = ROUTE, *, silent_until: int | None = None, **shifts: list[tuple[int, int, str]]) -> Terms:
    """The calendars ``one`` and ``two``: nobody, unless shifts are given."""

    def on_duty(name: str, at: int) -> tuple[str, ...]:
        return tuple(who for start, end, who in shifts.get(name, ()) if start <= at < end)

    def next_change(name: str, after: int) -> int:
        edges = sorted({edge for start, end, _ in shifts.get(name, ()) for edge in (start, end)})
        return next((edge for edge in edges if edge > after), NEVER)

    return Terms(route, Duty(on_duty, next_change), silent_until)


def steps(*steps: Step) -> Route:
    return replace(ROUTE, steps=steps)


def sends(planned: Planned) -> list[tuple[str, str]]:
    return [(each.receiver, each.stage.value) for each in planned.sends]


# -- nothing to tell ---------------------------------------------------------------------------------------------------


def test_nothing_is_planned_for_an_alert_that_is_closed():
    closed = replace(TOLD, closed_at=5)
    assert plan(closed, terms(), 9999) == Planned(closed, (), NEVER)


@pytest.mark.parametrize(
    ("alert", "route", "closes", "because"),
    [
        (NEW, steps(), False, "a route without steps keeps it"),
        (replace(NEW, members={"f": GONE}), steps(), True, "until all of it has ended"),
        (replace(TOLD, merged_into="a2"), ROUTE, False, "what went into another is told there"),
        (replace(TOLD, merged_into="a2", members={}), ROUTE, True, "and closes without a word"),
    ],
)
def test_nobody_is_told_when(alert, route, closes, because):
    expected = replace(alert, closed_at=5000) if closes else alert
    assert plan(alert, terms(route), 5000) == Planned(expected, (), NEVER), because


@pytest.mark.parametrize("alert", [NEW, TOLD, ACKED])
def test_nobody_is_told_while_it_is_silent(alert):
    assert plan(alert, terms(silent_until=8000), 7999) == Planned(alert, (), 8000)
    assert plan(alert, terms(silent_until=8000), 8000).sends


def test_it_is_not_silent_when_nobody_says_so():
    assert plan(TOLD, Terms(ROUTE, terms().duty), 310) == plan(TOLD, terms(), 310)


def test_an_end_is_told_though_it_is_silent():
    ended = replace(TOLD, members={"f": GONE})
    assert sends(plan(ended, terms(silent_until=8000), 60)) == [("a", "closed")]


# -- the first step ----------------------------------------------------------------------------------------------------


def test_a_finding_waits_for_others_before_it_is_told():
    assert plan(NEW, terms(), 9) == Planned(NEW, (), 10)
    two = NEW.with_members(Member("g", "B", 5))
    planned = plan(two, terms(), 10)
    assert planned == Planned(
        replace(
            two,
            members={each: replace(member, told=True) for each, member in two.members.items()},
            step=0,
            step_at=10,
            repeat=0,
            repeat_at=1010,
            rounds=1,
            told=("a",),
            told_now=("a",),
            tried=("a",),
        ),
        (Send("a", Stage.FIRST),),
        310,
        (),
        frozenset({"f", "g"}),
    )


def test_the_wait_counts_from_the_first_finding_that_is_open():
    alert = replace(NEW, members={"f": GONE, "g": Member("g", "B", 3), "h": Member("h", "B", 7)})
    assert plan(alert, terms(), 12) == Planned(alert, (), 13)
    assert sends(plan(alert, terms(), 13)) == [("a", "first")]


@pytest.mark.parametrize(
    ("route", "told", "step", "empty", "because"),
    [
        (steps(Step((), ("one",), 300), *ROUTE.steps[1:]), ["b"], 1, (0,), "one empty shift"),
        (steps(Step((), ("one",), 300), Step((), ("two",), 300), ROUTE.steps[2]), ["c"], 2, (0, 1), "two"),
        (steps(Step((), ("one",), 300), Step((), ("two",), 300)), [], 1, (0, 1), "nobody at all"),
        (steps(Step((), ("one",), 300)), [], 0, (0,), "nobody at the only step"),
        (steps(Step(("a",), (), 300)), ["a"], 0, (), "somebody at the only step"),
    ],
)
def test_a_step_with_nobody_on_duty_is_passed_over_at_once(route, told, step, empty, because):
    planned = plan(NEW, terms(route), 10)
    assert [each.receiver for each in planned.sends] == told, because
    assert (planned.alert.step, planned.empty, planned.alert.tried) == (step, empty, tuple(told))
    assert planned.alert.rounds == bool(told)


def test_nothing_is_new_when_nobody_was_told():
    planned = plan(NEW, terms(steps(Step((), ("one",), 300)), one=[(500, 900, "x")]), 10)
    assert (planned.new, planned.alert.members, planned.alert.told) == (frozenset(), NEW.members, ())
    # Somebody comes on duty: that is the next instant at which anybody can be told.
    assert planned.next_at == 500
    after = plan(planned.alert, terms(steps(Step((), ("one",), 300)), one=[(500, 900, "x")]), 500)
    assert (sends(after), after.new) == ([("x", "added")], frozenset({"f"}))


# -- the next steps ----------------------------------------------------------------------------------------------------


def test_the_next_step_is_told_when_nobody_answers_in_time():
    assert plan(TOLD, terms(), 309) == Planned(TOLD, (), 310)
    planned = plan(TOLD, terms(), 310)
    assert sends(planned) == [("b", "escalated")]
    assert planned.alert == replace(
        TOLD, step=1, step_at=310, tried=("b",), told=("a", "b"), told_now=("a", "b"), rounds=2
    )
    assert (planned.next_at, planned.new) == (910, frozenset())


@pytest.mark.parametrize(
    ("tried", "failed", "told", "because"),
    [
        (("a", "x"), ("a", "x"), ["b"], "all of this step will never get it"),
        (("a", "x"), ("a", "x", "z"), ["b"], "others failed, too"),
        (("a", "x"), ("a",), [], "one of them may have"),
        ((), (), [], "nobody was tried"),
        ((), ("a",), [], "nobody of this step has failed"),
    ],
)
def test_the_next_step_is_told_at_once_when_nobody_of_this_one_gets_it(tried, failed, told, because):
    planned = plan(replace(TOLD, tried=tried, failed=failed), terms(), 50)
    assert [each.receiver for each in planned.sends] == told, because
    if told:
        assert planned.alert.failed == ()


def test_the_next_step_is_told_at_once_when_everybody_has_gone_off_duty():
    route = steps(Step((), ("one",), 300), *ROUTE.steps[1:])
    shift = [(0, 100, "a")]
    assert plan(TOLD, terms(route, one=shift), 99) == Planned(TOLD, (), 100)
    assert sends(plan(TOLD, terms(route, one=shift), 100)) == [("b", "escalated")]


def test_what_is_due_for_the_steps_before_goes_out_with_the_next():
    late = replace(TOLD, step=1, step_at=500, repeat_at=1100, repeat=2)
    planned = plan(late, terms(), 1100)
    assert sends(planned) == [("c", "escalated"), ("a", "repeated"), ("b", "repeated")]
    assert (planned.alert.repeat, planned.alert.repeat_at) == (3, 2100)
    before = plan(replace(late, repeat_at=1101), terms(), 1100)
    assert sends(before) == [("c", "escalated")]
    assert (before.alert.repeat, before.alert.repeat_at) == (2, 1101)


def test_what_joined_is_told_to_the_steps_before_with_the_next():
    joined = TOLD.with_members(Member("g", "B", 305))
    planned = plan(joined, terms(), 310)
    assert sends(planned) == [("b", "escalated"), ("a", "added")]
    assert (planned.new, planned.alert.repeat, planned.alert.repeat_at) == (frozenset({"g"}), 0, 1010)


def test_nobody_is_told_twice_when_one_stands_in_two_steps():
    route = steps(Step(("a",), (), 300), Step(("b", "a"), (), 300))
    planned = plan(replace(TOLD, repeat_at=310), terms(route), 310)
    assert sends(planned) == [("b", "escalated"), ("a", "escalated")]
    assert planned.alert.told_now == ("a", "b")
    assert sends(plan(planned.alert, terms(route), 1310)) == [("a", "repeated"), ("b", "repeated")]


def test_the_last_step_is_the_last():
    last = replace(TOLD, step=2, step_at=900, tried=("c",), failed=("c",), told_now=("a", "b", "c"))
    assert plan(last, terms(), 1009) == Planned(last, (), 1010)


# -- repeats, hand-overs, what joined or ended -------------------------------------------------------------------------


def test_it_is_told_again_and_again_when_nobody_answers():
    last = replace(TOLD, step=2, step_at=900, told_now=("a", "b", "c"))
    planned = plan(last, terms(), 1010)
    assert sends(planned) == [("a", "repeated"), ("b", "repeated"), ("c", "repeated")]
    assert (planned.alert.repeat, planned.alert.repeat_at, planned.next_at) == (1, 2010, 2010)
    assert planned.alert.rounds == 2


def test_nothing_is_repeated_when_somebody_has_taken_it_on():
    assert plan(ACKED, terms(), 4000) == Planned(ACKED, (), 5020)


@pytest.mark.parametrize("alert", [TOLD, ACKED])
def test_what_joined_or_ended_is_told_after_a_while(alert):
    for member, stage in (
        (Member("g", "B", 40), "added"),
        (Member("g", "B", 0, told=True, ended_at=40), "ended"),
    ):
        changed = alert.with_members(member)
        assert plan(changed, terms(), 49) == Planned(changed, (), 50)
        planned = plan(changed, terms(), 50)
        assert (sends(planned), planned.new) == ([("a", stage)], frozenset({"g"}))
        told = replace(member, told=True, end_told=stage == "ended")
        assert planned.alert.members["g"] == told
        assert plan(planned.alert, terms(), 50).sends == ()


def test_what_joined_goes_before_what_ended_when_both_are_told():
    both = TOLD.with_members(Member("g", "B", 45), Member("h", "B", 0, told=True, ended_at=40))
    assert plan(both, terms(), 49).next_at == 50
    planned = plan(both, terms(), 50)
    assert (sends(planned), planned.new) == ([("a", "added")], frozenset({"g", "h"}))


def test_what_ended_and_was_told_is_no_news():
    ended = TOLD.with_members(Member("g", "B", 0, told=True, ended_at=40, end_told=True))
    assert plan(ended, terms(), 60) == Planned(ended, (), 310)
    unheard = TOLD.with_members(Member("g", "B", 0, ended_at=40, end_told=True))
    assert plan(unheard, terms(), 60) == Planned(unheard, (), 310)


@pytest.mark.parametrize("alert", [TOLD, ACKED])
def test_whoever_comes_on_duty_is_told_and_nobody_else(alert):
    shift = [(100, 200, "x")]
    before = plan(alert, terms(one=shift), 60)
    assert (before.sends, before.next_at) == ((), 100)
    planned = plan(alert, terms(one=shift), 100)
    assert (sends(planned), planned.new) == ([("x", "handed_over")], frozenset())
    assert (planned.alert.told, planned.alert.told_now, planned.alert.rounds) == (("a", "x"), ("a", "x"), 2)
    assert plan(planned.alert, terms(one=shift), 101).sends == ()


def test_a_hand_over_tells_others_nothing_new():
    # because what has joined since is told to all of them, in its time
    joined = ACKED.with_members(Member("g", "B", 95))
    shift = [(100, 200, "x")]
    planned = plan(joined, terms(one=shift), 100)
    assert (sends(planned), planned.new) == ([("x", "handed_over")], frozenset())
    assert not planned.alert.members["g"].told
    later = plan(planned.alert, terms(one=shift), 105)
    assert (sends(later), later.new) == ([("a", "added"), ("x", "added")], frozenset({"g"}))


def test_whoever_comes_on_duty_as_it_is_repeated_is_told_once():
    last = replace(TOLD, step=2, step_at=900, told_now=("a", "b", "c"))
    planned = plan(last, terms(one=[(1010, 2000, "x")]), 1010)
    assert sends(planned) == [("a", "repeated"), ("x", "repeated"), ("b", "repeated"), ("c", "repeated")]


# -- answers that run out ----------------------------------------------------------------------------------------------


def test_an_alert_is_told_anew_when_its_acknowledgement_runs_out():
    before = replace(
        ACKED, step=1, repeat=4, cycle=2, tried=("b",), failed=("b",), told=("a", "b", "x"), told_now=("a", "b")
    )
    assert plan(before, terms(), 5019).sends == ()
    planned = plan(before, terms(), 5020)
    assert sends(planned) == [("a", "reopened")]
    assert planned.alert == replace(
        before, acked_at=None, acked_by="", cycle=3, step=0, step_at=5020, repeat=0, repeat_at=6020, rounds=2,
        tried=("a",), failed=(), told_now=("a",),
    )  # fmt: skip
    assert planned.next_at == 5320


def test_the_next_step_counts_from_the_first_one_passed_over_when_it_is_told_anew():
    route = steps(Step((), ("one",), 300), *ROUTE.steps[1:])
    planned = plan(ACKED, terms(route), 5020)
    assert (sends(planned), planned.empty, planned.alert.step) == ([("b", "reopened")], (0,), 1)


# -- the end -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alert", [TOLD, ACKED])
def test_everybody_who_was_told_is_told_once_that_it_is_over(alert):
    ended = replace(alert, members={"f": GONE}, told=("a", "b"))
    assert plan(ended, terms(), 59) == Planned(ended, (), 60)
    planned = plan(ended, terms(), 60)
    assert (sends(planned), planned.new) == ([("a", "closed"), ("b", "closed")], frozenset({"f"}))
    assert planned.alert == replace(ended, members={"f": replace(GONE, end_told=True)}, closed_at=60, rounds=2)
    assert planned.next_at == NEVER


def test_the_end_waits_for_the_last_that_nobody_has_heard_of():
    ended = replace(TOLD, members={"f": GONE, "g": replace(GONE, finding_id="g", ended_at=70)})
    assert plan(ended, terms(), 79).next_at == 80
    heard = ended.with_members(replace(GONE, finding_id="g", ended_at=70, end_told=True))
    assert sends(plan(heard, terms(), 60)) == [("a", "closed")]


def test_nothing_is_said_when_everything_was_said():
    quiet = replace(TOLD, members={"f": replace(GONE, end_told=True)})
    assert plan(quiet, terms(), 51) == Planned(replace(quiet, closed_at=51), (), NEVER)
    assert plan(replace(TOLD, members={}), terms(), 51) == Planned(replace(TOLD, members={}, closed_at=51), (), NEVER)


def test_one_that_nobody_heard_of_closes_without_a_word_when_it_was_said():
    # because a duty that was put off is not done
    quiet = replace(NEW, members={"f": replace(GONE, told=False, end_told=True)})
    assert plan(quiet, terms(), 60).sends == ()


@pytest.mark.parametrize(
    ("severity", "route", "told", "because"),
    [
        (Severity.VIOLATION, ROUTE, ["a"], "a violation nobody heard of is told to the first step"),
        (Severity.VIOLATION, steps(Step((), ("one",), 300), *ROUTE.steps[1:]), ["b"], "that has anybody"),
        (Severity.VIOLATION, steps(Step((), ("one",), 300)), [], "if any has"),
        (Severity.WARNING, ROUTE, [], "a warning that is over asks for nothing"),
    ],
)
def test_what_was_over_before_anybody_heard_is_told_when_it_was_grave(severity, route, told, because):
    unheard = replace(NEW, group=GROUP._replace(severity=severity), members={"f": replace(GONE, told=False)})
    planned = plan(unheard, terms(route), 60)
    assert [each.receiver for each in planned.sends] == told, because
    assert {each.stage for each in planned.sends} <= {Stage.CLOSED}
    assert planned.alert.closed_at == 60


# -- when to look again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alert", "shifts", "now", "expected", "because"),
    [
        (TOLD, {}, 50, 310, "for the next step"),
        (replace(TOLD, repeat_at=200), {}, 50, 200, "for the repeat"),
        (TOLD, {"one": [(150, 900, "x")]}, 50, 150, "for the shift of the step that was told"),
        (TOLD, {"two": [(150, 900, "x")]}, 50, 310, "not for that of a step that was not"),
        (
            replace(TOLD, step=1, step_at=20, told_now=("a", "b")),
            {"two": [(150, 900, "x")]},
            50,
            150,
            "for it, once it was",
        ),
        (TOLD.with_members(Member("g", "B", 45)), {}, 50, 55, "for what joined"),
        (ACKED, {}, 50, 5020, "for the acknowledgement's end"),
        (ACKED.with_members(Member("g", "B", 45)), {}, 50, 55, "for what joined after it"),
    ],
)
def test_the_next_look_is_at_the_first_instant_at_which_anything_is_due(alert, shifts, now, expected, because):
    assert plan(alert, terms(**shifts), now) == Planned(alert, (), expected), because


def test_nobody_has_to_look_for_news_when_nobody_could_be_told():
    route = steps(Step((), ("one",), 300))
    waiting = replace(ACKED.with_members(Member("g", "B", 5)), told_now=())
    assert plan(waiting, terms(route), 50) == Planned(waiting, (), 5020)


# -- who is next -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alert", "silent", "expected", "because"),
    [
        (TOLD, None, (310, 1), "the second step"),
        (replace(TOLD, step=1, step_at=400), None, (1000, 2), "the third"),
        (replace(TOLD, step=2), None, None, "nobody after the last"),
        (NEW, None, None, "nobody was told yet"),
        (ACKED, None, None, "somebody has taken it on"),
        (replace(TOLD, closed_at=5), None, None, "it is over"),
        (TOLD, 500, (500, 1), "not before the silence ends"),
        (TOLD, 200, (310, 1), "which changes nothing when it ends before"),
    ],
)
def test_who_is_next_is_known_when_nobody_answers(alert, silent, expected, because):
    assert upcoming(alert, terms(silent_until=silent), 50) == expected, because
