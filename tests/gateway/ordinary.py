"""What an agency's staff send to everybody else in a day, in the forms of their programs. All names are invented."""

import random
from base64 import b64encode
from collections.abc import Iterator

from tests.gate import files
from tests.gate.leaks import LEAKS
from tests.gate.mails import base64_lines, crlf, mail, multipart, part
from tests.gate.techniques import HTML, TEXT, qp

RECIPIENTS = (
    "clerk@54a.courts.example",
    "notices@vine.example",
    "nurse@hospital.example",
    "prints@msp.example.gov",
    "bob@example.org",
    "ann.lee+jail@lawfirm.example",
    "o'brien@example.org",
    "press@news.example",
    "family.of.perez@mail.example",
    "dispatch@county.example",
    "icecream@vendor.example",
    "service@justice.example",
)
_WORDS = (
    "the county jail roster for today is attached please see arraignment moved to Monday at 8:30 in courtroom 5 "
    "release times change daily bring the property form inmate visit cancelled shift swap approved lunch at noon "
    "the budget draft went to the commission invoice 4417 is due water is off in pod C training on Thursday"
).split()
_TOLD = [text for texts in LEAKS.values() for text in texts]
"""Anything about anybody, but for network messages, which reach an immigration authority by their own head."""
_SUBJECTS = ("Re: shift", "Daily list", "FW: invoice", "Hearing moved", "Release times", "Fwd: fwd: lunch", "Roster")


def _text(dice: random.Random) -> str:
    lines = [" ".join(dice.choices(_WORDS, k=dice.randint(2, 14))) for _ in range(dice.randint(1, 40))]
    if dice.random() < 0.5:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(_TOLD))  # to others that is nobody's business
    if dice.random() < 0.3:
        lines += [".", "..", ". x", "...", "From here on", "> quoted"]
    return "\n".join(lines) + "\n"


def _head(dice: random.Random, number: int) -> list[str]:
    head = [
        f"Received: from desk{number % 7} by relay.lansing.example; Mon, 02 Mar 2026 10:00:{number % 60:02} -0500",
        "From: Jane Roe <jane@lansing.example>",
        "To: somebody <list@example.org>",
        f"Subject: {dice.choice(_SUBJECTS)}",
        "Date: Mon, 02 Mar 2026 10:00:00 -0500",
        f"Message-ID: <{number}.{dice.getrandbits(64):x}@lansing.example>",
        "MIME-Version: 1.0",
    ]
    if dice.random() < 0.2:
        head[3] = f"Subject: =?utf-8?b?{b64encode('Verlegung der Anhörung'.encode()).decode()}?="
    if dice.random() < 0.2:
        head.append("X-Long: " + "folded\r\n\t" * 20 + "end")
    return head


def _mail(dice: random.Random, number: int) -> bytes:  # noqa: PLR0911  one for each form
    text, head = _text(dice), _head(dice, number)
    match number % 12:
        case 0 | 1 | 2:
            return mail(text, "Content-Type: text/plain; charset=utf-8", head=head)
        case 3:
            return mail(text, head=[line for line in head if not line.startswith("MIME")])
        case 4:
            return mail(qp(text), TEXT, "Content-Transfer-Encoding: quoted-printable", head=head)
        case 5:
            latin = "Grüße aus dem Büro\n".encode("latin-1").replace(b"\n", b"\r\n")
            kind = "Content-Type: text/plain; charset=iso-8859-1"
            return mail(latin + crlf(text), kind, "Content-Transfer-Encoding: 8bit", head=head)
        case 6:
            shown = "".join(f"<p>{line}</p>" for line in text.split("\n"))
            return multipart(part(text, TEXT), part(f"<html>{shown}</html>", HTML), kind="alternative", head=head)
        case 7:
            kind = "application/pdf"
            return _attached(dice, text, head, kind, raw=files.pdf(text[:200]))
        case 8:
            raw = bytes(dice.getrandbits(8) for _ in range(dice.randint(100, 20_000)))
            return _attached(
                dice, text, head, dice.choice(("image/jpeg", "application/octet-stream")), raw=raw, name="a.bin"
            )
        case 9:
            inner = mail(_text(dice), TEXT, head=_head(dice, number))
            return multipart(part(text, TEXT), part(inner, "Content-Type: message/rfc822"), head=head)
        case 10:
            return mail("x" * dice.randint(900, 3_000) + "\n" + text, TEXT, head=head)  # a program without line breaks
        case _:
            return mail("\n\n" + text + "\n\n\n", TEXT, head=head)


def _attached(
    dice: random.Random, text: str, head: list[str], kind: str, *, raw: bytes, name: str = "scan.pdf"
) -> bytes:
    fields = (f'Content-Type: {kind}; name="{name}"', "Content-Transfer-Encoding: base64")
    return multipart(
        part(text, TEXT), part(base64_lines(raw), *fields), boundary=f"b{dice.getrandbits(40):x}", head=head
    )


def ordinary_mails(count: int, seed: int = 1) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """Mails, each with its recipients: one, or a few."""
    dice = random.Random(seed)
    for number in range(count):
        to = tuple(dice.sample(RECIPIENTS, k=dice.choice((1, 1, 1, 2, 5))))
        raw = _mail(dice, number)
        yield raw if raw.endswith(b"\r\n") else raw + b"\r\n", to
