"""PDF: its text, and whether the text is all that it can show. The library's own loops are cut off by a watchdog."""

import ctypes
import io
import logging
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pypdf
from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_MEGABYTE: Final = 1024 * 1024
_LIMITS: Final[dict[str, Any]] = {
    "maximum_declared_stream_length": 4 * _MEGABYTE,
    "array_based_stream_maximum_output_length": 4 * _MEGABYTE,
    "lzw_maximum_output_length": 4 * _MEGABYTE,
    "run_length_maximum_output_length": 4 * _MEGABYTE,
    "zlib_maximum_output_length": 4 * _MEGABYTE,
    "zlib_maximum_recovery_input_length": _MEGABYTE,
    "stream_decoding_work_maximum_length": 16 * _MEGABYTE,
    "stream_parsing_work_maximum_count": 100_000,
    "page_tree_maximum_entries": 2_000,
    "xform_maximum_invocations_per_extraction": 100,
    "jbig2dec_binary": None,
    "disable_legacy_handling": True,
}
"""Lower than the library's own; and no program is ever called."""

# What it tells of a broken file could repeat what stands in it.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)

_STANDARD: Final = frozenset(
    f"/{name}"
    for name in (
        "Helvetica Helvetica-Bold Helvetica-Oblique Helvetica-BoldOblique Times-Roman Times-Bold Times-Italic "
        "Times-BoldItalic Courier Courier-Bold Courier-Oblique Courier-BoldOblique"
    ).split()
)
"""Fonts that every viewer brings along: what they show is what the text says (ISO 32000-1 section 9.6.2.2)."""
_ENCODINGS: Final = frozenset({"/WinAnsiEncoding", "/StandardEncoding", "/MacRomanEncoding"})
_CATALOG: Final = frozenset(
    {"/Type", "/Pages", "/Lang", "/ViewerPreferences", "/PageLayout", "/PageMode", "/Version", "/MarkInfo"}
)
_PAGE: Final = frozenset(
    {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Trans", "/Group"}
)
_RESOURCES: Final = frozenset({"/Font", "/ProcSet"})
_OPERATORS: Final = frozenset(
    b"BT ET Tf Td TD Tm T* Tj TJ ' \" TL Tc Tw q Q cm rg RG g G k K re f n W BMC BDC EMC w".split()
)
_LIBRARY: Final = str(Path(pypdf.__file__).parent)
_PAUSE: Final = 0.02
"""Seconds between two interruptions."""
_PATIENCE: Final = 10
"""Interruptions that wait for the library's own code."""


class _TooSlowError(BaseException):
    """Raised inside the library's loops. No Exception, so that no handler of the library's holds it up."""


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """Interrupt this thread's Python code after a time, and again until it has ended.

    Once is not enough: what is raised in a callback of the garbage collector is swallowed there, and the loop goes on.
    So it is raised while the library's own code runs; and, if that is never met, in whatever the reading has called.
    """
    thread = threading.get_ident()
    done = threading.Lock()
    ended = threading.Event()

    def interrupt() -> None:
        pause, tries = seconds, 0
        while not ended.wait(pause):
            pause, tries = _PAUSE, tries + 1
            with done:
                if not ended.is_set() and _is_interruptible(thread, anywhere=tries > _PATIENCE):
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(_TooSlowError))

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        yield
    finally:
        with done:
            ended.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)


def _is_interruptible(thread: int, *, anywhere: bool) -> bool:
    """Tell whether that thread runs the library's code; or, ``anywhere``, whatever the reading has come to."""
    innermost = sys._current_frames().get(thread)  # noqa: SLF001  documented for debuggers, whatever its name
    if anywhere:
        return any(frame.f_code is _interruptible.__code__ for frame, _line in traceback.walk_stack(innermost))
    return innermost is not None and innermost.f_code.co_filename.startswith(_LIBRARY)


def read_pdf(reader: Reader, part: str, raw: bytes) -> None:
    """Add the text of every page; a gap where the file may show something else than its text."""
    texts: list[str] = []
    plain = False
    started = time.monotonic()
    if reader.pdf_seconds <= 0:
        reader.miss(part, Gap.TOO_SLOW)
        return
    try:
        # The limits are set back after the watch has ended: no interruption may hinder that.
        with apply_configuration(**_LIMITS), _watched(reader.pdf_seconds):
            plain = _interruptible(reader, part, raw, texts)
    except _TooSlowError:
        reader.miss(part, Gap.TOO_SLOW)
    except (Exception, RecursionError):  # noqa: BLE001  the library raises anything on a broken file; all of it is a gap
        reader.miss(part, Gap.BROKEN)
    reader.pdf_seconds -= time.monotonic() - started
    for text in texts:
        reader.see(part, "pdf", Kind.TEXT, text)
    if not plain:
        reader.miss(part, Gap.NOT_PLAIN)


def _interruptible(reader: Reader, part: str, raw: bytes, texts: list[str]) -> bool:
    """All that may be interrupted: never what winds the watch up, nor what comes after it."""
    return _read(reader, part, raw, texts)


def _read(reader: Reader, part: str, raw: bytes, texts: list[str]) -> bool:
    document = PdfReader(io.BytesIO(raw), strict=False, root_object_recovery_limit=2_000)
    if document.is_encrypted:
        reader.miss(part, Gap.ENCRYPTED)
        return False
    for value in (document.metadata or {}).values():
        texts.append(str(value)) if not str(value).startswith("D:") else None
    pages = document.pages
    if len(pages) > reader.limits.pdf_pages:
        reader.miss(part, Gap.TOO_MANY_PARTS)
    plain = raw.count(b"%%EOF") == 1 and raw.startswith(b"%PDF-") and raw.rstrip().endswith(b"%%EOF")
    # Every stream of the file has to be one of a page's: what no page shows, another reader may still find.
    plain = plain and set(document.root_object) <= _CATALOG and raw.count(b"endstream") == len(pages) > 0
    for number in range(min(len(pages), reader.limits.pdf_pages)):
        page = pages[number]
        text = page.extract_text()
        texts.append(text)
        plain = plain and _is_plain(page, text)
    return plain and _is_strict(raw)


def _is_strict(raw: bytes) -> bool:
    """Tell whether the library reads every page also where it repairs nothing: viewers repair each in its own way."""
    try:
        document = PdfReader(io.BytesIO(raw), strict=True)
        return all(page.get_contents() is not None and "/Resources" in page for page in document.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return False


def _is_plain(page: PageObject, text: str) -> bool:
    """Tell whether a page can show its text and nothing else: standard fonts, visible, no picture, no annotation."""
    resources = _object(page.get("/Resources", {}))
    if not set(page) <= _PAGE or not isinstance(resources, DictionaryObject | dict) or not set(resources) <= _RESOURCES:
        return False
    fonts = _object(resources.get("/Font", {}))
    if not all(_is_standard(_object(font)) for font in dict(fonts).values()):
        return False
    contents = page.get_contents()
    if contents is None or not fonts:
        return False
    shown: list[str] = []
    for operands, operator in contents.operations:
        if operator not in _OPERATORS or (operator == b"Tf" and operands[0] not in fonts):
            return False
        shown += _strings(operands)
    # What the page's operators show is what was read from it, no letter more or less.
    return sorted("".join(shown).replace(" ", "")) == sorted("".join(text.split()))


def _strings(operands: Any) -> list[str]:
    if isinstance(operands, bytes):
        return [operands.decode("cp1252", "replace")]
    if isinstance(operands, NameObject | NumberObject | FloatObject | dict):
        return []
    if isinstance(operands, str):
        return [operands]
    return [text for each in operands for text in _strings(each)] if isinstance(operands, list) else []


def _is_standard(font: Any) -> bool:
    encoding = _object(font.get("/Encoding", "/StandardEncoding"))
    if isinstance(encoding, dict | ArrayObject):
        return False
    return (
        font.get("/BaseFont") in _STANDARD
        and font.get("/Subtype") == "/Type1"
        and str(encoding) in _ENCODINGS
        and not {"/ToUnicode", "/FontDescriptor", "/Widths", "/FirstChar"} & set(font)
    )


def _object(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value
