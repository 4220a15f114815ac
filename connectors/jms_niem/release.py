"""Bail, entitlement to release, and release.

Four facts hide behind "release time": when somebody is scheduled or eligible to leave, when they are entitled to
(bail posted, charges dropped), when they left, and when a message said so. An entitlement that is only told by a
status has the message's time, never a later one. Of what a message says about the end of custody, the earliest
entitlement is given the greatest event id, because the contract takes the greatest id among dues of one time.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from connectors.jms_niem import times
from connectors.jms_niem.charges import FREEING, Row, State
from connectors.jms_niem.elsewhere import FALSE, TRUE
from connectors.jms_niem.events import Fact, without_empty
from connectors.jms_niem.mapping import Effect, Mapping, fold
from connectors.jms_niem.message import Kind, Message
from connectors.jms_niem.result import NoteCode
from connectors.jms_niem.times import Day, Moment
from connectors.jms_niem.tree import Node, content, path
from integration.domain.agencies import contains, words
from schemas.refusals import Reason

_MAX_REASON: Final = 80
"""A longer reason is free text, and free text names people."""
_SEVERAL: Final = 2
_MOVED: Final = frozenset("to over tot custody pickup picked transferred transfer transported taken".split())
"""Words that may say who has the person now."""
_BEFORE: Final = (("to",), ("tot",), ("picked", "up", "by"), ("taken", "by"), ("transported", "by"), ("custody",))
_AFTER: Final = frozenset({"custody", "pickup", "transport"})
"""What stands before, or behind, the name of whoever has the person now."""
_ABOUT: Final = frozenset("us federal dhs agency another other agent agents officer officers".split())
_HANDED_OVER: Final = (
    _MOVED
    | _ABOUT
    | frozenset(
        "by in released release turned handed up authority authorities detainer hold warrant enforcement".split()
    )
)
_DENIED: Final = frozenset(
    "not no none never without declined refused cancel cancelled canceled dropped lifted withdrawn rescinded removed"
    " expired failed did unable".split()
)
"""With one of these a reason may just as well say that nobody came."""
_OUT: Final = frozenset({"released", "completed", "complete"})
_NO_BAIL: Final = frozenset({Effect.NO_BOND, Effect.IMMIGRATION, Effect.OTHER_JURISDICTION})


def bail_facts(message: Message, rows: list[Row]) -> Iterator[Fact]:
    """Yield bail that was set, and bail that was posted."""
    begun = message.opened or message.as_of
    bonds = {bond.node: bond for row in rows for bond in row.bonds}
    posted_at = {node: bond.settled_at or message.as_of for node, bond in bonds.items() if bond.effect is Effect.POSTED}
    last = max((moment.at for moment in posted_at.values()), default=None)
    all_posted = _is_all_posted(rows)
    for node, bond in bonds.items():
        amount = {"amount": bond.amount} if bond.amount is not None else {}
        if amount and bond.effect not in _NO_BAIL:
            at = bond.set_at or (begun if message.kind is Kind.BOOKING else message.as_of)
            yield Fact("bail.set", at, amount)
        if node in posted_at:
            # It took the last of them to cover all.
            covering = {"covers_all": True} if all_posted and posted_at[node].at == last else {}
            yield Fact("bail.posted", posted_at[node], amount | covering)


def due_facts(message: Message, rows: list[Row]) -> Iterator[Fact]:
    """Yield what entitles the person to release, now or on a day that is set."""
    reason = _reason_all_free(rows)
    if reason is not None:
        settled = [row.settled_at for row in rows if row.is_local and row.state is State.FREED]
        known = [moment for moment in settled if moment is not None]
        last = max(known, key=lambda moment: moment.at) if len(known) == len(settled) else message.as_of
        # Bail that covers all counts as a due by itself, at the time it was posted. Where that was before this
        # message, a date that the message sets would outrank it.
        if not (_is_all_posted(rows) and last.at == message.as_of.at):
            yield _due(message, last, "bail_posted" if reason is Effect.POSTED else reason.value)
    dates = message.tree.within(message.container, "j:SupervisionReleaseEligibilityDate")
    why = _scheduled_reason(message)
    for node in dates:
        if (moment := _scheduled(message, node)) is not None:
            yield _due(message, moment, why)


def ranked(facts: list[Fact]) -> list[Fact]:
    """Give the earliest entitlement of a message the greatest id, where several count as a due."""
    order = sorted({_due_at(fact) for fact in facts if _is_due(fact)}, reverse=True)
    if len(order) < _SEVERAL:
        return facts
    rank = {due_at: number for number, due_at in enumerate(order, start=1)}
    return [replace(fact, stem=f"release-due-{rank[_due_at(fact)]:02d}") if _is_due(fact) else fact for fact in facts]


def set_release_facts(message: Message) -> Iterator[Fact]:
    """Yield the detention's release date: a release if it has come, else a date that is set.

    The exchange's own mapping sheet gives this one element both meanings, so the clock has to decide.
    """
    why = _scheduled_reason(message)
    for node in message.tree.within(message.container, "j:SupervisionReleaseDate"):
        said = message.stated(node)
        moment = said.end(message.mapping.time_zone) if isinstance(said, Day) else said
        if moment is None:
            continue
        if moment.at <= message.as_of.at:
            yield _completed(message, node, moment, {})
        elif (due := _scheduled(message, node)) is not None:
            yield _due(message, due, why)


def release_facts(message: Message, only: list[Node] | None = None) -> Iterator[Fact]:
    """Yield the release itself: `nc:Release`, or `j:BookingRelease` as older and other versions have it.

    Args:
        message: the message.
        only: of these elements; None: of all.
    """
    found = message.tree.within(message.container, "nc:Release", "j:BookingRelease") if only is None else only
    releases = [node for node in found if len(node)]
    told = False
    why = _scheduled_reason(message)
    for node in releases:
        date = message.tree.find(node, "nc:ActivityDate")
        said = message.stated(date)
        completed = _completed_or_not(message, node)
        planned = message.tree.find(node, "nc:ActivityScheduledDate")
        if planned is not None and content(planned.find("*")) and (due := _scheduled(message, planned)) is not None:
            yield _due(message, due, why)
        if completed is False:
            # Not out yet, whatever date stands there: a date that is set.
            if said is not None and date is not None and (due := _scheduled(message, date)) is not None:
                yield _due(message, due, why)
        elif message.kind is Kind.RELEASE or (said is None and completed):
            yield from _release(message, node, said)
            told = True
        elif said is not None and _has_begun(message, said):
            yield from _release(message, node, said)
        elif said is not None and date is not None and (due := _scheduled(message, date)) is not None:
            yield _due(message, due, why)
    if message.kind is Kind.RELEASE and not told:
        set_dates = list(set_release_facts(message))
        yield from set_dates
        if all(fact.type == "release.due" for fact in set_dates):
            yield from _release(message, None, None)


def _completed_or_not(message: Message, node: Node) -> bool | None:
    """Read whether the person is out. A word that nobody knows is refused, and keeps the person in."""
    indicator = message.tree.find(node, "nc:ActivityCompletedIndicator")
    text = content(indicator).casefold()
    if text in TRUE | _OUT:
        return True
    if not text or text in FALSE:
        return False if text else None
    message.remarks.refuse(path(indicator), Reason.BAD_VALUE, "neither true nor false: taken as not released yet")
    return False


def _has_begun(message: Message, said: Moment | Day) -> bool:
    moment = said.start(message.mapping.time_zone) if isinstance(said, Day) else said
    return moment.at <= message.as_of.at


def _release(message: Message, node: Node | None, said: Moment | Day | None) -> Iterator[Fact]:
    if said is None:
        place = path(message.container, "nc:Release") if node is None else path(node, "nc:ActivityDate")
        if message.is_undated:
            message.remarks.refuse(place, Reason.NO_TIME, "released, but neither when nor when that was told is known")
            return
        message.remarks.note(place, NoteCode.TIME_UNKNOWN, "released, time unknown: the message's time stands in")
        moment = message.as_of.marked(times.TIME_UNKNOWN)
    elif isinstance(said, Day):
        # Some time that day; never guessed early, and not later than the message that tells of it on that day.
        end = said.end(message.mapping.time_zone)
        on_the_day = _has_begun(message, said) and message.as_of.at < end.at and not message.is_undated
        moment = message.as_of.marked(times.DATE_ONLY) if on_the_day else end
    else:
        moment = said
    details = {} if node is None else _details(message, node)
    yield _completed(message, node, moment, details)


def _completed(message: Message, node: Node | None, moment: Moment, details: dict[str, Any]) -> Fact:
    if message.opened is not None and moment.at < message.opened.at:
        message.remarks.note(
            path(node), NoteCode.RELEASE_BEFORE_BOOKING, "earlier than the booking, as it stands there"
        )
    if to_agency := details.pop("to_agency", ""):
        return Fact("custody.transferred", moment, {"to_agency": to_agency, "temporary": False})
    if details.pop("temporary", False):
        to = details.get("released_to", "temporary absence")
        return Fact("custody.transferred", moment, {"to_agency": to, "temporary": True})
    return Fact("release.completed", moment, details)


def _details(message: Message, node: Node) -> dict[str, Any]:
    """Return reason and destination. The address of a release is never read, only what kind of place it is."""
    tree = message.tree
    reason = (
        tree.text(node, "nc:ActivityReasonText")
        or tree.text(node, "ext:ReleaseCondition", "nc:ActivityDescriptionText")
        or tree.text(node, "nc:ActivityComment", "nc:CommentText")
    )
    place = tree.find(node, "nc:ReleaseToLocation")
    organisation = tree.find(node, "nc:ReleaseToOrganization")
    texts = (
        tree.text(place, "nc:LocationName"),
        tree.text(place, "nc:LocationCategoryText"),
        tree.text(organisation, "nc:OrganizationName"),
        reason,
    )
    for text in texts:
        # Not a release: the person is in an immigration authority's hands, and the contract asks on what warrant.
        name = _authority(message.mapping, text)
        if name and (text is not reason or _is_handed_over(message, node, reason, name)):
            return {"to_agency": name}
    said = {word for text in texts[:3] for word in words(text)}
    sets = message.mapping.word_sets
    to = next((name for name in ("court", "hospital", "agency") if said & sets[name]), "")
    if comes_back(message.mapping, reason):
        to = to or next((name for name in ("court", "hospital") if set(words(reason)) & sets[name]), "")
        return without_empty({"temporary": True, "released_to": to})
    return without_empty({"reason": reason if len(reason) <= _MAX_REASON else "", "released_to": to})


def comes_back(mapping: Mapping, reason: str) -> bool:
    """Tell whether a reason says that the person only leaves for a while: custody goes on."""
    said = words(reason)
    return any(contains(said, words(phrase)) for phrase in mapping.words.temporary)


def _authority(mapping: Mapping, text: str) -> str | None:
    """Return the listed name of the immigration authority that a text names; never the text, which may name people."""
    if not fold(text):
        return None
    listed = mapping.agency_table.get(fold(text))
    if listed is not None:
        return listed.name if listed.class_ == "immigration" else None
    if not mapping.authorities.has_name(text):
        return None
    said = words(text)
    names = sorted(mapping.authorities.names, key=lambda name: -len(words(name)))
    return next((name for name in names if contains(said, words(name))), "immigration authority")


def _is_handed_over(message: Message, node: Node, reason: str, name: str) -> bool:
    """Tell whether a reason that names an authority says that it took the person. What is left open is refused."""
    said, authorities = words(reason), message.mapping.authorities
    named = {word for word in said if authorities.has_name(word)} | set(words(name))
    rest = set(said) - named
    if rest <= _HANDED_OVER:
        return True
    if not rest & _MOVED:
        return False
    if not rest & _DENIED and _stands_in_place(tuple(word for word in said if word not in _ABOUT), named):
        return True
    what = "names an immigration authority: whether the person was handed over is not known. [agencies] can list it"
    message.remarks.refuse(path(node, "reason"), Reason.UNMAPPED_CODE, what)
    return False


def _stands_in_place(said: tuple[str, ...], named: set[str]) -> bool:
    """Tell whether an authority's name stands where one is named that took a person: TO ICE, PICKED UP BY ICE."""
    at = [number for number, word in enumerate(said) if word in named]
    before = any(said[: at[0]][-len(phrase) :] == phrase for phrase in _BEFORE)
    return before or bool(_AFTER & set(said[at[-1] + 1 : at[-1] + 2]))


def _scheduled(message: Message, node: Node) -> Moment | None:
    said = message.stated(node)
    if not isinstance(said, Day):
        moment = said
    else:
        message.remarks.note(path(node), NoteCode.DATE_ONLY, "only a date is said")
        moment = said.due(message.mapping.date_only_due, message.mapping.time_zone)
    if moment is None or message.opened is None or moment.at >= message.opened.at:
        return moment
    if isinstance(said, Day) and said.end(message.mapping.time_zone).at > message.opened.at:
        return message.opened.marked(*moment.marks)  # booked later that day: nobody was owed release before
    message.remarks.refuse(path(node), Reason.DATED_BEFORE_BOOKING, "a release due before the booking")
    return None


def _scheduled_reason(message: Message) -> str:
    return "sentence_served" if message.is_sentenced() else "other"


def _due(message: Message, due_at: Moment, reason: str) -> Fact:
    # Said at the message's time: not before any hold of this message, or the due would not end it.
    data = {"due_at": due_at.text(), "reason": reason}
    return Fact("release.due", message.as_of, data, marks=due_at.marks)


def _reason_all_free(rows: list[Row]) -> Effect | None:
    """Return why nothing of the local case keeps the person; None while anything may."""
    local = [row for row in rows if row.is_local]
    if not local or not all(row.is_settled for row in local):
        return None
    reasons = {row.reason for row in local}
    return next((effect for effect in FREEING if effect in reasons), None)


def _is_all_posted(rows: list[Row]) -> bool:
    """Whether bail, and nothing but bail, freed the person from every charge of the local case."""
    free = [row for row in rows if row.is_local and row.state is State.FREED]
    bonds = [bond for row in free for bond in row.bonds if bond.effect is not Effect.COMBINED]
    by_bail = all(row.reason is Effect.POSTED for row in free) and all(bond.effect is Effect.POSTED for bond in bonds)
    return _reason_all_free(rows) is not None and by_bail


def _is_due(fact: Fact) -> bool:
    return fact.type == "release.due" or bool(fact.data.get("covers_all"))


def _due_at(fact: Fact) -> datetime:
    return datetime.fromisoformat(fact.data["due_at"]) if fact.type == "release.due" else fact.moment.at
