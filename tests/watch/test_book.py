"""Open alerts and who was told: each once, again at its pace, over once; nothing forgotten, whatever fails when."""

import itertools
import random
from dataclasses import replace

import pytest

from integration.domain.instants import SECOND
from integration.runners.watch.memory import _FORM, Memory
from integration.services.vitals import Judgement, Part, Symptom, Trouble
from integration.services.watchbook import (
    Book,
    Pace,
    Stage,
    due,
    failed,
    last_resort,
    look_up,
    notice_id,
    took,
)

NOW = 1_800_000_000 * SECOND
PACE = Pace(repeat=900.0, settle=30.0)
SILENT = Symptom(Trouble.ENGINE_SILENT, since=NOW - SECOND)
FAILED = Symptom(Trouble.ENGINE_FAILED, since=NOW)
FULL = Symptom(Trouble.DISK_FULL)


def looked(book: Book, steady: float, *symptoms: Symptom, unknown: frozenset[Part] = frozenset()) -> Book:
    return look_up(book, Judgement(symptoms, unknown), PACE, steady=steady, now=NOW + int(steady * SECOND))


def stages(book: Book, steady: float, channel: str = "a") -> list[tuple[str, str]]:
    return [(stage.value, alert.trouble.value) for alert, stage in due(book, channel, PACE, steady=steady)]


def told(book: Book, steady: float, channel: str = "a") -> Book:
    return took(book, channel, due(book, channel, PACE, steady=steady), steady=steady)


def test_alert_is_told_once_and_again_at_its_pace_when_it_stays():
    book = looked(Book(), 0, SILENT)
    assert stages(book, 0) == [("new", "engine_silent")]
    book = told(book, 0)
    assert [stages(looked(book, at, SILENT), at) for at in (5, 899)] == [[], []]
    assert stages(looked(book, 900, SILENT), 900) == [("repeated", "engine_silent")]
    book = told(looked(book, 900, SILENT), 900)
    assert stages(looked(book, 1799, SILENT), 1799) == []


def test_alert_is_over_once_when_it_stays_away():
    book = told(looked(Book(), 0, SILENT), 0)
    book = looked(looked(book, 5), 34)
    assert (stages(book, 34), len(book.open)) == ([], 1)
    book = looked(book, 35)
    assert (stages(book, 35), book.open) == ([("over", "engine_silent")], ())
    assert stages(told(book, 35), 36) == []


def test_alert_stays_open_when_it_comes_back_before_it_is_over():
    book = told(looked(Book(), 0, SILENT), 0)
    for at in range(5, 200, 10):
        book = looked(looked(book, at), at + 5, SILENT)
    assert (len(book.alerts), stages(book, 200)) == (1, [])


def test_closing_waits_longer_when_a_trouble_keeps_coming_back():
    book, at, waits = Book(), 0.0, []
    for _ in range(4):
        book = told(looked(book, at, SILENT), at)
        gone = at + 5
        book = looked(book, gone)
        while book.open:
            at += 5
            book = looked(book, at)
        waits.append(at - gone)
        book, at = told(book, at), at + 5
    assert waits == [30, 60, 120, 240]


def test_nothing_is_over_when_it_cannot_be_seen():
    book = told(looked(Book(), 0, SILENT), 0)
    for at in (5, 60, 600):
        book = looked(book, at, unknown=frozenset({Part.ENGINE}))
    assert len(book.open) == 1


def test_alert_is_changed_not_new_when_the_same_part_has_another_trouble():
    book = told(looked(Book(), 0, SILENT), 0)
    book = looked(book, 19.9, FAILED)
    # because a part that changes at each look must not ring at each look
    assert stages(book, 19.9) == []
    assert stages(looked(book, 20, FAILED), 20) == [("changed", "engine_failed")]
    (alert,) = book.open
    assert alert.since == FAILED.since


def test_several_alerts_are_one_notice_when_they_are_due_together():
    book = looked(Book(), 0, SILENT, FULL, *(Symptom(Trouble.SOURCE_SILENT, f"/jms/{n}") for n in range(300)))
    assert len(due(book, "a", PACE, steady=0)) == 302


def test_a_failing_channel_does_not_hold_up_another():
    book = looked(Book(), 0, SILENT)
    book = failed(book, "a", "unreachable", steady=0, now=NOW)
    assert (stages(book, 5, "a"), stages(book, 5, "b")) == ([], [("new", "engine_silent")])
    assert book.failing == {"a": NOW}


def test_a_channel_is_tried_again_ever_later_when_it_keeps_failing():
    book, at, tries = looked(Book(), 0, SILENT), 0.0, []
    for at in range(0, 1200, 5):
        if stages(book, at):
            tries.append(at)
            book = failed(book, "a", "busy", steady=at, now=NOW)
    assert tries == [0, 15, 45, 105, 225, 465, 765, 1065]
    assert took(book, "a", (), steady=at).failing == {}


def test_a_channel_hears_what_it_missed_when_it_comes_back():
    book = failed(looked(Book(), 0, SILENT), "a", "busy", steady=0, now=NOW)
    book = looked(looked(looked(book, 5, FULL), 6, FULL), 40, FULL)
    assert stages(book, 40) == [("over", "engine_silent"), ("new", "disk_full")]


def test_the_last_resort_is_used_only_when_every_other_channel_failed():
    book = looked(Book(), 0, SILENT)

    def resort(now: Book) -> list[Stage]:
        return [stage for _, stage in last_resort(now, "c", ["a", "b"], PACE, steady=5)]

    assert resort(book) == []
    one = failed(book, "a", "busy", steady=0, now=NOW)
    assert resort(one) == []
    both = failed(one, "b", "busy", steady=0, now=NOW)
    assert resort(both) == [Stage.NEW]
    # What another channel has taken meanwhile is not told again.
    assert resort(failed(told(one, 1, "b"), "b", "busy", steady=2, now=NOW)) == []
    assert [stage for _, stage in last_resort(book, "c", [], PACE, steady=0)] == [Stage.NEW]


def test_the_last_resort_tells_the_end_when_it_told_the_beginning():
    book = failed(looked(Book(), 0, SILENT), "a", "busy", steady=0, now=NOW)
    book = took(book, "c", last_resort(book, "c", ["a"], PACE, steady=1), steady=1)
    book = told(book, 20)
    book = looked(looked(book, 30), 60)
    assert [stage for _, stage in last_resort(book, "c", ["a"], PACE, steady=60)] == [Stage.OVER]


def test_a_notice_has_another_id_only_when_it_says_something_else():
    book = looked(Book(), 0, SILENT)
    first = notice_id(book, "a", due(book, "a", PACE, steady=0))
    again = looked(book, 5, SILENT)
    assert notice_id(again, "a", due(again, "a", PACE, steady=5)) == first
    assert notice_id(book, "b", due(book, "b", PACE, steady=0)) != first
    later = looked(told(book, 0), 900, SILENT)
    assert notice_id(later, "a", due(later, "a", PACE, steady=900)) != first


def test_alerts_that_are_over_are_forgotten_after_a_day():
    book = told(looked(Book(), 0, SILENT), 0)
    book = told(looked(looked(book, 5), 35), 35)
    assert len(looked(book, 86_000).alerts) == 1
    assert looked(book, 86_500) == Book((), looked(book, 86_500).lines)
    assert all(not line.heard for line in looked(book, 86_500).lines.values())


@pytest.mark.parametrize("seed", range(60))
def test_every_alert_begins_and_ends_once_on_every_channel_when_anything_may_fail(seed):
    """Random troubles, dead channels and restarts (each a round trip through the file)."""
    dice, book, heard = random.Random(seed), Book(), {name: [] for name in "ab"}
    keys = [
        (Trouble.ENGINE_SILENT, ""),
        (Trouble.ENGINE_FAILED, ""),
        (Trouble.DISK_FULL, ""),
        (Trouble.SOURCE_SILENT, "/jms/a"),
    ]
    present: set[int] = set()
    ended = 3600 * dice.random()
    for at in range(0, 14_400, 5):
        if at > ended:
            present = set()
        elif dice.random() < 0.02:
            present ^= {dice.randrange(len(keys))}
        seen = {
            Symptom(trouble, about).key: Symptom(trouble, about)
            for trouble, about in (keys[n] for n in sorted(present))
        }
        unknown = frozenset({Part.SOURCE}) if dice.random() < 0.1 and at <= ended else frozenset()
        book = looked(book, at, *seen.values(), unknown=unknown)
        for name in heard:
            if now := due(book, name, PACE, steady=at):
                if dice.random() < 0.5 and at <= ended:
                    book = failed(book, name, "busy", steady=at, now=NOW)
                else:
                    heard[name] += [(at, alert.id, stage) for alert, stage in now]
                    book = took(book, name, now, steady=at)
        if dice.random() < 0.01:
            book = _FORM.validate_json(_FORM.dump_json(Memory(book))).book
    assert not book.open
    for lines in heard.values():
        for key in {alert for _, alert, _ in lines}:
            mine = [(at, stage) for at, alert, stage in lines if alert == key]
            assert [stage for _, stage in mine].count(Stage.OVER) == 1
            assert mine[-1][1] is Stage.OVER
            assert [stage for _, stage in mine].count(Stage.NEW) <= 1
            times = [at for at, stage in mine if stage is not Stage.OVER]
            assert all(later - earlier >= 20 for earlier, later in itertools.pairwise(times))
    assert {key for _, key, _ in heard["a"]} == {key for _, key, _ in heard["b"]}


def test_the_memory_is_the_same_when_it_is_written_and_read():
    book = failed(told(looked(Book(), 0, SILENT, FULL), 0), "b", "busy", steady=1, now=NOW)
    memory = Memory(replace(book), steady=1.5, latest=NOW, trend=((0.0, 1 << 40),))
    assert _FORM.validate_json(_FORM.dump_json(memory)) == memory
