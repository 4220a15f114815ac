"""Messages made to take long. Each has to end: the timeout is a guard against a hang, not a figure."""

import pytest

from tests.gate import files
from tests.gate.judging import PACKS, decided, examined
from tests.gate.mails import AGENT, attached, base64_lines, mail, multipart, part, plain

HTML = "Content-Type: text/html"
TEXT = "Content-Type: text/plain"
LONG = {
    "binary": lambda: attached(bytes(range(1, 256)) * 40_000, "application/octet-stream"),
    "text": lambda: plain("lorem ipsum dolor sit amet released custody 0730\n" * 60_000),
    "parts of text": lambda: multipart(*[part("word custody 0730 " * 5_000, TEXT)] * 150),
    "pdfs": lambda: multipart(*[part(base64_lines(files.pdf("x\n" * 500)), "Content-Type: application/pdf")] * 150),
    "open tags": lambda: mail("<b>" * 200_000, HTML),
    "less than": lambda: mail("<" * 300_000, HTML),
    "open comments": lambda: mail("<!--" * 100_000, HTML),
    "attributes": lambda: mail("<a " + "x='y' " * 60_000, HTML),
    "base64 runs": lambda: plain("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo= " * 4_000),
    "encoded words": lambda: mail("x", "Comments: " + "=?utf-8?q?a?= " * 15_000),
    "fields": lambda: mail("x", *["X-A: b"] * 5_000),
    "malformed fields": lambda: mail("x", *["no field"] * 20_000),
    "a long field": lambda: mail("x", "Comments: " + "a" * 300_000),
    "queries": lambda: plain("iaq " * 80_000),
    "dates": lambda: plain("3/5 " * 40_000),
    "digits": lambda: plain("1 " * 50_000),
    "hexadecimal": lambda: plain("41" * 50_000),
    "one word": lambda: plain("a" * 100_000),
    "one letter words": lambda: plain("a b " * 40_000),
    "dots": lambda: plain("a." * 60_000),
    "names": lambda: plain("Juan Perez is a citizen of Mexico. " * 2_500),
    "statements": lambda: plain("Citizenship: Mexico\n" * 5_000),
    "statements in one line": lambda: plain("Citizenship: Mexico. " * 4_500),
    "having": lambda: plain("has a b c d e " * 8_000),
    "streets": lambda: plain("1 a b c d " * 10_000),
    "recipients": lambda: mail("x", "Cc: " + ", ".join(f"a{n}@b{n}.example" for n in range(8_000))),
    "boundaries": lambda: mail(b"".join(b"--b%d\r\n" % n for n in range(50_000)), "Content-Type: multipart/mixed"),
    "parameters": lambda: mail("x", "Content-Type: text/plain; " + "a=b;" * 3_000),
    "received": lambda: mail("x", "Received: from a " + "(" * 30_000),
    "clauses": lambda: mail("x", "Received: " + "from a by b " * 4_000 + "!"),
    "a program's version": lambda: mail("x", "X-Mailer: " + "1" * 60 + "!"),
    "a long version": lambda: mail("x", "User-Agent: " + "1." * 5_000 + "!"),
    "a signature": lambda: mail("x", "DKIM-Signature: " + "a=" * 20_000 + "!"),
    "loose parameters": lambda: mail("x", "Content-Type: text/plain; " + "a" * 7_900),
    "loose parameters, spaced": lambda: mail("x", "Content-Type: text/plain; " + "a " * 3_900),
    "twenty parts of loose parameters": lambda: multipart(
        *[part("x", "Content-Type: text/plain; " + "a" * 7_900)] * 20, boundary="b2"
    ),
    "a parameter of spaces": lambda: mail("x", "Content-Type: text/plain; a" + " " * 7_900 + "b"),
    "a folded field": lambda: mail("x", "Cc: " + "\r\n ".join(["a" * 900] * 1_100)),
    "a folded field of signs": lambda: mail("x", "Cc: " + "\r\n ".join(["+@" * 450] * 1_100)),
    "results of checks": lambda: mail("x", "Authentication-Results: " + "a; spf=pass " * 600 + "!"),
    "comments of checks": lambda: mail("x", "Authentication-Results: a; spf=pass " + "(i=1 a=b" * 900),
    "a report of spam": lambda: mail("x", "X-Spam-Status: No, tests=" + "SPF_A," * 1_300 + "!"),
    "a sealed field": lambda: mail("x", "ARC-Seal: " + "a=" * 3_900 + "!"),
    "a field of Exchange": lambda: mail("x", "X-MS-Exchange-A: " + "AAAA:EE_|" * 800 + "!"),
    "a report of Exchange": lambda: mail("x", "X-Forefront-Antispam-Report: " + "SFS:(1)" * 1_000 + "!"),
    "an address of one letter": lambda: mail("x", "Cc: " + "a" * 300_000),
    "an address of quotes": lambda: mail("x", "Cc: " + '"a' * 100_000),
    "quotation marks": lambda: plain('"' * 100_000),
    "quotations": lambda: plain("> " * 60_000 + "\nOn x\n" * 10_000),
    "empty lines": lambda: plain("\n" * 200_000),
    "spaces": lambda: plain(" " * 200_000 + "x"),
    "entities": lambda: plain("&#65;" * 20_000),
    "xml": lambda: attached(b"<?xml version='1.0'?>" + b"<a>" * 200_000, "application/xml"),
    "entities of xml": lambda: attached(
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 9_000 + b'">]><a>' + b"&b;" * 9_000 + b"</a>",
        "application/xml",
    ),
    "tnef": lambda: attached(
        b"\x78\x9f\x3e\x22\x01\x00" + b"\x01\x0c\x80\x02\x00\x00\x00\x00\x00\x00\x00" * 20_000, "application/ms-tnef"
    ),
    "archives": lambda: attached(
        files.archive(
            {f"{n}.zip": files.archive({f"{m}.txt": b"custody 0730 " * 900 for m in range(10)}) for n in range(15)}
        ),
        "application/zip",
    ),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", LONG)
def test_message_is_decided_when_it_is_made_to_take_long(name):
    seen = examined(LONG[name](), AGENT)
    permits = [decided(seen, pack).permit for pack in PACKS]
    assert not any(permits) or not seen.unread
