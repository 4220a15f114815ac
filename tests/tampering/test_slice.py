"""A few seconds of ``python -m tests.tampering.run``: all found, all located, nothing raised for nothing."""

import shutil

import pytest

from tests.tampering.clean import clean_logs
from tests.tampering.edits import all_edits
from tests.tampering.flips import database_flips, folder_flips
from tests.tampering.rows import Kept200, all_rows, deleted_runs
from tests.tampering.sites import build
from tests.tampering.two import built, compared


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sites")
    return [build(folder, 1, 1), build(folder, 2, 1), build(folder, 3, 8)]


def all_found(count) -> bool:
    assert not count.missed
    return count.total == count.found == count.located


def test_every_flip_is_found_and_located_when_an_export_is_changed(tmp_path):
    assert all_found(folder_flips(tmp_path, 1, 600))


def test_every_flip_is_found_and_located_when_a_database_is_changed(sites):
    assert all_found(database_flips(sites, 1, 500))


def test_every_deleted_run_is_located_when_checkpoints_were_kept_elsewhere():
    assert all_found(deleted_runs(Kept200(), range(0, 200, 20)))


def test_everything_is_found_when_rows_are_moved_and_logs_are_made_anew(tmp_path):
    assert all_found(all_rows(tmp_path, 1, 100))


def test_every_edit_is_found_when_statements_are_run_on_the_database(tmp_path, sites):
    assert all_found(all_edits(tmp_path, sites[0], 1, 2))


def test_a_changed_time_is_found_when_the_entry_is_sealed(tmp_path, sites):
    # because salt and body are gone, and no hash covers the time any more
    count = all_edits(tmp_path, sites[0], 2, 1)
    assert count.located["edited: entry's time"] >= len(sites[0].kept.sealed_leaves)


def test_nothing_is_raised_when_nobody_touched_the_log(tmp_path):
    count = clean_logs(tmp_path, 1, 40)
    assert (count.missed, count.found.total()) == ([], 0)


def test_both_verifiers_agree_when_exports_are_tampered_with(tmp_path):
    if shutil.which("go") is None:
        pytest.fail("the other verifier needs Go on the PATH: it is never skipped")
    go = built(tmp_path)
    assert go is not None
    verdicts = compared(tmp_path, go, 60)
    assert verdicts[0].ours
    assert verdicts[0].theirs
    assert not [each for each in verdicts if each.ours and not each.theirs]
    only_ours = {each.file for each in verdicts if each.theirs and not each.ours}
    # The other one reads no signature inside a proof, and no bytes behind the last entry of a bundle.
    assert all(name == "entry.tlog-proof" or name.startswith("tile/entries") for name in only_ours)
