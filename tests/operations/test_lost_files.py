"""What is said when a key, the anchor or a file of the settings is not there, and that nothing is made in its place."""

import shutil

import pytest

from integration.errors import UsageError
from integration.settings import load_settings


def test_the_service_refuses_and_makes_no_other_key_when_the_logs_key_is_lost(site, on_site):
    key = site.root / "state/keys/log.key"
    key.unlink()
    ran = on_site("audit", "show")
    assert ran.status == 3
    assert "put it back from its copy" in ran.err
    assert not key.exists()


def test_it_says_what_to_look_for_when_the_anchor_is_of_another_name(site, on_site):
    site.settings.write_text(site.settings.read_text().replace('origin = "audit.example/', 'origin = "other.example/'))
    ran = on_site("audit", "show")
    assert ran.status == 3
    assert "was log.origin changed" in ran.err


def test_people_are_watched_on_and_it_is_said_when_the_vaults_key_is_lost(site, on_site):
    (site.root / "state/keys/vault.key").unlink()
    ran = on_site("audit", "show")
    assert ran.status == 0
    assert "vault.key_missing" in ran.err
    assert "vault.key_missing" not in on_site("audit", "show").err


def test_the_log_goes_on_when_a_kept_checkpoint_is_put_in_place_of_a_lost_anchor(site, on_site, tmp_path):
    kept = shutil.copy(site.anchor, tmp_path / "checkpoint")
    site.anchor.unlink()
    ran = on_site("audit", "show")
    assert ran.status == 3
    assert "the newest checkpoint" in ran.err
    shutil.copy(kept, site.anchor)
    assert on_site("audit", "show").status == 0


def test_nobody_is_told_to_begin_a_new_log_when_the_database_is_gone(site, on_site):
    site.database.unlink()
    ran = on_site("findings")
    assert ran.status == 2
    assert "the database is gone" in ran.err
    [told] = [each for each in on_site("doctor", "audit", "--json").json["checks"] if each["check"] == "audit.database"]
    assert "restore a backup" in told["text"]


def test_it_names_the_file_when_one_cannot_be_written(site, on_site):
    ran = on_site("audit", "export", site.root / "state/keys/log.key/out")
    assert ran.status == 3
    assert "log.key/out: Not a directory" in ran.err
    assert "Errno" not in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("foo = 1\n[site]\nname = 1", "foo: there is no such key"),
        ("[[facilities]]\nsource = '/a'\nzone = 'EST5'", "facilities.0.zone: no IANA time zone of that name"),
        ("a = [", "is not TOML"),
    ],
)
def test_each_fault_is_said_in_plain_words_when_settings_have_some(tmp_path, text, said):
    (tmp_path / "hw.toml").write_text(text)
    with pytest.raises(UsageError) as refused:
        load_settings(tmp_path / "hw.toml")
    assert said in str(refused.value)
    assert "Value error" not in str(refused.value)
