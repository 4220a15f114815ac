"""Small files of each format, made by hand or by the standard library."""

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib

XML = b'<?xml version="1.0"?>'


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def locked(content: bytes) -> bytes:
    """A zip whose one file says that it is encrypted."""
    raw = bytearray(archive({"status.txt": content}))
    raw[6] |= 1
    directory = raw.find(b"PK\x01\x02")
    raw[directory + 8] |= 1
    return bytes(raw)


def bomb() -> bytes:
    return archive({"status.txt": b"\0" * 30_000_000})


def docx(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "".join(f"<w:p><w:r><w:t>{_xml(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
    return archive(
        {
            "[Content_Types].xml": XML + b"<Types/>",
            "word/document.xml": XML
            + f'<w:document xmlns:w="{space}"><w:body>{paragraphs}</w:body></w:document>'.encode(),
        }
    )


def docx_split(text: str) -> bytes:
    """A document whose every letter is a run of its own, hidden from the screen."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    runs = "".join(
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t xml:space='preserve'>{_xml(each)}</w:t></w:r>" for each in text
    )
    document = f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body><w:p>{runs}</w:p></w:body></w:document>'
    return archive({"[Content_Types].xml": b"<?xml version='1.0'?><Types/>", "word/document.xml": document.encode()})


def xlsx(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    lines = text.split("\n")
    strings = "".join(f"<si><t>{_xml(line)}</t></si>" for line in lines)
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in range(1, len(lines) + 1))
    return archive(
        {
            "[Content_Types].xml": XML + b"<Types/>",
            "xl/sharedStrings.xml": XML + f'<sst xmlns="{space}">{strings}</sst>'.encode(),
            "xl/worksheets/sheet1.xml": XML
            + f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode(),
        }
    )


def odt(text: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    paragraphs = "".join(f"<t:p>{_xml(line)}</t:p>" for line in text.split("\n"))
    content = f'<?xml version="1.0"?><office xmlns:t="{space}">{paragraphs}</office>'
    return archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def pdf(text: str, *, compressed: bool = True, extra: str = "", font: str = "/Helvetica") -> bytes:
    """A page of text in a font that every viewer has."""
    shown = "".join(f"({_escaped(line)}) Tj T* " for line in text.split("\n"))
    stream = f"BT /F1 12 Tf 72 720 Td 14 TL {shown}ET".encode("cp1252", "replace")
    packed = zlib.compress(stream) if compressed else stream
    filters = "/Filter /FlateDecode " if compressed else ""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> " + f"{extra}>>".encode(),
        f"<< /Type /Font /Subtype /Type1 /BaseFont {font} /Encoding /WinAnsiEncoding >>".encode(),
        f"<< {filters}/Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def tnef(text: str) -> bytes:
    def attribute(level: int, number: int, data: bytes) -> bytes:
        return struct.pack("<BIL", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    return struct.pack("<LH", 0x223E9F78, 1) + attribute(1, 0x0002800C, text.encode("cp1252", "replace") + b"\0")


def rtf(text: str) -> bytes:
    return b"{\\rtf1\\ansi " + text.replace("\n", "\\par ").encode("cp1252", "replace") + b"}"


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def gzipped(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def bzipped(text: str) -> bytes:
    return bz2.compress(text.encode())


def xzipped(text: str) -> bytes:
    return lzma.compress(text.encode())


def calendar(text: str) -> bytes:
    folded = "\r\n ".join(
        text.replace("\n", "\\n")[at : at + 20] for at in range(0, len(text.replace("\n", "\\n")), 20)
    )
    return f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
