"""Texts of the police networks, one form at a time: what discloses custody by being sent, and what speaks of it."""

import pytest

from integration.domain.agencies import Directory
from integration.domain.messages import queries
from integration.domain.messages.queries import destinations_in, goes_to, is_custody_query, is_network_message

HEAD = "IAQ.MI3341600.AX.TXT"
SENT = [
    ("sent an IAQ", True, "somebody has sent one"),
    ("ran the IAQ", True, "or run one"),
    ("submitted our alien query", True, "or submitted one"),
    ("sent this immigration alien inquiry", True, "by its long name"),
    ("sent your alien inquiry", True, "whoever's"),
    ("sent IAQ", True, "without an article"),
    ("send an IAQ", False, "a rule"),
    ("run an IAQ", False, "another"),
    ("submit an IAQ", False, "another"),
    ("send an IAQ on him", True, "a request about somebody"),
    ("run an IAQ for Perez", True, "another"),
    ("submit an IAQ about Perez", True, "another"),
    ("submit an IAQ re Perez", True, "another"),
    ("send the alien query regarding Perez", True, "another"),
    ("sent an IAQ on every arrestee", True, "one that was sent, whoever it was about"),
    ("sent an IAQ test", False, "a test"),
    ("sent an IAQ on him test", True, "a test elsewhere"),
    ("sent an IAQs", False, "another word"),
    ("resent an IAQ", False, "another word"),
    ("sent a quick IAQ", False, "a word between"),
    *((f"send an IAQ on {whom}", False, "a rule about many") for whom in
      "a an any every each all everybody everyone anybody anyone no foreign noncitizen noncitizens alien aliens "
      "arrestee arrestees inmate inmates people person persons subject subjects".split()),
    *((f"sent an IAQ {thing}", False, "another thing of that name") for thing in
      "test testing report survey study sensor monitor".split()),
    *((f"{word} sent an IAQ", False, "nobody has") for word in ("no", "we did not", "never", "nobody", "we didn't")),
    ("not yet really sent an IAQ", False, "two words between"),
    ("not yet quite really sent an IAQ", True, "three"),
    ("no. sent an IAQ", True, "a sentence between"),
    ("not", False, "nothing"),
    ("never sent an IAQ, sent an IAQ", True, "one of two was sent"),
    ("not " + "x" * 12 + " " + "y" * 12 + " sent an IAQ", False, "the longest words that are looked past"),
    ("not " + "x" * 13 + " sent an IAQ", True, "a longer one"),
    *((f"IAQ {did} on Perez", True, "one that was sent") for did in ("sent", "ran", "run", "submitted", "was sent")),
    *((f"IAQ sent {about} Perez", True, "about somebody") for about in ("on", "for", "about", "re", "to")),
    *((f"IAQ {kind} sent on Perez", True, "with a word") for kind in ("query", "inquiry", "request", "message")),
    *((f"IAQ {to}", True, "to the center") for to in
      ("to AX", "via AX", "to LESC", "to ICE", "to the LESC", "to law enforcement support")),
    ("no IAQ to AX", False, "none"),
    ("IAQ sent yesterday", False, "about nobody"),
    ("IAQ to axe", False, "another word"),
    ("xiaq sent on Perez", False, "another word"),
    ("xiaq to AX", False, "another word"),
]  # fmt: skip
WRITTEN = [
    (HEAD, True, "its head"),
    ("iaq . mi3341600", True, "with blanks"),
    *((f"IAQ{mark}MI3341600", True, "with every mark") for mark in "./*:|"),
    ("IAQ MI3341600", False, "without one"),
    ("IAQ.MI334160", True, "eight characters"),
    ("IAQ.MI3341600", True, "nine"),
    ("IAQ.MI33416000", False, "ten"),
    ("IAQ.MI33416", True, "seven"),
    ("IAQ.MI3341", False, "six"),
    ("IAQ.MI\n33416\n00", True, "over lines"),
    ("IAQ.M\r\nI3341600", True, "of any kind"),
    ("IAQ.3341600MI", False, "no state"),
    ("IAQ.training", False, "no digit"),
    ("xIAQ.MI3341600", False, "another word"),
    ("1IAQ.MI3341600", True, "behind the number of a line"),
    ("I A Q . MI3341600", True, "spelled apart"),
    ("I.A.Q.MI3341600", True, "with stops"),
    ("I.A Q.MI3341600", False, "in two ways"),
    ("IAQ NAM/PEREZ", True, "a field behind it"),
    *((f"IAQ {field}", True, "every field") for field in
      "NAM:x CUS/x DOB:x POB/x PUR/x ATN/x PHN/x FBI/x ARN/x SEX/M SEX/F SEX/U SEX/X OFF/3 .TXT".split()),
    *((f"IAQ {field}", False, "half a field") for field in "NAMx CUS SEX/Q OFF/x PUR:x xNAM/x".split()),
    ("NAM/PEREZ IAQ", False, "a field before it"),
    ("IAQ" + " " * 397 + "NAM/PEREZ", True, "a field 400 characters behind where it begins"),
    ("IAQ" + " " * 398 + "NAM/PEREZ", False, "401"),
    ("IAQ Perez 02/03/1990", True, "a birth date behind it"),
    ("IAQ Perez 1990-02-03", True, "in another form"),
    ("IAQ Perez 19900203", True, "in digits"),
    ("IAQ Perez 2012-02-03", True, "of this century"),
    ("IAQ Perez 2022-02-03", False, "nobody in custody was born then"),
    ("IAQ Perez 2.3.90", True, "a year of two digits"),
    ("IAQ Perez 2-3-2005", True, "of four"),
    ("IAQ Perez 2/3/2015", True, "the latest"),
    ("IAQ Perez 2/3/2016", False, "later"),
    ("IAQ Perez 2/3/25", False, "later, in two digits"),
    ("IAQ Perez 12/3/19901", False, "a longer number"),
    ("IAQ" + " " * 77 + "2/3/1990", True, "80 characters behind where it begins"),
    ("IAQ" + " " * 78 + "2/3/1990", False, "81"),
    ("2/3/1990 IAQ", False, "before it"),
    ("IAQ " + "x" * 500 + " IAQ 2/3/1990", True, "behind the second"),
    ("alien 2/3/1990", False, "another word"),
    ("the alien query", False, "its name alone"),
    ("NAM/PEREZ.DOB/19900203.SEX/M.CUS/Y", True, "the flag among the fields"),
    ("NAM/PEREZ.DOB/19900203.SEX/M.CUS/ N", True, "with a blank"),
    ("NAM/PEREZ.DOB/19900203.SEX/M.CUS/X", False, "no flag"),
    ("NAM/PEREZ.DOB/19900203.SEX/M", False, "fields without it"),
    ("NAM/PEREZ.DOB/19900203.CUS/Y", True, "three fields"),
    ("NAM/PEREZ.NAM/LOPEZ.CUS/Y", False, "two kinds of field"),
    ("NAM/PEREZ.DOB/19900203.SEX/M, the IAQ", True, "its name among the fields"),
    ("x" * 199_989 + " sent an IAQ", False, "what is longer than any message of the network"),
    ("x" * 199_988 + " sent an IAQ", True, "as long as is looked at"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), SENT + WRITTEN, ids=lambda value: str(value)[:40])
def test_a_query_discloses_custody_when_it_is_sent_or_written_out(text, expected, because):
    assert is_custody_query(text) is expected, because


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("IAQ", True),
        ("alien query", True),
        ("the alien inquiry", True),
        ("sent an IAQ", True),
        ("xiaq", False),
        ("IAQs", False),
        ("aliens query", False),
        ("alien queryx", False),
        *((f"IAQ: {thing}", False) for thing in "test testing report survey study sensor monitor".split()),
        ("NAM/PEREZ.DOB/19900203.SEX/M.CUS/Y", True),
        ("hello", False),
    ],
)
def test_a_query_is_named(text, expected):
    assert queries.names_query(text) is expected


KINDS = "am aml iaq iar hq yq yr np aq ar nq dq rq fq fr kq kr bq br".split()
MESSAGES = [
    *((f"{kind}.MI3341600.AX.TXT", True, "every kind of message") for kind in KINDS),
    ("AM . MI3341600 . AX . TXT", True, "with blanks"),
    ("AM.MI33416.AX.TXT", True, "an identifier of seven"),
    ("AM.MI334160.AX.TXT", True, "of eight"),
    ("AM.MI3341.AX.TXT", False, "of six"),
    ("AM.MI3341600X.AX.TXT", False, "of ten"),
    ("AM.MI3341600.12*34.AX.TXT", True, "a number between"),
    ("AM . MI3341600 . 12*34 . AX , MI25 . *123 . TXT", True, "with blanks everywhere"),
    ("AM.MI3341600.AX.*123.TXT", True, "and behind"),
    ("AM.MI3341600.AX , VTICE0900.TXT", True, "two destinations"),
    ("AM.MI3341600.A.TXT", False, "one letter is no destination"),
    ("AM.MI3341600.AX.TXTX", False, "another word"),
    ("XAM.MI3341600.AX.TXT", False, "another word"),
    ("ZZ.MI3341600.AX.TXT", False, "another kind"),
    ("NAM/PEREZ.DOB/19900203.SEX/M", True, "by three fields"),
    *((f"NAM/x.DOB/x.{field}/x", True, "every field") for field in "sex pob cus off pur atn".split()),
    ("NAM/PEREZ.DOB/19900203", False, "two"),
    ("NAM/PEREZ.DOB/19900203/x", False, "two and a stroke"),
    ("NAM.DOB.SEX/M", False, "without strokes"),
    ("xNAM/x.DOB/x.SEX/M", False, "another word"),
    ("", False, "nothing"),
]


@pytest.mark.parametrize(("text", "expected", "because"), MESSAGES, ids=lambda value: str(value)[:40])
def test_a_message_of_the_network_is_known_by_its_head_or_its_fields(text, expected, because):
    assert is_network_message(text) is expected, because
    assert is_network_message(f"see: {text}") is expected, because


def test_a_message_goes_where_its_head_says():
    assert destinations_in("AM.MI3341600.AX, VTICE0900 ,mi25.TXT x") == ("AX", "VTICE0900", "MI25")
    assert destinations_in("AM.MI3341600.AX.TXT\nYQ.MI3341600.MI25,AX.TXT") == ("AX", "MI25")
    assert destinations_in("AM . MI3341600 . AX , MI25 . TXT") == ("AX", "MI25")
    assert destinations_in("AM.MI3341600.AX") == ()
    for kind in ("AM", "AML"):
        assert destinations_in(f"see below\n{kind}.MI3341600.VTICE0900,AX.\nhe leaves at 7") == ("VTICE0900", "AX")
    ice = Directory(oris=frozenset({"VTICE0900"}))
    assert goes_to(ice, "AM.MI3341600.AX,VTICE0900.TXT")
    assert not goes_to(ice, "AM.MI3341600.AX.TXT VTICE0900")
