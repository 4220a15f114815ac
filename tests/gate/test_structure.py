"""A message's structure: whatever has two readings, or says something where machines write, is a typed reason."""

import pytest

from integration.contents.framing import Fault, framing_fault, from_file
from integration.contents.mail import read_mail
from integration.contents.reader import LIMITS, Limits
from integration.domain.messages.gaps import Gap
from tests.gate import files
from tests.gate.judging import PACKS, decided, examined, permitted
from tests.gate.mails import AGENT, COVER, HEAD, attached, crlf, in_base64, mail, multipart, part, plain
from tests.gate.techniques import CLOSED, HTML, OPEN, TEXT

MIXED = "Content-Type: multipart/mixed; boundary=b"


def gaps(raw: bytes, limits: Limits = LIMITS) -> set[Gap]:
    return {each.gap for each in read_mail(raw, limits).unread}


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"A: b\r\n\r\nx\n.\r\ny", Fault.BARE_LF),
        (b"A: b\r\n\r\nx\r.\r\ny", Fault.BARE_CR),
        (b"A: b\r\n\r\nx\n.\ny", Fault.BARE_LF),
        (b"A: b\r\n\r\nx\r\r\ny", Fault.BARE_CR),
        (b"A: b\r\n\r\nx\r", Fault.BARE_CR),
        (b"\nA: b", Fault.BARE_LF),
        (b"A: b\r\n\r\nx\0y", Fault.NUL),
        (b"A: b\r\n\r\nx\r\n.\r\ny\r\n", None),
        (b"", None),
    ],
)
def test_message_is_refused_unread_when_it_holds_what_none_may(raw, fault):
    assert framing_fault(raw) is fault
    seen = examined(raw)
    assert seen.refused is fault
    if fault:
        assert (seen.content.categories, decided(seen).permit) == (frozenset(), False)
        assert decided(seen).reasons == ("unreadable", fault.value)
        assert not decided(examined(raw, "clerk@court.example")).permit


def test_file_is_read_as_it_travels_when_it_was_kept_with_line_feeds():
    assert from_file(b"a\nb\n") == b"a\r\nb\r\n"
    assert from_file(b"a\r\nb\nc") == b"a\r\nb\nc"


STRUCTURES = [
    (Gap.MALFORMED_HEADER, mail(COVER, TEXT, "this is no field"), "a line without a colon"),
    (Gap.MALFORMED_HEADER, mail(COVER, TEXT, "Subject : x"), "a space before the colon"),
    (Gap.DUPLICATE_HEADER, mail(COVER, TEXT, "Subject: Re: citizenship"), "two subjects"),
    (Gap.DUPLICATE_HEADER, mail(COVER, TEXT, "Content-Type: text/html"), "two types"),
    (Gap.BAD_CONTENT_TYPE, mail(COVER, "Content-Type: text/plain; charset=utf-8; charset=utf-7"), "two charsets"),
    (Gap.BAD_CONTENT_TYPE, mail(COVER, "Content-Type: text/plain (comment); charset=utf-8"), "a comment"),
    (Gap.BAD_CONTENT_TYPE, mail(COVER, "Content-Type: text/plain; charset*0=ut; charset*1=f-8"), "sections"),
    (Gap.BAD_TRANSFER_ENCODING, mail(COVER, TEXT, "Content-Transfer-Encoding: base64"), "not what it says"),
    (Gap.BAD_TRANSFER_ENCODING, mail(COVER, TEXT, "Content-Transfer-Encoding: x-other"), "an unknown one"),
    (Gap.BAD_TRANSFER_ENCODING, mail("100=ZZ" + COVER, TEXT, "Content-Transfer-Encoding: quoted-printable"), "broken"),
    (Gap.BAD_BOUNDARY, mail(b"--b\r\n\r\n" + crlf(COVER), MIXED), "never closed"),
    (Gap.BAD_BOUNDARY, mail(b"--b\r\n\r\nx\r\n--bc\r\n--b--\r\n", MIXED), "a line that only begins like it"),
    (Gap.BAD_BOUNDARY, mail(b"--b--\r\n--b\r\n\r\nx\r\n--b--\r\n", MIXED), "closed before it is opened"),
    (Gap.BAD_BOUNDARY, mail(crlf(COVER), MIXED), "no part at all"),
    (
        Gap.BAD_BOUNDARY,
        mail(b"--b\r\n\r\nx\r\n--b--\r\n", 'Content-Type: multipart/mixed; boundary="b "'),
        "it ends in a space",
    ),
    (Gap.STRAY_TEXT, OPEN["preamble"](COVER), "before the first part"),
    (Gap.STRAY_TEXT, OPEN["epilogue"](COVER), "after the last part"),
    (Gap.LONG_LINE, plain("x" * 999), "a relay may break it"),
    (Gap.PARTIAL, OPEN["partial message"](COVER), "the rest comes by another road"),
    (Gap.EXTERNAL_BODY, CLOSED["external body"](COVER), "the body is elsewhere"),
    (Gap.UNKNOWN_CHARSET, mail(COVER, "Content-Type: text/plain; charset=x-unknown"), "nobody knows it"),
    (Gap.UNKNOWN_CHARSET, mail(COVER, "Content-Type: text/plain; charset=rot13"), "a codec that is no charset"),
    (Gap.BAD_CHARSET, mail(b"\xff\xfe\xfd", TEXT, "Content-Transfer-Encoding: 8bit"), "not what it says"),
    (
        Gap.BAD_CHARSET,
        mail(COVER + " \u00e9", "Content-Type: text/plain", "Content-Transfer-Encoding: 8bit"),
        "none is said",
    ),
    (Gap.BAD_CHARSET, mail(b"\x1b$B$3\x1b(B", "Content-Type: text/plain; charset=us-ascii"), "shifted"),
    (Gap.BAD_ENCODED_WORD, mail(COVER, TEXT, "Comments: =?utf-8?b?!!?="), "broken"),
    (Gap.BAD_ENCODED_WORD, mail(COVER, TEXT, "Comments: =?x-unknown?q?a?="), "an unknown charset"),
    (Gap.BAD_ENCODED_WORD, mail(COVER, TEXT, "Comments: =?utf-8?q?a"), "open"),
    (Gap.HIDDEN_ENCODING, OPEN["base64 in the text"](COVER), "base64"),
    (Gap.HIDDEN_ENCODING, OPEN["uuencode in the text"](COVER), "uuencode"),
    (Gap.HIDDEN_ENCODING, OPEN["data url"](COVER), "a data URL"),
    (Gap.ENCRYPTED, CLOSED["encrypted zip"](COVER), "a locked archive"),
    (Gap.ENCRYPTED, CLOSED["signed and encrypted"](COVER), "S/MIME"),
    (Gap.IMAGE, CLOSED["image"](COVER), "a picture"),
    (Gap.IMAGE, CLOSED["picture in html"](COVER), "a picture from elsewhere"),
    (Gap.SOUND, CLOSED["sound"](COVER), "a recording"),
    (Gap.VIDEO, attached(b"\x00\x00\x00\x18ftypmp42" + bytes(50), "video/mp4"), "a film"),
    (Gap.UNKNOWN_BINARY, CLOSED["unknown binary"](COVER), "nobody knows it"),
    (Gap.BROKEN, attached(b"PK\x03\x04 broken", "application/zip"), "a broken archive"),
    (Gap.BROKEN, attached(b"%PDF-1.4 broken", "application/pdf"), "a broken PDF"),
    (Gap.TYPE_MISMATCH, OPEN["zip called text"](COVER), "it says text"),
    (Gap.TYPE_MISMATCH, attached(COVER.encode(), "image/png"), "it says picture"),
    (Gap.UNSUPPORTED, OPEN["rtf"](COVER), "RTF"),
    (Gap.UNSUPPORTED, CLOSED["seven zip"](COVER), "7z"),
    (Gap.UNSUPPORTED, OPEN["tnef"](COVER), "TNEF"),
    (Gap.ACTIVE_CONTENT, CLOSED["script"](COVER), "a script"),
    (
        Gap.ACTIVE_CONTENT,
        attached(
            files.archive({"[Content_Types].xml": b"<?xml version='1.0'?><T/>", "word/vbaProject.bin": b"x"}),
            "application/zip",
        ),
        "macros",
    ),
    (Gap.NOT_PLAIN, CLOSED["pdf with its own font"](COVER), "a font may show anything"),
    (Gap.NOT_PLAIN, CLOSED["pdf with a picture"](COVER), "more than text"),
    (Gap.NOT_PLAIN, attached(files.pdf(COVER) + b"\n%%EOF\n", "application/pdf"), "changed after it was written"),
    (Gap.NOT_PLAIN, OPEN["html hidden"](COVER), "hidden text"),
    (Gap.TOO_DEEP, CLOSED["too deep"](COVER), "parts within parts"),
    (Gap.TOO_MANY_PARTS, CLOSED["too many parts"](COVER), "too many"),
    (Gap.TOO_MUCH_TEXT, CLOSED["too much text"](COVER), "too long"),
    (Gap.EXPANDS_TOO_MUCH, CLOSED["zip bomb"](COVER), "a bomb"),
]


@pytest.mark.parametrize(("gap", "raw", "because"), STRUCTURES)
def test_message_is_not_status_alone_when_its_structure_has_two_readings(gap, raw, because):
    assert gap in gaps(raw), because
    assert not permitted(raw), because


def test_every_reason_is_tried_when_it_is_listed():
    elsewhere = {Gap.TOO_SLOW, Gap.TOO_LARGE, Gap.PARSERS_DISAGREE, Gap.UNSEEN, Gap.NO_ROSTER}
    assert {gap for gap, _, _ in STRUCTURES} == set(Gap) - elsewhere


SAID = [
    "X-Release: at nine",
    "Out-Thursday: x",
    "X-Mailer: getting him nine",
    "MIME-Version: 1.0 (out at nine)",
    "Content-Description: pick up at nine",
    'Content-Disposition: inline; note="out at nine"',
    "Organization: Pod C Cell 14",
    "List-Id: out tomorrow at nine",
    "Date: tomorrow at nine",
    "Message-ID: released tomorrow",
    "In-Reply-To: <release.at.nine@lansing.example>",
    "References: out tomorrow",
    "Received: from out tomorrow at nine",
    "Received: from jail (he is released Tuesday 0730) by x.example with SMTP id 4; Tue, 3 Mar 2026 07:30:00 -0500",
    "DKIM-Signature: v=1; d=x.example; b=He is released Tuesday",
    "Importance: out tomorrow",
    "Cc: Out Tomorrow Nine <clerk@court.example>",
    "Cc: <he gets out at nine>",
    "Cc: clerk@court.example (he gets out at nine)",
    "Cc: agent+out.tomorrow.nine@ice.dhs.gov",
    "Reply-To: Getting Out <clerk@court.example>",
]


@pytest.mark.parametrize("field", SAID)
def test_message_is_blocked_when_a_header_field_says_more(field):
    name = field.partition(":")[0]
    head = [line for line in HEAD if not line.startswith(f"{name}:")]
    assert permitted(mail(COVER, TEXT))
    assert not permitted(mail(COVER, TEXT, field, head=head))


# As Postfix, Exim, Exchange and Sendmail write it, folded with a tab.
TRACES = """
Received: from jms01.lansing.example (unknown [10.0.0.3])
(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
 key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
(No client certificate requested)
(Authenticated sender: jroe)
by mx.lansing.example (Postfix) with ESMTPSA id 4F2Kq
for <records@lansing.example>;
Tue,  3 Mar 2026 07:30:00 -0500 (EST)

Received: from [10.0.0.3] (helo=jms01)
by mx.lansing.example with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384
(Exim 4.96)
(envelope-from <jroe@lansing.example>)
id 1tXyz0-0004Ab-12
for records@lansing.example;
Tue, 03 Mar 2026 07:30:00 -0500

Received: from BN8PR09.prod.example ([fe80::1]) by BN8PR09.prod.example
([fe80::1%4]) with mapi id 15.20.7000.1; Tue, 3 Mar 2026 12:30:00 +0000

Received: from BN8.prod.example (2603::1) by BN7.prod.example (2603::2) with Microsoft SMTP Server
(version=TLS1_2, cipher=TLS_ECDHE) id 15.20.1 via Frontend Transport; Tue, 3 Mar 2026 12:30:00 +0000

Received: (from root@localhost) by jms01.lansing.example (8.17.1/8.17.1/Submit) id 523AbC01;
Tue, 3 Mar 2026 07:30:00 -0500
"""
ORDINARY = [
    "Received: from mx.lansing.example (mx [192.0.2.1]) by g.example with ESMTPS id 4; Mon, 2 Mar 2026 10:00:01 -0500",
    *(field.replace("\n", "\r\n\t") for field in TRACES.strip().split("\n\n")),
    "Return-Path: <jroe@lansing.example>",
    "X-Mailer: Microsoft Outlook 16.0",
    "User-Agent: Mozilla Thunderbird",
    "Importance: high",
    "X-Priority: 1 (Highest)",
    "Thread-Topic: citizenship status inquiry",
    "Thread-Index: AduLPF8uocB9T5boSxyaU9B/4rgcRA==",
    "In-Reply-To: <CAKxyz123@mail.ice.dhs.gov>",
    "References: <CAKxyz123@mail.ice.dhs.gov> <20260301.9@lansing.example>",
    "Content-Language: en-US",
    "Accept-Language: en-US",
    "X-MS-Has-Attach: yes",
    "Auto-Submitted: no",
    "Cc: Records Division <records@lansing.example>",
]


@pytest.mark.parametrize("field", ORDINARY)
def test_message_is_permitted_when_a_field_is_as_machines_write_it(field):
    assert permitted(mail(COVER, TEXT, field))


def test_envelope_tag_is_judged_when_it_reaches_the_same_mailbox():
    raw = plain(COVER)
    assert permitted(raw, AGENT)
    assert permitted(raw, "smith+status@ice.dhs.gov")
    assert not permitted(raw, "smith+out.at.nine@ice.dhs.gov")


def test_other_parser_has_to_agree_when_nothing_else_is_doubtful(monkeypatch):
    monkeypatch.setattr("integration.contents.mail.decode", lambda raw, encoding: (raw + b" x", True))
    assert gaps(plain(COVER)) == {Gap.PARSERS_DISAGREE}


TIGHT = [
    (Limits(message_bytes=200), Gap.TOO_LARGE),
    (Limits(parts=1), Gap.TOO_MANY_PARTS),
    (Limits(depth=1), Gap.TOO_DEEP),
    (Limits(text=40), Gap.TOO_MUCH_TEXT),
    (Limits(part_bytes=10), Gap.TOO_LARGE),
    (Limits(headers=3), Gap.TOO_MANY_PARTS),
]


@pytest.mark.parametrize(("limits", "gap"), TIGHT)
def test_limit_is_a_reason_when_a_message_goes_past_it(limits, gap):
    raw = multipart(part(COVER, TEXT), part(f"<p>{COVER}</p>", HTML), kind="alternative")
    assert gaps(raw) == set()
    assert gap in gaps(raw, limits)


def test_archive_is_bounded_when_it_holds_itself_many_times():
    inner = files.archive({f"{n}.txt": bytes(100_000) for n in range(20)})
    for _ in range(3):
        inner = files.archive({f"{n}.zip": inner for n in range(8)})
    assert gaps(attached(inner, "application/zip")) & {Gap.EXPANDS_TOO_MUCH, Gap.TOO_DEEP, Gap.TOO_MANY_PARTS}


def test_library_is_interrupted_when_a_pdf_takes_too_long(monkeypatch):
    def forever(*_args, **_options):
        while True:
            pass

    monkeypatch.setattr("integration.contents.pdf._read", forever)
    assert Gap.TOO_SLOW in gaps(attached(files.pdf(COVER), "application/pdf"), Limits(pdf_seconds=0.05))


def test_no_program_is_permitted_to_be_called_when_a_pdf_is_read(monkeypatch):
    monkeypatch.setattr("subprocess.run", lambda *_a, **_k: pytest.fail("a program was called"))
    for raw in (files.pdf(COVER), files.pdf(COVER, compressed=False)):
        assert permitted(attached(raw, "application/pdf", "status.pdf"))


@pytest.mark.parametrize("pack", PACKS)
def test_ordinary_mail_passes_when_nobody_in_it_is_governed(pack):
    for name, technique in {**OPEN, **CLOSED}.items():
        raw = technique("Juan Perez will be released at 0730 hrs tmrw.").replace(
            b"smith@ice.dhs.gov", b"clerk@court.example"
        )
        assert decided(examined(raw, "clerk@court.example"), pack).permit, name


def test_message_goes_to_an_authority_when_only_its_header_says_so():
    raw = mail("Juan Perez is in custody.", TEXT)
    seen = examined(raw, "list@county.example")
    assert (seen.recipients[0].reach.party.value, seen.recipient_class.value) == ("other", "immigration_authority")
    assert not decided(seen).permit
    for field in (
        f"X-Forwarded-To: {AGENT}",
        f"Disposition-Notification-To: {AGENT}",
        "Resent-To: ICE Detroit <x@mail.example>",
    ):
        raw = mail("Juan Perez is in custody.", TEXT, field, head=[HEAD[0], "To: list@county.example", *HEAD[2:]])
        assert not decided(examined(raw, "list@county.example")).permit


def test_recipients_are_decided_each_for_itself_when_the_envelope_has_several():
    head = [HEAD[0], f"To: ICE Detroit <{AGENT}>, clerk@court.example", *HEAD[2:]]
    seen = examined(mail("He is in custody.", TEXT, head=head), AGENT, "clerk@court.example")
    assert [decided(seen.alone(number)).permit for number in range(2)] == [False, True]
    assert not decided(seen).permit


def test_recipient_is_held_up_when_the_header_names_an_authority_that_no_envelope_does():
    head = [HEAD[0], f"To: Agent Smith <{AGENT}>, clerk@court.example", *HEAD[2:]]
    seen = examined(mail("He is in custody.", TEXT, head=head), "list@county.example", "clerk@court.example")
    assert [decided(seen.alone(number)).permit for number in range(2)] == [False, False]


def test_recipient_is_held_up_when_the_text_is_a_query():
    seen = examined(plain("IAQ.MI3341600.AX.TXT CUS/Y"), AGENT, "clerk@court.example")
    assert not decided(seen.alone(1)).permit


def test_message_goes_to_an_authority_when_its_bounce_would():
    raw = mail("Juan Perez is in custody.", TEXT, head=[HEAD[0], "To: list@county.example", *HEAD[2:]])
    assert decided(examined(raw, "list@county.example")).permit
    assert not decided(examined(raw, "list@county.example", sender=AGENT)).permit


def test_answer_passes_when_an_authority_only_wrote_first():
    head = [HEAD[0], "To: clerk@court.example", *HEAD[2:]]
    raw = mail(
        "He is in custody.", TEXT, "In-Reply-To: <1@mail.ice.dhs.gov>", "References: <1@mail.ice.dhs.gov>", head=head
    )
    assert decided(examined(raw, "clerk@court.example")).permit


def test_partner_is_governed_when_the_content_shows_what_it_is_for():
    head = [HEAD[0], "To: desk@genesee.example", *HEAD[2:]]
    for text, permit in (
        ("He is in custody.", True),
        ("Citizen of Mexico, in custody.", False),
        ("Citizenship: Mexico", True),
    ):
        raw = mail(text, TEXT, "Cc: Genesee County Sheriff <desk@genesee.example>", head=[*head[:2], *head[3:]])
        seen = examined(raw, "Genesee County Sheriff <desk@genesee.example>")
        assert seen.recipient_class.value == "partner_287g"
        assert decided(seen, "lansing-eo-2017-01").permit is permit, text


def test_base64_is_read_when_it_is_broken_into_pieces():
    assert permitted(in_base64(COVER.encode(), TEXT))


@pytest.mark.parametrize("sender", ["root@jms01", "oracle@[10.0.0.3]", "jms@localhost"])
def test_ordinary_mail_passes_when_a_jail_system_sends_it_under_its_own_name(sender):
    head = [HEAD[0], "To: clerk@county.example", *HEAD[2:]]
    raw = mail("The meeting is moved to the library.", TEXT, head=head)
    assert decided(examined(raw, "clerk@county.example", sender=sender)).permit
    assert not decided(examined(mail("He is released at 07:30.", TEXT, head=head), AGENT, sender=sender)).permit
