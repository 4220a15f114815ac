import fcntl

import pytest

from integration.audit.anchor import Anchor, AnchorConflictError, AnchorMissingError, RolledBackError
from integration.audit.checkpoint import parse, sign_checkpoint
from integration.audit.merkle import EMPTY_ROOT
from integration.audit.note import NoteError, SigningKey
from tests.audit.logs import KEY, ORIGIN, log_of, reader_of, root_of

HASHES = log_of(600).hashes


def head(size, hashes=HASHES):
    return sign_checkpoint(ORIGIN, size, root_of(hashes[:size]), KEY)


@pytest.fixture
def anchor(tmp_path):
    made = Anchor(tmp_path / "anchor", KEY.vkey)
    made.create(sign_checkpoint(ORIGIN, 0, EMPTY_ROOT, KEY))
    return made


def test_anchor_moves_when_log_grows(anchor):
    for size in (1, 1, 200, 256, 600):
        anchor.advance(anchor.read(), head(size), reader_of(HASHES[:size]))
        assert parse(anchor.read()).size == size
        anchor.check(600, reader_of(HASHES))
    assert not anchor.path.with_name("anchor.new").exists()


def test_start_is_refused_when_database_is_smaller_than_anchor(anchor):
    anchor.advance(anchor.read(), head(300), reader_of(HASHES))
    with pytest.raises(RolledBackError, match="299 entries, but a checkpoint over 300"):
        anchor.check(299, reader_of(HASHES[:299]))
    anchor.check(300, reader_of(HASHES[:300]))


def test_start_is_refused_when_database_was_rolled_back_and_filled_again(anchor):
    anchor.advance(anchor.read(), head(300), reader_of(HASHES))
    other = [*HASHES[:299], *HASHES[300:]]
    with pytest.raises(RolledBackError, match="first 300 entries"):
        anchor.check(len(other), reader_of(other))


def test_move_is_refused_when_checkpoint_does_not_extend(anchor):
    anchor.advance(anchor.read(), head(300), reader_of(HASHES))
    seen = anchor.read()
    other = [*HASHES[:10], *HASHES[11:]]
    for note, hashes in ((head(299), HASHES), (head(300, other), other), (head(400, other), other)):
        with pytest.raises(RolledBackError):
            anchor.advance(seen, note, reader_of(hashes))
    # Same size, another root, and a store that still shows the old tiles.
    with pytest.raises(RolledBackError, match="two roots"):
        anchor.advance(seen, head(300, other), reader_of(HASHES))
    assert anchor.read() == seen


def test_second_sequencer_is_refused_when_anchor_has_moved(anchor):
    seen = anchor.read()
    anchor.advance(seen, head(5), reader_of(HASHES))
    with pytest.raises(AnchorConflictError, match="another sequencer"):
        anchor.advance(seen, head(6), reader_of(HASHES))


def test_second_sequencer_is_refused_when_first_is_at_it(anchor):
    with anchor.path.with_name("anchor.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AnchorConflictError, match="being moved"):
            anchor.advance(anchor.read(), head(5), reader_of(HASHES))
    anchor.advance(anchor.read(), head(5), reader_of(HASHES))


def test_start_is_refused_when_anchor_is_gone_or_forged(anchor):
    stranger = SigningKey.generate(ORIGIN)
    for note in (sign_checkpoint(ORIGIN, 1, root_of(HASHES[:1]), stranger), b"", b"nonsense"):
        anchor.path.write_bytes(note)
        with pytest.raises(NoteError):
            anchor.check(600, reader_of(HASHES))
        with pytest.raises(NoteError):
            anchor.advance(note, head(600), reader_of(HASHES))
    anchor.path.unlink()
    with pytest.raises(AnchorMissingError):
        anchor.check(600, reader_of(HASHES))


def test_second_set_up_is_refused_when_anchor_exists(anchor):
    with pytest.raises(AnchorConflictError, match="set up before"):
        anchor.create(head(1))
    with pytest.raises(NoteError):
        Anchor(anchor.path.with_name("other"), KEY.vkey).create(b"nonsense")
