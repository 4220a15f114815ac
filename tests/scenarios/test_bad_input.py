"""Bad input: refused with place and reason, kept as received, never told again, never in the way of the rest."""

from base64 import b64decode
from collections import Counter
from pathlib import Path

import orjson
import pytest

from integration.runners.replay import SimulatedClock
from integration.services.intake import Input, Intake
from tests.conftest import Holdwatch
from tests.differential import listed, run, test_pack
from tests.memory_store import MemoryStore
from tests.oracle.cases import ev, hold, lifted, numbered, opened
from tests.scenarios.bad import BAD, BAD_XML, CANARY, Bad, event, line, move
from tests.scenarios.laws import desk_over, drawn

PACK = "ma-welcoming-community"
LATER = {"id": "last", **opened(72), "subject": "B9"}


def lines_of(path: Path) -> list[dict]:
    return [orjson.loads(each) for each in path.read_bytes().splitlines()]


def as_received(rejected: dict) -> bytes:
    if "input_base64" in rejected:
        return b64decode(rejected["input_base64"])
    return rejected["input"].encode()


def taken(*raws: bytes) -> MemoryStore:
    store = MemoryStore()
    desk, clock = desk_over(store, test_pack()), SimulatedClock()
    inputs = [Input(f"file:{number}", raw) for number, raw in enumerate(raws, start=1)]
    Intake(desk).take(inputs, clock, pass_time=lambda now: desk.advance(now - 1))
    desk.advance(clock.now)
    desk.commit()
    return store


# -- one by one, through the intake ------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_an_input_is_kept_whole_with_its_reason_when_it_is(bad: Bad):
    (refused,) = taken(bad.raw).refused
    assert (refused.place, refused.reason, refused.raw) == ("file:1", bad.reason, bad.raw)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_no_value_is_repeated_when_an_input_is(bad: Bad):
    store = taken(bad.raw)
    told = [store.refused[0].message, *(row.body.decode() for row in store.entries if row.body)]
    names = [text.replace(f"/data/{CANARY}", "") for text in told]  # names of fields are told, values are not
    assert CANARY not in "".join(names)


def test_nothing_else_changes_when_bad_input_stands_between_the_good():
    good = [orjson.dumps(each) for each in drawn(17)]
    mixed = list(good)
    for number, bad in enumerate(BAD):
        mixed.insert(number * 2, bad.raw)
    clean, dirty = taken(*good), taken(*mixed)
    assert dirty.findings == clean.findings
    assert dirty.decisions == clean.decisions
    assert dirty.inbox == clean.inbox
    assert Counter(each.reason for each in dirty.refused) == Counter(bad.reason for bad in BAD)


@pytest.mark.parametrize("first", [0, 1])
def test_the_second_is_refused_when_two_events_share_an_id(first):
    pair = [line(subject="B1"), line(subject="B2")]
    store = taken(pair[first], pair[1 - first])
    assert [(each.reason, each.raw) for each in store.refused] == [("conflicting_duplicate", pair[1 - first])]


def test_a_duplicate_is_no_conflict_when_only_the_writing_differs():
    # because order of keys, spaces and what a broker adds are not content
    shuffled = dict(reversed(event().items()))
    again = orjson.dumps(shuffled | {"traceparent": "00-1-2-3"}, option=orjson.OPT_INDENT_2)
    assert not taken(line(), again).refused


def test_a_conflict_is_refused_when_it_comes_after_a_restart():
    store = taken(line())
    desk = desk_over(store, test_pack())
    tally = Intake(desk).take([Input("f:2", line(subject="B2"))], SimulatedClock(), pass_time=lambda _now: None)
    assert tally.reasons == {"conflicting_duplicate": 1}


def test_the_field_is_stripped_and_the_event_counts_when_a_field_is_forbidden():
    store = taken(line(data={"person": {"family_name": CANARY, "citizenship": f"secret {CANARY}"}}))
    assert not store.refused
    assert [row.rule for row in store.findings.values()] == ["status_information_received"]
    everything = [*store.entries, *store.outbox, *store.booking_rows.values(), *store.findings.values()]
    assert f"secret {CANARY}" not in repr(everything)


@pytest.mark.parametrize("last", [0, 1, 2])
def test_the_latest_move_is_the_one_that_does_not_count_when_moves_make_a_circle(last):
    # because the others were there before it; whichever comes last is refused, or sets an earlier one aside
    moves = [ev("booking.moved", hour, subject=f"B{hour}", into=f"B{hour % 3 + 1}") for hour in (1, 2, 3)]
    events = numbered((*moves, opened(0)))
    order = [each for each in events if each is not events[last]] + [events[last], LATER]
    store, tally = run(order, test_pack())
    assert tally.refused == (last == 2)
    assert {row["booking"] for row in listed(list(store.findings.values()))} == {"B3"}


# -- through the command line ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def replayed(holdwatch: Holdwatch, tmp_path_factory: pytest.TempPathFactory):
    """A replay of good lines alone, and one with every bad input between them."""
    folder = tmp_path_factory.mktemp("bad")
    good = [orjson.dumps(each) for each in drawn(17)]
    (folder / "good.jsonl").write_bytes(b"\n".join(good) + b"\n")
    mixed = [part for number, each in enumerate(good) for part in (*_bad_at(number), each)]
    (folder / "mixed.jsonl").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(mixed) + b"\r\n\r\n" + BAD[3].raw)
    for number, bad in enumerate(BAD_XML):
        (folder / f"document-{number}.xml").write_bytes(bad.raw)
    documents = sorted(folder.glob("*.xml"))
    clean = holdwatch("replay", folder / "good.jsonl", "--policy", PACK, "--out", folder / "clean")
    dirty = holdwatch(
        "replay", folder / "mixed.jsonl", *documents, "--policy", PACK, "--out", folder / "dirty", "--json"
    )
    return folder, clean, dirty, mixed


def _bad_at(number: int) -> list[bytes]:
    return [BAD[number].raw] if number < len(BAD) else []


def test_the_exit_status_tells_when_something_was_rejected(replayed):
    _, clean, dirty, _ = replayed
    assert (clean.returncode, dirty.returncode) == (0, 1)


def test_every_bad_line_is_rejected_where_it_stands(replayed):
    folder, _, _, mixed = replayed
    rejected = lines_of(folder / "dirty" / "rejected.jsonl")
    places = {raw: f"{folder / 'mixed.jsonl'}:{number}" for number, raw in enumerate(mixed, start=1)}
    by_place = {each["place"]: each for each in rejected}
    for bad in BAD[: len(drawn(17))]:
        told = by_place[places[bad.raw]]
        assert (told["reason"], as_received(told)) == (bad.reason, bad.raw), bad.name


def test_every_bad_document_is_rejected_whole(replayed):
    folder, _, _, _ = replayed
    rejected = lines_of(folder / "dirty" / "rejected.jsonl")
    documents = [each for each in rejected if ".xml" in each["place"]]
    assert [(each["reason"], as_received(each)) for each in documents] == [(bad.reason, bad.raw) for bad in BAD_XML]


def test_the_last_line_is_rejected_when_the_file_ends_inside_it(replayed):
    folder, _, _, mixed = replayed
    last = [each for each in lines_of(folder / "dirty" / "rejected.jsonl") if ".jsonl" in each["place"]][-1]
    assert (last["place"], last["reason"]) == (f"{folder / 'mixed.jsonl'}:{len(mixed) + 2}", "truncated")


def test_good_lines_say_the_same_when_bad_ones_stand_between(replayed):
    folder, *_ = replayed
    for name in ("findings.jsonl", "decisions.jsonl"):
        assert (folder / "dirty" / name).read_bytes() == (folder / "clean" / name).read_bytes()


def test_the_summary_adds_up(replayed):
    folder, _, dirty, mixed = replayed
    told = orjson.loads(dirty.stdout)
    assert told == orjson.loads((folder / "dirty" / "summary.json").read_bytes())
    assert told["read"] == len(mixed) + 1 + len(BAD_XML) == told["accepted"] + told["duplicates"] + told["refused"]
    assert told["refused"] == sum(told["refused_by_reason"].values())
    assert told["refused"] == len(lines_of(folder / "dirty" / "rejected.jsonl"))


def test_no_value_is_repeated_in_what_is_told(replayed):
    folder, _, dirty, _ = replayed
    said = [each["message"] for each in lines_of(folder / "dirty" / "rejected.jsonl")]
    logged = (folder / "dirty" / "audit.jsonl").read_text()
    text = "".join([*said, logged, dirty.stderr.decode(), dirty.stdout.decode()])
    assert CANARY not in text.replace(f"/data/{CANARY}", "")


# -- whatever it is ----------------------------------------------------------------------------------------------------


def test_the_stream_goes_on_when_a_file_has_a_name_that_is_no_text(holdwatch: Holdwatch, tmp_path: Path):
    # because a system's file names are bytes; the place is told as far as it can be written
    name = tmp_path / b"bad\xff.jsonl".decode(errors="surrogateescape")
    name.write_bytes(b"no event\n" + orjson.dumps(event()) + b"\n")
    told = holdwatch("replay", tmp_path, "--policy", PACK, "--out", tmp_path / "out", "--json")
    assert (told.returncode, orjson.loads(told.stdout)["accepted"]) == (1, 1)


def test_an_input_is_kept_when_the_program_itself_cannot_digest_it(monkeypatch):
    # because a fault of ours must not lose an event or stop the others
    events = [orjson.dumps(each) for each in numbered((opened(0), hold(0, "C", "charge"), lifted(1, "C")))]
    facts_of = "integration.services.desk.facts_of"
    real = __import__("integration.services.reading", fromlist=["facts_of"]).facts_of

    def fails(received):
        if received.event.id == "e2":
            raise ZeroDivisionError(CANARY)
        return real(received)

    monkeypatch.setattr(facts_of, fails)
    store = taken(*events)
    assert [(each.reason, each.raw) for each in store.refused] == [("cannot_process", events[1])]
    assert CANARY not in store.refused[0].message
    assert {key.event_id for key in store.inbox} == {"e1", "e3"}


def test_a_line_is_refused_when_it_moves_a_booking_into_itself_twice():
    store = taken(move("B1", subject="B1"), move("B1", subject="B1"))
    assert [each.reason for each in store.refused] == ["move_cycle", "move_cycle"]
