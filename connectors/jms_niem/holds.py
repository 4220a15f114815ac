"""From charge rows, arrests and the immigration flag to hold events.

When a hold began is seldom said, and three rules of the event contract decide what to say instead: of several
`hold.placed` with one hold id the earliest start counts, a `release.due` ends every local hold that started before
it, and a hold that starts late leaves a gap in which nothing gave authority. So:

- in a booking report every hold starts at the booking;
- in a later message a charge, an arrest or another agency's hold still starts at the booking (the same event as
  the booking report's: a repeated fact) - except beside a row that is already settled. There it starts at the
  message: were it dated back, the release that the settled row brought would swallow it, and the time that the
  person was held on nothing would vanish behind it;
- an immigration hold that a later message shows starts at that message. It gives no authority, so it leaves no gap,
  and to date it back would claim that a paper had lain there unserved for days.

A settled row is placed and lifted at once: of several `hold.lifted` the contract takes the earliest, so a status
that every later message repeats ends the hold when it was first told, in whatever order they arrive.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.jms_niem.bonds import bond_nodes, elsewhere_of
from connectors.jms_niem.charges import Row, State
from connectors.jms_niem.elsewhere import immigration_flag, said_elsewhere
from connectors.jms_niem.events import Fact, digest, without_empty
from connectors.jms_niem.mapping import AgencyClass, Effect, fold
from connectors.jms_niem.message import Kind, Message
from connectors.jms_niem.result import NoteCode
from connectors.jms_niem.times import Moment
from connectors.jms_niem.tree import Node, path
from connectors.jms_niem.vocabulary import HolderAgency, RowKind, forms_in, holder
from schemas.refusals import Reason

DETAINER: Final = "immigration-hold"
"""Hold id of the immigration hold that has no paper of its own in the message. Its four encodings (flag, agency,
charge, status) are one hold: a jail that writes one thing in four places has not received four detainers."""
_PAPER_KINDS: Final = {
    "I-247N": ("immigration-notification", "notification_request"),
    "I-247G": ("immigration-notification", "notification_request"),
}
_WARRANT: Final = ("immigration-warrant", "administrative_warrant")


def hold_facts(message: Message, rows: list[Row], papers: list[Fact], taken_back: Sequence[Row] = ()) -> Iterator[Fact]:
    """Yield what a message says about holds that have no record of their own.

    Args:
        message: the message.
        rows: its charges.
        papers: what its records of their own say (`papers.paper_facts`): an immigration detainer among them is
            what flag, agency and status speak of, so these do not make a second one.
        taken_back: charges that the message deletes: until now they kept the person, and the arrest by itself did not.
    """
    arrests = [] if rows or taken_back else list(message.definitions("j:Arrest", "j:Booking"))
    agencies = [_arresting(message, arrest) for arrest in arrests]
    flag = immigration_flag(message)
    sources = _immigration_sources(message, rows, arrests, agencies)
    begun = message.opened or message.as_of
    beside_settled = message.kind is not Kind.BOOKING and any(row.is_settled for row in rows)
    for row in rows:
        yield from _charge(message, row, begun, beside_settled=beside_settled)
    for row in taken_back:
        yield from _charge(message, row, begun, beside_settled=False)
        yield Fact("hold.lifted", message.as_of, {"hold_id": f"charge-{row.key}", "reason": "charge deleted"})
    for arrest, agency in zip(arrests, agencies, strict=True):
        if agency.class_ is not AgencyClass.IMMIGRATION:
            yield _arrest(message, arrest, begun)
    foreign = bool(flag or sources)
    yield from _agency_holds(message, rows, message.as_of if beside_settled else begun, may_be_immigration=foreign)
    if foreign:
        yield from _immigration(message, sources, begun, has_record=_has_detainer(papers))
    elif flag is False and message.kind is Kind.STATUS:
        yield from _lift(message)


def _lift(message: Message) -> Iterator[Fact]:
    """A status report whose flag is false lifts the hold: to lift one that was never placed does no harm."""
    if message.is_undated:
        place = path(message.tree.root, "nc:DocumentCreationDate")
        message.remarks.refuse(place, Reason.NO_TIME, "when the immigration hold was lifted is not known")
        return
    data = {"hold_id": DETAINER, "reason": "immigration hold indicator is false"}
    yield Fact("hold.lifted", message.as_of, data)


def _has_detainer(papers: list[Fact]) -> bool:
    lifted = {fact.data["hold_id"] for fact in papers if fact.type == "hold.lifted"}
    return any(
        fact.data.get("kind") == "immigration_detainer" and fact.data["hold_id"] not in lifted for fact in papers
    )


def _arresting(message: Message, arrest: Node) -> HolderAgency:
    return holder(message.mapping, message.tree.agency(arrest, "j:ArrestAgency"), frozenset())


def _charge(message: Message, row: Row, begun: Moment, *, beside_settled: bool) -> Iterator[Fact]:
    hold_id = f"charge-{row.key}"
    lifted_at = row.settled_at or message.as_of
    if row.is_local:
        start = message.as_of if beside_settled and not row.is_settled else begun
        kind = "sentence" if row.state is State.SERVES_SENTENCE else "charge"
        charge = without_empty({"code": row.code, "description": row.description})
        yield Fact("hold.placed", start, without_empty({"hold_id": hold_id, "kind": kind, "charge": charge}))
    if row.is_local and row.is_settled:
        reason = row.reason.value if row.reason else "combined with another charge"
        reason = "bail_posted" if row.reason is Effect.POSTED else reason
        yield Fact("hold.lifted", lifted_at, {"hold_id": hold_id, "reason": reason})
    elif row.state is State.ELSEWHERE and row.kind is RowKind.CHARGE and message.kind is not Kind.BOOKING:
        # An earlier message may have shown it as a charge of this county's.
        yield Fact("hold.lifted", message.as_of, {"hold_id": hold_id, "reason": "for another jurisdiction"})


def _arrest(message: Message, arrest: Node, begun: Moment) -> Fact:
    tree = message.tree
    date = tree.find(arrest, "nc:ActivityDate")
    parts = (
        tree.text(date, "nc:DateTime") or tree.text(date, "nc:Date"),
        tree.agency(arrest, "j:ArrestAgency"),
        tree.text(arrest, "nc:ActivityCategoryText"),
    )
    issuer = without_empty({"agency": parts[1]})
    data = {"hold_id": f"arrest-{digest('arrest', *parts)}", "kind": "arrest", "issuer": issuer}
    return Fact("hold.placed", begun, without_empty(data))


def _agency_holds(message: Message, rows: list[Row], start: Moment, *, may_be_immigration: bool) -> Iterator[Fact]:
    """Yield one hold for each other agency. It ends when every row that names the agency is settled.

    A row that says only "HOLD" and for nobody is left to the immigration hold where the message shows one: the
    word alone is no evidence of a second agency that may keep the person.
    """
    by_agency: dict[str, list[tuple[str, Row | None]]] = {}
    for row in rows:
        for name in _other_agencies(message, row):
            if name or not may_be_immigration:
                by_agency.setdefault(fold(name) or row.key, []).append((name, row))
    for name in _detention_agencies(message):
        by_agency.setdefault(fold(name), []).append((name, None))
    for key, named in by_agency.items():
        hold_id = f"agency-{digest('agency', key)}"
        issuer = without_empty({"agency": named[0][0]})
        yield Fact("hold.placed", start, without_empty({"hold_id": hold_id, "kind": "agency_hold", "issuer": issuer}))
        told = [row for _, row in named]
        if all(row is not None and row.is_settled for row in told):
            known = [row.settled_at for row in told if row is not None and row.settled_at is not None]
            last = max(known, key=lambda moment: moment.at) if len(known) == len(told) else message.as_of
            yield Fact("hold.lifted", last, {"hold_id": hold_id, "reason": "settled"})


def _other_agencies(message: Message, row: Row) -> list[str]:
    """Name the other agencies that a row holds for: an empty name where it holds, and for nobody that it names."""
    named = [agency.name for agency in row.agencies if agency.class_ is AgencyClass.OTHER]
    if named or row.holds_for_immigration:
        return named
    if row.kind is RowKind.AGENCY_HOLD:
        hold_words = message.mapping.word_sets["hold"]
        return [" ".join(word for word in row.description.split() if fold(word) not in hold_words)]
    return [""] if row.state is State.ELSEWHERE else []


def _detention_agencies(message: Message) -> Iterator[str]:
    """Yield agencies named on the detention as a whole, where older versions of the exchange have them."""
    own = frozenset({fold(message.tree.agency(message.booking, "j:BookingAgency"))})
    for node in _detention_holders(message):
        agency = holder(message.mapping, message.tree.agency(node), own)
        if agency.class_ is AgencyClass.OTHER:
            yield agency.name


def _detention_holders(message: Message) -> Iterator[Node]:
    for detention in message.tree.all(message.container, "j:Detention"):
        yield from message.tree.all(detention, "ext:HoldForAgency")


def _immigration_sources(
    message: Message, rows: list[Row], arrests: list[Node], agencies: list[HolderAgency]
) -> list[tuple[str, str]]:
    """Return (agency name, text that may name a form) of everything but the flag that says immigration hold."""
    found: list[tuple[Node, str, str]] = [
        (row.node, _authority(row), row.description) for row in rows if row.holds_for_immigration
    ]
    for node in _detention_holders(message):
        agency = holder(message.mapping, message.tree.agency(node), frozenset())
        if agency.class_ is AgencyClass.IMMIGRATION:
            found.append((node, agency.name, ""))
    found += [
        # An arrest that an immigration authority made, with no charge beside it, is a civil one.
        (arrest, agency.name, "")
        for arrest, agency in zip(arrests, agencies, strict=True)
        if agency.class_ is AgencyClass.IMMIGRATION
    ]
    read = {bond.node for row in rows for bond in row.bonds}
    loose = [node for node in bond_nodes(message) if node not in read and _is_for_immigration(message, node)]
    found += [(node, "", "") for node in loose]
    found += [(node, name, text) for node, name, text in said_elsewhere(message)]
    for node, _, _ in found:
        message.remarks.note(path(node), NoteCode.IMMIGRATION_HOLD_SEEN, "says immigration hold")
    return [(agency, text) for _, agency, text in found]


def _is_for_immigration(message: Message, bond: Node) -> bool:
    return Effect.IMMIGRATION in elsewhere_of(message, bond)


def _authority(row: Row) -> str:
    return next((agency.name for agency in row.agencies if agency.class_ is AgencyClass.IMMIGRATION), "")


def _immigration(
    message: Message, sources: list[tuple[str, str]], begun: Moment, *, has_record: bool
) -> Iterator[Fact]:
    start = begun if message.kind is Kind.BOOKING else message.as_of
    agency = next((name for name, _ in sources if name), "")
    forms = list(dict.fromkeys(form for _, text in sources for form in forms_in(text)))
    detainer_forms = [form for form in forms if form.startswith("I-247") and form not in _PAPER_KINDS]
    other_forms = [form for form in forms if form not in detainer_forms]
    papers = [(DETAINER, "immigration_detainer", detainer_forms[0] if detainer_forms else "")]
    only_others = other_forms and not detainer_forms and immigration_flag(message) is not True
    if has_record or only_others:
        papers = []
    for form in other_forms:
        hold_id, kind = _PAPER_KINDS.get(form, _WARRANT)
        papers.append((f"{hold_id}-{fold(form)}", kind, form))
    for hold_id, kind, form in papers:
        issuer, document = without_empty({"agency": agency}), without_empty({"form": form})
        data = {"hold_id": hold_id, "kind": kind, "issuer": issuer, "document": document}
        yield Fact("hold.placed", start, without_empty(data))
