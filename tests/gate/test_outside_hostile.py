"""Leaks that a reader from outside found: each in the place where it stood, and none permitted any more."""

import zipfile
from base64 import b64encode
from io import BytesIO

import pytest

from integration.domain.messages.people import Person, Roster
from integration.services.examining import NO_ROSTER
from tests.gate.judging import decided, examined, permitted
from tests.gate.mails import COVER, HEAD, attached, mail, multipart, part, plain

TEXT = "Content-Type: text/plain; charset=utf-8"
BESIDE_STATUS = [
    ("He's all yours.\n{status}", "joining words alone, on a line of their own"),
    ("You can have it all\n{status}", "the same"),
    ("yes\n{status}", "an answer to a question that nobody sees"),
    ("TS\n{status}", "time served; the next line is no part of it"),
    ("REL\n{status}", "a short line was not wrapped by a program"),
    ("{status}\nStatus: TBR", "to be released, as the value of a status"),
    ("{status}\nStatus: OOC", "a value that nobody knows"),
    ("{status}\nImmigration status: REL", "the same"),
    ("{status}\nCitizenship: Afuera", "a word, where a country stands"),
    ("{status} He is with you.", "custody, in joining words"),
    ("{status} OR'd", "own recognizance, in the form of a name"),
    ("Perez Tbr: citizen of Mexico", "an abbreviation, in the form of a name"),
    ("Perez Afuera: citizen of Mexico", "a Spanish word, in the form of a name"),
    ("{status}\n\nRegards,\nJane Roe | Out | 517-555-0100", "between the pieces of a signature"),
    ("{status}\n\nRegards,\nSix PD", "a number, in the form of an agency"),
    ("{status}\n\nRegards,\nNorth Door Police Department", "a door, in the form of an agency"),
    ("Quillfeather/Okonkwo/Nguyen: Mexico", "three people, apart by strokes"),
    ("Ok {status}", "an answer, in the form of a name"),
    ("{status}\n\nRegards,\nJane Roe | 0600", "the same, as a number"),
    ("{status}\n\nRegards,\nJuan Perez | 517-555-0100", "the person spoken of signs"),
    ("{status}\nHe is here for now or", "a statement that is left open"),
]


@pytest.mark.parametrize(("text", "because"), BESIDE_STATUS)
def test_message_is_blocked_when_words_of_status_carry_another(text, because):
    assert not permitted(plain(text.format(status="Juan Perez is a citizen of Mexico."))), because


def _zipped(after: bytes) -> bytes:
    folder = BytesIO()
    with zipfile.ZipFile(folder, "w") as archive:
        archive.writestr("status.txt", COVER)
    return folder.getvalue() + after


def _named(name: str) -> bytes:
    return attached(COVER.encode(), "text/plain", name)


def _with(field: str) -> bytes:
    return mail(COVER, TEXT, field)


LANGUAGE = "Subject: =?utf-8*out-six?q?Re:_citizenship_status?="
OTHERWISE = [line for line in HEAD if not line.startswith("Subject")]
IN_PLACES = [
    (attached(_zipped(b"out at six"), "application/zip", "status.zip"), "behind the end of an archive"),
    (_named("status.0600"), "as the ending of a file's name"),
    (_named("status.tbr"), "the same, in letters"),
    (mail(COVER, TEXT, head=[*OTHERWISE, LANGUAGE]), "as the language of an encoded word"),
    (_with("Return-Path: <out.at.six@lansing.example>"), "as the address of a bounce"),
    (
        _with("Received: from a by b for <out@six.example>; Tue, 03 Mar 2026 06:00:00 -0500"),
        "as whom a server took it for",
    ),
    (_with("References: <out.0600@lansing.example>"), "as a message that was answered"),
    (mail("<ol start=6><li>Citizenship: Mexico</li></ol>", "Content-Type: text/html"), "as the number of a line"),
    (_with("X-Priority: 6"), "as a priority that there is not"),
    (_with("X-Originating-IP: [06.00.03.03]"), "as an address that no program writes"),
    (_with("X-Spam-Score: 06.00"), "as a score that no program writes"),
    (multipart(part(COVER, TEXT, "Content-ID: <out.0600@lansing.example>")), "as the name of a part"),
    (multipart(part(COVER, TEXT, "Content-Disposition: inline; size=0600")), "as a size that no program writes"),
]


@pytest.mark.parametrize(("raw", "because"), IN_PLACES)
def test_message_is_blocked_when_something_is_told_in_an_odd_place(raw, because):
    assert not permitted(raw), because


ORDINARY_PLACES = [
    (attached(_zipped(b""), "application/zip", "status.zip"), "an archive that ends where it ends"),
    (_named("status.txt"), "the kind of a file"),
    (_named("Status.TXT"), "the same, in capitals"),
    (mail(COVER, TEXT, head=[*OTHERWISE, LANGUAGE.replace("out-six", "en-us")]), "a language that there is"),
    (_with("Return-Path: <jane@lansing.example>"), "the sender's own address"),
    (_with("Received: from a by b for <smith@ice.dhs.gov>; Tue, 03 Mar 2026 06:00:00 -0500"), "the recipient's own"),
    (_with("References: <CAF3x0430@mail.lansing.example> <20260302.0600@ice.dhs.gov>"), "numbers of programs"),
    (_with("X-Priority: 3 (Normal)"), "as programs write it"),
    (_with("X-Originating-IP: [10.0.30.7]"), "as programs write it"),
    (_with("X-Originating-IP: [2001:db8::600]"), "the same"),
]


@pytest.mark.parametrize(("raw", "because"), ORDINARY_PLACES)
def test_status_passes_when_such_places_hold_what_programs_write(raw, because):
    assert permitted(raw), because


TOLD = "Juan Perez will be released at 0730 tomorrow."
ADDRESSES = [
    ("smith@ice-dhs.gov", "a hyphen for the dot"),
    ("smith@icedhs.gov", "nothing for the dot"),
    ("smith@ice.dhsgov.example", "the same, lower down"),
    ("8726020@fax.example", "a listed number without its area code, as fax by mail"),
    ("iceero@county.example", "two listed names run together"),
]


@pytest.mark.parametrize(("address", "because"), ADDRESSES)
def test_message_is_blocked_when_the_address_leads_to_an_authority_in_disguise(address, because):
    assert not permitted(plain(TOLD), address), because


ELSEWHERE = [line for line in HEAD if not line.startswith("To")]
ORDERS = [
    ("To: smith@ice.dhs.gov\nSubject: list\n\n", "a mail service obeys its first lines"),
    ("FAX TO: 802-872-6020\n", "a fax service does"),
    ("\n\nRcpt-To: <smith@ice.dhs.gov>\n", "with blank lines before"),
    ("To: x\nCc: smith@ice.dhs.gov\n", "in the second line"),
    ("Subject: list\nTo: smith@ice.dhs.gov\n\n", "below a subject"),
    ("To: smith@ice.dhs.gov\nFrom: the jail\n\n", "as a memo"),
    ("\ufeffTo: smith@ice.dhs.gov\n", "behind a byte order mark"),
    ("To: bob@example.org, smith@ice.dhs.gov\n", "beside another"),
]


@pytest.mark.parametrize(("order", "because"), ORDERS)
def test_message_is_blocked_when_its_first_lines_order_it_to_an_authority(order, because):
    seen = examined(mail(order + TOLD, TEXT, head=ELSEWHERE), "gateway@fax.example")
    assert not decided(seen.alone(0)).permit, because


@pytest.mark.parametrize(
    ("field", "because"),
    [
        ("List-Id: ICE ERO Detroit <officers.lists.example>", "a list by its phrase"),
        ("List-Id: <ero.ice.dhs.gov>", "a list by its domain"),
        ("To: ICEERO <a@mail.example>", "a name run together"),
    ],
)
def test_message_is_blocked_when_its_header_names_an_authority(field, because):
    seen = examined(mail(TOLD, TEXT, field, head=ELSEWHERE), "list@example.org")
    assert not decided(seen.alone(0)).permit, because


@pytest.mark.parametrize(
    "field", ["From: Juan Quillfeather <jane@lansing.example>", "Cc: QUILLFEATHER, JUAN <a@b.example>"]
)
def test_message_is_blocked_when_somebody_in_custody_is_shown_beside_an_address(field):
    people = Roster([Person("Quillfeather", "Juan Carlos", None, "2026-00417")])
    head = [line for line in HEAD if not line.startswith(field.partition(":")[0])]
    assert not permitted(mail(COVER, TEXT, field, head=head), roster=people)
    assert permitted(mail(COVER, TEXT, field, head=head), roster=NO_ROSTER)


def test_nothing_is_permitted_when_a_letter_of_status_is_hidden_in_base64_with_a_leak():
    assert not permitted(plain(COVER + "\n" + b64encode(TOLD.encode()).decode()))
