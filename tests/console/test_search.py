"""Searching the log: what is found is what is there, whatever happens to the copy."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.domain.instants import SECOND
from integration.services.auditing import AuditDesk
from integration.services.ports import Changes
from integration.store.queries import Records
from integration.store.search import Search, Wanted, words_in
from tests.store.servers import opened

DAY = 86_400 * SECOND
START = 20_000 * DAY


class Log:
    """A log, a clock, and a copy in shards of seven entries."""

    def __init__(self, folder):
        self.store = opened(f"sqlite:///{folder / 'log.sqlite'}")
        self.records = Records(self.store.engine)
        self.at = START
        self.desk = AuditDesk(self.store, place="here", now=lambda: self.at)
        self.path = folder / "search.sqlite"
        self.search = Search(self.path, self.records, shard=7)

    def write(self, kind="audit.read", outcome="read", actor="officer:a", booking="", source="", **detail):
        entry = self.desk.entry(kind, outcome, actor, detail, booking=booking, source=source)
        self.at += SECOND
        return self.desk.write(lambda: ([entry], Changes()))[0]

    def find(self, **wanted):
        self.search.catch_up()
        return self.search.find(Wanted(**wanted))


@pytest.fixture
def log(tmp_path):
    log = Log(tmp_path)
    yield log
    log.search.close()
    log.store.close()


FILLED = (
    {"kind": "finding.raised", "outcome": "open", "booking": "B-1", "source": "/jms/a", "rule": "overdue_release"},
    {"kind": "finding.raised", "outcome": "open", "booking": "B-2", "source": "/jms/b", "provisions": ["L5", "L8"]},
    {"kind": "audit.read", "outcome": "read", "actor": "officer:müller", "note": "Ångström's café, 64 beds"},
    {"kind": "audit.read", "outcome": "read", "actor": "officer:b", "deep": {"er": ["nested", {"x": "words"}]}},
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [3, 2, 1, 0]),
        ({"kind": "finding.raised"}, [1, 0]),
        ({"kind": "finding"}, []),
        ({"actor": "officer:müller"}, [2]),
        ({"rule": "overdue_release"}, [0]),
        ({"booking": "B-2"}, [1]),
        ({"source": "/jms/a"}, [0]),
        ({"outcome": "open", "provision": "L8"}, [1]),
        ({"provision": "L"}, []),
        ({"text": "angstrom CAFE"}, [2]),
        ({"text": "caf*"}, [2]),
        ({"text": "caf"}, []),
        ({"text": "nested words"}, [3]),
        ({"text": "64"}, [2]),
        ({"text": "B-1"}, [0]),
        ({"text": '" OR words:*'}, []),
        ({"text": "***"}, []),
        ({"since": START + SECOND, "until": START + 3 * SECOND}, [2, 1]),
        ({"kind": "audit.read", "until": START + 3 * SECOND}, [2]),
        ({"sources": frozenset({"/jms/a", "/jms/c"})}, [0]),
        ({"sources": frozenset()}, []),
    ],
)
def test_exactly_those_are_found_when_something_is_asked(log, wanted, expected):
    for each in FILLED:
        log.write(**each)
    assert log.find(**wanted) == expected


def test_every_page_is_whole_when_results_span_shards(log):
    for number in range(40):
        log.write(booking="B-1" if number % 3 else "B-2")
    log.search.catch_up()
    pages, before = [], None
    while page := log.search.find(Wanted(booking="B-1"), before=before, limit=4):
        pages += page
        before = page[-1]
    assert pages == [number for number in reversed(range(40)) if number % 3]


def test_sealed_entry_is_gone_from_the_file_when_the_sealing_was_followed(log):
    for number in range(20):
        log.write(booking=f"B-{number}", note="zanzibarish" if number == 4 else "plain")
    assert log.find(text="zanzibarish") == [4]
    log.desk.seal(log.records, 4, authority="Order 1", actor="officer:b")
    log.search.follow()
    assert log.search.find(Wanted(text="zanzibarish")) == []
    assert log.find(text="zanzibarish") == []
    assert log.find(booking="B-5") == [5]
    left = b"".join(path.read_bytes() for path in log.path.parent.glob("search.sqlite*"))
    assert b"zanzibar" not in left
    assert b"plain" in left


def test_copy_begins_anew_when_it_is_of_another_log_or_damaged(log, tmp_path):
    for each in FILLED:
        log.write(**each)
    log.search.catch_up()
    log.search.close()
    (tmp_path / "other").mkdir()
    other = Log(tmp_path / "other")
    other.write(kind="audit.exported", outcome="exported")
    other.search.close()
    moved = Search(log.path, other.records, shard=7)
    moved.catch_up()
    assert moved.find(Wanted()) == [0]
    assert moved.find(Wanted(kind="finding.raised")) == []
    moved.close()
    log.path.write_bytes(b"no database at all" * 1000)
    log.search = Search(log.path, log.records, shard=7)
    assert log.find(kind="finding.raised") == [1, 0]
    assert log.path.stat().st_mode & 0o077 == 0
    other.store.close()


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_a_word_stays_one_word_when_it_is_cut_again(text):
    # because a word that the index cut once more would be a phrase, which it cannot look for
    words = words_in(text)
    assert words_in(" ".join(words)) == words
    assert all(not character.isascii() or character.isalnum() for word in words for character in word)
