"""The log's signing key is changed: who trusts the old key is led to the new one, and to no other."""

import shutil
from types import SimpleNamespace

import pytest
import structlog
from typer.testing import CliRunner

from integration.audit.anchor import Anchor
from integration.audit.note import NoteError, SigningKey, split_note
from integration.audit.verify import follow, read_rotations
from integration.cli.app import app
from integration.cli.opening import audit_desk
from integration.errors import UsageError
from integration.runners import rotating
from tests.connectors.running import Site

NAME = "audit.example/test"


@pytest.fixture
def command():
    def run(*words):
        try:
            done = CliRunner().invoke(app, [str(word) for word in words])
        finally:
            structlog.reset_defaults()
        return SimpleNamespace(status=done.exit_code, error=done.exception, text=done.output)

    return run


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path, "")
    grow(site)
    return site


def grow(site, count=3):
    with site.opened() as installation:
        for _ in range(count):
            audit_desk(installation).record("audit.read", "read", "officer:x", {})
        return installation.checkpointer.publish()


def vkey(site):
    return SigningKey.load(site.root / "state/keys/log.key", NAME).vkey


def turn(site, command):
    done = command("audit", "rotate-key", "--reason", "a year is over", "--settings", site.settings)
    assert done.status == 0, done.error


def verified(command, *words):
    done = command("audit", "verify", *words)
    return done.status, done.text.replace("\n", " ")


def test_who_trusts_the_first_key_is_led_to_the_newest_when_it_was_changed_twice(site, command, tmp_path):
    first, kept = vkey(site), tmp_path / "kept"
    kept.write_bytes(grow(site))
    keys = [first]
    for _ in range(2):
        turn(site, command)
        grow(site)
        keys.append(vkey(site))
    assert len(set(keys)) == 3
    for key in keys:
        status, told = verified(command, "--settings", site.settings, "--vkey", key, "--earlier", kept)
        assert (status, "verified: " in told) == (0, True), told
    assert "handed over to" in verified(command, "--settings", site.settings, "--vkey", first)[1]
    assert command("audit", "export", tmp_path / "out", "--settings", site.settings).status == 0
    for key in keys:
        status, told = verified(command, tmp_path / "out", "--vkey", key, "--earlier", kept)
        assert status == 0, told


def test_old_key_signs_nothing_any_more_when_it_was_changed(site, command):
    old = (site.root / "state/keys/log.key").read_bytes()
    turn(site, command)
    grow(site)
    (site.root / "state/keys/log.key").write_bytes(old)
    with pytest.raises(NoteError, match="no signature"), site.opened():
        pass


def test_verifier_is_led_nowhere_when_the_handover_is_missing_or_forged(site, command, tmp_path):
    first = vkey(site)
    turn(site, command)
    grow(site)
    folder = site.root / "state/handovers"
    (note,) = folder.iterdir()
    whole = note.read_bytes()
    text, signatures = split_note(whole)
    stranger = SigningKey.generate(NAME)
    forged = {
        "by the new key alone": f"{text}\n{signatures[1]}\n".encode(),
        "by the old key alone": f"{text}\n{signatures[0]}\n".encode(),
        "by a stranger in place of the old": stranger.sign(text) + f"{signatures[1]}\n".encode(),
        "over another size": whole.replace(b"\n4\n", b"\n3\n"),
    }
    for why, content in forged.items():
        assert content != whole, why
        note.write_bytes(content)
        assert verified(command, "--settings", site.settings, "--vkey", first)[0] == 1, why
    note.unlink()
    assert verified(command, "--settings", site.settings, "--vkey", first)[0] == 1
    # Who trusts the new key needs no handover.
    assert verified(command, "--settings", site.settings, "--vkey", vkey(site))[0] == 0


def test_step_is_taken_only_when_both_keys_signed_what_covers_the_entry():
    old, new, other = (SigningKey.generate(NAME) for _ in range(3))
    body = f'{{"kind":"key.rotated","detail":{{"old_vkey":"{old.vkey}","new_vkey":"{new.vkey}"}}}}'.encode()
    (rotation,) = read_rotations([(4, body), (5, b'{"kind":"audit.read"}'), (6, None), (7, b'"key.rotated" no json')])

    def both(size, one=old, two=new):
        text = f"{NAME}\n{size}\n{'A' * 43}=\n"
        return one.sign(text) + two.sign(text).rpartition(b"\n\n")[2]

    assert follow(old.vkey, [rotation], [both(5)]).key == new.vkey
    for notes in ([], [both(4)], [both(5, two=other)], [both(5, one=other)], [b"no note"]):
        assert follow(old.vkey, [rotation], notes).key == old.vkey
    assert follow(other.vkey, [rotation], [both(5)]).key == other.vkey
    assert follow(new.vkey, [rotation], []).others == (old.vkey,)


@pytest.mark.parametrize("step", ["record", "publish", "_write", "hand_over", "link", "replace"])
def test_same_command_ends_it_when_it_was_killed_at_any_step(site, command, monkeypatch, step):
    class KilledError(BaseException):
        pass

    def killed(*_arguments, **_named):
        raise KilledError

    first = vkey(site)
    with monkeypatch.context() as patch:
        where = {
            "record": "integration.services.auditing.AuditDesk.record",
            "publish": "integration.services.checkpoints.Checkpointer.publish",
            "_write": "integration.runners.rotating._write",
            "hand_over": "integration.services.checkpoints.Checkpointer.hand_over",
            "link": "os.link",
            "replace": "integration.runners.rotating.sync",
        }[step]
        patch.setattr(where, killed)
        with pytest.raises(KilledError), site.opened() as log:
            rotating.rotate(log, audit_desk(log), actor="officer:x", reason="y")
    grow(site)  # whichever key is there opens the log
    if vkey(site) == first:
        turn(site, command)
    grow(site)
    assert vkey(site) != first
    assert verified(command, "--settings", site.settings, "--vkey", first)[0] == 0
    assert len(site.ask("SELECT 1 FROM entries WHERE kind = 'key.rotated'")) == 1


def test_nothing_is_changed_when_the_service_runs(site, monkeypatch):
    def works(_state):
        raise UsageError("the service is running")

    monkeypatch.setattr(rotating, "nobody_works", works)
    before = vkey(site)
    with site.opened() as log, pytest.raises(UsageError):
        rotating.rotate(log, audit_desk(log), actor="officer:x", reason="y")
    assert vkey(site) == before
    assert not site.ask("SELECT 1 FROM entries WHERE kind = 'key.rotated'")


def test_entry_that_names_the_key_stays_readable_when_somebody_would_seal_it(site, command):
    turn(site, command)
    [(index,)] = site.ask("SELECT leaf_index FROM entries WHERE kind = 'key.rotated'")
    with site.opened() as log, pytest.raises(UsageError, match="stays readable"):
        audit_desk(log).seal(log.records, index, authority="26-1", actor="officer:x")


def test_anchor_is_of_both_keys_when_it_is_handed_over(site, command, tmp_path):
    old = vkey(site)
    turn(site, command)
    shutil.copy(site.root / "state/anchor", tmp_path / "anchor")
    for key in (old, vkey(site)):
        assert Anchor(tmp_path / "anchor", key).read()
