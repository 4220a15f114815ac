"""Laws of planning, over random days: whatever happens, in whatever order."""

from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.domain.alerts.alert import Alert, Group, Member, notice_id
from integration.domain.alerts.book import Book
from integration.domain.alerts.planning import Terms, plan, upcoming
from integration.domain.alerts.routes import Duty, Step
from integration.domain.alerts.said import CaseState, Stage
from integration.domain.alerts.shifts import Roster, Shift
from integration.domain.alerts.silences import Silence, silent_until
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from schemas.kinds import Rule, Severity
from tests.alerts.worlds import BOUNDS, ROUTE, Act, World, acts, apply, rosters

DAYS = settings(max_examples=40, deadline=None)
END = 26 * HOUR
ROUTES = st.builds(
    replace,
    st.just(ROUTE),
    window=st.sampled_from((0, 5 * MINUTE)),
    gather=st.sampled_from((0, 10 * SECOND)),
)


def lived(world: World, happened: list[Act], *, check: bool = True) -> World:
    for act in happened:
        world.run_to(act.at)
        apply(world, act)
        if check:
            world.check()
    world.run_to(END)
    return world


@DAYS
@given(ROUTES, rosters(), acts())
def test_every_open_finding_is_in_exactly_one_open_alert_whatever_happens(route, rota, happened):
    world = lived(World(route, rota), happened)
    world.check()
    # Everything that is open was told to somebody, and everything told was told to somebody who exists.
    for alert in world.book.alerts.values():
        assert all(each.told for each in alert.open_members())


@DAYS
@given(ROUTES, rosters(), acts())
def test_a_plan_is_empty_when_it_is_made_again_at_the_same_instant(route, rota, happened):
    world = World(route, rota)
    for act in happened:
        world.run_to(act.at)
        apply(world, act)
        world.turn()
        for alert in world.book.alerts.values():
            again = world.plan(alert)
            assert again.sends == ()
            assert again.alert == alert


@DAYS
@given(ROUTES, rosters(), acts())
def test_looking_more_often_tells_nobody_more(route, rota, happened):
    patient, restless = World(route, rota), World(route, rota)
    for act in happened:
        patient.run_to(act.at)
        apply(patient, act)
        for at in range(restless.now, act.at, 97 * SECOND):
            restless.run_to(at)
        restless.run_to(act.at)
        apply(restless, act)
    patient.run_to(END)
    restless.run_to(END)
    assert patient.sent == restless.sent


@DAYS
@given(ROUTES, rosters(), acts())
def test_no_step_is_told_early(route, rota, happened):
    """A step is told its wait after the one before, at once where nobody can be reached, and never sooner."""
    world = World(route, rota)

    def looked(alert: Alert, after: Alert, at: int) -> None:
        if after.step <= alert.step or alert.step < 0 or after.cycle != alert.cycle:
            return
        for step in range(alert.step, after.step):
            begun = alert.step_at if step == alert.step else at
            waited = at >= begun + route.steps[step].wait
            unreached = not any(world.duty.of(each, at) for each in route.steps[: step + 1])
            passed_over = step > alert.step and not world.duty.of(route.steps[step], at)
            refused = step == alert.step and set(alert.tried) <= set(alert.failed)
            assert waited or unreached or passed_over or refused

    turn, before = World.turn, {}

    def watched(self: World) -> int:
        before.clear()
        before.update(self.book.alerts)
        plans = {key: self.plan(alert).alert for key, alert in before.items()}
        for key, alert in before.items():
            looked(alert, plans[key], self.now)
        return turn(self)

    world.turn = watched.__get__(world)
    lived(world, happened)


@DAYS
@given(ROUTES, rosters(), acts(), st.randoms(use_true_random=False))
def test_the_order_of_what_happens_at_one_instant_is_of_no_matter(route, rota, happened, random):
    # One thing about one finding at an instant: of two about the same one, the log has an order.
    found = [act for act in happened if act.kind in {"find", "end"}]
    kept = list({(act.at, act.number, act.other): act for act in found}.values())
    straight, mixed = World(route, rota), World(route, rota)
    for world, shuffled in ((straight, False), (mixed, True)):
        for at, together in groupby(kept, key=lambda each: each.at):
            at_once = list(together)
            if shuffled:
                random.shuffle(at_once)
            world.run_to(at)
            for act in at_once:
                apply(world, act)
        world.run_to(END)
    assert sorted(straight.sent) == sorted(mixed.sent)
    assert straight.open.keys() == mixed.open.keys()
    assert {frozenset(each.members) for each in straight.book.alerts.values()} == {
        frozenset(each.members) for each in mixed.book.alerts.values()
    }


@DAYS
@given(ROUTES, rosters(), acts())
def test_nothing_is_forgotten_when_the_book_is_written_down_and_read_again(route, rota, happened):
    straight, broken = World(route, rota), World(route, rota)
    for act in happened:
        for world in (straight, broken):
            world.run_to(act.at)
            apply(world, act)
        broken.turn()
        straight.turn()
        broken.book = Book(lambda *_: route, [each for each in broken.book.alerts.values() if each.closed_at is None])
        broken.check()
    straight.run_to(END)
    broken.run_to(END)
    assert sorted(straight.sent) == sorted(broken.sent)


@DAYS
@given(rosters(), acts(), st.integers(0, 20), st.integers(1, 600))
def test_a_silence_ends_no_alert_and_never_outlasts_its_bound(rota, happened, start, minutes):
    silence = Silence("s", "", None, "", start * HOUR, start * HOUR + minutes * MINUTE)
    world = lived(World(ROUTE, rota, [silence]), happened)
    end = min(silence.end, silence.start + BOUNDS[Severity.VIOLATION])
    loud = {Stage.CLOSED.value}
    assert all(stage in loud for at, _, _, stage in world.sent if silence.start <= at < end)
    for alert in world.book.alerts.values():
        assert all(each.told for each in alert.open_members())


# -- single cases ----------------------------------------------------------------------------------------------------

ALWAYS = {name: Roster([Shift(0, 2 * DAY, (name,))]) for name in ("floor", "watch")}
NOBODY = {name: Roster([]) for name in ("floor", "watch")}


def duty(rota: dict[str, Roster]) -> Duty:
    return Duty(lambda name, at: rota[name].on_duty(at), lambda name, at: rota[name].next_change(at))


def stages(world: World) -> list[tuple[int, str, str]]:
    return [(at // SECOND, receiver, stage) for at, _, receiver, stage in world.sent]


def test_every_step_is_told_in_its_time_and_then_again_and_again_when_nobody_answers():
    world = World(ROUTE, ALWAYS)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(31 * MINUTE)
    assert stages(world) == [
        (10, "floor", "first"),
        (10 + 300, "watch", "escalated"),
        (10 + 900, "chief", "escalated"),
        (10 + 900, "floor", "repeated"),
        (10 + 900, "watch", "repeated"),
        (10 + 1800, "floor", "repeated"),
        (10 + 1800, "watch", "repeated"),
        (10 + 1800, "chief", "repeated"),
    ]


def test_an_empty_shift_is_passed_over_at_once():
    world = World(ROUTE, NOBODY)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    assert stages(world) == [(10, "chief", "first")]


def test_the_next_step_is_told_at_once_when_the_shift_ends_and_nobody_comes():
    rota = {**ALWAYS, "floor": Roster([Shift(0, 2 * MINUTE, ("floor",))])}
    world = World(ROUTE, rota)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(3 * MINUTE)
    assert stages(world) == [(10, "floor", "first"), (120, "watch", "escalated")]


def test_the_next_step_is_told_at_once_when_nobody_of_this_one_will_ever_get_it():
    world = World(ROUTE, ALWAYS)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    (alert,) = world.book.alerts
    world.book.failed(alert, 0, 0, "floor")
    world.run_to(MINUTE + SECOND)
    assert stages(world) == [(10, "floor", "first"), (60, "watch", "escalated")]


def test_whoever_comes_on_duty_is_told_what_is_open_acknowledged_or_not():
    rota = {**ALWAYS, "floor": Roster([Shift(0, HOUR // 2, ("floor",)), Shift(HOUR // 2, DAY, ("night",))])}
    world = World(ROUTE, rota)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(2 * MINUTE)
    world.acknowledge(0)
    world.run_to(HOUR // 2)
    assert stages(world) == [(10, "floor", "first"), (1800, "night", "handed_over")]


def test_an_alert_is_told_again_from_the_first_step_when_its_acknowledgement_runs_out():
    world = World(ROUTE, ALWAYS)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(2 * MINUTE)
    world.acknowledge(0)
    world.run_to(38 * MINUTE)
    assert stages(world) == [(10, "floor", "first"), (1920, "floor", "reopened"), (1920 + 300, "watch", "escalated")]


def test_one_closing_notice_goes_to_everybody_who_was_told_when_all_has_ended():
    world = World(ROUTE, ALWAYS)
    for name in ("f", "g"):
        world.find(name, "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(6 * MINUTE)
    world.end("f")
    world.run_to(7 * MINUTE)
    world.end("g")
    world.run_to(HOUR)
    told = [each for each in stages(world) if each[2] in {"ended", "closed"}]
    assert told == [
        (370, "floor", "ended"),
        (370, "watch", "ended"),
        (430, "floor", "closed"),
        (430, "watch", "closed"),
    ]
    assert world.book.alerts == {}


def test_a_violation_that_was_over_before_anybody_heard_is_told_once_and_a_warning_is_not():
    for severity, told in ((Severity.VIOLATION, [(10, "floor", "closed")]), (Severity.WARNING, [])):
        world = World(ROUTE, ALWAYS)
        news = world.news("f", "/jms/a", Rule.RELEASE_APPROACHING, CaseState.RESOLVED, begins=True)
        world.book.observe(replace(news, severity=severity))
        world.run_to(MINUTE)
        assert stages(world) == told
        assert world.book.alerts == {}


def test_what_joins_after_people_were_told_is_not_covered_by_their_acknowledgement():
    world = World(ROUTE, ALWAYS)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    world.find("g", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.acknowledge(0)
    world.check()
    world.run_to(2 * MINUTE)
    assert stages(world) == [(10, "floor", "first"), (70, "floor", "first")]


def test_an_acknowledged_moment_is_over_and_an_acknowledged_stretch_is_not():
    for rule, over in ((Rule.MISLABELLED_DOCUMENT, True), (Rule.OVERDUE_DETAINER_HOLD, False)):
        world = World(ROUTE, ALWAYS)
        world.find("f", "/jms/a", rule)
        world.run_to(MINUTE)
        world.acknowledge(0)
        world.run_to(2 * MINUTE)
        assert (world.book.alerts == {}) is over


def test_a_route_without_steps_tells_nobody_and_still_keeps_the_alert():
    world = World(replace(ROUTE, steps=()), ALWAYS)
    world.find("f", "/jms/a", Rule.CITE_NOT_CUSTODY)
    world.run_to(DAY)
    world.check()
    assert world.sent == []


def test_a_silence_has_to_cover_every_open_finding_of_an_alert():
    silence = Silence("s", "/jms/a", Rule.OVERDUE_RELEASE, "B-1", 0, HOUR)
    about = ("/jms/a", Rule.OVERDUE_RELEASE, Severity.VIOLATION)
    assert silent_until(about, ["B-1"], [silence], 0, bounds=BOUNDS) == HOUR
    assert silent_until(about, ["B-1", "B-2"], [silence], 0, bounds=BOUNDS) is None
    assert silent_until(about, ["B-1"], [silence], 0, bounds={}) is None
    assert silent_until(("/jms/b", *about[1:]), ["B-1"], [silence], 0, bounds=BOUNDS) is None
    assert silent_until(about, ["B-1"], [silence], HOUR, bounds=BOUNDS) is None


ROWS = (
    ([(0, 60)], 30, 60, "one runs to its end"),
    ([(0, 60), (59, 119)], 30, 60, "what is set later does not count yet"),
    ([(0, 60), (59, 119)], 100, 119, "one renewal"),
    ([(0, 60), (59, 119), (118, 178)], 118, 120, "the second renewal is cut at twice the bound"),
    ([(0, 60), (59, 119), (118, 178)], 121, None, "and then it rings"),
    ([(0, 60), (60, 120), (120, 180)], 130, None, "end to end is in a row, too"),
    ([(0, 60), (60.5, 120), (120.5, 180)], 130, None, "half a minute in which nobody was told is no gap"),
    ([(0, 60), (62, 122), (124, 184)], 130, 184, "after a gap it is another row"),
    ([(0, 60), (5, 60), (10, 60)], 40, 60, "several at once are not in a row"),
)


@pytest.mark.parametrize(("spans", "at", "until", "because"), ROWS, ids=[each[-1] for each in ROWS])
def test_silences_in_a_row_are_bounded_together(spans, at, until, because):
    silences = [
        Silence(f"s{number}", "", None, "", int(start * MINUTE), int(end * MINUTE))
        for number, (start, end) in enumerate(spans)
    ]
    about = ("/jms/a", Rule.OVERDUE_RELEASE, Severity.VIOLATION)
    found = silent_until(about, ["B-1"], silences, at * MINUTE, bounds={Severity.VIOLATION: HOUR}, in_a_row=2)
    assert found == (None if until is None else until * MINUTE)


def test_a_notice_has_the_same_id_after_a_crash_and_another_one_in_the_next_round():
    alert = Alert("a1", Group("/jms/a", Rule.OVERDUE_RELEASE, Severity.VIOLATION, "all"), 0)
    alert = alert.with_members(Member("f", "B-1", 0))
    terms = Terms(ROUTE, duty(ALWAYS))
    first, again = plan(alert, terms, MINUTE), plan(alert, terms, MINUTE)
    assert notice_id(first.alert, "floor") == notice_id(again.alert, "floor")
    later = plan(first.alert, terms, first.next_at)
    assert notice_id(later.alert, "floor") != notice_id(first.alert, "floor")


def test_the_next_to_be_told_is_named_with_its_time():
    world = World(ROUTE, ALWAYS)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    (alert,) = world.book.alerts.values()
    assert upcoming(alert, world.terms(alert), world.now) == (10 * SECOND + 5 * MINUTE, 1)
    world.run_to(HOUR)
    (alert,) = world.book.alerts.values()
    assert upcoming(alert, world.terms(alert), world.now) is None


def test_a_step_without_anybody_is_told_when_somebody_comes_on_duty():
    route = replace(ROUTE, steps=(Step((), ("floor",), 5 * MINUTE),))
    world = World(route, {"floor": Roster([Shift(HOUR, DAY, ("floor",))])})
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(2 * HOUR)
    assert stages(world)[0][:2] == (3600, "floor")
    assert NEVER not in {at for at, *_ in world.sent}


def test_what_stays_open_is_told_again_together_when_acknowledgements_run_out():
    world = World(replace(ROUTE, window=MINUTE), ALWAYS)
    for number in range(3):  # The window is over each time: three alerts, acknowledged 10 minutes apart.
        world.find(f"f{number}", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
        world.run_to(world.now + 2 * MINUTE)
        world.acknowledge(number)
        world.run_to((number + 1) * 10 * MINUTE)
    assert len(world.book.alerts) == 3
    world.run_to(40 * MINUTE)
    world.check()
    # The first runs out after 32 minutes; the second was acknowledged 20 minutes ago, the third only 10.
    reopened = [(at, alert) for at, alert, _, stage in world.sent if stage == "reopened"]
    assert [at for at, _ in reopened] == [32 * MINUTE]
    assert sorted(len(each.members) for each in world.book.alerts.values()) == [1, 2]
    assert not [each for each in world.sent if each[3] == "closed"]
    for number in range(3):
        world.end(f"f{number}")
    world.run_to(HOUR)
    assert world.book.alerts == {}


def test_alerts_are_not_put_together_where_each_finding_has_its_own():
    world = World(replace(ROUTE, window=0), ALWAYS)
    for number in range(2):
        world.find(f"f{number}", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    for number in range(2):
        world.acknowledge(number)
    world.run_to(40 * MINUTE)
    world.check()
    assert len(world.book.alerts) == 2


def test_a_finding_that_comes_back_gets_an_alert_of_its_own_where_its_first_was_taken_on():
    world = World(ROUTE, ALWAYS)
    for name in ("f", "g"):
        world.find(name, "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(MINUTE)
    world.acknowledge(0)
    world.end("f")
    world.run_to(2 * MINUTE)
    world.find("f", "/jms/a", Rule.OVERDUE_DETAINER_HOLD)
    world.run_to(3 * MINUTE)
    world.check()
    assert [(at, stage) for at, _, _, stage in world.sent if stage == "first"] == [
        (10 * SECOND, "first"),
        (130 * SECOND, "first"),
    ]
