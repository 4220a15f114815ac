"""Ways of sending a text so that a careless reader does not see it: text in, message out."""

import base64
import binascii
import quopri
from collections.abc import Callable
from email.header import Header
from urllib.parse import quote

from tests.gate import files
from tests.gate.mails import COVER, HEAD, attached, base64_lines, crlf, in_base64, mail, multipart, part, plain

Technique = Callable[[str], bytes]
TEXT = "Content-Type: text/plain; charset=utf-8"
HTML = "Content-Type: text/html; charset=utf-8"
_CYRILLIC = str.maketrans(
    "aceopxyiABCEHKMOPTX",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425",
)
_WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}


def qp(text: str) -> bytes:
    return quopri.encodestring(crlf(text)).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def uu(text: str) -> str:
    raw = text.encode()
    lines = [binascii.b2a_uu(raw[at : at + 45]).decode() for at in range(0, len(raw), 45)]
    return "begin 644 status.txt\n" + "".join(lines) + "`\nend\n"


def yenc(text: str) -> bytes:
    body = b"".join(bytes([61, (byte + 106) % 256]) for byte in text.encode())
    return (
        b"=ybegin line=128 size=10 name=s\r\n"
        + body.replace(b"\r", b"=M").replace(b"\n", b"=J")
        + b"\r\n=yend size=10\r\n"
    )


def two_types(text: str) -> bytes:
    body = b"--x\r\n\r\n" + crlf(COVER) + b"\r\n--x--\r\n" + crlf(text)
    return mail(body, "Content-Type: multipart/mixed; boundary=x", "Content-Type: text/plain")


def html_of(inside: str) -> bytes:
    return mail(f"<html><body><p>{COVER}</p>{inside}</body></html>", HTML)


def with_field(field: str) -> bytes:
    return mail(COVER, TEXT, field)


def word(text: str, encoding: str) -> str:
    raw = text.replace("\n", " ").encode()
    if encoding == "b":
        return f"=?utf-8?b?{base64.b64encode(raw).decode()}?="
    return "=?utf-8?q?" + "".join(f"={byte:02X}" for byte in raw) + "?="


def nested(text: str, levels: int) -> bytes:
    raw = plain(text)
    for _ in range(levels):
        raw = mail(raw, "Content-Type: message/rfc822")
    return raw


def deep(text: str) -> bytes:
    raw = part(text, TEXT)
    for level in range(20):
        boundary = f"n{level}"
        body = b"--" + boundary.encode() + b"\r\n" + raw + b"\r\n--" + boundary.encode() + b"--\r\n"
        raw = part(body, f"Content-Type: multipart/mixed; boundary={boundary}")
    return "\r\n".join(HEAD).encode() + b"\r\n" + raw


OPEN: dict[str, Technique] = {
    # Ways of sending in which the text has to be found, whatever hides it.
    "plain": plain,
    "base64": lambda t: in_base64(t.encode(), TEXT),
    "quoted-printable": lambda t: mail(qp(t), TEXT, "Content-Transfer-Encoding: quoted-printable"),
    "base64 with junk": lambda t: mail(
        base64_lines(t.encode()).replace(b"\r\n", b"\r\n*!"), TEXT, "Content-Transfer-Encoding: base64"
    ),
    "base64 in pieces": lambda t: mail(
        b"\r\n".join(base64.b64encode(t.encode()[at : at + 20]) for at in range(0, len(t.encode()), 20)),
        TEXT,
        "Content-Transfer-Encoding: base64",
    ),
    "transfer encoding twice": lambda t: mail(
        base64_lines(t.encode()), TEXT, "Content-Transfer-Encoding: 7bit", "Content-Transfer-Encoding: base64"
    ),
    "transfer encoding missing": lambda t: mail(base64_lines(t.encode() * 3), TEXT),
    "transfer encoding lies": lambda t: mail(t, TEXT, "Content-Transfer-Encoding: x-uuencode"),
    "transfer encoding with comment": lambda t: mail(
        base64_lines(t.encode()), TEXT, "Content-Transfer-Encoding: base64 (really)"
    ),
    "utf-16": lambda t: in_base64(t.encode("utf-16"), "Content-Type: text/plain; charset=utf-16"),
    "utf-16 without mark": lambda t: in_base64(t.encode("utf-16-le"), "Content-Type: text/plain; charset=us-ascii"),
    "utf-7": lambda t: mail(t.encode("utf-7").replace(b"\n", b"\r\n"), "Content-Type: text/plain; charset=utf-7"),
    "utf-7 shifted": lambda t: mail(
        b"+" + base64.b64encode(t.encode("utf-16-be")).rstrip(b"=") + b"-", "Content-Type: text/plain; charset=utf-7"
    ),
    "html": lambda t: html_of(f"<p>{t}</p>"),
    "html entities": lambda t: html_of("".join(f"&#{ord(each)};" for each in t)),
    "html split tags": lambda t: html_of("".join(f"<b>{each}</b>" for each in t)),
    "html hidden": lambda t: html_of(f'<div style="display:none">{t}</div>'),
    "html white on white": lambda t: html_of(f'<font color="white" size="1">{t}</font>'),
    "html alt text": lambda t: html_of(f'<p title="{t}">x</p>'),
    "html in plain": lambda t: mail(f"<html><b>{t}</b></html>", TEXT),
    "alternative lies": lambda t: multipart(part(COVER, TEXT), part(f"<p>{t}</p>", HTML), kind="alternative"),
    "alternative lies the other way": lambda t: multipart(
        part(t, TEXT), part(f"<p>{COVER}</p>", HTML), kind="alternative"
    ),
    "preamble": lambda t: mail(
        crlf(t) + b"\r\n--b\r\n\r\n" + crlf(COVER) + b"\r\n--b--\r\n", "Content-Type: multipart/mixed; boundary=b"
    ),
    "epilogue": lambda t: mail(
        b"--b\r\n\r\n" + crlf(COVER) + b"\r\n--b--\r\n" + crlf(t), "Content-Type: multipart/mixed; boundary=b"
    ),
    "boundary never closed": lambda t: mail(
        b"--b\r\n\r\n" + crlf(COVER) + b"\r\n--b\r\n\r\n" + crlf(t), "Content-Type: multipart/mixed; boundary=b"
    ),
    "boundary missing": lambda t: mail(b"--b\r\n\r\n" + crlf(t) + b"\r\n--b--\r\n", "Content-Type: multipart/mixed"),
    "boundary twice": lambda t: mail(
        b"--b\r\n\r\n" + crlf(COVER) + b"\r\n--b--\r\n--c\r\n\r\n" + crlf(t) + b"\r\n--c--\r\n",
        "Content-Type: multipart/mixed; boundary=b; boundary=c",
    ),
    "boundary in sections": lambda t: mail(
        b"--bc\r\n\r\n" + crlf(t) + b"\r\n--bc--\r\n", 'Content-Type: multipart/mixed; boundary*0="b"; boundary*1="c"'
    ),
    "content type twice": two_types,
    "nested message": lambda t: nested(t, 1),
    "message in message in message": lambda t: nested(t, 3),
    "partial message": lambda t: mail(
        crlf("Content-Type: text/plain\n\n" + t), 'Content-Type: message/partial; id="x"; number=1; total=2'
    ),
    "subject": lambda t: mail(COVER, TEXT, head=[*HEAD[:2], "Subject: " + t.replace("\n", " "), *HEAD[3:]]),
    "subject in encoded words": lambda t: mail(COVER, TEXT, head=[*HEAD[:2], "Subject: " + word(t, "b"), *HEAD[3:]]),
    "subject in quoted words": lambda t: mail(COVER, TEXT, head=[*HEAD[:2], "Subject: " + word(t, "q"), *HEAD[3:]]),
    "subject in split words": lambda t: mail(
        COVER,
        TEXT,
        head=[
            *HEAD[:2],
            "Subject: " + Header(t.replace("\n", " "), "utf-8", maxlinelen=30).encode(linesep="\r\n"),
            *HEAD[3:],
        ],
    ),
    "folded subject": lambda t: mail(COVER, TEXT, head=[*HEAD[:2], "Subject: " + "\r\n ".join(t.split()), *HEAD[3:]]),
    "comments field": lambda t: with_field("Comments: " + t.replace("\n", " ")),
    "unknown field": lambda t: with_field("X-Note: " + t.replace("\n", " ")),
    "field after a malformed line": lambda t: mail(COVER, TEXT, "this is no field", "X-Note: " + t.replace("\n", " ")),
    "display name": lambda t: mail(
        COVER, TEXT, head=[HEAD[0], f'To: "{t.replace(chr(10), " ")}" <smith@ice.dhs.gov>', *HEAD[2:]]
    ),
    "file name": lambda t: attached(
        b"Citizenship: Mexico", "text/plain", t.replace("\n", " ").replace('"', "").replace("/", " ") + ".txt"
    ),
    "file name in sections": lambda t: multipart(
        part(COVER, TEXT),
        part(
            COVER,
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Disposition: attachment; filename*=utf-8''{quote(t)}",
        ),
    ),
    "attached text": lambda t: attached(t.encode(), "text/plain", "status.txt"),
    "attached as octets": lambda t: attached(t.encode(), "application/octet-stream", "status.bin"),
    "attached csv": lambda t: attached(t.encode(), "text/csv", "status.csv"),
    "attached html": lambda t: attached(f"<p>{t}</p>".encode(), "text/html", "status.html"),
    "docx": lambda t: attached(
        files.docx(t), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "status.docx"
    ),
    "docx in hidden letters": lambda t: attached(files.docx_split(t), "application/octet-stream", "status.docx"),
    "xlsx": lambda t: attached(files.xlsx(t), "application/vnd.ms-excel", "status.xlsx"),
    "odt": lambda t: attached(files.odt(t), "application/vnd.oasis.opendocument.text", "status.odt"),
    "pdf": lambda t: attached(files.pdf(t), "application/pdf", "status.pdf"),
    "pdf not compressed": lambda t: attached(files.pdf(t, compressed=False), "application/pdf", "status.pdf"),
    "zip": lambda t: attached(files.archive({"status.txt": t.encode()}), "application/zip", "status.zip"),
    "zip in zip": lambda t: attached(
        files.archive({"a.zip": files.archive({"b.zip": files.archive({"c.txt": t.encode()})})}),
        "application/zip",
        "status.zip",
    ),
    "docx in zip": lambda t: attached(files.archive({"a.docx": files.docx(t)}), "application/zip", "status.zip"),
    "zip called text": lambda t: attached(files.archive({"status.txt": t.encode()}), "text/plain", "status.txt"),
    "gzip": lambda t: attached(files.gzipped(t), "application/gzip", "status.gz"),
    "bzip2": lambda t: attached(files.bzipped(t), "application/x-bzip2", "status.bz2"),
    "xz": lambda t: attached(files.xzipped(t), "application/x-xz", "status.xz"),
    "tnef": lambda t: attached(files.tnef(t), "application/ms-tnef", "winmail.dat"),
    "rtf": lambda t: attached(files.rtf(t), "text/rtf", "status.rtf"),
    "calendar": lambda t: mail(files.calendar(t), "Content-Type: text/calendar; charset=utf-8; method=REQUEST"),
    "base64 in the text": lambda t: plain(COVER + "\n\n" + base64.b64encode(t.encode() * 2).decode()),
    "uuencode in the text": lambda t: plain(COVER + "\n\n" + uu(t)),
    "yenc in the text": lambda t: mail(
        crlf(COVER) + b"\r\n" + yenc(t),
        "Content-Type: text/plain; charset=iso-8859-1",
        "Content-Transfer-Encoding: 8bit",
    ),
    "quoted-printable in the text": lambda t: plain(COVER + "\n\n" + "".join(f"={byte:02X}" for byte in t.encode())),
    "percent encoding in the text": lambda t: plain(COVER + "\n\n" + "".join(f"%{byte:02X}" for byte in t.encode())),
    "hexadecimal in the text": lambda t: plain(COVER + "\n\n" + (t.encode() * 2).hex()),
    "data url": lambda t: html_of(
        f'<a href="data:text/plain;base64,{base64.b64encode(t.encode() * 2).decode()}">x</a>'
    ),
    "confusables": lambda t: plain(t.translate(_CYRILLIC)),
    "wide letters": lambda t: plain(t.translate(_WIDE)),
    "zero width": lambda t: plain("\u200b".join(t)),
    "soft hyphens": lambda t: plain("\u00ad".join(t)),
    "accents": lambda t: plain("".join(each + ("\u0301" if each.isalpha() else "") for each in t)),
    "backwards": lambda t: plain("\u202e" + t[::-1] + "\u202c"),
    "after much text": lambda t: plain(f"{COVER}.\n" * 300 + t),
    "in a quotation": lambda t: plain(COVER + "\n\n" + "\n".join("> " + line for line in t.split("\n"))),
    "under a closing": lambda t: plain(f"{COVER}\n\nRegards,\n{t}"),
    "after a signature": lambda t: plain(f"{COVER}\n\nRegards,\nJane Roe\nRecords\n\n{t}"),
}
"""The text has to be found by the detectors."""

CLOSED: dict[str, Technique] = {
    "image": lambda t: attached(files.png() + t.encode(), "image/png", "status.png"),
    "image called text": lambda t: attached(files.png() + t.encode(), "text/plain", "status.txt"),
    "sound": lambda t: attached(b"ID3\x04" + bytes(200) + t.encode(), "audio/mpeg", "status.mp3"),
    "unknown binary": lambda t: attached(bytes(range(256)) + t.encode(), "application/octet-stream", "status.dat"),
    "encrypted zip": lambda t: attached(files.locked(t.encode()), "application/zip", "status.zip"),
    "zip bomb": lambda t: attached(files.bomb(), "application/zip", "status.zip"),
    "old word document": lambda t: attached(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + t.encode("utf-16-le"), "application/msword", "status.doc"
    ),
    "seven zip": lambda t: attached(b"7z\xbc\xaf\x27\x1c" + t.encode(), "application/x-7z-compressed", "status.7z"),
    "signed and encrypted": lambda t: mail(
        base64_lines(t.encode()),
        "Content-Type: application/pkcs7-mime; smime-type=enveloped-data",
        "Content-Transfer-Encoding: base64",
    ),
    "pgp": lambda t: plain(
        COVER
        + "\n\n-----BEGIN PGP MESSAGE-----\n\n"
        + base64.b64encode(t.encode()).decode()
        + "\n-----END PGP MESSAGE-----"
    ),
    "external body": lambda t: mail(
        crlf("Content-Type: text/plain\n\n"),
        'Content-Type: message/external-body; access-type=URL; URL="http://jail.example/list"',
    ),
    "picture in html": lambda t: html_of('<img src="https://jail.example/list.png">'),
    "script": lambda t: html_of(f"<script>document.write(atob('{base64.b64encode(t.encode()).decode()}'))</script>"),
    "style sheet content": lambda t: html_of(f"<style>p:after{{content:'{t}'}}</style>".replace("\n", " ")),
    "html comment": lambda t: html_of(f"<!-- {t} -->"),
    "class names": lambda t: html_of(f'<p class="{t.replace(" ", "-")}">x</p>'),
    "too deep": deep,
    "too many parts": lambda t: multipart(*([part(COVER, TEXT)] * 250), part(t, TEXT)),
    "too much text": lambda t: plain(f"{COVER}.\n" * 20_000 + t),
    "long line": lambda t: plain(COVER + " " * 1_200 + t),
    "unknown charset": lambda t: mail(
        t.encode("cp037"), "Content-Type: text/plain; charset=cp037", "Content-Transfer-Encoding: 8bit"
    ),
    "pdf with a picture": lambda t: attached(
        files.pdf(COVER, extra="/Annots [] /Thumb 4 0 R "), "application/pdf", "status.pdf"
    ),
    "pdf with its own font": lambda t: attached(
        files.pdf(COVER, font="/ABCDEF+Gothic"), "application/pdf", "status.pdf"
    ),
    "pdf and zip in one": lambda t: attached(
        files.pdf(COVER) + files.archive({"a.txt": t.encode()}), "application/pdf", "status.pdf"
    ),
    "link": lambda t: plain(COVER + "\n\nhttps://jail.example/roster/list"),
}
"""The text cannot be read: it is enough that the message is blocked."""
