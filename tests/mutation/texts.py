"""Letters and lines of the gate's tests, judged by themselves: no pack is loaded, so all of them take a second."""

import pytest

from integration.domain.messages.content import categories_in, judge
from integration.domain.messages.people import Person, Roster
from integration.domain.messages.views import Kind, View
from schemas.kinds import Category
from tests.gate.leaks import ALL
from tests.gate.lines import ALONE, MORE
from tests.gate.status_letters import letters

STATUS = {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS}
LETTERS = list(letters())


@pytest.mark.parametrize("first", range(10))
def test_letters_tell_status_alone(first):
    for letter in LETTERS[first::10]:
        assert categories_in(letter) == STATUS, letter


@pytest.mark.parametrize("first", range(10))
def test_lines_tell_status_alone_or_more(first):
    for line in ALONE[first::10]:
        assert categories_in(line) == STATUS, line
    for line in MORE[first::10]:
        assert categories_in(line) != STATUS, line


def test_leaks_are_named():
    for category, text in ALL:
        assert Category(category) in categories_in(text), text


def test_addresses_tell_nothing_or_more():
    from tests.gate.test_addresses import ORDINARY, TELLING

    roster = Roster([Person("Perez", "Juan", None, "2026-00417")])
    for address in ORDINARY:
        assert judge([View("1", "to", Kind.ADDRESS, address)], roster).categories == set(), address
    for address in TELLING:
        assert judge([View("1", "to", Kind.ADDRESS, address)], roster).categories, address
