"""Breaking mail messages: bytes flipped, cut, doubled, moved; lines and tokens of other messages put in."""

import random
from collections.abc import Sequence

TOKENS = (
    b"\r\n",
    b"\r\n\r\n",
    b"--b1\r\n",
    b"--b1--\r\n",
    b"Content-Type: ",
    b"Content-Transfer-Encoding: base64\r\n",
    b"boundary=b1",
    b"charset=utf-7",
    b"charset=utf-16",
    b"=?utf-8?b?",
    b"?=",
    b"=",
    b"==",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"%PDF-1.4\n",
    b"begin 644 a\r\n",
    b"=ybegin line=128 size=9 name=a\r\n",
    b"<!--",
    b"-->",
    b"<style>",
    b"<p",
    b'"',
    b"(",
    b")",
    b"\\",
    b";",
    b"%",
    b"message/rfc822",
    b"message/partial",
    b"multipart/mixed",
    b"\x1b$B",
    b"+AGE-",
    b"{\\rtf1",
    b"\x78\x9f\x3e\x22",
    b"IAQ.",
    b"0730 hrs",
    b"A" * 1_000,
    b"(" * 200,
    b"<" * 500,
    b"=?" * 200,
    b"&#x41;" * 100,
)
MOST = 60_000


def mutated(raw: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """One to six changes. Bare CR, bare LF and NUL are put right, so that reading is reached."""
    out = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(out) + 1)
        end = min(len(out), place + dice.choice((1, 2, 5, 20, 100, 1_000)))
        match dice.randrange(7):
            case 0 if out:
                out[place % len(out)] ^= 1 << dice.randrange(8)
            case 1:
                del out[place:end]
            case 2:
                out[place:place] = dice.choice(TOKENS)
            case 3:
                out[place:place] = out[place:end]
            case 4:
                other = dice.choice(others)
                start = dice.randrange(len(other) + 1)
                out[place:end] = other[start : start + dice.choice((1, 10, 100, 1_000))]
            case 5:
                del out[place:]
            case _:
                out[place:place] = bytes(dice.randrange(1, 256) for _ in range(dice.randint(1, 20)))
    text = bytes(out[:MOST]).replace(b"\0", b" ").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.replace(b"\n", b"\r\n")
