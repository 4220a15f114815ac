"""What the entries of a log tell that a report counts: events, findings, decisions, each with its place in the log.

Times stay text as the log writes them (UTC, six decimals): text order is time order.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import orjson

from integration.errors import FatalError
from integration.reports.counting.feeds import Feeds
from integration.reports.counting.later import Later, text_end
from integration.reports.counting.period import Period

ACCEPTED: Final = "event.accepted"
SET_ASIDE: Final = "event.set_aside"
FILED: Final = "report.filed"
_FINDING: Final = "finding."
_DECIDED: Final = ".decided"

_IMMIGRATION_LABELS: Final = frozenset(
    {b"immigration_detainer", b"administrative_warrant", b"notification_request", b"judicial_warrant"}
)
_OTHER_LABELS: Final = _IMMIGRATION_LABELS | {b"agency_hold"}
_PLACED: Final = b"jail.hold.placed.v1"
_RELEASED: Final = b"jail.release.completed.v1"
_TO_AGENCY: Final = b'"released_to":"agency"'
_FEW_FORMS: Final = frozenset({_RELEASED.decode(), "jail.bail.posted.v1"})
"""Types of events of which many say the same, in single values."""
_SOURCE: Final = b'"source":"'
_AT: Final = b'"at":"'
_KIND: Final = b',"kind":"'
_ACCEPTED: Final = _KIND + ACCEPTED.encode() + b'"'
_TYPE: Final = len(b'"type":"')
_TIME: Final = len('2026-01-01T00:00:00.000000Z",')
_BACKSLASH: Final = ord("\\")
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
    later: frozenset[str] = frozenset()
    """Of ``types``, those that are read only for bookings that matter (`Later`), as are holds with another label."""
    about: frozenset[str] = frozenset()
    """A booking matters that has an event of these types."""
    about_findings: bool = False
    """A booking matters that has a finding that was read."""
    before: frozenset[str] = frozenset()
    """A booking matters where something that was passed over is later than an event of these types."""
    agency_holds: bool = False
    """Whether other agencies' holds are read at once."""


class Register:
    """Collects what is wanted from entries, in the order of the log."""

    def __init__(self, wanted: Wanted, source: str | None, *, cut_at: str = "", feeds: Feeds | None = None) -> None:
        """Set up an empty one.

        Args:
            wanted: what to read.
            source: the facility's feed; None: every facility.
            cut_at: a time; `cut` tells how many entries were written before it.
            feeds: takes note of when each facility's events happened.
        """
        self._cut_at = cut_at
        self._note = None if feeds is None else feeds.note
        self.cut: int = -1
        """The first entry written at ``cut_at`` or later; what lies before it was known then."""
        self._wanted = wanted
        self._source = source
        self._types = {each.encode() for each in wanted.types}
        self._rules = {each.encode() for each in wanted.rules}
        self._acts = {each.encode() for each in wanted.acts}
        self._kinds = self._acts | {f"{each}{_DECIDED}".encode() for each in wanted.decisions}
        self.events: dict[str, list[Event]] = {each: [] for each in wanted.types}
        self.findings: dict[str, list[Told]] = {}
        self.decisions: dict[tuple[str, str, str], list[Decided]] = {}
        self._deferred = {each.encode() for each in wanted.later}
        self._labels = _OTHER_LABELS if wanted.agency_holds else _IMMIGRATION_LABELS
        self._later = Later(wanted.about, wanted.before)
        self._named = None if source is None else orjson.dumps(source)[1:-1]
        self._same: dict[Any, Any] = {}
        self.acts: list[Act] = []
        self.set_aside: list[tuple[int, str, str]] = []
        self.filings: list[tuple[int, Mapping[str, Any]]] = []
        self.packs: set[tuple[str, str]] = set()
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
        is_wanted, is_wanted_event = self._is_wanted, self._is_wanted_event
        take, take_event = self._take, self._take_event
        before_cut = True
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
                if before_cut and _time_of(body) >= self._cut_at:
                    self.cut, before_cut = index, False
                # RFC 8785 sorts keys, and a quote inside a text is always escaped: the bytes alone tell what it is.
                at = body.rfind(_KIND)
                if body.startswith(_ACCEPTED, at):
                    if is_wanted_event(body, index, at):
                        self._read(index, body, take_event)
                elif is_wanted(body, at):
                    self._read(index, body, take)
            index += 1
        if index < size:
            raise FatalError(f"the log has {index} entries, {size} are to be counted")
        self.size = size
        self.cut = size if self.cut < 0 else self.cut
        self.began, self.as_of = _time_of(first), _time_of(last)
        told = (tellings[0] for tellings in self.findings.values()) if self._wanted.about_findings else ()
        leaves = self._later.to_read(self.events, ((each.source, each.booking) for each in told))
        # What was noted is a tenth of the memory, and counting needs its own.
        self._later = Later((), ())
        self._read_again(bodies, leaves)
        self._same = {}

    def _read(self, index: int, body: bytes, take: Callable[[int, Mapping[str, Any]], None]) -> None:
        try:
            take(index, orjson.loads(body))
        except (KeyError, TypeError, ValueError) as error:
            raise FatalError(f"entry {index} cannot be read: {type(error).__name__}") from error

    def _read_again(self, bodies: Iterable[bytes | None], leaves: set[int]) -> None:
        """Read those entries that were passed over and turned out to matter, too."""
        if not leaves:
            return
        for index, body in picked(bodies, leaves):
            leaves.discard(index)
            if body is not None:
                self._read(index, body, self._take_event)
            if not leaves:
                return
        raise FatalError("the log changed while it was read")

    def covers(self, period: Period) -> bool:
        """Tell whether the log was written for the facility from before a period began until after it ended."""
        return bool(self.began) and self.began <= period.start_text and period.end_text <= self.as_of

    def _is_wanted(self, body: bytes, kind_at: int) -> bool:
        """Tell of an entry that is no event. Args: ``kind_at`` is where its kind begins, with the key."""
        start = kind_at + len(_KIND)
        kind = body[start : body.find(b'"', start)]
        if kind.startswith(b"finding."):
            start = body.find(b'"rule":"') + 8
            return body[start : body.find(b'"', start)] in self._rules
        return kind in self._kinds or kind in {_SET_ASIDE_BYTES, _FILED_BYTES}

    def _is_wanted_event(self, body: bytes, index: int, kind_at: int) -> bool:
        """Tell of an event, and take note of it. Nearly every entry comes here."""
        # The detail ends with time and type: ...,"time":"...","type":"..."},"kind":...
        type_at = body.rfind(b'"', 0, kind_at - 2) + 1
        name = body[type_at : kind_at - 2]
        time_at = type_at - _TYPE - _TIME
        start = body.rfind(_SOURCE) + 10
        end = body.find(b'"', start)
        source = body[start : end if body[end - 1] != _BACKSLASH else text_end(body, start)]
        time = body[time_at : time_at + 27]
        if self._note is not None:
            self._note(source, time)
        if name not in self._types or (self._named is not None and source != self._named):
            return False
        hold = name == _PLACED
        if hold:
            # The event's kind stands before the entry's own. A form decides over the label (docs/events.md section 3).
            start = body.find(b'"kind":"') + 8
            wanted = body[start : body.find(b'"', start)] in self._labels or b'"form":' in body
        else:
            wanted = name not in self._deferred or (name == _RELEASED and _TO_AGENCY in body)
        if not wanted:
            self._later.pass_over(body, index, source, time, hold=hold)
        elif hold:
            self._later.told(body, source, time)
        return wanted

    def _take(self, index: int, entry: Mapping[str, Any]) -> None:
        kind, source, detail = entry["kind"], entry["source"], entry["detail"]
        if kind == FILED:
            self.filings.append((index, detail))
            return
        if self._source is not None and source != self._source:
            return
        if entry["pack"]:
            self.packs.add((entry["pack"], entry["pack_revision"]))
        if kind == SET_ASIDE:
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

    def _take_event(self, index: int, entry: Mapping[str, Any]) -> None:
        """Take an accepted event of the facility: `_is_wanted_event` said that it is one."""
        # Millions are kept: what is alike is kept once.
        same, detail, source, booking = self._same.setdefault, entry["detail"], entry["source"], entry["booking"]
        data, name, pack = detail["data"], detail["type"], entry["pack"]
        if name in _FEW_FORMS:
            data = same(tuple(data.items()), data)
        if pack:
            self.packs.add((pack, entry["pack_revision"]))
        values = index, same(source, source), same(booking, booking), detail["event_id"], detail["time"], data
        # As Event(...) does, without a call in between.
        self.events[name].append(tuple.__new__(Event, values))

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


def picked(bodies: Iterable[bytes | None], leaves: Collection[int]) -> Iterator[tuple[int, bytes | None]]:
    """Yield some entries of a log with their numbers, in order."""
    if isinstance(bodies, Picking):
        yield from bodies.pick(leaves)
    else:
        yield from ((index, body) for index, body in enumerate(bodies) if index in leaves)


@runtime_checkable
class Picking(Protocol):
    """Entries of which some can be had without reading all."""

    def pick(self, leaves: Collection[int]) -> Iterator[tuple[int, bytes | None]]:
        """Yield those entries with their numbers, in order."""
        ...


def _time_of(body: bytes | None) -> str:
    """Return when an entry was written. It begins with actor and time."""
    if body is None:
        return ""
    start = body.find(_AT) + len(_AT)
    end = body.find(b'"', start)
    if start < len(_AT) or end < 0:
        raise FatalError("an entry cannot be read: it has no time")
    return body[start:end].decode()
