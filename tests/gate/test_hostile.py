"""Hostile messages: every way of hiding a text, with every kind of text. None may be judged permit."""

import pytest

from schemas.kinds import Category
from tests.gate.judging import PACKS, decided, examined
from tests.gate.leaks import ALL
from tests.gate.techniques import CLOSED, OPEN

TEXTS = [pytest.param(category, text, id=f"{category}-{number}") for number, (category, text) in enumerate(ALL)]


def test_there_are_a_thousand_hostile_messages_when_they_are_counted():
    assert len(ALL) * (len(OPEN) + len(CLOSED)) >= 4_000


@pytest.mark.parametrize("technique", OPEN)
def test_message_is_blocked_and_its_category_found_when_the_text_is_only_hidden(technique):
    for category, text in ALL:
        seen = examined(OPEN[technique](text))
        assert [name for name in PACKS if decided(seen, name).permit] == [], text
        assert Category(category) in seen.content.categories or category == "other", text


@pytest.mark.parametrize("technique", CLOSED)
def test_message_is_blocked_when_the_text_cannot_be_read(technique):
    for _, text in ALL:
        seen = examined(CLOSED[technique](text))
        assert [name for name in PACKS if decided(seen, name).permit] == [], text
        assert seen.unread or Category.OTHER in seen.content.categories, text
