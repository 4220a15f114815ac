"""`holdwatch init`: what it writes loads, is private, and replaces nothing."""

import os
import stat

import pytest

from integration.audit.note import SigningKey
from integration.settings import load_settings

ANSWERS = {
    "site": "north-jail",
    "source": "/jms/north",
    "zone": "America/Detroit",
    "pack": "lansing-eo-2017-01",
    "origin": "audit.north.gov/2026",
}


@pytest.fixture
def ask(holdwatch, tmp_path):
    """Run init with all answers, but for those that a test gives (None: leave out)."""

    def run(*more, **answers):
        given = {**ANSWERS, "state-dir": tmp_path / "state", "drop": tmp_path / "drop", **answers}
        options = [str(part) for name, value in given.items() if value is not None for part in (f"--{name}", value)]
        return holdwatch("init", tmp_path / "hw.toml", *options, *more)

    return run


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_nobody_else_can_read_when_it_was_made(ask, tmp_path):
    assert ask().status == 0
    state = tmp_path / "state"
    assert {mode(state), mode(state / "keys")} == {0o700}
    assert {mode(path) for path in [*(state / "keys").iterdir(), tmp_path / "hw.toml"]} == {0o600}


def test_settings_load_and_the_key_signs_for_the_log_when_everything_was_answered(ask, tmp_path):
    made = ask("--json").json
    settings = load_settings(tmp_path / "hw.toml")
    assert (settings.site.name, settings.facilities[0].source) == ("north-jail", "/jms/north")
    assert SigningKey.load(settings.key_file("log"), ANSWERS["origin"]).vkey == made["vkey"]
    assert settings.drop_folders[0].path == tmp_path / "drop"


@pytest.mark.parametrize("value", ['a"b\\c', "Jäger\t", "x\ny"])
def test_text_arrives_unchanged_when_it_holds_what_toml_escapes(ask, tmp_path, value):
    assert ask(source=value).status == 0
    assert load_settings(tmp_path / "hw.toml").facilities[0].source == value


def test_nothing_is_written_over_when_there_are_settings(ask, tmp_path):
    (tmp_path / "hw.toml").write_text("mine")
    ran = ask()
    assert ran.status == 2
    assert (tmp_path / "hw.toml").read_text() == "mine"
    assert not (tmp_path / "state").exists()


def test_keys_are_kept_when_there_are_some(ask, tmp_path):
    first = ask("--json").json["vkey"]
    (tmp_path / "hw.toml").unlink()
    assert ask("--json").json["vkey"] == first


@pytest.mark.parametrize(
    ("answers", "said", "because"),
    [
        ({"zone": "Detroit"}, "zone", "no such zone"),
        ({"site": "north jail"}, "site.name", "a blank in a name"),
        ({"origin": "two words"}, "log.origin", "a blank in the log's name"),
        ({"pack": "no-such-pack"}, "no-such-pack", "no such pack"),
        ({"zone": None, "origin": None}, "--zone, --origin", "nobody is there to be asked"),
    ],
)
def test_nothing_is_made_when_an_answer_is_wrong(ask, tmp_path, answers, said, because):
    ran = ask(**answers)
    assert ran.status in {2, 3}, because
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_made_when_the_folder_of_the_settings_is_not_there(holdwatch, tmp_path):
    options = [part for name, value in ANSWERS.items() for part in (f"--{name}", value)]
    ran = holdwatch("init", tmp_path / "etc/hw.toml", *options, "--state-dir", tmp_path / "s", "--drop", tmp_path / "d")
    assert ran.status == 2
    assert "make it first" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_when_others_can_read_the_state_folder(ask, tmp_path):
    (tmp_path / "state").mkdir(mode=0o755)
    ran = ask()
    assert ran.status == 2
    assert "chmod 700" in ran.err
    assert not (tmp_path / "hw.toml").exists()


def test_the_first_account_may_make_others_when_it_was_asked_for(ask, holdwatch, tmp_path):
    made = ask("--admin", "chief", "--json").json["account"]
    assert made["name"] == "chief"
    assert len(made["password"]) >= 16
    shown = holdwatch("audit", "show", "--settings", tmp_path / "hw.toml", "--kind", "account.created", "--json")
    [row] = shown.json
    assert row["entry"]["detail"]["roles"] == ["administrator at every facility"]
    assert made["password"] not in shown.text
    state = tmp_path / "state" / "holdwatch.sqlite"
    assert made["password"].encode() not in state.read_bytes()
