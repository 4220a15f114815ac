"""The board, drawn without a terminal after the story ran through the real service."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from integration.demo import picture
from integration.demo.picture import draw, view_at
from integration.demo.view import Sign
from integration.domain.instants import HOUR

WORDS = """
DEMO Not for real data 26-0304 26-0429 0:00:20 0:25:26 I-247A detainer judge's warrant L5 HELD PAST RELEASE
2026-03-02 14:00:26 -05:00 LAWFUL WARNING VIOLATION BLOCKED RECENT CHANGES VERIFIED AO 442
""".split()


@pytest.fixture(scope="module")
def view():
    return view_at(26.0)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 40), (120, 24), (120, 40)])
def test_important_words_are_whole_when_drawn(view, width, height):
    text = draw(view, width=width, height=height).export_text()
    lines = text.splitlines()
    assert [word for word in WORDS if word not in text] == []
    assert max(map(len, lines)) <= width
    assert len(lines) <= height


@pytest.mark.parametrize("width", [80, 120])
def test_tables_are_not_cut_when_there_is_room(view, width):
    tables = draw(view, width=width, height=60).export_text().partition("RECENT CHANGES")[0]
    assert "…" not in tables
    for each in view.papers:
        assert f"{each.booking} " in tables


def test_quiet_rows_go_first_and_are_counted_when_the_window_is_low(view):
    text = draw(view, width=80, height=20).export_text()
    assert "not shown: make the window taller" in text
    assert "VIOLATION bail refused" in text
    assert "local case keeps" not in text


def test_everyone_held_is_shown_when_the_window_is_lower_than_the_board(view):
    text = draw(view, width=80, height=8).export_text()
    assert all(each.booking in text for each in view.held)


def test_oldest_is_first_when_several_are_held(view):
    assert len(view.held) == 2
    assert all(first.since <= second.since for first, second in pairwise(view.held))


def test_nobody_is_held_when_the_table_is_empty(view):
    text = draw(replace(view, held=()), width=80, height=24).export_text()
    assert "Nobody is kept past release time." in text


def test_date_is_told_when_the_release_time_was_yesterday(view):
    held = replace(view.held[0], since=view.held[0].since - 20 * HOUR)
    assert "2026-03-01" in draw(replace(view, held=(held,)), width=80, height=40).export_text()


def test_broken_log_is_said_in_words_when_it_does_not_verify(view):
    broken = replace(view, log=replace(view.log, intact=False))
    assert "NOT INTACT" in draw(broken, width=80, height=24).export_text()


@pytest.mark.parametrize(
    ("moment", "held", "because"),
    [
        (2.0, 1, "only the one that rests on a mistake"),
        (7.0, 2, "another release time came, and nobody left"),
        (30.0, 1, "the mistake was corrected"),
    ],
)
def test_held_people_come_and_go_when_time_passes(moment, held, because):
    assert len(view_at(moment).held) == held, because


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_story_shows_the_same_signs_when_the_seed_differs(seed, view):
    signs = [change.sign for change in view_at(26.0, seed=seed).changes]
    assert sorted(signs) == sorted(change.sign for change in view.changes)
    assert Sign.BLOCKED in signs


def test_picture_is_up_to_date_when_the_board_changed(tmp_path):
    path = tmp_path / "demo.svg"
    picture.main(path)
    assert path.read_text() == (Path(__file__).parents[2] / "docs/demo.svg").read_text()
    assert "@font-face" not in path.read_text()
