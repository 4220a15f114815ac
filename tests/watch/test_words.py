"""What people read: every trouble has words and a first step, on the page too; times with their offset; no names."""

import re
from zoneinfo import ZoneInfo

import pytest

from integration.domain.instants import SECOND
from integration.services.heartbeat import Stage as EngineStage
from integration.services.heartbeat import State, StopReason
from integration.services.vitals import Judgement, Symptom, Trouble
from integration.services.watchbook import Book, Pace, due, look_up, took
from integration.services.watchwords import WORDS, data_of, text_of, title_of
from tests.docs.pages import ROOT, codes

NOW = 1_772_420_645 * SECOND
"""2026-03-02 03:04:05 UTC."""
DETROIT = ZoneInfo("America/Detroit")
PAGE = ROOT / "docs" / "watch.md"


@pytest.mark.parametrize("words", [Trouble, State, EngineStage, StopReason])
def test_every_word_stands_on_the_page_when_an_alert_may_use_it(words):
    assert {word.value for word in words} - codes(PAGE) == set()


def test_every_trouble_has_words_and_a_first_step():
    assert WORDS.keys() == set(Trouble)
    assert all(what and todo for what, todo in WORDS.values())


def seen(*symptoms: Symptom) -> Book:
    return look_up(Book(), Judgement(symptoms), Pace(), steady=0, now=NOW)


def test_an_alert_reads_as_it_should_when_a_commit_hangs():
    detail = {
        "state": "running",
        "stage": "committing",
        "process": "D",
        "silent_seconds": 31.0,
        "stage_since": NOW - 95 * SECOND,
    }
    told = due(seen(Symptom(Trouble.ENGINE_SILENT, since=NOW - 95 * SECOND, detail=detail)), "a", Pace(), steady=0)
    (alert, _stage), *_ = told
    assert title_of("county", told) == "[holdwatch county] ALERT: the engine is silent: nobody is being watched"
    assert text_of("county", told, DETROIT, NOW) == (
        "ALERT: the engine is silent: nobody is being watched\n"
        "  since 2026-03-01 22:02:30-05:00, 1 min 35 s\n"
        "  doing: committing\n"
        "  its process waits for the disk\n"
        "  doing that since 2026-03-01 22:02:30-05:00\n"
        "  What to do: Look at its log. In a commit: look at the disk first. Process gone: start it again, nothing "
        "accepted is lost.\n"
        f"  alert {alert.id}\n"
        "\n"
        "Told by holdwatch watch at county, 2026-03-01 22:04:05-05:00.\n"
    )
    (line,) = data_of("county", told)["alerts"]
    assert (line["since"], line["detail"]["stage_since"]) == ("2026-03-02T03:02:30.000000Z",) * 2


def test_the_gravest_comes_first_in_the_title_when_there_are_several():
    told = due(
        seen(Symptom(Trouble.SOURCE_SILENT, "/jms/a"), Symptom(Trouble.DISK_FULL), Symptom(Trouble.ENGINE_FAILED)),
        "a",
        Pace(),
        steady=0,
    )
    assert title_of("x", told).endswith("the engine stopped by itself (exit status 3): nobody is being watched (+2)")


def test_the_end_says_from_when_to_when_and_nothing_to_do():
    book = seen(Symptom(Trouble.DISK_FULL, since=NOW - 3700 * SECOND))
    book = took(book, "a", due(book, "a", Pace(), steady=0), steady=0)
    for at in (1, 31):
        book = look_up(book, Judgement(()), Pace(), steady=at, now=NOW + at * SECOND)
    text = text_of("x", due(book, "a", Pace(), steady=31), DETROIT, NOW + 31 * SECOND)
    assert "OVER: the disk under the state folder is full\n  since 2026-03-01 21:02:25-05:00, 1 h 2 min\n" in text
    assert "over at 2026-03-01 22:04:36-05:00" in text
    assert "What to do" not in text


@pytest.mark.parametrize("trouble", Trouble)
def test_every_detail_has_words_when_it_is_told(trouble):
    detail = {
        "stage": "looping",
        "stage_since": NOW,
        "process": "X",
        "reason": "store",
        "log_size": 3,
        "anchored": -1,
        "limit_minutes": 90.0,
        "free_bytes": 1 << 30,
        "used_percent": 91.5,
        "days_left": 2.5,
        "seconds_behind": 3600.0,
        "says": "status 503",
    }
    told = due(seen(Symptom(trouble, "x", NOW, detail)), "a", Pace(), steady=0)
    text = text_of("x", told, DETROIT, NOW)
    assert text.isascii()
    assert len(re.findall(r"^  ", text, re.MULTILINE)) == len(detail) + 3
