"""Public copies that can be subtracted from each other: the later one is refused, or says so on its page."""

import orjson
import pytest

from integration.reports.asked import Asked
from integration.reports.document import LEFT_OUT
from integration.reports.making import make
from integration.reports.publishing import SubtractableError
from tests.reports.logs import asked, bodies, event, exported
from tests.reports.story import DETAINER
from tests.reports.test_story import rows

JANUARY = ("2026-01-01", "2026-02-01")
HALF = ("2026-01-01", "2026-07-01")


def paper(number: int, day: str, source: str = "/jms/a") -> bytes:
    placed = orjson.loads(event(number, "hold.placed", f"{day}T12:00", {"hold_id": f"d{number}", **DETAINER}))
    return orjson.dumps({**placed, "source": source, "subject": f"B-{number}"})


def filing(detail: dict[str, object]) -> bytes:
    about = {"kind": "report.filed", "at": "2026-12-01T00:00:00.000000Z", "outcome": "filed", "actor": "clerk"}
    rest = {"source": "", "booking": "", "pack": "", "pack_revision": "", "detail": detail, "v": 1}
    return orjson.dumps({**about, **rest}, option=orjson.OPT_SORT_KEYS)


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> list[bytes | None]:
    """Twenty papers of two facilities over the first half of the year; two of them in January at the second."""
    days = [f"2026-{1 + n % 6:02d}-{10 + n:02d}" for n in range(18)]
    lines = [paper(n, day) for n, day in enumerate(days)]
    lines += [paper(50 + n, f"2026-01-2{n}", "/jms/b") for n in range(2)]
    return bodies(exported(tmp_path_factory.mktemp("public") / "log", lines))


def public(report: str, size: int, period: tuple[str, str] = HALF, **more: object) -> Asked:
    return asked(report, size, *period, **{"public": True, "suppress_below": 3, **more})


def after(log: list[bytes | None], *filed: Asked) -> list[bytes | None]:
    """The log after some reports were filed."""
    return [*log, *(filing({**each.detail(), "to": "folder", "files": {}}) for each in filed)]


@pytest.mark.parametrize(
    ("first", "then", "refused", "because"),
    [
        (("council", HALF, {"facility": "/jms/a"}), ("council", HALF, {}), True, "all less one facility is the other"),
        (("council", HALF, {}), ("council", JANUARY, {}), True, "half a year less its months is a month"),
        (("council", JANUARY, {}), ("council", ("2026-01-31", "2026-03-01"), {}), True, "they share a day"),
        (("council", HALF, {}), ("council", HALF, {"columns": "new-york-city"}), True, "the same papers"),
        (("council", HALF, {}), ("council", HALF, {"zone": "UTC"}), True, "less a few hours"),
        (("council", HALF, {}), ("council", HALF, {"suppress_below": 5}), True, "other cells are left out"),
        (("council", HALF, {}), ("council", HALF, {"suppress_below": 0}), True, "it prints what was left out"),
        (("council", HALF, {"suppress_below": 0}), ("council", JANUARY, {}), True, "what was printed can be taken off"),
        (("council", HALF, {}), ("holds", HALF, {}), True, "who is detained stays past release"),
        (("gate", HALF, {}), ("council", HALF, {"columns": "illinois"}), True, "both count assistance"),
        (("gate", HALF, {}), ("council", HALF, {}), False, "they share no count"),
        (("parity", HALF, {}), ("council", HALF, {}), False, "nor do these"),
        (("council", HALF, {}), ("council", HALF, {}), False, "the very same tables tell nothing new"),
        (("council", JANUARY, {}), ("council", ("2026-02-01", "2026-03-01"), {}), False, "the days are apart"),
        (("council", HALF, {"facility": "/jms/a"}), ("council", HALF, {"facility": "/jms/b"}), False, "so are they"),
        (("council", HALF, {"public": False}), ("council", JANUARY, {}), False, "the clerk's copy is not published"),
        (("council", HALF, {"suppress_below": 0}), ("council", JANUARY, {"suppress_below": 0}), False, "nothing hides"),
    ],
)  # fmt: skip
def test_a_public_copy_is_refused_when_an_earlier_one_could_be_subtracted(log, first, then, refused, because):
    (kind, period, more), (second, days, others) = first, then
    earlier = public(kind, len(log), period, **more)
    entries = after(log, earlier)
    later = public(second, len(entries), days, **others)
    if not refused:
        assert make(later, entries).sections, because
        return
    with pytest.raises(SubtractableError) as caught:
        make(later, entries)
    assert [each.entry for each in caught.value.earlier] == [len(log)], because
    told = make(later.__class__.from_detail({**later.detail(), "despite_earlier": True}), entries)
    assert any(f"entry {len(log)}" in note and "Not for publication" in note for note in told.notes), because


def test_the_same_copy_is_refused_when_later_facts_changed_its_figures(log, tmp_path):
    """Ten less nine: the one that came late."""
    late = bodies(exported(tmp_path / "log", [paper(90, "2026-02-10")]))
    first = public("council", len(log))
    entries = [*after(log, first), *late]
    with pytest.raises(SubtractableError):
        make(public("council", len(entries)), entries)
    assert make(first, entries).sections, "made again as it was then, it is what it was"


def test_the_difference_tells_a_count_when_nobody_refuses(log):
    """What the refusal is for: each copy leaves the second facility's two papers out, both together tell them."""
    one, everything = make(public("council", len(log), facility="/jms/a"), log), make(public("council", len(log)), log)
    two = make(public("council", len(log), facility="/jms/b"), log)
    name = "requests", "Detainers (holds)", "No reason stated"
    a, both, b = (rows(each, name[0])[name[1]][name[2]] for each in (one, everything, two))
    assert (a, both, b) == (18, 20, LEFT_OUT)
