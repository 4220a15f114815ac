"""Ways of saying a status that are known as a whole: each tells a status, and more when anything stands beside it."""

import pytest

from integration.domain.messages.content import categories_in
from integration.domain.messages.sayings import in_plain_words
from integration.domain.messages.statusonly import people_of
from integration.domain.messages.views import Kind
from schemas.kinds import Category

STATUS = {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, Category.PLACE_OF_BIRTH}

SAYINGS = [
    ("U.S. citizen? Yes.", "U.S. citizen, Yes."),
    ("Is he a citizen?\n  no", "Is he a citizen, no"),
    ("LPR? NO! ", "LPR, NO! "),
    ("He did not state his citizenship", "He has not disclosed his citizenship"),
    ("She didn't give her nationality", "She has not disclosed her nationality"),
    ("He did not disclose any information about his immigration status",
     "He has not disclosed any information about his immigration status"),
    ("Did not provide records on citizenship", "has not disclosed records on citizenship"),
    ("He did not declare a nationality", "He has not disclosed a nationality"),
    ("Declined to state citizenship", "not disclosed citizenship"),
    ("Declines to give the country of citizenship", "not disclosed the country of citizenship"),
    ("Refused to disclose their legal immigration status", "not disclosed their legal immigration status"),
    ("Refuses to provide United States citizenship", "not disclosed United States citizenship"),
    ("We do not keep citizenship", "We does not maintain citizenship"),
    ("This office does not keep information about immigration status",
     "This office does not maintain information about immigration status"),
    ("No knowledge of his US citizenship", "no record of his US citizenship"),
    ("No knowledge about their U.S. citizenship", "no record about their U.S. citizenship"),
    ("No knowledge about records of nationality", "no record about records of nationality"),
    ("No knowledge regarding his nationality", None),
    ("We believe she is a citizen", "it appears she is a citizen"),
    ("We believe that they are citizens", "it appears that they are citizens"),
    ("we believe he is a citizen", "it appears he is a citizen"),
    ("By his own statement he is a citizen", "as stated he is a citizen"),
    ("> By her own account, she is a citizen", "as stated she is a citizen"),
    ("By their own statement they are citizens", "as stated they are citizens"),
    ("That is correct, USC", "yes, USC"),
    ("This is correct, USC", "yes, USC"),
    ("FYI: LPR", "note: LPR"),
    ("LPR\n\nfyi, a citizen", "LPR\n\nnote: a citizen"),
    ("FYI - LPR", "note: - LPR"),
    ("FYI- LPR", "note: LPR"),
    ("FYI LPR", "note: LPR"),
    ("Did he naturalize?", "was he naturalized?"),
    ("Did she naturalise?", "was she naturalized?"),
    ("- Did they naturalize?", "was they naturalized?"),
    ("Is he here legally?", "Is he legally present?"),
    ("Is she here illegally?", "Is she illegally present?"),
    ("Are they here legally?", "Are they legally present?"),
    ("He is in the country illegally", "He is illegally present"),
    ("He is in the United States legally", "He is legally present"),
    ("He is in the US legally", "He is legally present"),
    ("He is in US legally", "He is legally present"),
    ("He is in the USA legally", "He is legally present"),
    ("He is in the U.S. legally", "He is legally present"),
    ("Paroled into the United States in 2022", "Paroled into the United States"),
    ("Paroled into the US, in 1960", "Paroled into the US"),
    ("Paroled into the U.S. in 1999", "Paroled into the U.S."),
    ("Final order of removal from 2016", "Final order of removal"),
    ("Removal order of 2029", "Removal order"),
    ("Removal order in 1987.", "Removal order."),
    ("Acquired citizenship at birth", "Acquired citizenship by birth"),
    ("Esta indocumentado", "es indocumentado"),
    ("* esta indocumentada", "es indocumentada"),
    ("Visa de turista", "tourist visa"),
    ("Tiene visa de turista", "tourist visa"),
    ("Citizen. Can you confirm?", "Citizen. please confirm."),
    ("Can you please confirm?", "please confirm."),
    ("Hi Rob - he is a citizen", "Hi Rob,\nhe is a citizen"),
    ("Hello Rob Roe, USC", "Hello Rob Roe,\nUSC"),
    ("LPR\n> dear Rob, USC", "LPR\n> dear Rob,\nUSC"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "plain"), SAYINGS, ids=[row[0] for row in SAYINGS])
def test_a_saying_is_read_in_plain_words_and_tells_a_status(said, plain):
    assert in_plain_words(said) == (said if plain is None else plain)
    if plain is not None:
        assert people_of(said, Kind.TEXT) == frozenset()


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Out? Yes.", "an answer to another question"),
        ("U.S. citizen? Yes, at six.", "an answer that goes on"),
        ("U.S. citizen? Yes and come.", "an answer that goes on"),
        ("U.S. citizen? yesterday", "a word that begins so"),
        ("U.S. citizen.\n\nYes.", "an answer to nothing"),
        ("He did not state his name, citizen", "what he did not state is no status"),
        ("He did not state it. Citizenship", "in another sentence"),
        ("He did not give a citizenship card up", "and more"),
        ("He declined, citizen", "declined what"),
        ("Declined to leave. Citizen", "declined to do something else"),
        ("Refused to provide citizenships", "another word"),
        ("We do not keep citizens", "people are kept, not records"),
        ("We do not keep him. Citizenship", "somebody is not kept"),
        ("No knowledge of his whereabouts, citizen", "of something else"),
        ("We believe he walks, citizen", "something else is believed"),
        ("We believe he isnt a citizen", "another word"),
        ("By his own car he is a citizen", "something of his own"),
        ("By his own statement he walks, citizen", "what he stated is no status"),
        ("LPR by his own statement he is", "in the middle of a sentence"),
        ("That is correct. USC", "said of something else"),
        ("Monday, that is correct, USC", "not where a line begins"),
        ("FYI", "nothing"),
        ("FYI, Kickers, LPR at six", "and a time"),
        ("FYIs LPR", "another word"),
        ("LPR FYI", "not where a line begins"),
        ("Did he naturalizes", "another word"),
        ("Did he naturalize? At six", "and a time"),
        ("He is here legally, citizen", "no question: who is here is in custody"),
        ("Is he here, legally a citizen?", "where he is"),
        ("Is it here legally?", "nobody"),
        ("He is in the county legally, citizen", "another place"),
        ("He is in the jail legally, citizen", "another place"),
        ("He is in the country legally at six, citizen", "and a time"),
        ("Paroled into the United States in 2022 hours", "a time"),
        ("Paroled into the United States in 2022h", "a time"),
        ("Paroled into the United States in 2022-11-23", "a day"),
        ("Paroled into the United States in 2022.11", "a month"),
        ("Paroled into the United States in 2022:15", "a time"),
        ("Paroled into the United States in 2022/1", "a month"),
        ("Paroled into the United States in 2030", "a year to come"),
        ("Paroled into the United States in 1959", "long ago"),
        ("Paroled into the United States on 2022", "no year"),
        ("Paroled into the county in 2022, citizen", "let out of the county's jail"),
        ("Final order of removal from 0600", "a time"),
        ("Final order of removal from 20160", "a number"),
        ("Final order of removal from 2016 and 2017", "two of them"),
        ("Final order of removal at 2016", "a time"),
        ("Order from 2016, citizen", "another order"),
        ("Citizen at birthday", "another word"),
        ("Esta libre, indocumentado", "something else"),
        ("Juan esta indocumentado y esta afuera", "something else"),
        ("Visa de turistas", "another word"),
        ("Citizen. Can you confirm six?", "what is to be confirmed"),
        ("Citizen. Can you come?", "something else"),
        ("Hi Rob - out, citizen", "what follows the name is judged"),
        ("Hi Rob Roe Kay - he is a citizen at six", "and a time"),
        ("Hi Tomorrow - he is a citizen", "no name"),
        ("Hi Six, USC", "no name"),
        ("Hi rob - he is a citizen", "no name"),
        ("x Hi Rob - he is a citizen", "not where a line begins"),
        ("Rob - he is out, a citizen", "no greeting"),
    ],
)  # fmt: skip
def test_what_is_no_such_saying_tells_more(text, because):
    assert not categories_in(text) <= STATUS, because


HINTS = (
    "out at six; at 0600; released; tomorrow; in custody; at the north door; court Monday; on tether; is leaving; held"
)


@pytest.mark.parametrize("said", [row[0] for row in SAYINGS if row[1] is not None])
def test_nothing_may_be_told_beside_a_saying(said):
    words = said.split(" ")
    for hint in HINTS.split("; "):
        for at in range(len(words) + 1):
            text = " ".join([*words[:at], hint, *words[at:]])
            assert not categories_in(text) <= STATUS, text
        assert not categories_in(f"{said}. {hint.capitalize()}.") <= STATUS
        assert not categories_in(f"{hint}\n\n{said}") <= STATUS
