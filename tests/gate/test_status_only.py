"""8 U.S.C. 1373: what tells status alone passes, in every ordinary form; what tells anything more does not."""

import pytest

from integration.domain.messages.content import categories_in
from schemas.kinds import Category
from tests.gate import files
from tests.gate.judging import PACKS, decided, examined
from tests.gate.lines import ALONE
from tests.gate.lines import MORE as LINES
from tests.gate.mails import HEAD, attached, in_base64, mail, multipart, part, plain
from tests.gate.status_letters import letters
from tests.gate.techniques import HTML, TEXT, qp

STATUS = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})
OUTLOOK = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40"><head>'
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    '<meta name="Generator" content="Microsoft Word 15 (filtered medium)">'
    "<style><!-- /* Font Definitions */ @font-face {{font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;}} "
    'p.MsoNormal, li.MsoNormal {{margin:0in; font-size:11.0pt; font-family:"Calibri",sans-serif;}} --></style></head>'
    '<body lang="EN-US" link="#0563C1" vlink="#954F72"><div class="WordSection1">{}</div></body></html>'
)


def html(text: str) -> str:
    return OUTLOOK.format(
        "".join(f'<p class="MsoNormal">{line or "&nbsp;"}<o:p></o:p></p>' for line in text.split("\n"))
    )


FORMS = {
    "plain": plain,
    "base64": lambda t: in_base64(t.encode(), TEXT),
    "quoted-printable": lambda t: mail(qp(t), TEXT, "Content-Transfer-Encoding: quoted-printable"),
    "latin-1": lambda t: mail(
        t.encode("latin-1").replace(b"\n", b"\r\n"),
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: 8bit",
    ),
    "without mime": lambda t: mail(
        t.encode("ascii", "ignore").replace(b"\n", b"\r\n"), head=[line for line in HEAD if not line.startswith("MIME")]
    ),
    "text and html": lambda t: multipart(
        part(t, TEXT), part(html(t), HTML), kind="alternative", boundary="----=_NextPart_000_0001"
    ),
    "html": lambda t: mail(html(t), HTML),
    "forwarded": lambda t: multipart(
        part("Please see attached.\nCitizenship: see attached", TEXT), part(plain(t), "Content-Type: message/rfc822")
    ),
    "attached text": lambda t: attached(t.encode(), "text/plain", "status.txt"),
    "docx": lambda t: attached(
        files.docx(t),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "Response to 1373 request.docx",
    ),
    "pdf": lambda t: attached(files.pdf(t), "application/pdf", "1373 response.pdf"),
}
LETTERS = list(letters())


def test_there_are_enough_letters_when_they_are_counted():
    assert len(set(LETTERS)) >= 250
    assert len(LETTERS) + len(FORMS) * 30 >= 500


@pytest.mark.parametrize("letter", LETTERS)
def test_letter_is_permitted_under_every_pack_when_it_tells_status_alone(letter):
    seen = examined(plain(letter))
    assert (seen.content.categories, seen.unread, seen.refused) == (STATUS, (), None), seen.content.found
    assert all(decided(seen, name).permit for name in PACKS)


@pytest.mark.parametrize("form", FORMS)
def test_letter_is_permitted_in_each_form_when_it_tells_status_alone(form):
    for letter in LETTERS[::8]:
        seen = examined(FORMS[form](letter))
        assert all(decided(seen, name).permit for name in PACKS), (letter, seen.content.found, seen.unread)


MORE = [
    ("Citizen of Mexico. Come get him at nine.", "a sentence more"),
    ("Come Get Him Nine is a citizen of Mexico.", "no name"),
    ("CITIZEN OF MEXICO OUT THE BACK DOOR", "in capitals"),
    ("Status: Dismissed", "a word of the court, in a place for names"),
    ("Status: Ready", "a word of release"),
    ("Status: Available", "a word of release"),
    ("Status: Sallyport", "a place"),
    ("Lansing has a Mexican national.", "a city has somebody: in custody"),
    ("Lansing PD has a Mexican citizen.", "the same"),
    ("We will send the Mexican national to you.", "a transfer"),
    ("Our officer is with a Mexican national.", "an arrest"),
    ("The Mexican national is in.", "left open"),
    ("Mexican national, 0730", "a time"),
    ("Mexican national, expires Thursday 0730", "a time"),
    ("Citizenship: Mexico\n3/5", "a date that belongs to nothing"),
    ("Citizenship: Mexico\nNine tomorrow", "a time in words"),
    (
        "Juan Perez is a citizen of Mexico. Ana Lopez is a citizen of Honduras. Luis Diaz is a citizen of Peru.",
        "a list",
    ),
    ("PEREZ JUAN,Mexico\nLOPEZ ANA,Honduras\nDIAZ LUIS,Guatemala", "a list"),
    ("Citizenship: Mexico\n\nRegards,\nPickup Rear Dock Nine Main Office", "a signature that is none"),
    (
        "Juan Perez is a citizen of Mexico.\n\nRegards,\nJuan Perez\nIngham County Jail",
        "signed by the person spoken of",
    ),
    ("Citizenship: Mexico\n\nFrom: Perez out Thursday at nine <a@jail.example>", "a quotation's head that is none"),
    ("Citizenship: Mexico\nCONFIDENTIALITY NOTICE: released at nine", "a notice that is none"),
    ("Citizenship: Mexico\nIngham County Jail", "where the person is"),
    ("Citizenship: Mexico \u2192 back gate", "an arrow"),
    ("Citizenship: Mexico, age 34", "an age"),
    ("Citizenship: Mexico, drives a Honda", "a car"),
    ("Naturalized on July 4, 2015 at 9:15", "a time"),
    ("Citizenship: Mexico 517-555-0134", "a number"),
    ("A citizen of Mexico is upstairs.", "a place"),
]


@pytest.mark.parametrize(("text", "because"), MORE)
def test_text_is_more_than_status_when_a_word_is_left_over(text, because):
    assert categories_in(text) != STATUS, because
    seen = examined(plain(text))
    assert not any(decided(seen, name).permit for name in PACKS), because


@pytest.mark.parametrize("line", ALONE)
def test_line_is_status_alone_when_an_office_writes_it(line):
    assert categories_in(line) == STATUS
    assert all(decided(examined(plain(line)), name).permit for name in PACKS)


@pytest.mark.parametrize("line", LINES)
def test_line_is_more_than_status_when_it_only_looks_like_it(line):
    assert categories_in(line) != STATUS
    assert not any(decided(examined(plain(line)), name).permit for name in PACKS)


@pytest.mark.parametrize("text", ["Thank you.", "", "Dear Officer Smith,\n\nRegards,\nJane Roe"])
def test_message_is_blocked_when_it_tells_nothing(text):
    # because a contact without a stated ground is none that the law protects
    head = [line.replace("citizenship status inquiry", "your request") for line in HEAD]
    assert not any(decided(examined(mail(text, TEXT, head=head)), name).permit for name in PACKS)


NAMES = [
    "Michael Brown",
    "Jordan Smith",
    "Israel Gomez",
    "Will Smith",
    "Mark White",
    "April Long",
    "Chad Walker",
    "Georgia Hall",
    "Dawn Park",
    "Bill West",
    "Young-Soo Kim",
    "Maria Hope Garcia",
    "Ronald McDonald",
    "Ludwig van Beethoven",
    "Li Na",
    "Abdul bin Ibrahim",
    "Jose Luis de la Cruz",
    "D'Angelo Russell",
    "Xi Wu",
    "Anne-Marie St. Pierre",
]


@pytest.mark.parametrize("name", NAMES)
def test_name_is_let_in_when_it_is_the_subject_of_a_status(name):
    for text in (
        f"{name} is a U.S. citizen.",
        f"Name: {name}\nCitizenship: Mexico",
        f"Immigration status of {name}: refugee",
    ):
        assert categories_in(text) == STATUS, text


WRAPPED = [
    "Per your request under 8 U.S.C. 1373, please note that Juan\nPerez is a lawful permanent\nresident.",
    "Citizenship: Mexico\n\nCONFIDENTIALITY NOTICE: This email is intended only\nfor the use of the addressee.",
    "Citizenship: Mexico\n\nOn Mon, Mar 2, 2026 at 9:14 AM Agent Smith <smith@ice.dhs.gov>\nwrote:\n> Citizenship?",
    "> Citizenship\n> status: Mexican",
]


@pytest.mark.parametrize("text", WRAPPED)
def test_letter_is_status_alone_when_its_lines_are_wrapped(text):
    assert categories_in(text) == STATUS


def test_wrapped_lines_hide_nothing_when_they_are_read_together():
    for text in (
        "Citizenship: Mexico\nout the\ndoor at\nnine",
        "Juan Perez is\nready and a citizen of\nMexico",
        "released\ncitizen",
    ):
        assert categories_in(text) != STATUS
