"""Laws: a text that is blocked stays blocked however it is encoded once more, and nothing makes the gate fail."""

import base64
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.domain.folding import fold
from integration.domain.messages.content import categories_in
from schemas.kinds import Category
from tests.gate.judging import decided, examined, permitted
from tests.gate.leaks import ALL
from tests.gate.mails import mail, multipart, part, plain
from tests.gate.mutations import mutated
from tests.gate.techniques import CLOSED, OPEN, TEXT

STATUS = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})
WRAPPERS = [
    lambda raw: mail(raw, "Content-Type: message/rfc822"),
    lambda raw: multipart(part(raw, "Content-Type: message/rfc822")),
    lambda raw: multipart(
        part("Citizenship: Mexico", TEXT), part(raw, "Content-Type: message/rfc822"), boundary="outer"
    ),
    lambda raw: plain("Citizenship: Mexico\n\n" + base64.encodebytes(raw).decode()),
    lambda raw: mail(
        base64.encodebytes(raw).replace(b"\n", b"\r\n"),
        "Content-Type: message/rfc822",
        "Content-Transfer-Encoding: base64",
    ),
]
CHEAP = sorted({*OPEN, *CLOSED} - {"too much text", "too many parts", "zip bomb", "after much text", "long line"})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    leak=st.sampled_from([text for _, text in ALL]),
    technique=st.sampled_from(CHEAP),
    wrappers=st.lists(st.sampled_from(WRAPPERS), max_size=3),
)
def test_text_stays_blocked_when_it_is_encoded_again(leak, technique, wrappers):
    raw = (OPEN.get(technique) or CLOSED[technique])(leak)
    for wrap in wrappers:
        raw = wrap(raw)
    assert not permitted(raw)


@settings(max_examples=300, deadline=None)
@given(
    before=st.sampled_from(["", "Citizenship: Mexico\n", "Juan Perez is a citizen of Mexico.\n", "Status: LPR "]),
    leak=st.sampled_from([text for category, text in ALL if category != "place_of_birth"]),
    after=st.sampled_from(["", "\nCitizenship: Mexico", "\n\nRegards,\nJane Roe", "\nThank you"]),
)
def test_text_is_more_than_status_when_anything_stands_beside_it(before, leak, after):
    assert categories_in(before + leak + after) != STATUS


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_nothing_fails_when_a_text_is_anything(text):
    assert isinstance(categories_in(text), frozenset)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_nothing_fails_when_a_message_is_anything(raw):
    assert isinstance(decided(examined(raw)).permit, bool)


@settings(max_examples=200, deadline=None)
@given(word=st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=12))
def test_word_makes_a_status_more_when_nothing_lists_it(word):
    # because what is let in is listed: whatever else stands in a statement is not status
    if categories_in(f"Citizenship status {word} granted") == STATUS:
        assert fold(word).isascii()


def _cases(count: int, seed: int):
    dice = random.Random(seed)
    raws = [(OPEN.get(name) or CLOSED[name])(ALL[number % len(ALL)][1]) for number, name in enumerate(CHEAP)]
    return [mutated(dice.choice(raws), dice, raws) for _ in range(count)]


def test_mutated_mail_is_decided_without_error():
    for raw in _cases(500, 1):
        assert isinstance(decided(examined(raw)).permit, bool)


@pytest.mark.slow
def test_many_mutated_mails_are_decided_without_error():
    for raw in _cases(20_000, 2):
        assert isinstance(decided(examined(raw)).permit, bool)
