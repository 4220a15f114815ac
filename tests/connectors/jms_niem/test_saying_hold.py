"""What says an immigration hold is found by the county's own words, however it is spelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.jms_niem.vocabulary import forms_in, says_hold_for_immigration, says_immigration
from integration.domain.agencies import words
from tests.connectors.jms_niem.documents import Document, springfield
from tests.connectors.jms_niem.reading import mapped

COMMON = springfield()
OWN_HOLDS = ["hold", "retainer", "xfer-7", "détenu", "arrêt"]
OWN = springfield(words={"hold": OWN_HOLDS, "immigration": ["immigration", "ice", "migra"]})

SAID = [
    (COMMON, "ICE HOLD", True, "as most write it"),
    (COMMON, "I.C.E. H.O.L.D.", True, "letter by letter"),
    (COMMON, "I C E  H O L D", True, "with blanks"),
    (COMMON, "ICE_HLD", True, "with a stroke"),
    (COMMON, "ICE H_O_L_D", True, "with strokes"),
    (COMMON, "ICE HO`LD\x1f", True, "with another stroke, and what ends a record on old systems"),
    (COMMON, "ICE HO'LD", True, "with a slip of the finger"),
    (COMMON, "IMMIG DETNR", True, "shortened"),
    (COMMON, "ICE DTNR", True, "more so"),
    (COMMON, "ICE HELD", True, "another form of the word"),
    (COMMON, "DETAININGICE ICE", False, "a word that nobody knows"),
    (COMMON, "ICE\tHOLD\n", True, "with what a form leaves behind"),
    (COMMON, "\uff29\uff23\uff25 \uff28\uff2f\uff2c\uff24", True, "in wide letters"),
    (COMMON, "ICE H\u200bOLD", True, "with a character that nobody sees"),
    (COMMON, "I\u0421E H\u041eLD", True, "with letters of another alphabet"),
    (COMMON, "ICE H\u00d3LD", True, "with an accent"),
    *((COMMON, f"i-{form}", True, "a form") for form in ("247", "247a", "247-g", "200", "203", "203a", "205", "286")),
    (COMMON, "I-862", True, "a notice to appear: an immigration authority's own paper"),
    (COMMON, "I 862", True, "with a blank"),
    (COMMON, "A-862", False, "a cell"),
    (COMMON, "I-9 862", False, "another form"),
    (COMMON, "ICE RETAINER", False, "a word that only another county has"),
    (OWN, "ICE RETAINER", True, "this one"),
    (OWN, "R E T A I N E R  ICE", True, "letter by letter"),
    (OWN, "XFER-7 ICE", False, "a word of two parts, of which the parts are no words"),
    (OWN, "XFER7 ICE", True, "in one piece"),
    (OWN, "MIGRA RETAINER", True, "with an authority's own word"),
    (OWN, "ICE DTNR", False, "it has no such word"),
    (COMMON, "ICE", False, "no hold is spoken of"),
    (COMMON, "NO ICE HOLD", False, "it says that there is none"),
    (COMMON, "POLICE HOLD", False, "somebody else's"),
    (COMMON, "HOLD", False, "nobody's"),
    (COMMON, "", False, "nothing"),
]


@pytest.mark.parametrize(("mapping", "text", "says", "because"), SAID, ids=[f"{row[1]!a}" for row in SAID])
def test_text_says_a_hold_when_its_words_do(mapping, text, says, because):
    assert says_hold_for_immigration(mapping, text) is says, because


AUTHORITIES = st.sampled_from(["ICE", "IMMIGRATION", "immig", "DHS", "MIGRA", "Border Patrol", "IMMIGRAT", "I.C.E."])
HOLDS = st.sampled_from([*COMMON.words.hold, *OWN_HOLDS, "holder", "detaining", "ONHOLD", "HOL", "DETOX"])
FORMS = st.sampled_from(["I-247A", "i 200", "I203-A", "I-286", "I205", "i-862", "I 862", "I-9"])
FILLERS = st.sampled_from(["US", "bond", "48", "FOR", "NO", "BURGLARY", "O", "'", ""])
BETWEEN = st.sampled_from([" ", " ", " ", "", "-", ". ", "_", "/", "'", "\t", "\n", "\u00a0", "\u200b", " - "])


def spelled(parts):
    """A word as a clerk may spell it: in one piece, or with something between its letters."""
    return st.builds(lambda part, mark: mark.join(part), parts, st.sampled_from(["", "", "", ".", " ", "-", "'"]))


TEXTS = st.builds(
    lambda parts, mark, case: case(mark.join(parts)),
    st.tuples(spelled(AUTHORITIES), spelled(HOLDS | FORMS), FILLERS).flatmap(st.permutations),
    BETWEEN,
    st.sampled_from([str.upper, str.lower, str.title]),
)


def by_every_word(mapping, text):
    """Say it without looking first whether the text may say it at all."""
    said = words(text)
    return says_immigration(mapping, text) and (
        bool(forms_in(text))
        or bool(mapping.word_sets["hold"] & set(said))
        or any("hold" in word or "detain" in word for word in said)
    )


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([COMMON, OWN]), TEXTS | st.text(max_size=30) | st.text("ICEHOLD -.'_2478", max_size=16))
def test_no_text_is_passed_over_that_its_words_would_tell(mapping, text):
    assert says_hold_for_immigration(mapping, text) is by_every_word(mapping, text)


@pytest.mark.parametrize(("mapping", "refused"), [(OWN, 1), (COMMON, 0)], ids=["own", "common"])
def test_element_is_refused_when_it_says_a_hold_in_the_countys_own_word(mapping, refused):
    outcome = mapped(Document(more="<x:ShelfText>ICE RETAINER</x:ShelfText>"), mapping)
    assert len(outcome.refusals) == refused


def test_element_is_refused_when_it_names_the_notice_to_appear():
    (refusal,) = mapped(Document(more="<x:ShelfText>I-862</x:ShelfText>")).refusals
    assert "it says an immigration hold, and no rule reads this element" in refusal.message
