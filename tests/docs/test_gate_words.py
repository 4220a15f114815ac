"""Every word with which the gate explains itself is on its page."""

import pytest

from integration.contents.framing import Fault
from integration.domain.messages.gaps import Gap
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.reach import By
from schemas.kinds import Category
from tests.docs.pages import ROOT, codes


@pytest.mark.parametrize("words", [Fault, Gap, Doubt, By, Category])
def test_page_has_every_word_when_the_list_is_closed(words):
    assert {word.value for word in words} - codes(ROOT / "docs" / "gate.md") == set()
