from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from integration.audit.checkpoint import Checkpoint, parse, sign_checkpoint, verified
from integration.audit.note import KeyFileError, NoteError, SigningKey, open_note
from integration.audit.verify import read_checkpoint
from tests.audit.logs import KEY, ORIGIN

# The example of Go's sumdb/note, key and all; Ed25519 is deterministic, so signing must give these very bytes.
NEUMANN_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
NEUMANN_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
NEUMANN_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# An example note of the C2SP signed-note family with its verifier key.
FOO_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
ROOT = bytes(range(32))


def test_published_note_is_signed_byte_for_byte_when_key_is_published():
    key = SigningKey("PeterNeumann", Ed25519PrivateKey.from_private_bytes(NEUMANN_SEED))
    assert key.vkey == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert key.sign(NEUMANN_TEXT) == (NEUMANN_TEXT + "\n" + NEUMANN_LINE).encode()


def test_published_note_opens_when_key_is_published():
    assert open_note(FOO_NOTE, FOO_VKEY) == "This is an example message.\n"
    with pytest.raises(NoteError, match="does not verify"):
        open_note(FOO_NOTE.replace(b"example message", b"example massage"), FOO_VKEY)


def test_checkpoint_reads_back_the_same_in_both_readers_when_signed():
    note = sign_checkpoint(ORIGIN, 20_852_163, ROOT, KEY)
    assert parse(note) == verified(note, KEY.vkey) == Checkpoint(ORIGIN, 20_852_163, ROOT)
    head = read_checkpoint(note, KEY.vkey)
    assert (head.origin, head.size, head.root) == (ORIGIN, 20_852_163, ROOT)
    assert note.startswith(f"{ORIGIN}\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— {ORIGIN} ".encode())


def test_other_signatures_are_passed_over_when_log_signed_too():
    note = sign_checkpoint(ORIGIN, 5, ROOT, KEY)
    others = [SigningKey.generate(name) for name in ("witness.example/a", ORIGIN)]
    text = parse(note) and note.split(b"\n\n")[0].decode() + "\n"
    for other in others:
        note += other.sign(text).split(b"\n\n")[1]
    assert verified(note, KEY.vkey).size == read_checkpoint(note, KEY.vkey).size == 5
    assert read_checkpoint(note, others[1].vkey).size == 5


GOOD = sign_checkpoint(ORIGIN, 5, ROOT, KEY)


@pytest.mark.parametrize(
    "note",
    [
        b"",
        GOOD.replace(b"\n5\n", b"\n6\n"),
        GOOD[:-1],
        GOOD.replace(b"\n\n", b"\n"),
        GOOD.replace("— ".encode(), b"- "),
        SigningKey.generate(ORIGIN).sign(GOOD.split(b"\n\n")[0].decode() + "\n"),
        KEY.sign(f"{ORIGIN}\n05\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"),
        KEY.sign(f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n"),
        KEY.sign(f"{ORIGIN}\n5\nAAEC\n"),
        KEY.sign(f"{ORIGIN}\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nextension\n"),
        KEY.sign("other.example/log\n5\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"),
        GOOD + b"\xe2\x80\x94 x !!!\n",
        GOOD.replace(b"audit", b"\xff\xff"),
    ],
)
def test_checkpoint_is_refused_by_both_readers_when_malformed_or_forged(note):
    with pytest.raises(NoteError):
        verified(note, KEY.vkey)
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(note, KEY.vkey)


def test_every_flipped_byte_is_refused_when_checkpoint_is_read():
    for position in range(len(GOOD)):
        flipped = bytearray(GOOD)
        flipped[position] ^= 1 << position % 7
        with pytest.raises(ValueError, match=r"."):
            read_checkpoint(bytes(flipped), KEY.vkey)


@pytest.mark.parametrize("vkey", ["", "a+b", "name+00000000+AAAA", KEY.vkey[:-4], KEY.vkey.replace("audit", "other")])
def test_verifier_key_is_refused_when_malformed(vkey):
    with pytest.raises(NoteError):
        verified(GOOD, vkey)
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(GOOD, vkey)


def test_signing_is_refused_when_checkpoint_makes_no_sense():
    for origin, size, root in ((ORIGIN, -1, ROOT), (ORIGIN, 1, b"short"), ("other.example", 1, ROOT), ("a b", 1, ROOT)):
        with pytest.raises(ValueError, match=r"."):
            sign_checkpoint(origin, size, root, KEY)
    for text in ("", "no newline", "a\tb\n"):
        with pytest.raises(NoteError):
            KEY.sign(text)
    for name in ("", "a b", "a+b", "a\n"):
        with pytest.raises(NoteError):
            SigningKey.generate(name)


def test_key_comes_back_and_is_private_when_written(tmp_path):
    path = tmp_path / "log.key"
    KEY.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert SigningKey.load(path, ORIGIN).vkey == KEY.vkey
    with pytest.raises(FileExistsError):
        KEY.write(path)
    assert "private" not in repr(KEY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601, 0o777])
def test_key_is_refused_when_others_have_access(tmp_path, mode):
    path = tmp_path / "log.key"
    KEY.write(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        SigningKey.load(path, ORIGIN)


def test_key_is_refused_when_file_holds_something_else(tmp_path):
    path = tmp_path / "log.key"
    other = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"nonsense", other):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(KeyFileError):
            SigningKey.load(path, ORIGIN)
