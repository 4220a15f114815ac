"""Lists of people by country, and the notices that mail systems put under every message, at their borders."""

import pytest

from integration.domain.messages.lists import is_list_of_people, is_titled_so
from integration.domain.messages.notices import Notice
from integration.domain.messages.words import cut

ROW = "PEREZ JUAN, MX"
ROWS = [
    ("PEREZ JUAN, MX", "a comma"),
    ("PEREZ JUAN; MX", "a semicolon"),
    ("PEREZ JUAN|MX", "a bar"),
    ("PEREZ JUAN\tMX", "a tab"),
    ("PEREZ JUAN  MX", "two blanks"),
    ("PEREZ JUAN - MX", "a dash"),
    ("PEREZ, MX", "one word"),
    ("Juan De La Cruz, mexico", "four words"),
    ("Malcolm X, mexico", "one letter"),
    ("O'Neil-Cruz J., MX", "marks in a name"),
    ("'Juan', -Perez-, MX", "marks around a name"),
    ("MX, PEREZ JUAN, 1990", "in another order, beside others"),
    ("Juan Perez, Mexico", "a country"),
    ("Juan Perez, El Salvador", "a country of two words"),
    ("Juan Perez, Honduran", "a nationality"),
]


@pytest.mark.parametrize(("row", "because"), ROWS, ids=[row[1] for row in ROWS])
def test_three_rows_of_names_and_countries_are_a_list_of_people(row, because):
    assert is_list_of_people("\n".join([row] * 3)), because
    assert is_list_of_people(f"see below\n{row}\n\nx, y\n{row}\n{row}"), "wherever they stand"
    assert not is_list_of_people("\n".join([row] * 2)), "two are none"


@pytest.mark.parametrize(
    ("row", "because"),
    [
        ("Juan Perez Mexico", "no column"),
        ("JUAN PEREZ - 1990", "no country"),
        ("12, mexico", "no name"),
        ("juan perez, mexico", "a name begins with a capital"),
        ("Juan perez, mexico", "each word of it"),
        ("JUAN1 PEREZ, mexico", "and has letters alone"),
        ("Juan De La Cruz Perez, mexico", "and no more than four"),
        ("Juan Perez, mx", "a code is written in capitals"),
        ("Juan Perez, XQ", "and is one"),
        ("Juan Perez, to Mexico 1", "a country is all of its column"),
        ("Juan Perez, Mexico City 1", "from its first word"),
        ("Juan Perez, north of Mexico", "to its last"),
        (", ,", "nothing"),
    ],
)
def test_rows_are_no_list_of_people_when(row, because):
    assert not is_list_of_people("\n".join([row] * 5)), because


def test_a_long_text_is_read_so_far_and_no_further():
    assert is_list_of_people("\n".join(["x"] * 2_997 + [ROW] * 3))
    assert not is_list_of_people("\n".join(["x"] * 2_998 + [ROW] * 3))


def test_rows_may_be_parted_in_every_way_at_once():
    assert is_list_of_people("\n".join(row for row, _ in ROWS))


def test_a_country_alone_in_its_line_is_no_row_whatever_stands_elsewhere():
    assert not is_list_of_people("see, below\nMexico\nMexico\nMexico")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the foreign born inmates of today", True), ("foreign born", True), ("Noncitizens", True),
        ("lista de extranjeros", True), ("a list of inmates", False), ("", False),
    ],
)  # fmt: skip
def test_a_title_says_what_a_list_is(text, expected):
    assert is_titled_so(cut(text)) is expected


def notices_only(text: str) -> bool:
    """Whether a text is notices to its end: a stop behind it shows that nothing was left half said."""
    notice = Notice()
    return all(notice.goes_on(line) for line in (*text.splitlines(), "."))


WRAPPED = (
    "this email is intended only for the use of the individual or entity to which it is addressed and may contain\n"
    "information that is privileged confidential and exempt from disclosure under applicable law"
)
COMMONEST = """
CONFIDENTIALITY NOTICE: This e-mail, including any attachments, is for the sole use of the intended recipient(s) and may
contain confidential and privileged information. Any unauthorized review, use, disclosure or distribution is prohibited.
If you are not the intended recipient, please contact the sender by reply e-mail and destroy all copies of the original
message.

This e-mail is for the sole use of the intended recipient(s) and may contain confidential and privileged information.

NOTICE: This message, including any attachments, is for the sole use of the intended recipient and may contain
confidential and privileged information. Any review, use, distribution or disclosure by others is strictly prohibited.
If you are not the intended recipient (or authorized to receive for the recipient), please contact the sender by reply
email and delete all copies of this message.

This message is for the sole use of the intended recipient(s) and may contain confidential and/or privileged
information. Any unauthorized review, use, disclosure, copying or distribution is strictly prohibited.

This communication, including any attachments, is for the sole use of the intended recipient(s) and may contain
confidential and privileged information. If you are not the intended recipient, please contact the sender by reply
e-mail and delete all copies of this message.

CONFIDENTIALITY NOTICE: This communication with its contents may contain confidential and/or legally privileged
information. It is solely for the use of the intended recipient(s). Unauthorized interception, review, use or disclosure
is prohibited and may violate applicable laws including the Electronic Communications Privacy Act. If you are not the
intended recipient, please contact the sender and destroy all copies of the communication.

This communication and any attachments are for the sole use of the intended recipient(s) and may contain information
that is confidential or privileged.

This e-mail and any attachments are for the sole use of the intended recipient.

This e-mail transmission, and any documents, files or previous e-mail messages attached to it, may contain information
that is confidential or legally privileged.
"""


@pytest.mark.parametrize("notice", COMMONEST.strip().split("\n\n"))
def test_the_commonest_notices_are_known_and_nothing_put_into_them(notice):
    assert notices_only(notice)
    words = notice.split()
    for hint in ("released", "at", "six", "tomorrow", "north", "out"):
        for at in range(len(words) + 1):
            text = " ".join([*words[:at], hint, *words[at:]])
            assert not notices_only(text), text


NOTICES = [
    ("CONFIDENTIAL", "one word"),
    ("Sent from my iPhone", "a sentence"),
    ("This e-mail originated from outside the organization.", "with its hyphen and stop"),
    ("Confidential. Disclaimer! Warning? Caution: Notice;", "several, each with its stop"),
    ("CONFIDENTIAL\nSent from my iPad", "several, each on its line"),
    ("Privacy notice Sent from Outlook", "several in one line"),
    (WRAPPED, "one of two lines"),
    ("use caution when clicking links or opening attachment(s)s", "with a letter in brackets"),
    ("", "nothing"),
]


@pytest.mark.parametrize(("text", "because"), NOTICES, ids=[row[1] for row in NOTICES])
def test_a_notice_is_known_by_its_sentences(text, because):
    assert notices_only(text), because


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("Sent from my house", "another word"),
        ("Sent from", "it ends too soon"),
        ("from my iPhone", "it begins too late"),
        ("Sent. from my iPhone", "a stop inside"),
        ("Sent from my iPhone 7", "a number"),
        ("CONFIDENTIAL 0730", "a number beside it"),
        ("0730", "a number alone"),
        ("Sent from my iPhone at seven", "something behind it"),
        ("he goes. Sent from my iPhone", "something before it"),
        ("confidential and", "half of one"),
        ("Confidential. he goes", "something behind a stop"),
        ("he goes confidential", "something before it without a stop"),
        ("Sent from confidential", "a second one begins before the first has ended"),
        ("iphone my from sent", "its words in another order"),
    ],
)
def test_a_text_is_no_notice_when(text, because):
    assert not notices_only(text), because


def test_a_line_is_no_notice_from_its_first_word_that_is_none():
    # Not only when the next stop shows it: nobody waits for that.
    assert Notice().goes_on("CONFIDENTIAL sent")
    assert not Notice().goes_on("CONFIDENTIAL house")
