"""Building mail messages by hand, byte for byte, so that nothing repairs them."""

from base64 import b64encode
from collections.abc import Sequence

AGENT = "smith@ice.dhs.gov"
HEAD = (
    "From: Jane Roe <jane@lansing.example>",
    f"To: Agent Smith <{AGENT}>",
    "Subject: Re: citizenship status inquiry",
    "Date: Mon, 02 Mar 2026 10:00:00 -0500",
    "Message-ID: <20260302.1@lansing.example>",
    "MIME-Version: 1.0",
)
COVER = "Citizenship status: U.S. citizen"
"""What a body says that may be sent."""


def crlf(text: str) -> bytes:
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8")


def mail(body: bytes | str, *fields: str, head: Sequence[str] = HEAD) -> bytes:
    """One part: the usual head, more fields, a body."""
    raw = crlf(body) if isinstance(body, str) else body
    return "\r\n".join([*head, *fields]).encode("utf-8") + b"\r\n\r\n" + raw


def plain(text: str, charset: str = "utf-8", encoding: str = "8bit") -> bytes:
    return mail(text, f"Content-Type: text/plain; charset={charset}", f"Content-Transfer-Encoding: {encoding}")


def base64_lines(raw: bytes) -> bytes:
    encoded = b64encode(raw)
    return b"\r\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76)) + b"\r\n"


def in_base64(raw: bytes, *fields: str) -> bytes:
    return mail(base64_lines(raw), *fields, "Content-Transfer-Encoding: base64")


def part(raw: bytes | str, *fields: str) -> bytes:
    return "\r\n".join(fields).encode() + b"\r\n\r\n" + (crlf(raw) if isinstance(raw, str) else raw)


def multipart(*parts: bytes, kind: str = "mixed", boundary: str = "b1", head: Sequence[str] = HEAD) -> bytes:
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    body += b"--" + boundary.encode() + b"--\r\n"
    return mail(body, f'Content-Type: multipart/{kind}; boundary="{boundary}"', head=head)


def attached(raw: bytes, kind: str, name: str = "status.dat", *, cover: str = COVER) -> bytes:
    return multipart(
        part(cover, "Content-Type: text/plain; charset=utf-8"),
        part(
            base64_lines(raw),
            f'Content-Type: {kind}; name="{name}"',
            "Content-Transfer-Encoding: base64",
            f'Content-Disposition: attachment; filename="{name}"',
        ),
    )
