"""Words that a statement of status is let in with, one at a time: where each tells something of a person."""

import pytest

from integration.domain.messages.predicates import lacks_company, tells_alone
from integration.domain.messages.words import cut

LINKS = "remain remains appear appears seem seems".split()
NOTHING = """
at this time until further notice still currently presently only also the an a in on with as of and or our your for to
""".split()
RECORDS = """
information info record records status citizenship nationality data document documents documentation file files
verification number numbers answer response visa class country database name passport certificate
""".split()
PARTS = "page message email letter document response record".split()
COMPANY = {
    "free": ["contact"],
    "feel": ["contact"],
    "hesitate": ["contact"],
    "let": ["know"],
    "see": "attached attachment enclosed below above following letter document".split(),
    "have": "questions any further record records information".split(),
    "yours": "truly sincerely faithfully respectfully cordially".split(),
    "end": PARTS,
    "ends": PARTS,
    "begin": PARTS,
}


def tells(text: str) -> bool:
    return tells_alone(text, cut(text))


@pytest.mark.parametrize("link", LINKS)
def test_a_verb_tells_when_it_leads_on_to_nothing(link):
    for text in (f"The aliens {link}", f"They {link} at this time", f"The aliens {link} here {link}"):
        assert tells(text), text
    for text in (f"They {link} citizens of Mexico", f"They {link} citizens", f"The {link}der", f"It {link} still open"):
        assert not tells(text), text


@pytest.mark.parametrize("word", NOTHING)
def test_a_word_that_leads_nowhere_completes_no_verb(word):
    assert tells(f"The alien remains {word}")
    assert not tells(f"The alien remains {word} Mexican")
    assert not tells(f"The alien stays {word}")


AVAILABLE = [
    ("The alien is unavailable", True, "somebody"),
    ("Unavailable", True, "whoever it is"),
    ("He is not available", True, "in two words"),
    ("Not available", True, "two words alone"),
    ("He is no longer available", True, "in three"),
    ("Available", False, "no word before it"),
    ("Available if not", False, "a word behind it"),
    ("Available not", False, "or at the end"),
    ("Not so available", False, "a word between"),
    ("Not yet an available Mexican", False, "more of them"),
    ("He is available", False, "who is there"),
    ("Not present", False, "another word"),
    ("Unavailable: any record", True, "a record that is told of behind it"),
    ("The record and he, unavailable", False, "or before it"),
]


@pytest.mark.parametrize(("text", "expected", "because"), AVAILABLE, ids=[row[2] for row in AVAILABLE])
def test_somebody_is_told_to_be_gone_when_no_record_is_what_is_unavailable(text, expected, because):
    assert tells(text) is expected, because


@pytest.mark.parametrize("word", RECORDS)
def test_a_record_may_be_unavailable(word):
    for gone in ("unavailable", "not available", "no longer available"):
        assert not tells(f"The {word} is {gone}"), gone
        assert tells(f"The {word}x is {gone}"), gone


GRANTED = "granted approved accepted honored honoured fulfilled".split()
NAMED = "national citizen alien immigrant refugee asylee lpr".split()
ASKED = [
    *((f"Your request is {word}", True, "every word that grants") for word in GRANTED),
    ("YOUR REQUESTS ARE GRANTED", True, "several, in capitals"),
    ("Our request is granted", False, "another's"),
    ("Your request is ungranted", False, "another word"),
    ("Your requestor is granted", False, "another"),
    ("Your request" + " " * 80 + "granted", True, "80 characters between"),
    ("Your request" + " " * 81 + "granted", False, "81"),
    *((f"Your request came{stop} A visa was granted", False, "a sentence between") for stop in ".;!?"),
    *((f"{you} file on the citizen", True, "every way to ask") for you in
      ("please", "kindly", "you may", "you can", "you shall", "you will", "PLEASE")),
    *((f"please {act} on the citizen", True, "every paper") for act in ("file", "question", "request", "issue")),
    *((f"please issue for the {who}", True, "everybody") for who in NAMED),
    *((f"please issue for the {who}s", True, "and several") for who in NAMED),
    ("please issue refugee", True, "without an article"),
    ("please file on one, two, three citizens", True, "three words between"),
    ("please file on one, two, three, four citizens", False, "four"),
    ("please file on the citizenry", False, "another word"),
    *((f"please file on the citizen {paper}", False, "a paper about one") for paper in
      "status number registration file record".split()),
    ("displease file on the citizen", False, "another word"),
    ("you must file on the citizen", False, "another verb"),
    *((f"please {act} to this office", True, "every way to come") for act in
      "report respond confirm come enter".split()),
    *((f"please come {to} {where}", True, "every place") for to in ("to this", "to our", "this", "our") for where in
      "office department agency".split()),
    ("please come to your office", False, "their own"),
    ("please come to our offices", False, "another word"),
    ("please come", False, "nowhere"),
    ("", False, "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), ASKED, ids=lambda value: str(value)[:40])
def test_an_authority_is_told_more_when_it_is_granted_or_invited(text, expected, because):
    assert tells(text) is expected, because


@pytest.mark.parametrize(("word", "company"), COMPANY.items())
def test_a_word_of_a_closing_stands_alone_when_what_makes_it_one_is_missing(word, company):
    assert lacks_company(cut(word))
    assert lacks_company(cut(f"Mexican citizen {word} now"))
    for other in company:
        for text in (f"{word} {other}", f"{other} or {word}"):
            assert not lacks_company(cut(text)), text
        assert not lacks_company(cut(other))
        assert lacks_company(cut(f"{word} {other}x"))


def test_one_word_alone_counts_when_another_has_its_company():
    assert lacks_company(cut("let me know, see you"))
    assert not lacks_company(cut("citizen of Mexico"))
