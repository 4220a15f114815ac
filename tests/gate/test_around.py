"""What stands around a letter says something too: signatures, notices, heads of quotations; and people are counted."""

import pytest

from integration.contents.mail import read_plain
from integration.domain.messages.content import judge
from integration.domain.messages.gaps import Gap
from integration.domain.messages.people import Person, Roster
from integration.domain.messages.views import Kind, View
from schemas.kinds import Category
from tests.gate.judging import examined, permitted
from tests.gate.mails import COVER, attached, mail, multipart, part, plain
from tests.gate.odf import calculated, written

TEXT = "Content-Type: text/plain; charset=utf-8"
ROSTER = Roster([Person("Perez", "Juan", None, "2026-00417")])
SAID = "Juan Perez released Tuesday 0730"
ODT = "application/vnd.oasis.opendocument.text"
NOTICES = """
CONFIDENTIALITY NOTICE: This e-mail message, including any attachments, is for the sole use of the intended
recipient(s) and may contain confidential and privileged information. Any unauthorized review, use, disclosure
or distribution is prohibited. If you are not the intended recipient, please contact the sender by reply
e-mail and destroy all copies of the original message.
%
This email and any files transmitted with it are confidential and intended solely for the use of the
individual or entity to whom they are addressed. If you have received this email in error please notify the
system manager.
%
NOTICE: This message may contain confidential and privileged information. If you are not the intended
recipient, please notify the sender immediately and delete this message.
%
Sent from my iPhone
%
Get Outlook for iOS
%
CAUTION: This email originated from outside of the organization. Do not click links or open attachments unless
you recognize the sender and know the content is safe.
%
Please consider the environment before printing this email.
%
This message is intended only for the addressee and may contain privileged or confidential information.
If you received this in error, please contact the sender and delete the material from any computer.
%
WARNING: If the reader of this message is not the intended recipient, you are hereby notified that any
dissemination, distribution or copying of this communication is strictly prohibited.
"""
"""What mail systems put under messages; apart by a percent sign."""
SIGNATURES = (
    ("Juan Perez Ingham County Jail", "a person before the agency's name"),
    ("Sally Port", "a place, written like a name"),
    ("Gps Tether", "the same"),
    ("Mug Shot", "the same"),
    ("Deputy Roe #0730", "a time, written like a badge's number"),
    ("Juan Perez", "a person in custody"),
    ("Jane Roe\nLabor Day", "a day"),
)
NO_NOTICES = (
    "Notice: agent received for immediately permanently, free",
    "Notice: agent free to copy",
    "CONFIDENTIALITY NOTICE: This email is intended only for the use of the addressee free immediately",
    "Sent from my jail",
    "Notice: the person is free. You may receive the original",
    "Disclaimer: employees review and destroy at 7",
)


@pytest.mark.parametrize(("line", "because"), SIGNATURES)
def test_message_is_blocked_when_a_line_of_its_signature_tells_more(line, because):
    assert not permitted(plain(f"{COVER}\n\nThanks,\n{line}\n"), roster=ROSTER), because


def test_message_is_blocked_when_the_person_spoken_of_stands_in_an_agencys_line_and_nobody_has_a_roster():
    assert not permitted(plain("Juan Perez is a citizen of Mexico.\n\nThanks,\nJuan Perez Ingham County Jail\n"))
    assert permitted(plain("Mr. Jackson is a citizen of Mexico.\n\nThanks,\nJane Roe\nJackson County Jail\n"))


@pytest.mark.parametrize("notice", NOTICES.strip().split("\n%\n"))
def test_message_is_permitted_when_its_notice_is_one_of_the_usual(notice):
    assert permitted(plain(f"{COVER}\n\n{notice}\n"))
    assert permitted(plain(f"{COVER}\n\nRegards,\nJane Roe\n\n{notice.replace('. ', '.' + chr(10))}\n"))


@pytest.mark.parametrize("notice", NO_NOTICES)
def test_message_is_blocked_when_a_notice_is_made_of_the_words_of_notices(notice):
    assert not permitted(plain(f"{COVER}\n\n{notice}\n"))


@pytest.mark.parametrize(
    "head",
    [
        "On Tue, Mar 3, 2026 at 7:30 AM Juan Perez <office@lansing.example> wrote:",
        "From: Juan Perez <office@lansing.example>",
    ],
)
def test_message_is_blocked_when_the_head_of_a_quotation_names_somebody_in_custody(head):
    said = plain(f"{head}\n> {COVER}")
    assert not permitted(said, roster=ROSTER)
    assert permitted(said.replace(b"Juan Perez", b"Agent Smith"), roster=ROSTER)
    # Without a roster, it is the person spoken of who may not be the one quoted.
    assert not permitted(plain(f"{head}\n> Juan Perez is a citizen of Mexico."))


PEOPLE = [f"{given} Perez-{chr(65 + n)}lo" for n, given in enumerate(["Juan", "Ana", "Luis", "Rosa", "Pedro", "Elena"])]


@pytest.mark.parametrize("count", [3, 6])
def test_people_are_counted_over_the_whole_message_when_each_part_names_one(count):
    parts = [part(f"{name} is a citizen of Mexico.", TEXT) for name in PEOPLE[:count]]
    assert not permitted(multipart(*parts))
    assert permitted(multipart(*parts[:2]))


def test_people_are_counted_over_values_when_each_names_one():
    views = [View("content.1", "value", Kind.VALUE, f"{name}: Mexican citizen") for name in PEOPLE[:4]]
    assert Category.PERSONAL in judge(views).categories
    assert Category.PERSONAL not in judge(views[:2]).categories


def test_one_person_counts_once_when_the_name_is_written_in_several_ways():
    said = [
        "Juan Carlos Perez is a citizen of Mexico.",
        "PEREZ, JUAN: citizen of Mexico.",
        "J. Perez: LPR",
        "Ana Lopez: LPR",
    ]
    assert permitted(multipart(*[part(each, TEXT) for each in said]))


def test_files_are_counted_when_each_is_called_by_another_person():
    files = [
        part(COVER, TEXT, f'Content-Disposition: attachment; filename="{name}.txt"')
        for name in ("Ana Diaz", "Luis Gil", "Eva Sol")
    ]
    assert not permitted(multipart(*files))
    assert permitted(multipart(*files[:2]))


@pytest.mark.parametrize(
    ("hidden", "because"),
    [
        ("".join(chr(0xE0000 + ord(each)) for each in " released tuesday"), "tags are letters that nobody sees"),
        ("\u200b\u200c" * 20, "bits"),
        ("\ufe00\ufe01\ufe02\ufe0f", "selectors of variants"),
        ("\u036c\u0364", "letters above letters"),
    ],
)
def test_text_is_not_read_for_certain_when_invisible_characters_spell_something(hidden, because):
    assert Gap.HIDDEN_ENCODING in {each.gap for each in read_plain(COVER + hidden).unread}, because
    assert not permitted(plain(COVER + hidden))


def test_text_is_read_when_it_has_an_invisible_character_as_programs_put_them():
    assert permitted(plain("\ufeffCitizenship status:\u200b U.S.\u00ad citizen"))


@pytest.mark.parametrize("raw", [written(), calculated(), calculated("Table 1")], ids=["writer", "calc", "named"])
def test_document_is_permitted_when_an_office_program_of_its_kind_wrote_status_alone(raw):
    assert permitted(attached(raw, ODT, "status.odt"))


@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (calculated(SAID), "the name of a sheet is on its tab"),
        (calculated("released"), "also where it is one word"),
        (calculated(cell=f'office:string-value="{SAID}"'), "a value that is not its text"),
        (written(automatic='<text:list-level-style-number style:num-prefix="released"/>'), "a prefix of every item"),
        (written('<draw:image xlink:href="https://county.example/a.png"/>'), "a picture from elsewhere"),
        (written('<text:a xlink:href="https://x.example/released-tuesday-0730">record</text:a>'), "where a link leads"),
        (written(f"<!-- {SAID} -->"), "a comment"),
    ],
)
def test_document_is_blocked_when_a_part_of_it_says_more(raw, because):
    assert not permitted(attached(raw, ODT, "status.odt")), because


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Enclosed is the Mexican citizen Juan Perez", "a person is handed over"),
        ("The Mexican citizen Juan Perez is attached", "the same"),
        ("Juan Perez Labor Day: Mexican citizen", "a day, written like a name"),
        ("Juan Perez Vendredi: Mexican citizen", "in French"),
        ("Juan Perez Freitag: Mexican citizen", "in German"),
        ("Juan Perez, sexta feira: Mexican citizen", "in Portuguese"),
        ("Juan Perez Madi: Mexican citizen", "in Haitian Creole"),
    ],
)
def test_text_is_more_than_status_when_a_word_is_none_of_a_name(text, because):
    assert not permitted(plain(text)), because


@pytest.mark.parametrize(
    "text",
    [
        "Citizenship: see attached record",
        "Attached is the immigration status of Juan Perez.",
        "Enclosed is the citizenship record of Juan Perez.",
        "See attached. Juan Perez is a Mexican citizen.",
        "The certificate of citizenship is attached.",
    ],
)
def test_text_is_status_alone_when_a_record_is_enclosed(text):
    assert permitted(plain(text)), examined(plain(text)).content.found


def test_markup_is_read_when_a_link_only_begins_like_the_name_of_a_schema():
    for url in ("http://www.w3.org/released/tuesday/0730", "https://www.w3.org/out-tuesday-0730"):
        assert not permitted(mail(f'<p>{COVER} <a href="{url}">record</a></p>', "Content-Type: text/html"))
    assert not permitted(
        mail(f'<p style="urn:schemas-microsoft-com:out_tuesday">{COVER}</p>', "Content-Type: text/html")
    )
