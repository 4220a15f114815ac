"""Somebody is held by an office, or had by a place, in every form that is known. A card is held, too, and is nobody."""

import pytest

from integration.domain.messages.content import categories_in
from schemas.kinds import Category
from tests.gate.test_detector_parts import seen

OFFICES = "office agency department dept county city unit team division bureau station pd sheriff police".split()
KEEPING = "hold holds possess possesses obtained acquired got took".split()
PERSONS = "national citizen alien immigrant refugee asylee resident parolee noncitizen lpr holder".split()
THINGS = "status card cards visa number registration record records letter form file files information id".split()
HOLDS = [
    ("we hold an LPR", True, "by its pronoun"),
    ("i hold an LPR", True, "by a clerk"),
    ("they hold an LPR", False, "by others"),
    ("owe hold an LPR", False, "a pronoun in a longer word"),
    *((f"{whose} office holds an LPR", True, "by a word of its own") for whose in ("our", "this", "the", "your")),
    *((f"our {office} holds an LPR", True, "by what it is called") for office in OFFICES),
    ("office holds an LPR", False, "without a word of its own"),
    ("hour office holds an LPR", False, "which is in a longer word"),
    ("the cat holds an LPR", False, "it is none"),
    ("our very small office holds an LPR", True, "two words before its name"),
    ("our very small old office holds an LPR", False, "three"),
    *((f"we {verb} an LPR", True, "by the verb") for verb in KEEPING),
    ("we see an LPR", False, "by another"),
    ("we withhold an LPR", False, "by a longer one"),
    ("we now again hold an LPR", True, "two words before the verb"),
    ("we now once again hold an LPR", False, "three"),
    *((f"we hold {article} very small LPR", True, "two words behind an article")
      for article in "a an one two three the this our your another some".split()),
    ("we hold an very small old LPR", False, "three"),
    ("we hold very small LPR", True, "two without one"),
    *((f"we hold {word} LPR", False, "a word that leads to something else")
      for word in "for of on about as to from no".split()),
    *((f"we hold an old {word} LPR", False, "behind another word") for word in ("for", "no")),
    *((f"we possess a Mexican {person}{end}", True, "whatever somebody is called")
      for person in PERSONS for end in ("", "s")),
    *((f"we possess a Mexican {person}x", False, "a longer word") for person in PERSONS),
    *((f"we possess a Mexican citizen {thing}", False, "a thing") for thing in THINGS),
    ("we possess a citizen's", False, "what belongs to somebody"),
    ("we possess the citizens' papers", False, "what belongs to several"),
    ("we possess a citizen statusx", True, "no thing that is known"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), HOLDS, ids=[f"{row[2]}: {row[0]}" for row in HOLDS])
def test_an_office_holds_somebody_and_a_card_is_no_person(text, expected, because):
    signs = {"having_somebody"} if expected else set()
    assert seen("by_having", text) == signs, because
    assert seen("by_having", f"Hello. {text}, see") == signs, because


@pytest.mark.parametrize("text", ["This office holds an LPR", "Our department possesses a green card holder"])
def test_an_office_that_holds_somebody_tells_custody(text):
    assert Category.CUSTODY_STATUS in categories_in(text)


ARTICLES = "a an one two three the another some".split()
GETTING = "has have had got hold holds possess possesses obtained acquired entered".split()
BETWEEN = """
of as to for from by in on about with is been no not a an usa status nationality citizenship country passport card visa
class category record records file following information result answer response name number subject individual person
""".split()
ENDS = [
    *((f"Lansing {verb} an LPR", True, "by the verb") for verb in GETTING),
    ("Lansing sees an LPR", False, "by another"),
    *((f"Lansing has {article} LPR", True, "an article") for article in ARTICLES),
    ("Lansing has LPR", False, "none"),
    ("Lansing has very small new LPRs", True, "none, and several"),
    ("Lansing has LPRs", True, "none, and several"),
    ("Lansing has a very small new LPR", True, "three words between"),
    ("Lansing has a very small but new LPR", False, "four"),
    *((f"Lansing has the {word} LPR", False, "a word that leads to something else") for word in BETWEEN),
    *((f"Lansing has the old {word} LPR", False, "behind another word") for word in ("of", "status", "person")),
    ("Lansing has the aslant LPR", True, "which is longer"),
    *((f"Lansing entered a {person}{end}", True, "whatever somebody is called")
      for person in (*PERSONS, *"usc seeker applicant recipient entrant beneficiary mexican".split(), "costa rican",
                     "green card holder", "card holder", "visa holder", "visa applicant", "visa recipient",
                     "Costa\nRican")
      for end in ("", "s")),
    *((f"Lansing has an LPR{end}", True, "an end of a clause")
      for end in (".", ",", ";", ":", "!", "?", " (x", ")", "\nJane Roe", " \r\nJane Roe", " - x", "- x", " .")),
    *((f"Lansing has an LPR {word} x", True, "a word that goes on")
      for word in "from of in at with here now today who that".split()),
    *((f"Lansing has an LPR{end}", False, "a thing, or something of somebody's")
      for end in (" card", " status", "'s card", "-card", " herein", "x", "/x")),
    ("Lansing has a card", False, "a thing"),
    ("Lansing has a visa", False, "a thing"),
    ("He has the status of a refugee.", False, "a status"),
    ("He has a Mexican passport.", False, "a passport"),
    ("He obtained the status of lawful permanent resident.", False, "a status"),
    ("He entered the U.S. a Mexican citizen.", False, "a place"),
    ("He acquired the rights of a citizen.", False, "rights"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), ENDS, ids=[f"{row[2]}: {row[0]}" for row in ENDS])
def test_a_place_has_somebody_when_somebody_ends_the_clause(text, expected, because):
    assert seen("by_getting", text) == ({"having_somebody"} if expected else set()), because


TOLD = [
    ("Lansing has an LPR.", "Lansing: LPR."),
    ("Lansing has LPRs.", "Perez has LPR status."),
    ("Lansing has a Mexican.", "Perez has a Mexican passport."),
    ("Lansing possesses a citizen of Mexico.", "Perez is a citizen of Mexico."),
    ("Lansing obtained an alien.", "Perez obtained an alien number."),
    ("Lansing entered a refugee.", "Perez entered the United States as a refugee."),
    ("Lansing has a DACA recipient.", "Perez is a DACA recipient."),
    ("Lansing holds a green card holder.", "Perez holds a green card."),
]


@pytest.mark.parametrize(("told", "alone"), TOLD)
def test_a_place_that_has_somebody_tells_custody_when_somebody_has_a_status_it_is_status_alone(told, alone):
    assert Category.CUSTODY_STATUS in categories_in(told)
    assert categories_in(alone) == {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS}
