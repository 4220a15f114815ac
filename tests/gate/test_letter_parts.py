"""What is taken away around a letter, one form of line at a time, and what is kept of it to be judged."""

import pytest

from integration.domain.messages.letters import Letter, agency_name, letter_of

SAID = "Citizen of Mexico."
MAIL = "smith@ice.example"

CLOSINGS = """
regards; best regards; kind regards; warm regards; with regards; sincerely; sincerely yours; respectfully;
respectfully submitted; thank you; thanks; thanks again; many thanks; very truly yours; yours truly; cordially; saludos;
atentamente; gracias; best; thx; vr; v/r; --; __; ____
"""


@pytest.mark.parametrize("closing", [each.strip() for each in CLOSINGS.split(";")])
def test_a_name_signs_under_every_closing(closing):
    for line in (closing, closing.upper(), f"  {closing.title()}, "):
        assert letter_of(f"{SAID}\n{line}\nJane Roe") == Letter(SAID, ("Jane Roe",), (), ("Jane Roe",)), line
    # A line that goes on is none.
    assert letter_of(f"{SAID}\n{closing} x7\nJane Roe").signers == ()


@pytest.mark.parametrize("closing", [each.strip() for each in CLOSINGS.split(";")])
def test_a_name_signs_in_the_line_of_every_closing(closing):
    for line in (f"{closing}, Jane Roe", f"> {closing.upper()}, Jane Roe"):
        assert letter_of(f"{SAID}\n{line}\nRecords") == Letter(SAID, ("Jane Roe",), (), ("Jane Roe", "Records")), line
    for rest in (", out", ", Out at six", ", jane", ", JR", " Jane Roe", ",Jane", ", Jane Roe, 0600", ", " + "Ja" * 22):
        letter = letter_of(f"{SAID}\n{closing}{rest}\nJane Roe")
        assert (letter.said, letter.signers) == (f"{SAID}\n{closing}{rest}\nJane Roe", ()), rest


def test_who_signs_in_the_line_of_a_closing_begins_a_signature_of_nine_lines():
    assert letter_of("Thanks, Ana\n" + "Jane Roe\n" * 9 + "Ana Diaz").said == "Ana Diaz"


def test_an_extension_is_no_time_of_the_morning():
    for extension in ("x0600", "ext. 0545", "x 0959", "ext 0000"):
        assert letter_of(f"{SAID}\nRegards,\n517-555-0100 {extension}").said != SAID, extension
    for extension in ("x0660", "x600", "x06000", "ext 1600", "x06", "x0"):
        assert letter_of(f"{SAID}\nRegards,\n517-555-0100 {extension}").said == SAID, extension


OPENINGS = """
confidential; confidentiality; notice; disclaimer; warning; caution; external; this email; this e-mail; this message;
this communication; this transmission; this electronic; sent from; get outlook; please consider; please notify;
please delete; please destroy; please use; the information contained; the contents; if you; if the reader;
any unauthorized; any dissemination; any disclosure; any use; any review; unauthorized; do not click; do not forward;
use caution; it is intended; it may contain; law enforcement sensitive; for official use; important notice;
privacy notice; legal notice; email; emails; think before
"""


@pytest.mark.parametrize("opening", [each.strip() for each in " ".join(OPENINGS.split()).split(";")])
def test_a_notice_may_begin_with_every_opening(opening):
    from integration.domain.messages.letters import _BEGINS, _NOTICE, _begins_something

    for line in (opening, opening.upper(), f"* {opening}: x"):
        assert _NOTICE.match(line), line
        assert _begins_something(line), line
        assert _BEGINS.match(line), line
    assert not _NOTICE.match(f"{opening}x")
    assert not _NOTICE.match(f"x{opening}")


DAYS = """
Mon, Mar 2, 2026; Monday, March 2, 2026; Tue, Mar. 3, 2026; Tues, Mar 3 2026; Tuesday, March 3, 2026; Wed, 4 Mar 2026;
Wednesday, 4 March 2026; Thu, 5 Mar. 2026; Thurs, 3/5/2026; Thursday, 03/05/26; Fri, 2026-03-06; Friday 2026-03-06;
Sat, 3/7/26; Saturday, 3/7/2026; Sun, 3/8/2026; Sunday, 3/8/2026; 3/8/2026; May 1, 2026
"""
HOURS = """
at 9:14; at 9:14 AM; 9:14; 09:14:59; 9:14 p.m.; 9:14PM; 9:14 -0500; 9:14 +0500; 9:14 AM EST; 9:14 EDT; 9:14 CST;
9:14 CDT; 9:14 MST; 9:14 PST; 9:14 AKST; 9:14 HST; 9:14 UTC; 9:14 GMT
"""
WRITTEN = [f"{day.strip()} at 9:14 AM" for day in DAYS.split(";")]
WRITTEN += [f"Mon, Mar 2, 2026 {hour.strip()}" for hour in HOURS.split(";")]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_head_of_a_quotation_is_taken_away_however_its_time_is_written(written):
    kept = (f"Agent Smith {MAIL}", "Agent Smith ")
    for head in (
        f"On {written}, Agent Smith <{MAIL}> wrote:",
        f"On {written}, Agent Smith\n<{MAIL}> wrote:",
        f"> On {written} Agent Smith <{MAIL}>\n> wrote: ",
    ):
        assert letter_of(f"{head}\n{SAID}") == Letter(SAID, (), ("Agent Smith ",), ("Agent Smith ", MAIL)), kept
    quoted = letter_of(f"From: Agent Smith <{MAIL}>\nSent: {written}\n*Date:* {written}\n{SAID}")
    assert quoted.said == SAID
    # Without a head above it, or with a word more, it may tell of somebody.
    assert letter_of(f"Sent: {written}\n{SAID}").said == f"Sent: {written}\n{SAID}"
    assert "out" in letter_of(f"From: Agent Smith <{MAIL}>\nSent: {written} out\n{SAID}").said


LETTERS = [
    ("Citizen.\nMexico.", ("Citizen.\nMexico.", (), (), ()), "a text alone"),
    ("", ("", (), (), ()), "nothing"),
    ("Regards,\nJane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "a name"),
    ("Regards,\n\nJane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "behind an empty line"),
    ("> Regards,\n> | Jane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "quoted"),
    ("Regards,\nRecords Clerk", ("", (), (), ("Records Clerk",)), "a title names nobody"),
    ("Regards,\nJane Roe, Records Clerk", ("", ("Jane Roe",), (), ("Jane Roe, Records Clerk",)), "a name and a title"),
    ("Regards,\nJane Roe\nJane Roe", ("", ("Jane Roe", "Jane Roe"), (), ("Jane Roe",)), "twice"),
    ("Regards,\nIngham County Jail", ("", (), ("Ingham County Jail",), ("Ingham County Jail",)), "an agency"),
    ("Regards,\n517-555-0100", ("", (), (), (" ",)), "a number says nothing more"),
    ("Regards,\nTel: 517-555-0100 x12", ("", (), (), ("Tel:  ",)), "with a word"),
    ("Regards,\nroe@x.example", ("", (), (), (" ", "roe@x.example")), "an address"),
    ("Regards,\nwww.x.example", ("", (), (), (" ", "www.x.example")), "a site"),
    (
        "Regards,\nJane Roe | Records | 517-555-0100",
        ("", ("Jane Roe",), (), ("Jane Roe | Records |  ",)),
        "pieces of a line",
    ),
    ("Regards,\nJane Roe || Records", ("", ("Jane Roe",), (), ("Jane Roe || Records",)), "one of them empty"),
    ("Regards,\nJane Roe | Out | Records", ("Jane Roe | Out | Records", ("Jane Roe",), (), ()), "one that is none"),
    ("\u017fincerely,\nJane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "a letter that only the pattern knows"),
    ("Regards,\nDeputy Roe #1234", ("", ("Roe",), (), ("Deputy Roe ",)), "a badge's number"),
    ("Regards,\nDeputy Roe, badge #1234", ("", ("Roe",), (), ("Deputy Roe ",)), "in other words"),
    ("Regards,\nDeputy Roe #0730", ("Deputy Roe #0730", (), (), ()), "one that is a time is none"),
    ("Regards,\nDeputy Roe #1234567", ("Deputy Roe #1234567", (), (), ()), "nor is a longer one"),
    ("Regards,\nDeputy Roe 12", ("Deputy Roe 12", (), (), ()), "nor is a number without its sign"),
    ("Regards,\nOut Tuesday", ("Out Tuesday", (), (), ()), "what is no name is part of the text"),
    ("Regards,\nout\nJane Roe", ("out\nJane Roe", (), (), ()), "and ends the signature"),
    ("Regards,\nJane Roe; Records", ("Jane Roe; Records", ("Jane Roe",), (), ()), "a sign that none has"),
    ("X Regards,\nJane Roe", ("X Regards,\nJane Roe", (), (), ()), "a letter before the closing"),
    ("__________\nJane Roe", ("Jane Roe", (), (), ()), "nobody signs below a line alone"),
    (
        f"Regards,\nAna Diaz\nFrom: Roe <{MAIL}>\nFrom: Gil <{MAIL}>",
        ("", ("Ana Diaz",), ("Roe ", "Gil "), ("Ana Diaz", "Roe ", MAIL, "Gil ")),
        "all that was taken away is kept to be judged",
    ),
    ("Jane Roe\nRegards,", ("Jane Roe", (), (), ()), "a name before the closing"),
    ("Regards,\nJane Roe\nRegards,\nAna Diaz", ("", ("Jane Roe", "Ana Diaz"), (), ("Jane Roe", "Ana Diaz")), "two"),
    (f"-----Original Message-----\nTo: Roe <{MAIL}>\nx", ("x", (), ("Roe ",), ("Roe ", MAIL)), "a letter below"),
    (f"--- forwarded message ---\nCc: <{MAIL}>\nx", ("x", (), (), ("", MAIL)), "a forwarded one"),
    (f"__________\nTo: Roe <{MAIL}>\nx", ("x", (), ("Roe ",), ("Roe ", MAIL)), "below a line"),
    (f"_________\nTo: Roe <{MAIL}>\nx", (f"To: Roe <{MAIL}>\nx", (), (), ()), "a shorter line is a closing"),
    (f"Regards,\n__________\nJane Roe <{MAIL}>", (f"Jane Roe <{MAIL}>", (), (), ()), "which ends a signature"),
    (f"Regards,\nFrom: Roe <{MAIL}>\nJane Doe", ("Jane Doe", (), ("Roe ",), ("Roe ", MAIL)), "as a head does"),
    (f"*From:* Roe [mailto:{MAIL}]\nx", ("x", (), ("Roe ",), ("Roe ", MAIL)), "in stars"),
    (f"From: <{MAIL}>\nx", ("x", (), (), ("", MAIL)), "an address without a name"),
    (f"From: Roe, Jane (Records) <{MAIL}>\nx", ("x", (), ("Roe, Jane (Records) ",), ("Roe, Jane (Records) ", MAIL)),
     "a name and a title"),
    (f"From: Clerk <{MAIL}>\nx", ("x", (), ("Clerk ",), ("Clerk ", MAIL)), "a title"),
    (f"From: Out Now <{MAIL}>\nx", (f"From: Out Now <{MAIL}>\nx", (), (), ()), "no name"),
    (f"From: Roe 7 <{MAIL}>\nx", (f"From: Roe 7 <{MAIL}>\nx", (), (), ()), "a name and a number"),
    (f"To: Roe <{MAIL}>\nx", (f"To: Roe <{MAIL}>\nx", (), (), ()), "no head above"),
    ("Sent from my iPhone\nx", ("x", (), (), ()), "a notice"),
    ("This email is confidential.\nPlease notify the sender.\nx", ("x", (), (), ()), "which goes on"),
    ("This email is confidential.\nThank you for your cooperation.\nx", ("x", (), (), ()), "which ends when it ends"),
    (
        "This email is confidential.\n\nThank you for your cooperation.",
        ("\nThank you for your cooperation.", (), (), ()),
        "or at an empty line",
    ),
    ("x\nSent from my jail", ("x\nSent from my jail", (), (), ()), "what only begins like one"),
    ("Regards,\nSent from my iPhone\nJane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "inside a signature"),
    ("regards" + " " * 1_994 + "\nJane Roe", ("", ("Jane Roe",), (), ("Jane Roe",)), "blanks are no width"),
    ("-" * 2_000 + "\nJane Roe", ("-" * 2_000 + "\nJane Roe", (), (), ()), "dashes alone"),
    ("_" * 2_000 + f"\nTo: <{MAIL}>", ("", (), (), ("", MAIL)), "as wide as may be"),
    ("_" * 2_001 + f"\nTo: <{MAIL}>", ("_" * 2_001 + f"\nTo: <{MAIL}>", (), (), ()), "wider"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), LETTERS, ids=[row[2] for row in LETTERS])
def test_a_letter_is_taken_apart(text, expected, because):
    assert letter_of(text) == Letter(*expected), because


def test_a_signature_has_nine_lines_at_most():
    assert letter_of("Regards,\n" + "Jane Roe\n" * 9 + "Ana Diaz") == Letter(
        "Ana Diaz", ("Jane Roe",) * 9, (), ("Jane Roe",)
    )
    pieces = " | ".join(["Roe"] * 9)
    assert letter_of(f"Regards,\n{pieces}").said == ""
    assert letter_of(f"Regards,\n{pieces} | Roe").said != ""


CONTACTS = """
517-555-0100; (517) 555-0100; 1-517-555-0100; +1 517 555 0100; 517.555.0100; 517555-0100; 517-555-0100 ext. 12;
517-555-0100 x12; phone: 517-555-0100; tel 517-555-0100; telephone: 517-555-0100; office: 517-555-0100;
fax: 517-555-0100; direct: 517-555-0100; main: 517-555-0100; desk: 517-555-0100; cell: 517-555-0100;
mobile: 517-555-0100; email: a@x.example; e-mail: a@x.example; web: www.x.example; o: 517-555-0100; p. 517-555-0100;
t: 517-555-0100; f: 517-555-0100; e: a@x.example; c: 517-555-0100; m: 517-555-0100; w: www.x.example; https://x.gov/;
http://x.us; x.org; x.com; x.net; x.test; ci.x.mi.us; a.b+c-d@x.example; 517-555-0100, fax 517-555-0101;
517-555-0100 / f: 517-555-0101 / a@x.example / x.gov; o 517-555-0100; tel 517-555-0101 office 517-555-0102
"""


@pytest.mark.parametrize("line", [each.strip() for each in " ".join(CONTACTS.split()).split("; ")])
def test_a_line_of_numbers_and_addresses_signs(line):
    letter = letter_of(f"{SAID}\nRegards,\n{line}")
    assert (letter.said, letter.signers, letter.beside) == (SAID, (), ())
    assert not any(map(str.isdigit, "".join(letter.around)))
    # A word more may tell of somebody.
    assert letter_of(f"{SAID}\nRegards,\n{line} out").said != SAID
    assert letter_of(f"{SAID}\nRegards,\nready {line}").said != SAID


AGENCIES = """
Ingham County Jail; Lansing PD; Lansing Police Department; Ingham County Sheriff's Office;
Ingham County Sheriffs Office; Ingham County Sheriff's Department; Ingham Regional Detention Center;
Lansing City Corrections;
Ingham Correctional Facility; Ingham County Correctional Center; Ingham Correctional Complex; Orleans Parish Jail;
Michigan Department of Corrections; Lansing Metro Jail; St. Clair PD; Port St. County Jail;
Lansing PD Records; Lansing PD, Records Division; Lansing PD Records Unit; Lansing PD, Records Section; Bay City PD
"""
BEFORE_PLACES = """
North South East West Upper Lower Grand New San Santa Los Las Fort Saint St. Sault Le La Du De El Prince Queen King Palm
Salt Big Little Red White Black
"""
NO_AGENCIES = """
North Door PD; Jail; PD; county jail; Ingham County Jail at nine; Juan out Jail; Ingham County Jail Nine; Six PD;
Ingham County; Out PD; Bay Elm Grove PD; Elm St. Clair Grove PD; Free Jail; Ingham County Jail, Cell; lansing PD
"""


@pytest.mark.parametrize("name", [each.strip() for each in " ".join(AGENCIES.split()).split(";")])
def test_an_agency_is_known_by_a_place_and_what_it_is(name):
    assert agency_name(f" {name} ")
    assert letter_of(f"Regards,\n{name}").beside == (name,)


@pytest.mark.parametrize("word", BEFORE_PLACES.split())
def test_a_place_of_two_names_may_have_a_word_before_them(word):
    assert agency_name(f"{word} Elm Grove PD")
    assert agency_name(f"{word} Elm PD")
    assert not agency_name(f"{word}x Elm Grove PD")


@pytest.mark.parametrize("name", [each.strip() for each in " ".join(NO_AGENCIES.split()).split(";")])
def test_no_agency_is_known_by_half_of_it_or_by_a_word_more(name):
    assert not agency_name(name)
