"""Words that jails have for letting go, for holding and for times: none is a name, wherever a name may stand."""

import pytest

from integration.domain.messages.content import categories_in, judge
from integration.domain.messages.views import Kind, View
from schemas.kinds import Category

STATUS = {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS}
RELEASE = """
kickout, kickouts, kick out, otl, ptr, tot, maxout, maxed out, rollup, roll-up, roll up, rolled up, dressout, dress-out,
dressed out, disch, dischg, relsd, relsg, rlsed, rlsng, bondd, outt, tether, tethered, soltado, soltada, suéltalo,
suéltenla, suelte, kicks out, kicking out, kicks loose, maxing out, rolls up, rolling up, dresses out, dressing out,
dischd, relsng, rlsg, soltarlo, gtg, ouut, vámonos
"""
HELD = (
    "trusty, trusties, xfer, xferred, xfr, trnsfr, seg, icu, pb, ic, ual, ccw, mdop, fta, ppo, rfa, rfd, nfh, dfa, misd"
)
TIMES = """
tomw, mnday, frid, tomrw, tomoro, tomorro, nite, nites, wknd, wkend, amanecer, madrugada, domani, sechs, ohsix, zerosix,
ohsixhundred, zerofive, ohone, ohtwo, ohthree, ohfour, ohfive, ohseven, oheight, ohnine, zeroone, zerotwo, zerothree,
zerofour, zeroseven, zeroeight, zeronine
"""
NEITHER = "property, packet, cash, zulu, libero, bo, bu, ko, tx"
"""Some of them are names beside another."""
WORDS = [word.strip() for words in (RELEASE, HELD, TIMES, NEITHER) for word in words.split(",")]
FRAMES = """
LPR, {0}; Yousef Haddad, LPR, {0}; LPR ({0}); Citizen of {0}; Citizenship: Mexico, {0}; {0}, LPR; {0}: LPR;
Name: {0}\nLPR; {0} is a citizen.; Hello {0},\n\nLPR; LPR\n\nThanks,\n{0}; LPR\n\nThanks, {0}; Citizen, {0}
"""


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_jail_is_no_name_in_any_place_of_one(word):
    for frame in FRAMES.split(";"):
        for written in (word.title(), word.upper()):
            text = frame.strip().format(written)
            assert not categories_in(text) <= STATUS, text


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("kind", [Kind.NAME, Kind.VALUE, Kind.SUBJECT])
def test_nor_is_it_one_in_names_of_files_and_values(word, kind):
    for written in (word, word.title(), word.upper(), f"Status - {word.upper()}", f"Miller, {word.title()}"):
        if word in NEITHER and written.startswith("Miller"):
            continue
        assert not judge([View("1", "file name", kind, written)]).categories <= STATUS, written


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Dawn Miller is a citizen.", "a given name"),
        ("Johnny Cash is a citizen.", "a family name beside another"),
        ("Ko Nguyen: LPR", "the same"),
        ("Bo Diaz: LPR", "a short one"),
        ("Juan Tothill is a citizen.", "a name that begins so"),
        ("Ana Zeroni is a citizen.", "a name that begins so"),
        ("Ohs Perez is a citizen.", "a name that begins so"),
        ("Luis Dischner is a citizen.", "a name that begins so"),
        ("Segura: LPR", "a name that begins so"),
        ("Suelter: LPR", "a name that begins so"),
    ],
)
def test_names_that_look_like_such_words_are_names(text, because):
    assert categories_in(text) == STATUS, because


@pytest.mark.parametrize(
    "text",
    [
        f"{way} {how}"
        for way in ("In the country", "In the United States", "In the US", "In the U.S.", "In the USA")
        for how in ("legally", "illegally")
    ]
    + ["Did he naturalize?", "Did she naturalise?"],
)
def test_presence_and_naturalization_are_status(text):
    assert categories_in(text) == STATUS
