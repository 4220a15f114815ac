"""``holdwatch replay``: files in, findings, decisions and a verifiable log out."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic_core import PydanticCustomError

from connectors.jms_files.reader import read_file, read_lines
from connectors.jms_niem.inputs import RecordedDocuments
from connectors.jms_niem.mapping import Mapping, MappingFileError, load_mapping, mapping_from
from integration.cli.console import Exit, fail, out, print_json, progress
from integration.domain.instants import Instant
from integration.policy.pack import load
from integration.runners.memory import tune_collector
from integration.runners.output import OUTPUTS
from integration.runners.replay_files import replay_to
from integration.services.intake import Input
from schemas.base import instant_of

_UNNAMED = {"source": "/files/niem", "zone": "UTC"}
"""What XML documents are read as without a mapping file: good for a first look, not for a county's real zone."""


def replay(
    events: Annotated[list[Path], typer.Argument(help="JSON Lines files, OJBC XML documents, folders of them, or - .")],
    policy: Annotated[str, typer.Option(help="Pack id or folder.")],
    out_dir: Annotated[Path, typer.Option("--out", help="Folder for the outputs.")],
    until: Annotated[str | None, typer.Option(help="Let time pass until then (RFC 3339 with offset).")] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(help="Mapping file for XML documents; without one, times without a zone are read as UTC."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Run the whole pipeline over recorded events in simulated time.

    Exit status: 0 done; 1 done, some input rejected; 2 usage; 3 cannot decide.
    """
    pack = load(_pack_path(policy))
    until_at = _instant(until)
    files = list(_files(events))
    if any(file.resolve().parent == out_dir.resolve() and file.name in OUTPUTS for file in files):
        fail(Exit.USAGE, "an input is one of the files that would be written: choose another --out")
    tune_collector()
    with progress("events read", None, shown=not as_json) as on_progress:
        told = replay_to(out_dir, _inputs(files, _mapping(mapping)), pack, until=until_at, on_progress=on_progress)
    if as_json:
        print_json(told)
    else:
        _print_summary(told, out_dir)
    raise typer.Exit(int(Exit.FOUND if told["refused"] else Exit.DONE))


def _pack_path(policy: str) -> Path | str:
    return Path(policy) if Path(policy).is_dir() else policy


def _instant(text: str | None) -> Instant | None:
    try:
        return None if text is None else instant_of(text)
    except PydanticCustomError as error:
        fail(Exit.USAGE, f"--until {text}: {error.message()}")


def _mapping(path: Path | None) -> Mapping:
    try:
        return mapping_from(_UNNAMED) if path is None else load_mapping(path)
    except MappingFileError as error:
        fail(Exit.USAGE, str(error))


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
        elif path.is_file() or str(path) == "-":
            yield path
        else:
            fail(Exit.USAGE, f"{path}: no such file or folder")


def _inputs(files: list[Path], mapping: Mapping) -> Iterator[Input]:
    map_document = RecordedDocuments(mapping)
    for file in files:
        if str(file) == "-":
            yield from read_lines("standard input", sys.stdin.buffer)
        else:
            yield from read_file(file, map_document)


def _print_summary(told: dict[str, Any], out_dir: Path) -> None:
    out.print(
        f"{told['read']} read: {told['accepted']} accepted, {told['duplicates']} duplicates, {told['refused']} refused",
        highlight=False,
    )
    found = ", ".join(f"{count} {status}" for status, count in told["findings"].items()) or "none"
    out.print(f"findings: {found}; {told['entries']} log entries, root {told['root_hash'][:16]}…", highlight=False)
    out.print(f"written to {out_dir}", highlight=False, markup=False)
