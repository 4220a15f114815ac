"""What becomes of what a row said before: the facts are those of its last state."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.mapping.apply import Mapper, first_sight
from connectors.mapping.corrections import RETRACTION, Remembered, Told, settle
from connectors.mapping.history import changed_since
from connectors.mapping.load import MappingFileError, load_mapping, mapping_from
from connectors.mapping.rows import Row, inputs_of
from integration.policy.pack import load
from integration.runners.connect.compare import replayed
from schemas.base import instant_of
from schemas.events import parse

EXAMPLE = Path(__file__).parents[3] / "connectors" / "jms_csv" / "example"
HEADER = (EXAMPLE / "charges.csv").read_text().splitlines()[0]
BASE = {"BookingNo": "B1", "PersonKey": "P-1", "BookedAt": "03/02/2026 08:15", "ChargeSeq": "1", "Statute": "750.81D"}
BASE |= {"Charge": "LARCENY", "Status": "OPEN", "ImmHold": "N"}
DUE = {"EligibleAt": "03/04/2026 10:00", "EligibleWhy": "PR"}
FORM = {"DetainerAt": "03/03/2026 09:00", **DUE}
FLAG = {"ImmHold": "Y", **DUE}
TOLD = {"overdue_detainer_hold", "overdue_release", "transfer_without_warrant"}
OVERDUE = {"overdue_detainer_hold": "2026-03-04T15:00:00.000000Z"}


def findings(folder, states):
    """The overdue findings after some dumps of one row, each a day after the last."""
    files = []
    for day, state in enumerate(states):
        rows = [{**BASE, **each} for each in (state if isinstance(state, list) else [state])]
        text = "\n".join([HEADER, *(",".join(row.get(name, "") for name in HEADER.split(",")) for row in rows)])
        file = folder / f"{day}.csv"
        file.write_text(text + "\n")
        os.utime(file, (1772500000 + day * 86400,) * 2)
        files.append(file)
    mapping = load_mapping(EXAMPLE / "mapping.toml")
    found = replayed(files, mapping, load("lansing-eo-2017-01"), instant_of("2026-03-10T00:00:00Z")).findings
    return {rule: rows[0][0] for (_, rule, _), rows in found.items() if rule in TOLD}


CASES = {
    "the time was corrected to an earlier one": ([{**FLAG, "EligibleAt": "03/05/2026 10:00"}, FLAG], OVERDUE),
    "the time was corrected to a later one": ([{**FLAG, "EligibleAt": "03/03/2026 10:00"}, FLAG], OVERDUE),
    "the release was a mistake": ([{**FLAG, "ReleasedAt": "03/04/2026 09:55"}, FLAG], OVERDUE),
    "the form was corrected to a detainer": (
        [{**FORM, "DetainerForm": "I-247N"}, {**FORM, "DetainerForm": "I-247A"}],
        OVERDUE,
    ),
    "the form was corrected to a request": (
        [{**FORM, "DetainerForm": "I-247A"}, {**FORM, "DetainerForm": "I-247N"}],
        {"overdue_release": "2026-03-04T15:00:00.000000Z"},
    ),
    "nobody is owed release": ([DUE, {}], {}),
    "the flag went and came back": ([{"ImmHold": "Y"}, {}, FLAG], OVERDUE),
    "another way still tells the hold": (
        [{**FLAG, "Charge": "HOLD ICE"}, {**DUE, "Charge": "HOLD ICE"}],
        {"overdue_detainer_hold": "2026-03-02T13:15:00.000000Z"},
    ),
    "another row still tells the hold": (
        [[FLAG, {**FLAG, "ChargeSeq": "2"}], [DUE, {**FLAG, "ChargeSeq": "2"}]],
        OVERDUE,
    ),
    "the time came back as it was": ([FLAG, {**FLAG, "EligibleAt": "03/07/2026 10:00"}, FLAG], OVERDUE),
}


@pytest.mark.parametrize("case", CASES)
def test_finding_is_that_of_the_last_state_when_a_row_was_corrected(case, tmp_path):
    states, expected = CASES[case]
    assert findings(tmp_path, states) == expected, case


AT_RELEASE = {"Charge": "LARCENY", **FLAG, "ReleasedAt": "03/04/2026 12:00", "ReleaseCode": "ICE"}
WRITTEN = {
    "YES is in no list of a few": ({**FLAG, "ImmHold": "YES"}, {"overdue_detainer_hold"}),
    "IMM is immigration": (
        [BASE, {**DUE, "ChargeSeq": "2", "Charge": "IMM HOLD", "Statute": ""}],
        {"overdue_detainer_hold"},
    ),
    "another agency's words keep the person": ({**FLAG, "Charge": "PAROLE HOLD", "ImmHold": "N"}, set()),
    "another agency keeps the person": ({**FLAG, "Charge": "FUGITIVE", "HoldAgency": "Wayne County Sheriff"}, set()),
    "the word HOLD beside the flag is no agency": ({**FLAG, "Charge": "HOLD"}, {"overdue_detainer_hold"}),
    "why is in no table": ({**FLAG, "EligibleWhy": "COURT RELEASE"}, {"overdue_detainer_hold"}),
    "why is empty": ({**FLAG, "EligibleWhy": ""}, {"overdue_detainer_hold"}),
    "handed over without a warrant": (AT_RELEASE, {"overdue_detainer_hold", "transfer_without_warrant"}),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_finding_is_there_when_a_hold_is_written_in_a_way_of_its_own(case, tmp_path):
    state, expected = WRITTEN[case]
    assert set(findings(tmp_path, [state])) == expected, case


@pytest.mark.parametrize("number", range(3))
def test_corrected_form_decides_whatever_its_events_are_called(number, tmp_path):
    states = [{**FORM, "BookingNo": f"B-{number}", "DetainerForm": form} for form in ("I-247N", "I-247A")]
    assert findings(tmp_path, states) == OVERDUE


RULES = """\
version = 1
source = "/jms/a"
zone = "America/Detroit"
[record]
booking = "no"
key = ["no", "row"]
[tables.why]
codes = { PR = "own_recognizance", DISM = "charges_dropped" }
[[events]]
name = "opened"
type = "booking.opened"
time = "at"
[[events]]
name = "charge"
type = "hold.placed"
time = "at"
data = { hold_id = { column = "row", prefix = "charge-" }, kind = { value = "charge" } }
[[events]]
name = "due"
type = "release.due"
time = "due"
where = [{ column = "due", empty = false }]
data = { due_at = "due", reason = { column = "why", table = "why" } }
[[events]]
name = "out"
type = "release.completed"
time = "out"
where = [{ column = "out", empty = false }]
[[events]]
name = "paper"
type = "hold.placed"
time = "at"
where = [{ column = "form", empty = false }]
data = { hold_id = { value = "paper" }, kind = { value = "immigration_detainer" }, "document.form" = "form" }
[[events]]
name = "flag"
type = "hold.placed"
gone = "lift"
time = "at"
where = [{ column = "flag", in = ["Y"] }]
data = { hold_id = { value = "flag" }, kind = { value = "immigration_detainer" } }
[[events]]
name = "cell"
type = "bail.set"
on = "change"
watch = ["cell"]
first = false
time = { observed = true }
where = [{ column = "cell", in = ["X"] }]
"""
MAPPING = mapping_from(RULES)
TIMES = st.sampled_from(["2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z"])
STATES = st.fixed_dictionaries(
    {
        "no": st.just("B1"),
        "row": st.sampled_from(["1", "2"]),
        "at": TIMES,
        "due": st.one_of(st.just(""), TIMES),
        "why": st.sampled_from(["PR", "DISM"]),
        "out": st.one_of(st.just(""), TIMES),
        "form": st.sampled_from(["", "I-247A", "I-247N"]),
        "flag": st.sampled_from(["Y", "N"]),
        "cell": st.sampled_from(["X", "Z"]),
        "citizenship": st.sampled_from(["", "MX"]),
    }
)


class Feed:
    """One booking's rows, told again and again; and what intake would count of it."""

    def __init__(self):
        self.rows, self.accepted, self.day = {}, {}, 1

    def tell(self, state):
        mapper = Mapper(MAPPING)
        key = mapper.key(state)
        known = self.rows.get(key)
        at = datetime(2026, 4, 1, tzinfo=UTC).replace(day=self.day)
        self.day += 1
        told = Told(key, "p", Row("", state), changed_since(None if known is None else known.marks))
        retracted = {each["data"]["retracts"] for each in self.accepted.values() if each["id"].startswith(RETRACTION)}
        # What is remembered goes through the database.
        before = {key: Remembered.read(*row.written()) for key, row in self.rows.items()}
        found = settle(mapper, before, [told], observed=at, now=at, taken_back=retracted.intersection)
        self.rows |= found.rows
        for each in found.inputs:
            assert each.refusal is None
            event = orjson.loads(each.raw)
            parse(each.raw)
            earlier = self.accepted.setdefault(event["id"], event)
            assert earlier == event, "one id, two contents"
            assert event["id"] not in retracted, "what never counted comes again under its own id"

    @property
    def standing(self):
        gone = {each["data"]["retracts"] for each in self.accepted.values() if each["id"].startswith(RETRACTION)}
        assert gone <= self.accepted.keys()
        return [each for name, each in self.accepted.items() if name not in gone and not name.startswith(RETRACTION)]


def content(event):
    said = {name: value for name, value in event["data"].items() if name != "citizenship"}
    return (event["type"], event["time"], orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


def fresh(state):
    found = inputs_of("p", Row("", state), Mapper(MAPPING), observed=None, changed=first_sight)
    return {content(orjson.loads(each.raw)) for each in found}


def about_flag(said):
    return b'"hold_id":"flag"' in said[2]


@settings(max_examples=60, deadline=None)
@given(st.lists(STATES, min_size=1, max_size=12))
def test_facts_are_those_of_a_fresh_import_when_rows_were_edited(states):
    feed, last = Feed(), {}
    for state in states:
        feed.tell(state)
        last[state["row"]] = state
    expected = set().union(*(fresh(state) for state in last.values()))
    standing = {content(event) for event in feed.standing}
    watched = {each for each in standing if each[0] == "jail.bail.set.v1"}
    assert {each for each in standing - watched if not about_flag(each)} == {
        each for each in expected if not about_flag(each)
    }
    lifted = [each for each in standing if each[0] == "jail.hold.lifted.v1"]
    was_there = any(state["flag"] == "Y" for state in states)
    is_there = any(state["flag"] == "Y" for state in last.values())
    assert len(lifted) == (was_there and not is_there), "a hold that has gone is lifted once, and only while it is gone"
    assert {each for each in expected if about_flag(each)} <= standing
    assert bool(watched) <= any(state["cell"] == "X" for state in last.values())


@settings(max_examples=20, deadline=None)
@given(st.lists(STATES, min_size=1, max_size=8))
def test_nothing_new_is_told_when_a_row_is_told_again(states):
    feed = Feed()
    for state in states:
        feed.tell(state)
        before = set(feed.accepted)
        feed.tell(state)
        assert set(feed.accepted) == before


def test_event_stands_when_its_rule_is_refused():
    feed = Feed()
    state = {"no": "B1", "row": "1", "at": "2026-03-02T08:00:00Z", "due": "2026-03-03T08:00:00Z", "why": "PR"}
    feed.tell(state)
    mapper = Mapper(MAPPING)
    (key,) = feed.rows
    told = Told(key, "p", Row("", {**state, "why": "NEVER HEARD"}), first_sight)
    at = datetime(2026, 4, 2, tzinfo=UTC)
    found = settle(mapper, feed.rows, [told], observed=at, now=at, taken_back=lambda _: ())
    assert [each.refusal.reason for each in found.inputs if each.refusal] == ["unmapped_code"]
    assert not found.retracted
    assert "due" in {each.rule for each in found.rows[key].given}


def test_received_status_is_not_taken_back_when_its_column_is_emptied():
    feed = Feed()
    state = {"no": "B1", "row": "1", "at": "2026-03-02T08:00:00Z", "citizenship": "MX"}
    feed.tell(state)
    feed.tell({**state, "citizenship": ""})
    assert Counter(each["type"] for each in feed.standing)["jail.booking.opened.v1"] == 2
    feed.tell({**state, "at": "2026-03-03T08:00:00Z", "citizenship": ""})
    assert [each["time"] for each in feed.standing if "opened" in each["type"]] == ["2026-03-03T08:00:00Z"]


def test_lift_is_refused_for_what_is_no_hold():
    with pytest.raises(MappingFileError, match=r'gone: "lift" is for hold.placed'):
        mapping_from(RULES.replace('type = "release.due"', 'type = "release.due"\ngone = "lift"'))
