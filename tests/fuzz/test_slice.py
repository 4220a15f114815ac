"""A few seconds of ``python -m tests.fuzz.run``, and proof that it tells each kind of fault."""

import time
from collections import Counter

import pytest
from lxml import etree

from schemas.refusals import InvalidEventError, Reason
from tests.connectors.jms_niem.test_hostile import RICH
from tests.fuzz import session
from tests.fuzz.corpus import CANARY, documents, events
from tests.fuzz.run import fuzzed, pack, shrunk
from tests.fuzz.session import Fault, Result, Session, read_document, read_event


@pytest.mark.parametrize("chunk", range(20))
def test_no_property_breaks_when_events_are_damaged(chunk):
    result = fuzzed("json", chunk)
    assert not result.faults
    assert result.accepted > 50
    assert len(result.reasons) > 10


@pytest.mark.parametrize("chunk", range(12))
def test_no_property_breaks_when_documents_are_damaged(chunk):
    result = fuzzed("xml", chunk)
    assert not result.faults
    assert result.accepted > 50


def test_the_same_inputs_come_again_when_a_chunk_is_repeated():
    one, other = fuzzed("json", 3), fuzzed("json", 3)
    assert (one.reasons, one.accepted) == (other.reasons, other.accepted)


def test_the_canary_stands_in_most_inputs_when_fuzzing_starts():
    for corpus in (events(), documents()):
        assert sum(CANARY.encode() in raw for raw in corpus) > len(corpus) / 2


def taken(read) -> list[Fault]:
    result = Result()
    of = Session(pack(), result)
    of.take([b"{}"], read)
    of.finish(b"{}")
    return result.faults


def crashes(_raw):
    return {}["nothing"]


def repeats(_raw):
    return [InvalidEventError(Reason.BAD_VALUE, f"/id: {CANARY}")]


def dawdles(raw):
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass
    return read_event(raw)


@pytest.mark.parametrize(("read", "what"), [(crashes, "crash"), (repeats, "canary"), (dawdles, "slow")])
def test_a_fault_is_told_when_a_parser_is_broken(read, what, monkeypatch):
    monkeypatch.setattr(session, "LIMIT_S", 0.02)
    assert what in {fault.what for fault in taken(read)}


def test_a_fault_is_told_when_a_desk_takes_nothing_in_any_more(monkeypatch):
    monkeypatch.setattr("integration.services.desk.Desk.is_duplicate", lambda *_: True)
    assert Counter(fault.what for fault in taken(read_event)) == {"stuck": 1}


def test_the_whole_input_is_kept_when_a_fault_does_not_come_again():
    assert shrunk("json", Fault("crash", "KeyError at nowhere:1", b'{"a": 1}')) == b'{"a": 1}'


# -- found by fuzzing --------------------------------------------------------------------------------------------------

CROWDED = ("DetentiontImmigrationHoldIndicator", "Release", "SupervisionReleaseEligibilityDate", "BailBond")


def crowded(local: str, size: int) -> bytes:
    """A document of about so many bytes, in which one element stands again and again."""
    root = etree.fromstring(RICH.xml())
    node = next(each for each in root.iter() if etree.QName(each).localname == local)
    node.tail = None
    parent = node.getparent()
    assert parent is not None
    parent.append(etree.Element("MARK"))
    text = etree.tostring(node)
    for prefix, space in root.nsmap.items():
        text = text.replace(f' xmlns:{prefix}="{space}"'.encode(), b"")
    return etree.tostring(root).replace(b"<MARK/>", text * (size // len(text)))


def seconds(document: bytes) -> float:
    started = time.thread_time()
    read_document(document)
    return time.thread_time() - started


@pytest.mark.parametrize("local", CROWDED)
def test_time_grows_with_the_document_and_not_with_its_square_when_an_element_is_crowded(local):
    # because each note named its place by counting all elements before it, and each bond asked all the others:
    # fifteen times the size took over a hundred times as long
    # A busy machine may slow any one reading down; the square of the size would slow down every one.
    small, large = crowded(local, 60_000), crowded(local, 900_000)
    ratios = (seconds(large) / max(seconds(small) for _ in range(3)) for _ in range(5))
    assert any(ratio < 45 for ratio in ratios)
