"""What the entries of a log tell that a report counts: events, findings, decisions, each with its place in the log.

Times stay text as the log writes them (UTC, six decimals): text order is time order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from integration.errors import FatalError
from integration.reports.counting.feeds import Feeds
from integration.reports.counting.otherholds import OtherHolds
from integration.reports.counting.period import Period

ACCEPTED: Final = "event.accepted"
SET_ASIDE: Final = "event.set_aside"
FILED: Final = "report.filed"
_FINDING: Final = "finding."
_DECIDED: Final = ".decided"

_IMMIGRATION_LABELS: Final = frozenset(
    {b"immigration_detainer", b"administrative_warrant", b"notification_request", b"judicial_warrant"}
)
_SET_ASIDE_BYTES: Final = SET_ASIDE.encode()
_FILED_BYTES: Final = FILED.encode()


class Event(NamedTuple):
    """An accepted event."""

    leaf: int
    source: str
    booking: str
    event_id: str
    time: str
    data: Mapping[str, Any]


class Told(NamedTuple):
    """One telling of a finding."""

    leaf: int
    source: str
    booking: str
    rule: str
    about: str
    since: str
    until: str | None
    status: str
    evidence: tuple[str, ...]
    paper: str | None
    """What the paper is, where the finding is that its label is wrong."""


class Decided(NamedTuple):
    """One decision on a request."""

    leaf: int
    at: str
    outcome: str
    recipient_class: str
    categories: tuple[str, ...]
    booking: str


class Act(NamedTuple):
    """What a person did beside the feed: gave an approval, or took it back."""

    leaf: int
    source: str
    kind: str
    at: str
    outcome: str
    actor: str
    detail: Mapping[str, Any]


class Wanted(NamedTuple):
    """Which entries a report reads; the others are passed over without being parsed."""

    types: frozenset[str]
    rules: frozenset[str] = frozenset()
    decisions: frozenset[str] = frozenset()
    """``message``, ``access``, ``assistance``."""
    acts: frozenset[str] = frozenset()
    """Kinds of entries about what people did."""
    all_papers: bool = False
    """False: of the placed holds, only those that may be immigration papers."""


class Register:
    """Collects what is wanted from entries, in the order of the log."""

    def __init__(self, wanted: Wanted, source: str | None, *, cut_at: str = "", feeds: Feeds | None = None) -> None:
        """Set up an empty one.

        Args:
            wanted: what to read.
            source: the facility's feed; None: every facility.
            cut_at: a time; `cut` tells how many entries there were before it.
            feeds: takes note of when each facility's events happened.
        """
        self._cut_at = cut_at
        self._feeds = feeds
        self.cut: int = -1
        """The first entry from `cut_at` on that was read; what lies before it was known then."""
        self._wanted = wanted
        self._source = source
        self._types = {each.encode() for each in wanted.types}
        self._rules = {each.encode() for each in wanted.rules}
        self._acts = {each.encode() for each in wanted.acts}
        self._kinds = self._acts | {f"{each}{_DECIDED}".encode() for each in wanted.decisions}
        self.events: dict[str, list[Event]] = {each: [] for each in wanted.types}
        self.findings: dict[str, list[Told]] = {}
        self.decisions: dict[tuple[str, str, str], list[Decided]] = {}
        self._others = OtherHolds()
        self.acts: list[Act] = []
        self.set_aside: list[tuple[int, str, str]] = []
        self.filings: list[tuple[int, Mapping[str, Any]]] = []
        self.packs: Counter[tuple[str, str]] = Counter()
        self.size = 0
        self.sealed = 0
        self.began = ""
        """Time of the first entry of the facility; empty where there is none."""
        self.as_of = ""
        """Time of the last entry."""

    def read(self, bodies: Iterable[bytes | None], size: int) -> None:
        """Take the first ``size`` entries of a log; None stands for a sealed one.

        Args:
            bodies: the entries; may be gone through a second time.
            size: how many of them.

        Raises:
            FatalError: there are fewer, or one cannot be read.
        """
        wanted = self._is_wanted
        named = b"" if self._source is None else b'"source":' + orjson.dumps(self._source)
        first: bytes | None = None
        last: bytes | None = None
        index = 0
        for body in bodies:
            if index == size:
                break
            if body is None:
                self.sealed += 1
            else:
                last = body
                if first is None and named in body:
                    first = body
                if wanted(body, index):
                    self._read(index, body)
            index += 1
        if index < size:
            raise FatalError(f"the log has {index} entries, {size} are to be counted")
        self.size = size
        self.cut = size if self.cut < 0 else self.cut
        self.began, self.as_of = _time_of(first), _time_of(last)
        aside = {(source, event_id) for _, source, event_id in self.set_aside}
        self._read_again(bodies, self._others.to_read(self.events, aside))

    def _read(self, index: int, body: bytes) -> None:
        try:
            self._take(index, orjson.loads(body))
        except (KeyError, TypeError, ValueError) as error:
            raise FatalError(f"entry {index} cannot be read: {type(error).__name__}") from error

    def _read_again(self, bodies: Iterable[bytes | None], leaves: set[int]) -> None:
        """Read those entries of passed-over holds that turned out to matter, too."""
        for index, body in enumerate(bodies if leaves else ()):
            if index in leaves:
                leaves.discard(index)
                if body is not None:
                    self._read(index, body)
                if not leaves:
                    break
        if leaves:
            raise FatalError("the log changed while it was read")

    def covers(self, period: Period) -> bool:
        """Tell whether the log was written for the facility from before a period began until after it ended."""
        return bool(self.began) and self.began <= period.start_text and period.end_text <= self.as_of

    def _is_wanted(self, body: bytes, index: int) -> bool:
        """Tell from the bytes alone. RFC 8785 sorts keys, and a quote inside a text is always escaped."""
        at = body.rfind(b',"kind":"')
        kind = body[at + 9 : body.find(b'"', at + 9)]
        if kind == b"event.accepted":
            if self._feeds is not None:
                self._feeds.note(body, at)
            start = body.rfind(b'"type":"', 0, at) + 8
            name = body[start : at - 2]
            if name not in self._types:
                return False
            if name == b"jail.hold.placed.v1" and not self._wanted.all_papers:
                # The event's kind stands before the entry's own. A form decides over the label (EVENTS.md section 3).
                start = body.find(b'"kind":"') + 8
                if body[start : body.find(b'"', start)] in _IMMIGRATION_LABELS or b'"form":' in body:
                    return True
                self._others.note(body, index)
                return False
            return True
        if kind.startswith(b"finding."):
            start = body.find(b'"rule":"') + 8
            return body[start : body.find(b'"', start)] in self._rules
        return kind in self._kinds or kind in {_SET_ASIDE_BYTES, _FILED_BYTES}

    def _take(self, index: int, entry: Mapping[str, Any]) -> None:
        kind, source, detail = entry["kind"], entry["source"], entry["detail"]
        if self.cut < 0 and entry["at"] >= self._cut_at:
            self.cut = index
        if kind == FILED:
            self.filings.append((index, detail))
            return
        if self._source is not None and source != self._source:
            return
        if entry["pack"]:
            self.packs[entry["pack"], entry["pack_revision"]] += 1
        if kind == ACCEPTED:
            event = Event(index, source, entry["booking"], detail["event_id"], detail["time"], detail["data"])
            self.events[detail["type"]].append(event)
        elif kind == SET_ASIDE:
            self.set_aside.append((index, source, detail["event_id"]))
        elif kind in self._wanted.acts:
            self.acts.append(Act(index, source, kind, entry["at"], entry["outcome"], entry["actor"], detail))
        elif kind.startswith(_FINDING):
            self._take_finding(index, entry, detail)
        else:
            request = kind.removesuffix(_DECIDED)
            key = (source, request, detail[f"{request}_id"])
            row = Decided(
                index,
                entry["at"],
                entry["outcome"],
                detail["recipient_class"],
                tuple(detail["categories"]),
                entry["booking"],
            )
            self.decisions.setdefault(key, []).append(row)

    def _take_finding(self, index: int, entry: Mapping[str, Any], detail: Mapping[str, Any]) -> None:
        told = Told(
            index,
            entry["source"],
            entry["booking"],
            detail["rule"],
            detail["about"],
            detail["since"],
            detail["until"],
            entry["outcome"],
            tuple(detail["evidence"]),
            detail.get("names", {}).get("paper"),
        )
        self.findings.setdefault(detail["finding_id"], []).append(told)


def _time_of(body: bytes | None) -> str:
    try:
        return "" if body is None else str(orjson.loads(body)["at"])
    except (KeyError, TypeError, ValueError) as error:
        raise FatalError(f"an entry cannot be read: {type(error).__name__}") from error
