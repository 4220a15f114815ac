"""What a letter of status tells in passing, and by what else an immigration authority is known: found by a corpus of
hostile mails that was written before the code was read."""

import pytest

from integration.domain.messages.content import categories_in
from integration.domain.messages.names import are_joined, may_name
from integration.domain.messages.queries import destinations_in
from integration.domain.recipients.commands import ordered_in
from integration.domain.recipients.reach import By, reach_of
from schemas.kinds import Category, RecipientClass
from tests.gate.files import XML
from tests.gate.judging import HOME, decided, examined, pack, permitted
from tests.gate.mails import attached, mail, multipart, part, plain
from tests.gate.test_office import DOCX, word
from tests.gate.test_office import permitted as document_permitted

STATUS = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})
COURT = "clerk@court.example"
TEXT = "Content-Type: text/plain; charset=utf-8"
TOLD = [
    ("This office holds an LPR.", "This office holds an A-file.", "an office has somebody"),
    ("Our agency possesses a Mexican national.", "He possesses a Mexican passport.", "as above"),
    ("We acquired a citizen of Mexico.", "She acquired citizenship by birth.", "as above"),
    ("We obtained an alien.", "We obtained the alien file.", "as above"),
    ("The alien remains.", "He remains a citizen of Mexico.", "who remains is here"),
    ("All aliens remain at this time.", "Immigration status remains unknown.", "as above"),
    ("The alien appears.", "The alien appears to be Mexican.", "who appears is in court"),
    ("The citizen of Mexico is unavailable.", "Immigration status is unavailable.", "who is unavailable has gone"),
    ("The alien is not available.", "Citizenship information is not available.", "as above"),
    ("LPR. Free.", "LPR. Feel free to contact us.", "a closing of one word"),
    ("LPR. See you.", "LPR. See attached.", "as above"),
    ("LPR. Have.", "LPR. Let us know if you have any questions.", "as above"),
    ("LPR.\nEnd.", "LPR.\nEnd of page", "as above"),
    ("Do not hesitate: citizen of Mexico", "Citizen of Mexico. Do not hesitate to contact us.", "a call to hurry"),
    ("Your request for the alien is granted.", "The request for asylum is granted.", "a detainer is honoured"),
    ("You may question the Mexican national.", "You may question the citizenship.", "an invitation"),
    ("Please file on the Mexican national.", "Please file: Mexican national status.", "a paper is asked for"),
    ("Please report to our office: LPR", "Please report the status: LPR", "an invitation"),
    ("LPR. Yours.", "LPR. Yours truly", "somebody is handed over"),
    (
        "Perez & Xiloj & Hernandez: Mexican nationals",
        "Perez & Xiloj: Mexican nationals",
        "three people, however they are joined",
    ),
    (
        "A123456789 LPR\nA123456780 LPR\nA123456781 LPR",
        "A123456789 LPR\nA123-456-789 LPR\nA123456780 LPR",
        "three files",
    ),
    ("8 U.S.C. 1800: LPR", "8 U.S.C. 1373: LPR", "a section that the title does not have is a time"),
    ("Section 630, LPR", "Section 237, LPR", "as above"),
    ("Dieciocho Horas: citizen of Mexico", "Diego Horta: citizen of Mexico", "a time in Spanish is nobody's name"),
    ("Hurry: citizen of Mexico", "Harry: citizen of Mexico", "nor is a call"),
    ("November: LPR", "Novak: LPR", "nor is a month"),
]


@pytest.mark.parametrize(("told", "alone", "because"), TOLD)
def test_a_statement_tells_more_when_a_word_of_it_speaks_of_the_person(told, alone, because):
    assert categories_in(told) - STATUS, because
    assert categories_in(alone) == STATUS, because


@pytest.mark.parametrize(
    "alone",
    [
        "Humanitarian parole into the United States.",
        "LPR\nthx",
        "We state: LPR.",
        "LPR\n\nThx,\nJane Roe\nClerk",
        "LPR since November 2012.",
        "Nov. 12, 2015: naturalized.",
        "We hold no records of citizenship.",
        "He acquired U.S. citizenship through naturalization in 2010.",
    ],
)
def test_a_status_is_told_as_clerks_write_it(alone):
    assert categories_in(alone) == STATUS


JOINED = (
    "sixam sixoclock fiveish eightfifteen walksatsix outtomorrow bondedout incustody cellfour podc twentyfourth atsix"
)
NAMES = "washington freeman goodman soto noor holden andre walker outlaw atwood cellini podolski friday sixto onassis"


@pytest.mark.parametrize("word", JOINED.split())
def test_nobody_is_called_by_words_that_were_run_together(word):
    assert are_joined(word)
    assert not may_name([word.title()])


@pytest.mark.parametrize("word", NAMES.split())
def test_a_name_that_only_begins_so_is_a_name(word):
    assert not are_joined(word)


def test_words_run_together_are_judged_quickly_however_long_they_are():
    assert not are_joined("walksout" * 5_000)


REACHED = [
    ("iceagents@county.example", By.LOCAL_PART, "a listed name and what an office is called by"),
    ("notifyice@list.example", By.LOCAL_PART, "or before it"),
    ("ice-agents2@county.example", By.LOCAL_PART, "parted, it is a name"),
    ("erotransport@county.example", By.LOCAL_PART, "as above"),
    ("borderpatrol@county.example", By.LOCAL_PART, "a listed name of two words"),
    ("immigrationhold2@county.example", By.LOCAL_PART, "and a number"),
    ("agent@ice-ero.example", By.DOUBT, "a domain of two listed names"),
    ("agent@dhs-ice.gov", By.DOUBT, "as above"),
    ("agent@8028726020.fax.example", By.ROUTE, "a listed number as a label"),
]
SOMEBODY = """
dhsoffice@dhs.example insdesk@farm.example justiceagent@x.example a@ice.com officelist@x.example niceteam@x.example
"""


@pytest.mark.parametrize(("address", "by", "because"), REACHED)
def test_an_immigration_authority_is_known_by_what_is_run_together(address, by, because):
    reach = reach_of(pack(HOME).parameters, address=address)
    assert (reach.party, reach.by) == (RecipientClass.IMMIGRATION_AUTHORITY, by), because


@pytest.mark.parametrize("address", SOMEBODY.split())
def test_somebody_else_is_not_known_by_letters_of_such_a_name(address):
    assert reach_of(pack(HOME).parameters, address=address).party is RecipientClass.OTHER


@pytest.mark.parametrize("word", ["fax", "forward", "deliver to", "deliver-to"])
def test_a_service_obeys_these_words_too(word):
    assert list(ordered_in(f"{word.title()}: 802-872-6020\nout at six")) == ["802-872-6020"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AM.MI3300000.VTICE0900.\r\nTXT\r\nOUT 0600", ("VTICE0900",)),
        ("AM.MI3300000.AX.\nPEREZ OUT 0600", ("AX",)),
        ("program.mi3300000.vtice0900.\n", ()),
        ("AM.MI3300000.AX. and so on in one line", ()),
    ],
)
def test_the_head_of_a_network_message_is_read_over_its_lines(text, expected):
    assert destinations_in(text) == expected


def to_court(*fields: str) -> list[str]:
    head = ("From: jane@lansing.example", f"To: {COURT}", "Subject: Fwd: detainer", "MIME-Version: 1.0")
    seen = examined(mail("See below.", *fields, head=head), COURT)
    return [each.source for each in seen.evidence]


def test_an_identifier_of_a_forwarded_letter_is_no_recipient():
    assert to_court("X-Forwarded-Message-Id: <7@ice.dhs.gov>") == []


def test_a_field_for_a_fax_service_names_a_recipient():
    assert to_court("X-Fax-To: 802-872-6020") == ["x-fax-to"]
    assert to_court("X-Fax-To: 517-555-0100") == []


@pytest.mark.parametrize(
    ("head", "governed", "because"),
    [
        (("From: smith@ice.dhs.gov", "To: jane@lansing.example", "Cc: ero@ice.dhs.gov"), False, "it was sent before"),
        (("To: smith@ice.dhs.gov",), True, "it has yet to be sent"),
    ],
)
def test_whom_an_attached_letter_was_sent_to_is_no_recipient(head, governed, because):
    raw = multipart(
        part("See the letter that is attached.", TEXT),
        part(mail("Please hold him.", TEXT, head=head), "Content-Type: message/rfc822"),
        head=("From: jane@lansing.example", f"To: {COURT}", "Subject: Fwd", "MIME-Version: 1.0"),
    )
    assert bool(examined(raw, COURT).evidence) is governed, because


@pytest.mark.parametrize(
    ("field", "because"),
    [
        ("X-MS-Exchange-ReleasedTomorrow: yes", "a name that Exchange does not use"),
        ("X-MS-Exchange-Out: 0600", "a number that is a time"),
        ("X-Spam-Status: No, score=0600 required=1124", "as above"),
        ("X-Spam-Status: No, score=1.2 tests=FROM_JAIL_AT_SIX", "a rule that nobody has"),
        ("ARC-Seal: i=1; a=rsa-sha256; s=out at six; cv=none", "a selector of words"),
        ("Authentication-Results: mx.example; spf=pass smtp.mailfrom=walks.at.six@x.example", "an address of words"),
        ("In-Reply-To: <sixam@x.example>", "words run together"),
    ],
)
def test_a_field_of_servers_is_blocked_when_it_says_something(field, because):
    assert not permitted(plain("Citizenship: Mexico").replace(b"\r\n\r\n", f"\r\n{field}\r\n\r\n".encode(), 1)), because


def part_of(name: str, text: str) -> bytes:
    return word(more={name: XML + text.encode()})


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (word('<w:r><w:sym w:font="Wingdings" w:char="F0BC"/></w:r>'), "a clock"),
        (part_of("word/numbering.xml", '<n xmlns:w="w"><w:lvlText w:val="%1am"/></n>'), "an item is numbered 6am"),
        (part_of("word/numbering.xml", '<n xmlns:w="w"><w:lvlText w:val="%1:00"/></n>'), "or 6:00"),
        (part_of("xl/styles.xml", "<s><numFmt formatCode='@\" sixish\"'/></s>"), "a format that adds words"),
        (part_of("word/styles.xml", "<!-- walks at six --><s/>"), "a comment before everything else"),
        (part_of("xl/workbook.xml", '<w><sheet name="Pod C"/></w>'), "the name of a sheet"),
    ],
)
def test_a_document_is_blocked_when_it_shows_more_than_its_text(raw, because):
    assert not document_permitted(raw), because


@pytest.mark.parametrize(
    "raw",
    [
        word('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'),
        part_of("word/numbering.xml", '<n xmlns:w="w"><w:lvlText w:val="(%1.%2)"/><w:lvlText w:val="\uf0b7"/></n>'),
        part_of("xl/styles.xml", "<s><numFmt formatCode='_(\"$\"* #,##0.00_)'/></s>"),
        part_of("xl/workbook.xml", '<w><sheet name="Sheet1"/><sheet name="Hoja 2"/></w>'),
    ],
)
def test_a_document_is_permitted_with_what_every_one_has(raw):
    assert document_permitted(raw)


@pytest.mark.parametrize(
    ("sender", "passes"),
    [
        ("bounce+release1800@lansing.example", False),
        ("court.0930@lansing.example", False),
        ("release.desk@lansing.example", True),
        ("release2@lansing.example", True),
        ("court54@lansing.example", True),
    ],
)
def test_the_envelopes_sender_tells_a_time_when_it_stands_behind_what_happens_then(sender, passes):
    raw = plain("Citizenship: Mexico")
    seen = examined(raw, sender=sender)
    assert decided(seen).permit is passes


def test_a_time_of_the_clock_in_a_signature_is_one():
    assert not permitted(plain("Citizenship: Mexico\n\nRegards,\nJane Roe\nwww.6am.com"))
    assert permitted(plain("Citizenship: Mexico\n\nRegards,\nJane Roe\nwww.lansing.example"))


def test_a_document_of_these_is_one_that_is_read():
    assert not examined(attached(word(), DOCX)).unread
