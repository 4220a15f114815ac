"""What pack.toml may hold, value by value, at the border of what is let in."""

from datetime import date
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from integration.domain.instants import DAY, HOUR, MINUTE, SECOND
from integration.policy.cases import CaseFile
from integration.policy.consistency import Fault
from integration.policy.contexts import Action
from integration.policy.durations import duration_of, months_of
from integration.policy.manifest import (
    KNOWN_MEANS,
    ChargeKeys,
    Checked,
    DirectoryTable,
    Head,
    Key,
    NeverHeldTable,
    NotEnforceable,
    Provision,
    ReleaseProcessing,
    ReportTerms,
    Retention,
    RuleTable,
    Step,
    as_json,
)
from schemas.kinds import Rule

WHOLE: dict[type[BaseModel], dict[str, Any]] = {
    Head: {"id": "a-1", "title": "T", "version": 1, "source": "S", "checked": "excerpts", "checked_note": "N"},
    DirectoryTable: {"names": ["ICE"], "not_names": [], "domains": ["ice.gov"], "oris": ["VTICE0900"], "numbers": []},
    ReleaseProcessing: {"detainer": "0 s", "other": "6 h"},
    ReportTerms: {"period": "6 months", "recipient": "Council", "suppress_below": 0},
    Retention: {"audit": "365 d", "quarantine": "90 d", "dead_letters": "90 d", "bookings": "365 d"},
    RuleTable: {"severity": "violation", "provisions": ["L5"]},
    Provision: {"summary": "S", "enforced_by": ["rule:overdue_release"]},
    NotEnforceable: {"summary": "S", "reason": "R"},
    Step: {"do": "D"},
}


def read(model: type[BaseModel], **changes: Any) -> Any:
    return model.model_validate_json(orjson.dumps(WHOLE[model] | changes))


@pytest.mark.parametrize("model", WHOLE, ids=lambda model: model.__name__)
def test_a_table_is_let_in_when_it_is_whole(model):
    assert read(model)


@pytest.mark.parametrize(("model", "name"), [(model, name) for model, whole in WHOLE.items() for name in whole])
def test_a_table_is_refused_when_a_value_is_left_out_or_there_is_one_too_many(model, name):
    rest = {key: value for key, value in WHOLE[model].items() if key != name}
    with pytest.raises(ValidationError, match=rf"{name}\n  Field required"):
        model.model_validate_json(orjson.dumps(rest))
    with pytest.raises(ValidationError, match=rf"{name}x\n  Extra inputs"):
        read(model, **{f"{name}x": WHOLE[model][name]})


def test_what_may_be_left_out_has_the_meaning_of_nothing_when_it_is():
    assert read(Head).effective_from is None
    assert read(Head, effective_from="2017-04-03").effective_from == date(2017, 4, 3)
    assert read(RuleTable).note == ""
    assert read(Provision).guidance is False


GOOD = [
    (Head, "id", "0", "a digit alone"),
    (Head, "version", 1, "the first"),
    (Head, "version", 99, "a later one"),
    (DirectoryTable, "domains", ["x.co", "a-b.c9.gov"], "two letters at the end are enough"),
    (DirectoryTable, "oris", ["A1", "ABCDEFGH9"], "two to nine characters"),
    (ReportTerms, "suppress_below", 0, "prints every count"),
    (Provision, "enforced_by", ["action:Assist", "report:requests"], "more than one"),
    (DirectoryTable, "addresses", ["a.b_c-9@x.co", "{o'b}@a-b.c9.gov"], "as mailboxes are named"),
    (Step, "do", "D", "one letter"),
    (Step, "do", "D" * 300, "as much as an alert repeats"),
    (Step, "short", "s" * 50, "as much as a telephone shows"),
]


@pytest.mark.parametrize(("model", "name", "value", "because"), GOOD)
def test_a_value_is_let_in_when_it_is_just_inside(model, name, value, because):
    read_back = getattr(read(model, **{name: value}), name)
    assert (sorted(read_back) if isinstance(value, list) else read_back) == (
        sorted(value) if isinstance(value, list) else value
    ), because


BAD = [
    (Head, "id", "", "nothing"),
    (Head, "id", "-a", "begins with a hyphen"),
    (Head, "id", "A", "a capital"),
    (Head, "id", "a b", "a blank"),
    (Head, "id", "a.b", "a dot"),
    (Head, "title", "", "nothing"),
    (Head, "title", "  ", "blanks are nothing"),
    (Head, "source", "", "nobody can look it up"),
    (Head, "checked_note", "", "nobody says how far"),
    (Head, "checked", "trust me", "no such word"),
    (Head, "version", 0, "before the first"),
    (Head, "version", "1", "a text"),
    (Head, "effective_from", "2017-13-01", "no such day"),
    (DirectoryTable, "domains", ["gov"], "no dot"),
    (DirectoryTable, "domains", ["ice.g"], "one letter at the end"),
    (DirectoryTable, "domains", ["ICE.gov"], "capitals never match"),
    (DirectoryTable, "domains", ["ice.gov "], "a blank never matches"),
    (DirectoryTable, "domains", [".gov"], "nothing before the dot"),
    (DirectoryTable, "domains", ["x@ice.gov"], "an address"),
    (DirectoryTable, "domains", ["ice.c0m"], "a digit at the end"),
    (DirectoryTable, "oris", ["A"], "one character"),
    (DirectoryTable, "oris", ["ABCDEFGH90"], "ten"),
    (DirectoryTable, "oris", ["vtice0900"], "small letters never match"),
    (DirectoryTable, "oris", ["VT-ICE"], "a hyphen never matches"),
    (DirectoryTable, "names", [""], "nobody's name"),
    (DirectoryTable, "names", [" "], "nobody's name"),
    (DirectoryTable, "not_names", [""], "nobody's name"),
    (ReportTerms, "suppress_below", -1, "no count is below"),
    (ReportTerms, "period", "6 h", "not in months"),
    (ReportTerms, "recipient", "", "to nobody"),
    (Retention, "audit", "364 d", "under a year"),
    (RuleTable, "severity", "severe", "no such word"),
    (RuleTable, "provisions", [""], "no number"),
    (RuleTable, "provisions", ["-a"], "no number"),
    (RuleTable, "provisions", ["a b"], "no number"),
    (Provision, "enforced_by", [], "by nothing"),
    (Provision, "enforced_by", ["rule:overdue"], "no such rule"),
    (Provision, "enforced_by", ["OVERDUE_RELEASE"], "no such thing"),
    (Provision, "summary", "", "says nothing"),
    (NotEnforceable, "summary", "", "says nothing"),
    (NotEnforceable, "reason", "", "gives no reason"),
    (DirectoryTable, "addresses", ["ice.gov"], "no mailbox"),
    (DirectoryTable, "addresses", ["@ice.gov"], "no mailbox"),
    (DirectoryTable, "addresses", ["x@gov"], "no dot"),
    (DirectoryTable, "addresses", ["x@ice.g"], "one letter at the end"),
    (DirectoryTable, "addresses", ["X@ice.gov"], "capitals never match"),
    (DirectoryTable, "addresses", ["x+tag@ice.gov"], "a tag never matches"),
    (DirectoryTable, "addresses", [" x@ice.gov"], "a blank never matches"),
    (DirectoryTable, "addresses", ["x@y@ice.gov"], "two at once"),
    (Step, "do", "", "says nothing"),
    (Step, "do", "  ", "blanks are nothing"),
    (Step, "do", "D" * 301, "more than an alert repeats"),
    (Step, "short", "s" * 51, "more than a telephone shows"),
]


@pytest.mark.parametrize(("model", "name", "value", "because"), BAD)
def test_a_value_is_refused_when_it_is_just_outside(model, name, value, because):
    with pytest.raises(ValidationError) as refused:
        read(model, **{name: value})
    assert {error["loc"][0] for error in refused.value.errors()} == {name}, because


@pytest.mark.parametrize(
    ("number", "expected", "because"),
    [
        ("8028726020", "8028726020", "ten digits"),
        ("(802) 872-6020", "8028726020", "as people write it"),
        ("+1 802 872 6020", "8028726020", "with the country's 1"),
        ("1-802-872-6020", "8028726020", "with the country's 1"),
        ("1028726020", "1028726020", "the 1 of ten digits is no country's"),
    ],
)
def test_a_number_is_kept_as_ten_digits_when_it_is_one(number, expected, because):
    assert read(DirectoryTable, numbers=[number]).numbers == {expected}, because


@pytest.mark.parametrize("number", ["802872602", "80287260201", "2 802 872 6020", "11 802 872 6020", "\u0668028726020"])
def test_a_number_is_refused_when_it_has_not_ten_digits(number):
    with pytest.raises(ValidationError, match="not a ten digit telephone or fax number"):
        read(DirectoryTable, numbers=[number])


def test_a_directory_is_what_the_table_says_when_it_is_made():
    said = {"not_names": ["ICE Cream"], "numbers": ["8028726020"]}
    directory = read(DirectoryTable, **said).directory()
    assert (directory.names, directory.not_names) == (("ICE",), ("ICE Cream",))
    assert (directory.domains, directory.oris, directory.numbers) == (("ice.gov",), {"VTICE0900"}, {"8028726020"})


NEVER_HELD = {
    "domains": ["court.example.gov"],
    "addresses": ["duty@court.example.gov"],
    "oris": ["MI123456J"],
    "numbers": ["5175550100"],
}


@pytest.mark.parametrize("name", NEVER_HELD)
def test_an_entry_never_held_is_let_in_when_it_names_somebody_in_one_way(name):
    said = {"service": "court", "because": "B", name: NEVER_HELD[name]}
    entry = NeverHeldTable.model_validate_json(orjson.dumps(said)).entry()
    told = {each: sorted(getattr(entry, each)) for each in NEVER_HELD}
    assert told == {each: [] for each in NEVER_HELD} | {name: NEVER_HELD[name]}
    assert (entry.service, entry.because) == ("court", "B")


@pytest.mark.parametrize("rest", [{}, {name: [] for name in NEVER_HELD}], ids=["left out", "empty"])
def test_an_entry_never_held_is_refused_when_it_names_nobody(rest):
    # because whoever wrote it believes that somebody's mail is let through
    with pytest.raises(ValidationError, match="names no domain, address, ORI or number"):
        NeverHeldTable.model_validate_json(orjson.dumps({"service": "court", "because": "B"} | rest))


def test_everything_that_carries_out_a_provision_is_known_by_name():
    assert {f"rule:{rule.value}" for rule in Rule} | {f"action:{action.value}" for action in Action} <= KNOWN_MEANS
    assert {
        "intake:strip_status_fields",
        "intake:classify_papers",
        "register:notices",
        "register:certifications",
        "register:complaints",
        "register:reimbursements",
        "report:requests",
        "report:release_parity",
        "parameter:approval_bases",
        "parameter:accepted_identification",
        "parameter:citation_offences",
        "parameter:partner_agencies_287g",
    } == {means for means in KNOWN_MEANS if not means.startswith(("rule:", "action:"))}
    assert {each.value for each in Checked} == {"full_text", "excerpts", "secondary_sources", "not_checked"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 s", SECOND),
        ("1 min", MINUTE),
        ("1 h", HOUR),
        ("1 d", DAY),
        ("9999999 s", 9_999_999 * SECOND),
        ("10 d", 10 * DAY),
    ],
)
def test_a_duration_is_in_microseconds_whatever_its_unit(text, value):
    assert duration_of(text) == value
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000)


@pytest.mark.parametrize("text", ["10000000 s", "00 s", "1 w", "6 minutes", "6 hd"])
def test_a_duration_is_refused_when_it_is_too_long_or_its_unit_unknown(text):
    with pytest.raises(ValueError, match="not a duration"):
        duration_of(text)


@pytest.mark.parametrize(("text", "months"), [("1 months", 1), ("12 months", 12), ("999 month", 999)])
def test_a_period_is_in_calendar_months(text, months):
    assert months_of(text) == months


@pytest.mark.parametrize("text", ["1000 months", "01 months", "6  months", "6 monthss", " 6 months"])
def test_a_period_is_refused_when_it_is_written_otherwise(text):
    with pytest.raises(ValueError, match="not a period"):
        months_of(text)


@pytest.mark.parametrize("offence", ["--", " ", "\u00a7"])
def test_a_charge_is_refused_when_it_holds_no_letter_or_digit(offence):
    # because an empty key would equal every charge that was left empty
    with pytest.raises(ValidationError, match="holds neither a letter nor a digit"):
        TypeAdapter(ChargeKeys).validate_python([offence])


@pytest.mark.parametrize(
    ("key", "good"), [("L5", True), ("W-II.E", True), ("8", True), (".L", False), ("L 5", False), ("", False)]
)
def test_a_number_of_a_provision_has_letters_digits_dots_and_hyphens(key, good):
    adapter: TypeAdapter[str] = TypeAdapter(Key)
    if good:
        assert adapter.validate_python(key) == key
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(key)


def test_a_pack_has_one_case_at_least():
    case = {"because": "x", "action": "GrantAccess", "context": {}, "decision": "deny"}
    assert len(CaseFile.model_validate_json(orjson.dumps({"case": [case]})).case) == 1
    with pytest.raises(ValidationError):
        CaseFile.model_validate_json(b'{"case": []}')


def test_days_and_texts_survive_when_a_table_is_written_as_json():
    assert orjson.loads(as_json({"day": date(2017, 4, 3), "n": 1, "names": ["\u00e9"]})) == {
        "day": "2017-04-03",
        "n": 1,
        "names": ["\u00e9"],
    }


@pytest.mark.parametrize(
    ("fault", "line"), [(Fault("f", "k", "m"), "f: k: m"), (Fault("f", "", "m"), "f: m")], ids=["key", "file"]
)
def test_a_fault_is_told_in_a_line(fault, line):
    assert str(fault) == line
