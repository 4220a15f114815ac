"""An installation's own packs and mapping files as one file of a backup: collected, tried, put back.

The log names the file's SHA-256 (entry ``backup.made``), so that a restore, which may run with every right, writes
nothing that somebody put into the backup afterwards. What is there already is never written over.
"""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from connectors.jms_niem.mapping import MappingFileError as NiemMappingFileError
from connectors.jms_niem.mapping import load_mapping as load_niem_mapping
from connectors.jms_webhook.config import WebhookSource
from connectors.mapping.config import Mapped
from connectors.mapping.load import MappingFileError, load_mapping
from integration.errors import FatalError, UsageError
from integration.policy.pack import PolicyPackError, load
from integration.settings import Settings

_INDEX: Final = "index.json"
_LARGEST: Final = 64 * 2**20


class Part(StrEnum):
    """What a collected file belongs to."""

    PACK = "pack"
    MAPPING = "mapping"
    NIEM = "niem"
    """A mapping of NIEM documents."""


class PutBack(StrEnum):
    """What became of a file."""

    WRITTEN = "written"
    SAME = "same"
    """It was there, as it was backed up."""
    OTHER = "other"
    """Another one is there: left alone."""


@dataclass(frozen=True, slots=True)
class _File:
    part: Part
    top: Path
    """The pack's folder, or the mapping itself."""
    path: Path
    content: bytes


def collect(settings: Settings) -> bytes:
    """Return every pack folder and mapping file that the settings name, as a tar file; empty: they name none.

    Raises:
        UsageError: one cannot be read: a backup without it would be found wanting when it is needed.
    """
    try:
        files = [_File(part, top, each, each.read_bytes()) for part, top in _named(settings) for each in _files_of(top)]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be backed up: {error.strerror}") from None
    if not files:
        return b""
    index = [{"part": each.part, "top": str(each.top), "path": str(each.path)} for each in files]
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, _INDEX, orjson.dumps(index))
        for number, each in enumerate(files):
            _add(tar, str(number), each.content)
    return written.getvalue()


def _named(settings: Settings) -> list[tuple[Part, Path]]:
    """Return what the settings name, each once, with whole paths."""
    found: dict[Path, Part] = {}
    for facility in settings.facilities:
        for choice in facility.packs:
            if Path(choice.pack).is_dir():
                found[Path(choice.pack).resolve()] = Part.PACK
    for folder in settings.drop_folders:
        if folder.mapping is not None:
            found[folder.mapping.resolve()] = Part.NIEM
    for source in settings.sources:
        if isinstance(source, Mapped):
            found[source.mapping.resolve()] = Part.MAPPING
        elif isinstance(source, WebhookSource) and source.mapping is not None:
            found[source.mapping.resolve()] = Part.NIEM if source.form == "jtmp" else Part.MAPPING
    return [(found[path], path) for path in sorted(found)]


def _files_of(top: Path) -> Iterator[Path]:
    if top.is_dir():
        yield from sorted(path for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    else:
        yield top


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size = len(content)
    tar.addfile(about, io.BytesIO(content))


def hash_of(content: bytes) -> str:
    """Return the hash by which the log names it."""
    return sha256(content).hexdigest()


def _read(content: bytes) -> list[_File]:
    """Read a collection. Nothing is unpacked: names come from the index, and only regular content is read.

    Raises:
        FatalError: it is none.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            held = {each.name: each for each in tar.getmembers() if each.isreg() and each.size <= _LARGEST}
            index = orjson.loads(_content(tar, held[_INDEX]))
            return [
                _File(Part(each["part"]), Path(each["top"]), Path(each["path"]), _content(tar, held[str(number)]))
                for number, each in enumerate(index)
            ]
    except (tarfile.TarError, KeyError, ValueError, TypeError, OSError):
        raise FatalError("the backup's packs and mapping files cannot be read") from None


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    assert stream is not None  # a regular file
    return stream.read()


def try_out(content: bytes) -> int:
    """Load every pack and mapping of a collection, in a folder that is thrown away; returns how many there are.

    Raises:
        FatalError: one does not load; it is named.
    """
    files = _read(content)
    with TemporaryDirectory(prefix="holdwatch-configuration-") as folder:
        tops: dict[Path, tuple[Part, Path]] = {}
        for each in files:
            place = Path(folder) / hash_of(str(each.top).encode())[:16] / each.top.name
            tops[each.top] = (each.part, place)
            target = place if each.path == each.top else place / each.path.relative_to(each.top)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(each.content)
        for top, (part, place) in tops.items():
            try:
                _load(part, place)
            except (PolicyPackError, MappingFileError, NiemMappingFileError) as error:
                raise FatalError(f"{top} of the backup does not load: {str(error).splitlines()[-1].strip()}") from None
    return len(tops)


def _load(part: Part, path: Path) -> None:
    match part:
        case Part.PACK:
            load(path)
        case Part.MAPPING:
            load_mapping(path)
        case Part.NIEM:
            load_niem_mapping(path)


def put_back(content: bytes) -> list[tuple[Path, PutBack]]:
    """Write every file of a collection to where it was, unless something is there.

    Raises:
        FatalError: the collection cannot be read, or a file cannot be written.
    """
    told = []
    for each in _read(content):
        if not each.path.is_absolute() or ".." in each.path.parts:
            raise FatalError("the backup's packs and mapping files have no whole paths")
        try:
            if each.path.exists():
                same = each.path.read_bytes() == each.content
                told.append((each.path, PutBack.SAME if same else PutBack.OTHER))
                continue
            each.path.parent.mkdir(parents=True, exist_ok=True)
            fresh = each.path.with_name(f".{each.path.name}.new")
            fresh.write_bytes(each.content)
            fresh.chmod(0o640)
            fresh.rename(each.path)
        except OSError as error:
            raise FatalError(f"{each.path} cannot be put back: {error.strerror}") from None
        told.append((each.path, PutBack.WRITTEN))
    return told
