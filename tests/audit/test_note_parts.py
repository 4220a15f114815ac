"""The writer's reading and signing of notes and keys at their borders."""

from base64 import b64encode
from hashlib import sha256

import pytest

from integration.audit.note import KeyFileError, NoteError, SigningKey, open_note, split_note
from tests.audit.logs import KEY, ORIGIN


def key_id(name: str, kind: int, public: bytes) -> str:
    """Worked out a second time, as C2SP signed-note has it."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).hexdigest()[:8]


def test_a_key_is_named_by_its_own_id():
    name, own, encoded = KEY.vkey.split("+", 2)
    assert own == key_id(name, 1, KEY.private.public_key().public_bytes_raw())
    assert encoded == b64encode(b"\x01" + KEY.private.public_key().public_bytes_raw()).decode()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o610, 0o602, 0o660, 0o606, 0o677])
def test_a_key_is_not_used_when_anybody_else_can_open_its_file(tmp_path, mode):
    KEY.write(tmp_path / "log.key")
    (tmp_path / "log.key").chmod(mode)
    with pytest.raises(KeyFileError, match="is open to group or others"):
        SigningKey.load(tmp_path / "log.key", ORIGIN)


GOOD = KEY.sign("text\n")
LINE = GOOD.rpartition(b"\n\n")[2]


def test_a_note_is_split_where_its_signatures_begin():
    text, lines = split_note(KEY.sign("one\n\ntwo\n"))
    assert (text, len(lines)) == ("one\n\ntwo\n", 1)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"\n\n" + LINE,
        GOOD[:-1],
        GOOD + b"\n",
        GOOD.replace(b"text", b"te\xffxt"),
        GOOD.replace(b"text", b"te\x01xt"),
        GOOD.replace(b"text", b"te\rxt"),
        GOOD.replace("\u2014 ".encode(), b"- "),
        GOOD + "\u2014 x\n".encode(),
        GOOD + "\u2014  AAAA\n".encode(),
        GOOD + "\u2014 x AAAA \n".encode(),
        GOOD + "\u2014 x AAAA\n".encode() * 100,
        GOOD.replace(b"\n\n", b"\n"),
    ],
)
def test_a_note_is_refused_when_it_is_not_of_the_form(note):
    with pytest.raises(NoteError):
        open_note(note, KEY.vkey)


@pytest.mark.parametrize(
    ("note", "because"),
    [
        (b"text\n\n", "nobody signed it"),
        (b"text\n", "there is no gap"),
        (LINE, "there is no gap"),
        (GOOD[:-1], "it was cut off"),
        (GOOD + "\u2014 x AAAA".encode(), "it was cut off behind a whole signature"),
        (GOOD + b"x\n", "a line is no signature"),
        (GOOD + "\u2014 x AAAA\n".encode() * 100, "a hundred and one signed it"),
    ],
)
def test_a_note_is_not_even_split_when_it_is_not_of_the_form(note, because):
    # `parse` looks at no signature, so this is all that stands before it
    with pytest.raises(NoteError):
        split_note(note)


def test_a_note_opens_when_a_hundred_signed_it():
    assert open_note(GOOD + "\u2014 x AAAA\n".encode() * 99, KEY.vkey) == "text\n"


def test_a_note_is_refused_when_the_key_signed_something_else():
    other = KEY.sign("other\n").rpartition(b"\n\n")[2]
    for note in (b"text\n\n" + other, GOOD + other):
        with pytest.raises(NoteError, match="does not verify"):
            open_note(note, KEY.vkey)
    stranger = SigningKey.generate(ORIGIN).sign("text\n")
    with pytest.raises(NoteError, match="no signature by"):
        open_note(stranger, KEY.vkey)
    with pytest.raises(NoteError, match="not base64"):
        open_note(GOOD + "\u2014 x A\n".encode(), KEY.vkey)


def test_a_signature_counts_under_its_name_wherever_it_stands():
    stranger = SigningKey.generate("other").sign("text\n").rpartition(b"\n\n")[2]
    assert open_note(b"text\n\n" + stranger + LINE, KEY.vkey) == "text\n"
    renamed = GOOD.replace(f"\u2014 {ORIGIN} ".encode(), "\u2014 other ".encode())
    assert renamed != GOOD
    with pytest.raises(NoteError, match="no signature by"):
        open_note(renamed, KEY.vkey)


@pytest.mark.parametrize(
    ("text", "signs"),
    [("two words\n", True), ("one\n\ntwo\n", True), ("\u00f1\n", True), ("\n", True), ("", False), ("a", False),
     ("a\n\n b", False), ("a\tb\n", False), ("a\rb\n", False), ("a\x1f\n", False), ("\x00\n", False)],
)  # fmt: skip
def test_a_text_is_signed_when_it_is_lines_and_nothing_else(text, signs):
    if signs:
        assert open_note(KEY.sign(text), KEY.vkey) == text
    else:
        with pytest.raises(NoteError, match="ends in a newline and has no other control character"):
            KEY.sign(text)


NAME, ID, ENCODED = KEY.vkey.split("+", 2)


@pytest.mark.parametrize(
    ("vkey", "because"),
    [
        (f"{NAME}+{ID}+{ENCODED[:5]} {ENCODED[5:]}", "a blank in the key"),
        (f"{NAME}+{ID}+{ENCODED[:5]}!{ENCODED[5:]}", "a character that is no base64"),
        (f"{NAME}+{ID}", "no key"),
        (f"{NAME}+{ID}+", "an empty key"),
        (f"{NAME}+{'0' * 8}+{ENCODED}", "another key's id"),
        (f"x{NAME}+{ID}+{ENCODED}", "the id covers the name"),
        (f"{NAME}+{key_id(NAME, 2, bytes(32))}+{b64encode(bytes([2]) + bytes(32)).decode()}", "another kind of key"),
        (f"{NAME}+{key_id(NAME, 1, bytes(32))}+{b64encode(bytes([2]) + bytes(32)).decode()}", "under the id of ours"),
        (f"{NAME}+{key_id(NAME, 1, bytes(31))}+{b64encode(bytes([1]) + bytes(31)).decode()}", "too short"),
        (f"{NAME}+{key_id(NAME, 1, bytes(33))}+{b64encode(bytes([1]) + bytes(33)).decode()}", "too long"),
        (f"a b+{key_id('a b', 1, bytes(32))}+{b64encode(bytes([1]) + bytes(32)).decode()}", "a name of two words"),
    ],
)
def test_a_verifier_key_is_refused_before_a_note_is_read(vkey, because):
    with pytest.raises(NoteError, match=r"verifier key|cannot name a key"):
        open_note(b"no note", vkey)
