"""Whom the first lines of a text order to be reached, a line at a time: what a fax or mail service would obey."""

import pytest

from integration.domain.recipients.commands import ordered_in

ORDER = "To: a@x.example"
WORDS = [
    "to", "cc", "bcc", "fax to", "fax-to", "faxto", "to fax", "to-fax", "tofax", "mail to", "email to", "e-mail to",
    "e-mail-to", "mailto", "send to", "send-to", "forward to", "forward-to", "sms to", "sms-to", "recipient",
    "recipients", "rcpt to", "rcpt-to", "smtp", "destination", "fax", "forward", "deliver to", "deliver-to",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_a_service_orders_when_it_stands_first(word):
    for line in (f"{word}: a@x.example", f"{word.upper()}=a@x.example", f"[*] {word} ): <a@x.example>"):
        assert list(ordered_in(line)) == ["a@x.example"], line


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("Fax to: (802) 872-6020", ["(802) 872-6020"], "a number as it stands"),
        ("To: records desk", ["records desk"], "a name as it stands"),
        ("To: a@x.example, B <b@x.example>;'c@x.example'", [f"{who}@x.example" for who in "abc"], "each address"),
        ("To: a@x.example\nCc: b@x.example", ["a@x.example", "b@x.example"], "several lines"),
        (f"\n\n  \n{ORDER}", ["a@x.example"], "behind empty lines"),
        (f"Subject: status\n{ORDER}", ["a@x.example"], "behind a line of another kind"),
        (f"{ORDER}\nSubject: status\nCc: b@x.example", ["a@x.example", "b@x.example"], "and beyond it"),
        (f"{ORDER}\nFrom: clerk\nCc: b@x.example", ["a@x.example", "b@x.example"], "whoever gives an order sends it"),
        (f"From: clerk\n{ORDER}", [], "the head of a letter that was sent before"),
        (f"Subject: status\nSent: today\n{ORDER}", [], "also behind its subject"),
        (f"Dear clerk\n{ORDER}", [], "a text that begins in another way"),
        (f"{ORDER}\nDear clerk\nCc: b@x.example", ["a@x.example"], "the text has begun"),
        (f"{ORDER}\n\nCc: b@x.example", ["a@x.example"], "an empty line ends it"),
        (f"{ORDER}\n \t\nCc: b@x.example", ["a@x.example"], "and so does a line of blanks"),
        ("Today: a@x.example", [], "another word that begins so"),
        ("To a@x.example", [], "no sign of an order"),
        ("", [], "nothing"),
    ],
)
def test_those_are_ordered_whom_the_first_lines_name(text, expected, because):
    assert list(ordered_in(text)) == expected, because


@pytest.mark.parametrize("word", ["From", "sent", "Date", "De", "Von", "Enviado"])
def test_an_earlier_letter_orders_nothing_whatever_its_head_begins_with(word):
    assert list(ordered_in(f"{word}: x\n{ORDER}")) == []
    # Another word that begins so is none of them.
    assert list(ordered_in(f"{word}x: y\n{ORDER}")) == ["a@x.example"]


def test_only_the_first_lines_are_looked_at():
    assert list(ordered_in("Re: x\n" * 19 + ORDER)) == ["a@x.example"]
    assert list(ordered_in("Re: x\n" * 20 + ORDER)) == []
    fill = ("Re" + "e" * 18 + ": " + "x" * 398 + "\n") * 18  # 7,578 characters
    for begins_at, read in ((8_000, True), (8_001, False)):
        first = "y" * (begins_at - len(fill) - len("To: \n"))
        assert list(ordered_in(f"{fill}To: {first}\nTo: z@x.example")) == [first, *["z@x.example"] * read]


def test_an_order_is_read_to_its_end_however_long_its_line_is():
    many = ", ".join(f"clerk{number}@court{number}.example" for number in range(40))
    assert list(ordered_in(f"To: {many}, {'z@x.example'}"))[-1] == "z@x.example"
    fill = ("Re: " + "x" * 396 + "\n") * 19  # 7,619 characters
    assert list(ordered_in(f"{fill}To: {'y' * 366} z@x.example")) == ["z@x.example"]


def test_an_order_goes_on_when_the_next_line_is_indented():
    assert list(ordered_in("To: a@x.example,\n\tz@x.example\nRe: y\n  q@x.example")) == ["a@x.example", "z@x.example"]
