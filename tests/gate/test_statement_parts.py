"""The grammar of a statement of status, one rule at a time: whose status a text tells, and what it lets in nowhere."""

import pytest

from integration.domain.messages.statusonly import Around, distinct, is_status_only, people_of
from integration.domain.messages.views import Kind

TEXT, SUBJECT, NAME, VALUE = Kind.TEXT, Kind.SUBJECT, Kind.NAME, Kind.VALUE
MORE = None
"""The text tells more than a status."""
LONG = "We are writing in response to your request as"
"""As long as a line that a program has wrapped."""


def people(text: str, kind: Kind = TEXT, around: Around | None = None) -> list[str] | None:
    """Whose status is told, each name's words in order; `MORE`."""
    found = people_of(text, kind, around or Around())
    assert is_status_only(text, kind, around or Around()) is (found is not None)
    return None if found is None else sorted(" ".join(sorted(name)) for name in found)


STATEMENTS = [
    ("Citizen", [], "a word of status"),
    ("Thank you", [], "joining words tell nothing"),
    ("Provided below", [], "nor do others that stand alone"),
    ("Recorded", MORE, "a word that joins words of status needs one"),
    ("Mexico", [], "a country beside nothing but a name is a nationality"),
    ("Juan Perez, Mexico", ["juan perez"], "so it is here"),
    ("Juan Perez is a citizen", ["juan perez"], "whose it is"),
    ("Juan Perez", MORE, "a name alone"),
    ("Name: Juan Perez", ["juan perez"], "but for one behind a label"),
    ("Name of: Juan Perez", ["juan perez"], "of two words"),
    ("Name of the man: Juan Perez", MORE, "other words are no label"),
    ("Status: Juan Perez", ["juan perez"], "a name as a value"),
    ("Name: Juan Perez is here", MORE, "a label ends with the name"),
    ("Name: Juan", ["juan"], "one name, behind a label"),
    ("Status: Juan", MORE, "one word there is a value, and none that is known"),
    ("Status = Juan", MORE, "whatever stands between"),
    ("Citizenship: Juan", MORE, "the same of citizenship"),
    ("Citizen Juan", ["juan"], "without a sign between it is a name"),
    ("Status: Juan, citizen", ["juan"], "and so it is before more"),
    ("Citizen: out", MORE, "no name"),
    ("Juan Perez: citizen. Ana Lopez: citizen", ["juan perez", "ana lopez"], "two people"),
    ("Juan Perez: Juan Perez is a citizen", ["juan perez"], "twice the same"),
    ("Juan Perez: Juan Perez: Juan Perez: citizen", MORE, "three times"),
    ("Juan Perez is the person named Ana Lopez, citizen", ["ana lopez", "juan perez"], "two names in one"),
    ("Name: Juan Perez confirmed", MORE, "a label ends with the name, whatever follows"),
    ("Ref Juan Perez", ["juan perez"], "a label without a sign"),
    ("Ref Jordan Smith", MORE, "beside what may be a country it is one, and the name has to be set off"),
    ("Ref: Jordan Smith", ["jordan smith"], "as it is here"),
    ("Citizen born in Mexico", [], "where somebody was born, which the pack judges"),
    ("Mexico, at this time", [], "a country and more of a status"),
    ("Juan Perez: Ana Lopez: Luis Gil: citizens", MORE, "three in one statement"),
    ("Juan Perez is a citizen. Ana Lopez is. Luis Gil is a citizen", MORE, "one statement without a status"),
    ("Juan Perez: citizen. Juan Carlos Perez: refugee. PEREZ, JUAN: LPR", ["carlos juan perez"], "one person"),
    ("Juan Perez is a citizen. Ana Lopez is a citizen. Luis Gil is a citizen", MORE, "three in three"),
    ("Juan is a citizen. Ana is a citizen", ["ana", "juan"], "one name each"),
    ("Jordan Smith is a citizen", ["jordan smith"], "a country, as part of a name"),
    ("Smith Jordan is a citizen", ["jordan smith"], "also behind it"),
    ("Smith, Jordan is a citizen", ["jordan smith"], "apart by a comma"),
    ("Smith: Jordan", ["smith"], "apart by a colon it is a country"),
    ("Juan de la Cruz is a citizen", ["cruz de juan la"], "particles are part of a name"),
    ("Juan of Cruz is a citizen", MORE, "other words are not"),
    ("Juan / Ana Cruz: citizens", ["ana cruz", "juan"], "a stroke parts people"),
    ("The man in is a citizen", MORE, "a word that nobody accounts for"),
    ("The citizen is in", MORE, "a statement that is left open"),
    ("The citizen is at", MORE, "also here"),
    ("The citizen is with", MORE, "and here"),
    ("The Mexican alien remains", MORE, "a verb that leads on to nothing is custody"),
    ("The alien remains Mexican", [], "one that leads on to what somebody is tells a status"),
    ("Citizen. Free.", MORE, "a word that lets somebody go"),
    ("Citizen. Feel free to contact us.", [], "the same word in a closing"),
    ("In is the citizen", [], "in another place it joins"),
    ("Citizen \u2192", MORE, "a sign that nobody writes in a letter"),
    ("Citizen \u2022 refugee", [], "one of a list"),
    ("\u00a7 1373: citizen", [], "one of the law"),
    ("Citizen\nout", MORE, "two lines, one of more"),
    ("Citizen\n\nout", MORE, "two paragraphs, one of more"),
    ("Citizen\n\n---\n\nRefugee", [], "a rule between"),
    ("", [], "nothing tells nothing"),
]  # fmt: skip
DATES = [
    ("Naturalized 3/5/2015", [], "a date beside a word that has one"),
    ("Citizen 3/5/2015", MORE, "beside one that has none"),
    ("Citizen as of 3/5/2015", [], "as of a day"),
    ("As of 2015 a citizen", [], "as of a year"),
    ("Citizen 2015", MORE, "a year beside a word that has none"),
    ("Naturalized 2015", [], "a year beside one that has one"),
    ("Naturalized 1815", MORE, "a number that is no year"),
    ("Naturalized 3/5/2015 7:30", MORE, "a time is none"),
    ("Naturalized 3/5/2015, 0730 hrs", MORE, "beside a date"),
    ("Naturalized 7:30", MORE, "and alone"),
    ("Citizen 7:30", MORE, "beside a word that has no date"),
]
LAWS = [
    ("8 U.S.C. 1373", [], "the law alone"),
    ("8 USC \u00a7 1373(a): citizen", [], "a paragraph"),
    ("8 U.S.C. \u00a7\u00a7 1373, 1644: citizen", [], "two of them"),
    ("8 U.S.C.A. 1357(g)(10) and 1373: citizen", [], "another edition"),
    ("Title 8, U.S. Code, section 1373: citizen", [], "in words"),
    ("8 CFR 214.2(b): citizen", [], "a rule"),
    ("8 C.F.R. 214.2: citizen", [], "with stops"),
    ("INA 245(a): citizen", [], "the Act"),
    ("INA section 1101: citizen", [], "a section of it"),
    ("Sec. 1373: citizen", [], "a section alone"),
    ("1373(c): citizen", [], "a number alone"),
    ("1644: citizen", [], "the other"),
    ("1700: citizen", MORE, "another number alone is none"),
    ("212(a)(6): citizen", [], "a ground"),
    ("212: citizen", MORE, "without its paragraph it is a number"),
    ("1373(c)x: citizen", MORE, "run into another word"),
    ("x1373: citizen", MORE, "also before it"),
    ("A012 345 678", [], "a file number"),
    ("A# 12-345-678", [], "of eight digits"),
    ("EAC1234567890", [], "a receipt"),
    ("EAC123456789", MORE, "one digit too few"),
    ("Alien registration number: 012345678", [], "a number with its name"),
    ("I-94 number A1234567890", [], "of an admission"),
    ("Certificate no. 12345678", [], "of a certificate"),
    ("Certificate no. 1234", MORE, "too short"),
    ("H-1B", [], "a class of visa"),
    ("F-1/J-1", [], "two"),
    ("X-9", MORE, "no class"),
    ("F-1/X-9", MORE, "one of two"),
    ("X-9/F-1", MORE, "the other of two"),
    ("Citizen of GTM", [], "a country's letters"),
    ("Citizen of gtm", MORE, "small letters are none"),
]
WRITTEN = [
    ("Mr. Perez is a U. S. citizen", ["perez"], "stops of abbreviations end nothing"),
    ("Recorded for Mr. Perez: citizen", ["perez"], "nor does this one"),
    ("Mr. Perez", MORE, "and leave the name as it was"),
    ("Perez's citizenship: Mexico", ["perez"], "a possessive"),
    ("Moses' citizenship: Mexico", ["moses"], "without its letter"),
    ("1. Juan Perez: citizen\n2. Ana Lopez: citizen", ["ana lopez", "juan perez"], "a numbered list"),
    ("> 1) Juan Perez: citizen", ["juan perez"], "quoted"),
    ("3. Juan Perez: citizen", MORE, "the third of a list"),
    ("Name | Juan Perez | Mexico", ["juan perez"], "a row of a table"),
    ("Name\tJuan Perez\tMexico", ["juan perez"], "apart by tabs"),
    ("Status of\tJuan Perez", ["juan perez"], "a label and its value, apart by a tab"),
    ("Status of | Juan Perez", ["juan perez"], "or by a bar"),
    ("Status\nCitizen", [], "lines by themselves"),
    ("Status of\nJuan Perez is:\nMexican", ["juan perez"], "a line that ends in a colon goes on"),
    ("A citizen of Mexico,\nRecorded", [], "so does one that ends in a comma"),
    ("A citizen of Mexico\nrecorded", [], "and one that goes on with a small letter"),
    ("A citizen of Mexico\nRecorded", MORE, "a short line does not"),
    ("A citizen of Mexico\nRECORDED", MORE, "however it is written"),
    ("Name:\nJuan Perez\nCitizen", ["juan perez"], "a label and its value below"),
    ("Subject\nJuan Perez\nCitizen", ["juan perez"], "also without a colon"),
    ("Recorded\nJuan Perez\nCitizen", MORE, "another word is no label"),
    ("A citizen of Mexico\nrecorded\n---\nAgent Roe,", [], "nor is a rule: below it a line stands by itself"),
    ("Subject out\nJuan Perez\nCitizen", MORE, "nor are two of which one is none"),
    (f"{LONG}\nRecorded citizen", [], "a long line and one of status"),
    ("The status is that of a Mexican citizen.\nRecorded", MORE, "a stop ends a statement in any case"),
    ("A Mexican citizen according to our files\nRecorded", [], "40 characters are a wrapped line"),
    ("A Mexican citizen according to our file \nRecorded", MORE, "39 and a blank are not"),
    ("A Mexican citizen according to our file\nRecorded", MORE, "39 are not"),
    ("Citizen.\n> \n> Mexican", [], "an empty line of a quotation parts paragraphs"),
    (" A Mexican citizen according to our file\nRecorded", [], "39 that are set in are as wide"),
    ("A citizen of Mexico\nuSCIS recorded", [], "one small letter is enough"),
    ("Mr\nPerez citizen", ["perez"], "a title is a label, too"),
    ("Citizen" + "\n\n-" * 150, [], "paragraphs without a word do not count"),
    ("Citizen\n" * 399, [], "as many lines as are read"),
    ("Citizen\n" * 400, MORE, "one more"),
    ("Citizen\n\n" * 133, [], "also in paragraphs"),
    ("Citizen\n\n" * 134, MORE, "one more"),
]
GREETINGS = [
    ("Dear Officer Roe,\nCitizen", [], "a greeting names nobody of whom is spoken"),
    ("Agent Roe,\nCitizen", [], "a title and a name is one"),
    ("Hello Jane Roe,\nCitizen", [], "another"),
    ("Good morning\nCitizen", [], "without a name"),
    ("Dear Out Now,\nCitizen", MORE, "no name"),
    ("Dear Out Roe,\nCitizen", MORE, "half a name"),
    ("Agent Roe\nCitizen", MORE, "without its comma it is a statement"),
    ("Dear Roe, he left.\nCitizen", MORE, "and more"),
]
TABLES = [("statements", STATEMENTS), ("dates", DATES), ("laws", LAWS), ("written", WRITTEN), ("greetings", GREETINGS)]
TOLD = [(text, expected, f"{name}: {because}") for name, rows in TABLES for text, expected, because in rows]


@pytest.mark.parametrize(("text", "expected", "because"), TOLD, ids=[row[2] for row in TOLD])
def test_a_text_tells_whose_status_or_more(text, expected, because):
    assert people(text) == (expected if expected is None else sorted(expected)), because


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("Juan Perez", ["juan perez"], "a person"),
        (" Juan Perez.pdf ", ["juan perez"], "a file of one"),
        ("Juan Perez.eml", ["juan perez"], "of any kind"),
        ("Juan Perez.0730", MORE, "an ending that is none"),
        ("Records Clerk", [], "an office"),
        ("Clerk Jane Roe", ["jane roe"], "a person of an office"),
        ("records clerk", [], "an office, written small"),
        ("Juan answer Perez", ["juan perez"], "words that join count for nothing"),
        ("Juan clerk Perez", ["juan perez"], "nor do titles"),
        ("Ingham County Jail", ["ingham jail"], "an agency"),
        ("Jackson County Jail", ["jackson jail"], "one called like a person"),
        ("1373 response", [], "what it is about"),
        ("Citizenship of juan perez", ["juan perez"], "names of files are often written small"),
        ("Citizenship juan perez, visa ana lopez", MORE, "two of them"),
        ("Citizenship of out", MORE, "no name"),
        ("citizenship k", ["k"], "a letter"),
        ("citizenship 7", MORE, "a digit"),
        ("out tuesday", MORE, "a time"),
        ("Citizen \u2192", MORE, "a sign"),
    ],
)  # fmt: skip
def test_a_name_of_a_file_or_a_sender_tells_whose_it_is(text, expected, because):
    assert people(text, NAME) == expected, because


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("Mexican", [], "a nationality"),
        ("Recorded", [], "a value needs no word of status"),
        ("Quex", ["quex"], "one opaque word is what it was filed under"),
        ("quex", MORE, "if it is written like a name"),
        ("Juan Perez", ["juan perez"], "a name"),
        ("k", ["k"], "a letter"),
        ("7", MORE, "a digit"),
        ("k quex", MORE, "a letter before a word that is none"),
        ("out", MORE, "a word that tells"),
        ("Quex of Mexican Flor", MORE, "two opaque words apart"),
        ("Citizen of the Juan", ["juan"], "four words are a value"),
        ("Recorded as of the Juan", MORE, "five are a sentence"),
        ("The status is that of Juan Perez", ["juan perez"], "which is judged like any other"),
        ("The record that is for you", [], "but for the word of status"),
        ("Juan.Perez.pdf", MORE, "a value is no file"),
    ],
)
def test_a_value_tells_what_it_was_filed_under(text, expected, because):
    assert people(text, VALUE) == expected, because


SPOKEN_OF = "Juan Carlos Perez is a citizen"


@pytest.mark.parametrize(
    ("around", "let_in", "because"),
    [
        (Around(), True, "nobody"),
        (Around(signers=("Jane Roe",)), True, "somebody else signs"),
        (Around(signers=("Juan Roe",)), False, "one word of the name signs"),
        (Around(signers=("Jane Roe", "PEREZ")), False, "also as the second"),
        (Around(beside=("Juan Roe",)), True, "one word stands beside it"),
        (Around(beside=("Jane Roe", "Perez, Juan")), False, "two stand beside it"),
        (Around(beside=("Juan Carlos Perez",)), False, "and three"),
        (Around(beside=("Juan", "Perez")), True, "two of two people"),
        (Around(signers=("Jane Roe",), beside=("Juan Perez",)), False, "beside it counts although another signs"),
        (Around(signers=("Perez",), beside=("Jane Roe",)), False, "who signs counts whoever stands beside it"),
    ],
)
def test_the_person_spoken_of_neither_signs_nor_is_quoted(around, let_in, because):
    assert (people(SPOKEN_OF, TEXT, around) is not None) is let_in, because


@pytest.mark.parametrize(
    ("names", "expected", "because"),
    [
        ([], [], "nobody"),
        ([()], [], "no words are nobody"),
        ([("a", "b")], ["a b"], "initials alone are a name"),
        ([("juan", "perez"), ("juan",)], ["juan perez"], "a part of a name"),
        ([("juan", "perez"), ("juan", "c", "perez")], ["juan perez"], "an initial"),
        ([("li", "na"), ("li",)], ["li na"], "names of two letters"),
        ([("juan",), ("ana",)], ["ana", "juan"], "two"),
        ([("perez", "juan"), ("juan", "perez")], ["juan perez"], "in any order"),
    ],
)
def test_one_person_counts_once(names, expected, because):
    assert sorted(" ".join(sorted(name)) for name in distinct(names)) == expected, because
