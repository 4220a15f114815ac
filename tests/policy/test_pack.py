"""Loading a pack: everything strict, every fault at once, and a revision that anybody can compute."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.domain.instants import DAY, HOUR, MINUTE
from integration.policy.durations import duration_of, duration_or_none_of, months_of
from integration.policy.pack import Pack, PolicyPackError, load, shipped_packs
from tests.policy.conftest import READ_WHOLE

Edit = Callable[[Path, str, str], None]


def refusal(folder: Path) -> PolicyPackError:
    with pytest.raises(PolicyPackError) as refused:
        load(folder)
    return refused.value


def messages(folder: Path) -> str:
    return str(refusal(folder))


def test_unknown_key_is_refused_when_it_stands_anywhere(copy: Path, edit: Edit):
    edit(copy / "pack.toml", 'warn_before = "60 min"', 'warn_before = "60 min"\nwarn_bfore = "6 h"')
    [fault] = refusal(copy).faults
    assert (fault.file, fault.key) == ("pack.toml", "parameters.warn_bfore")


@pytest.mark.parametrize("name", ["notice_within", "approval_bases", "require_warrant_verification"])
def test_missing_parameter_is_refused_when_left_out(name: str, copy: Path):
    kept = [line for line in (copy / "pack.toml").read_text().splitlines() if not line.startswith(name)]
    (copy / "pack.toml").write_text("\n".join(kept))
    assert f"parameters.{name}: Field required" in messages(copy)


def test_all_faults_are_named_when_there_are_several(copy: Path, edit: Edit):
    edit(copy / "pack.toml", 'audit = "1825 d"', 'audit = "364 d"')
    edit(copy / "pack.toml", 'other = "6 h"', "other = 6")
    edit(copy / "pack.toml", "(802) 872-6020", "872-6020")
    edit(copy / "policy.cedar", "context.other_criminal }", "context.other_crimnal }")
    edit(copy / "cases.toml", "local = true", 'local = "true"')
    faults = {(fault.file, fault.key) for fault in refusal(copy).faults}
    assert ("pack.toml", "parameters.retention.audit") in faults
    assert ("pack.toml", "parameters.release_processing.other") in faults
    assert ("pack.toml", "parameters.immigration_authorities.numbers.0") in faults
    assert ("policy.cedar", "custody-other-agency") in faults
    assert ("cases.toml", "case 2") in faults


def test_audit_retention_is_refused_when_under_one_year(copy: Path, edit: Edit):
    edit(copy / "pack.toml", 'audit = "1825 d"', 'audit = "364 d"')
    assert "parameters.retention.audit: the audit log is kept for one year (365 d) at least" in messages(copy)


def test_audit_retention_is_accepted_when_exactly_one_year(copy: Path, edit: Edit):
    edit(copy / "pack.toml", 'audit = "1825 d"', 'audit = "365 d"')
    assert load(copy).retention.audit == 365 * DAY


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"rule:overdue_detainer_hold"', '"rule:overdue_detaner_hold"', "nothing in the product is called"),
        ('severity = "violation"', 'severity = "severe"', "Input should be 'violation', 'warning' or 'advice'"),
        ('checked = "full_text"', 'checked = "trust me"', "pack.checked"),
        ("[rules.overdue_release]", "[rules.overdue_relief]", "rules.overdue_relief"),
        ('note = "Keeping', '#note = "Keeping', "has no provision and no note"),
        ("suppress_below = 0", "suppress_below = -1", "greater than or equal to 0"),
        ("version = 1", 'version = "1"', "pack.version"),
        ('"ice.gov"', '"@ice.gov"', "parameters.immigration_authorities.domains"),
        ('"court_order",', '"none",', "parameters.approval_bases"),
        ("[pack]", "[pack", "is not TOML"),
    ],
)
def test_manifest_is_refused_when_one_value_is_wrong(copy: Path, edit: Edit, old: str, new: str, message: str):
    edit(copy / "pack.toml", old, new)
    assert message in messages(copy)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('provisions = ["M-g"]', 'provisions = ["M-z"]', "rules.notice_not_served: cites M-z, which is not in the"),
        ('provisions = ["M-g"]', 'provisions = ["M-f"]', "cites M-f, whose enforced_by does not name rule:notice"),
        ('["action:GrantAccess"]', '["action:Assist"]', "access-not-without-court: cites M-h, whose enforced_by"),
        ('["action:GrantAccess"]', '["action:Assist"]', "provisions.M-h: says action:Assist, which does not cite it"),
        ('["action:GrantAccess"]', '["action:GrantAccess"]\nguidance = true', "cites M-h, which is guidance"),
        ("[not_enforceable.M-l]", "[not_enforceable.M-a]", "provisions.M-a: is also listed as not enforceable"),
    ],
)
def test_files_are_refused_when_they_contradict_each_other(
    massachusetts: Path, edit: Edit, old: str, new: str, message: str
):
    edit(massachusetts / "pack.toml", old, new)
    assert message in messages(massachusetts)


def test_missing_rule_is_refused_when_left_out(massachusetts: Path, edit: Edit):
    edit(massachusetts / "pack.toml", '[rules.cite_not_custody]\nseverity = "advice"\nprovisions = ["M-f"]\n', "")
    assert "rules.cite_not_custody: is missing" in messages(massachusetts)


def test_case_is_refused_when_it_asks_what_no_context_has(massachusetts: Path, edit: Edit):
    edit(massachusetts / "cases.toml", "{ immigration_paper = true }", "{ detainer = true }")
    assert "case 1: ContinueCustody has no attribute detainer" in messages(massachusetts)


def test_case_is_refused_when_a_word_is_left_out(massachusetts: Path, edit: Edit):
    edit(massachusetts / "cases.toml", 'requester = "partner_287g"', "")
    assert "cases.toml" in messages(massachusetts)


@pytest.mark.parametrize("file", ["cases.toml", "pack.toml", "policy.cedar"])
def test_folder_is_refused_when_a_file_is_missing(file: str, copy: Path):
    (copy / file).unlink()
    assert f"{file}: cannot be read" in messages(copy)


@pytest.mark.parametrize("file", ["cases.toml", "pack.toml", "policy.cedar"])
def test_file_is_refused_when_it_is_not_text(file: str, copy: Path):
    (copy / file).write_bytes(b"\xff\xfe" + (copy / file).read_bytes())
    assert file in messages(copy)


def test_unknown_id_is_refused_when_nothing_of_that_name_ships():
    with pytest.raises(PolicyPackError, match=f"shipped packs: {shipped_packs()[0]}"):
        load("no-such-pack")


def test_folder_and_id_give_equal_revisions_when_the_bytes_are_equal(copy: Path):
    assert load(copy).revision == load(copy.name).revision == load(str(copy)).parameters.revision


@pytest.mark.parametrize("file", ["cases.toml", "pack.toml", "policy.cedar"])
def test_revision_changes_when_one_byte_of_any_file_does(file: str, copy: Path):
    before = load(copy).revision
    with (copy / file).open("a") as opened:
        opened.write("\n")
    assert load(copy).revision != before


def test_revision_stays_when_another_file_lies_beside_the_pack(copy: Path):
    before = load(copy).revision
    (copy / "README.md").write_text("Signed by counsel.")
    assert load(copy).revision == before


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_revision_is_what_standard_tools_print_when_run_in_the_folder(copy: Path):
    command = "sha256sum cases.toml pack.toml policy.cedar | sha256sum"
    printed = subprocess.run(command, shell=True, cwd=copy, capture_output=True, check=True, text=True).stdout
    assert printed.split()[0] == load(copy).revision


def test_pack_is_read_again_when_its_file_changed(copy: Path, edit: Edit):
    assert load(copy).parameters.warn_before == 60 * MINUTE
    edit(copy / "pack.toml", 'warn_before = "60 min"', 'warn_before = "30 min"')
    assert load(copy).parameters.warn_before == 30 * MINUTE


def test_model_has_no_date_when_no_town_adopted_it():
    dates = {name: load(name).effective_from for name in READ_WHOLE}
    assert [str(date) for date in dates.values()] == ["2017-04-03", "None"]


def test_pack_refuses_change_when_somebody_tries(pack: Pack):
    with pytest.raises(AttributeError):
        pack.revision = "0"


@pytest.mark.parametrize(
    ("text", "value"), [("0 s", 0), ("60 min", 60 * MINUTE), ("6 h", 6 * HOUR), ("365 d", 365 * DAY)]
)
def test_duration_is_read_when_it_is_number_space_unit(text: str, value: int):
    assert duration_of(text) == duration_or_none_of(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        0,
        6.0,
        None,
        "6h",
        "6  h",
        " 6 h",
        "6 h ",
        "-6 h",
        "06 h",
        "1.5 h",
        "6 H",
        "6 hours",
        "none",
        "\u0666 h",
        "1 months",
    ],
)
def test_duration_is_refused_when_it_leaves_room_for_doubt(text: object):
    with pytest.raises(ValueError, match="not a duration"):
        duration_of(text)


@pytest.mark.parametrize("text", ["none", "0 months", "6", 6, "6 h", "1.5 months"])
def test_period_is_refused_when_it_is_not_whole_months(text: object):
    with pytest.raises(ValueError, match="not a period"):
        months_of(text)


def test_none_is_no_duty_when_a_duration_may_be_absent():
    assert duration_or_none_of("none") is None
    assert months_of("1 month") == 1
