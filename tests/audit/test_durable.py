"""A key and an anchor are on the disk, whole, before they have their name; and their name is, before they count."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.audit.anchor import Anchor
from integration.audit.checkpoint import sign_checkpoint
from integration.audit.keyfile import write_key
from integration.audit.merkle import EMPTY_ROOT
from integration.audit.note import SigningKey
from tests.audit.logs import KEY, ORIGIN

NOTE = sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, KEY)
PEM = b"-----BEGIN PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("write", "content"),
    [
        (lambda path: write_key(path, PEM), PEM),
        (lambda path: Anchor(path, KEY.vkey).create(NOTE), NOTE),
    ],
    ids=["key", "anchor"],
)
def test_content_is_synced_before_the_name_and_the_name_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None], content: bytes
) -> None:
    # because a power cut may take whatever was not synced: half a key, or the name of a moved anchor
    path = tmp_path / "file"
    told = []

    def fsync(handle: int) -> None:
        synced = Path(f"/proc/self/fd/{handle}").resolve()
        told.append(("folder" if synced == tmp_path else synced.read_bytes(), path.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    write(path)
    assert told == [(content, False), ("folder", True)]
    assert path.read_bytes() == content


def test_an_anchor_is_its_owners_alone_whoever_made_the_file_before(tmp_path: Path) -> None:
    # because whoever can write it can put an old one back
    (tmp_path / "anchor.new").touch(0o666)
    (tmp_path / "anchor.new").chmod(0o666)
    Anchor(tmp_path / "anchor", KEY.vkey).create(NOTE)
    assert (tmp_path / "anchor").stat().st_mode & 0o777 == 0o600


def test_a_log_goes_on_with_its_key_when_the_key_was_written(tmp_path: Path) -> None:
    KEY.write(tmp_path / "log.key")
    assert SigningKey.load(tmp_path / "log.key", ORIGIN).vkey == KEY.vkey
