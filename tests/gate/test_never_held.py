"""Recipients that are never held up: each service passes whatever else is doubtful, and none can be an authority."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.domain.facts import Opened
from integration.domain.neverheld import NeverHeld, Service
from integration.domain.recipients.reach import By, reach_of
from integration.policy.pack import PolicyPackError, load
from integration.services.examining import Envelope, examine_mail
from integration.services.gate import asked_of, decide_message
from schemas.kinds import RecipientClass
from tests.gate.judging import PACKS, decided, examined, pack
from tests.gate.mails import COVER, attached, mail, plain
from tests.gate.test_recipients import DOUBTFUL, KNOWN

AUTHORITY, PARTNER, OTHER = RecipientClass.IMMIGRATION_AUTHORITY, RecipientClass.PARTNER_287G, RecipientClass.OTHER
ENTRIES = (
    NeverHeld(Service.COURT, "notices of hearings", domains=("courts.example",), numbers=frozenset({"5175550100"})),
    NeverHeld(Service.VICTIM_NOTICE, "VINE", domains=("vinelink.com",)),
    NeverHeld(
        Service.FINGERPRINTS, "bookings", addresses=frozenset({"prints@bureau.example"}), oris=frozenset({"WVIAFIS0Z"})
    ),
    NeverHeld(Service.MEDICAL, "care", addresses=frozenset({"er@hospital.example"}), numbers=frozenset({"5175550199"})),
)
PARAMETERS = replace(pack(PACKS[0]).parameters, never_held=ENTRIES)
SERVICES = [
    ("clerk@courts.example", Service.COURT),
    ("jackson.county.clerk@district.courts.example", Service.COURT),
    ("feed@vinelink.com", Service.VICTIM_NOTICE),
    ("Prints@Bureau.Example", Service.FINGERPRINTS),
    ("er@hospital.example", Service.MEDICAL),
]
HEAD = (
    "From: jail <jail@county.example>",
    "To: Agent <smith@ice.dhs.gov>",
    "Subject: released 07:30",
    "MIME-Version: 1.0",
)
HELD_UP = [
    (
        mail("He is released at 07:30 tomorrow, born in Mexico.", head=HEAD),
        "an authority in the header, not in the envelope",
    ),
    (attached(b"\x00\x01\x02" * 400, "application/octet-stream", cover="prints"), "a file that nobody can read"),
    (attached(b"PK\x03\x04\x14\x00\x01\x00" + b"\x00" * 40, "application/zip"), "an encrypted archive"),
    (mail("x" * 2000), "a line that is too long"),
    (plain("Place of birth: Honduras. Booked 03:10."), "content that is governed elsewhere"),
]


def alone(raw: bytes, to: str, *others: str, sender: str | None = "jail@county.example"):
    seen = examine_mail(raw, Envelope((to, *others), sender), PARAMETERS)
    return seen.alone(0)


@pytest.mark.parametrize(("raw", "because"), HELD_UP, ids=[row[1] for row in HELD_UP])
@pytest.mark.parametrize(("to", "service"), SERVICES)
def test_recipient_passes_when_everything_around_it_is_doubtful(to, service, raw, because):
    for sender in ("jail@county.example", "root@localhost", None):
        seen = alone(raw, to, "smith@ice.dhs.gov", "a%b@relay.example", "clerk@[10.0.0.1]", sender=sender)
        assert seen.recipients[0].reach.service is service
        assert all(decided(seen, name).permit for name in PACKS), because


@pytest.mark.parametrize(
    ("said", "service"),
    [
        ({"ori": "WVIAFIS0Z"}, Service.FINGERPRINTS),
        ({"ori": "wv-iafis-0z", "agency": "FBI CJIS"}, Service.FINGERPRINTS),
        ({"number": "(517) 555-0199"}, Service.MEDICAL),
        ({"number": "+1 517.555.0100"}, Service.COURT),
        ({"address": "https://api.vinelink.com/in", "mail": False}, Service.VICTIM_NOTICE),
        ({"address": "clerk@courts.example", "agency": "Jackson County Circuit Court"}, Service.COURT),
    ],
)
def test_service_is_known_by_whatever_the_channel_gives(said, service):
    reach = reach_of(PARAMETERS, **said)
    assert (reach.party, reach.by, reach.service) == (OTHER, By.NEVER_HELD, service)


@pytest.mark.parametrize(
    ("said", "because"),
    [
        ({"address": "prints+ice@bureau.example"}, "a tag makes another address"),
        ({"address": "other@bureau.example"}, "an address is listed, not its domain"),
        ({"address": "clerk@courts.example.org"}, "the listed domain is not the end of it"),
        ({"address": "clerk@mycourts.example"}, "half a label"),
        ({"number": "517-555-0199 ext 4"}, "an extension is another line"),
        ({"number": "45175550199"}, "another country"),
        ({"ori": "WVIAFIS0Z", "number": "517-555-0123"}, "one of two roads is not listed"),
        ({"agency": "WVIAFIS0Z courts"}, "a name is no road"),
    ],
)
def test_recipient_is_judged_like_any_other_when_it_is_not_exactly_listed(said, because):
    assert reach_of(PARAMETERS, **said).by is not By.NEVER_HELD, because


@pytest.mark.parametrize(
    ("raw", "sender", "because"),
    [
        (plain("He is released at 07:30."), "smith@ice.dhs.gov", "a bounce would carry it there"),
        (plain("AM.MI3341600.VTICE0900.TXT HELLO"), "jail@county.example", "the text itself names the destination"),
        (plain("IAQ.MI3341600.AX.TXT CUS/Y"), "jail@county.example", "a query that reaches one by its nature"),
    ],
)
def test_authority_comes_first_when_the_message_reaches_one_by_another_way(raw, sender, because):
    assert not any(decided(alone(raw, "clerk@courts.example", sender=sender), name).permit for name in PACKS), because


def test_message_is_refused_when_relays_would_read_two_into_it():
    assert not decided(alone(b"To: x\r\n\r\nhello\n.\r\n", "clerk@courts.example")).permit


def test_partner_is_a_partner_when_it_is_listed_as_never_held_too():
    partner = replace(PARAMETERS.partner_agencies_287g, oris=frozenset({"MI2500000"}))
    entry = NeverHeld(Service.COURT, "no", oris=frozenset({"MI2500000"}))
    parameters = replace(PARAMETERS, partner_agencies_287g=partner, never_held=(entry,))
    assert reach_of(parameters, ori="MI2500000").party is PARTNER


WORDS = st.sampled_from(
    "ice.dhs.gov dhs.gov gov.example courts.example ice.gov ice uscis.gov eoir.justice.gov justice.gov 1ce.gov "
    "mail.example relay.example county.example court.example xn--ce-8ia.gov fax.example gw.example localhost".split()
)
NUMBERS = st.sets(st.sampled_from(["8028726020", "5175550100", "8728726020"]))
ORIS = st.sets(st.sampled_from(["VTICE0900", "AX", "WVIAFIS0Z", "MIICE0123", "MICBP0000"]))
LOCALS = st.sampled_from("clerk agent ice-liaison ICE.notify smith 18028726020 taskforce x".split())
MAILBOXES = st.builds("{}@{}".format, LOCALS, WORDS)
NEVER_HELD = st.builds(
    NeverHeld,
    st.sampled_from(Service),
    st.just("because"),
    st.lists(WORDS, max_size=4).map(tuple),
    st.frozensets(MAILBOXES.map(str.casefold), max_size=4),
    ORIS.map(frozenset),
    NUMBERS.map(frozenset),
)
RECIPIENTS = st.one_of(
    st.sampled_from([{"address": row[0]} for row in (*KNOWN, *DOUBTFUL)]),
    st.builds(lambda address: {"address": address}, MAILBOXES),
    st.builds(lambda host: {"address": f"https://{host}/in", "mail": False}, WORDS),
    st.builds(
        lambda ori, number, agency: {"ori": ori, "number": number, "agency": agency},
        st.sampled_from(["VTICE0900", "WVIAFIS0Z", "MIICE0123", "AX", None]),
        st.sampled_from(["802-872-6020", "872-6020", "6020", "517-555-0100", None]),
        st.sampled_from(["ICE", "Court", "Jackson County", None]),
    ),
)


@settings(max_examples=600, deadline=None)
@given(entries=st.lists(NEVER_HELD, max_size=3).map(tuple), said=RECIPIENTS)
def test_no_entry_changes_who_is_an_immigration_authority_in_whatever_pack(entries, said):
    bare = replace(PARAMETERS, never_held=())
    before = reach_of(bare, **said)
    after = reach_of(replace(PARAMETERS, never_held=entries), **said)
    if before.party is AUTHORITY:  # listed, or doubtful and so treated as one
        assert after == before
    else:
        assert after.party in {before.party, OTHER}


ADDED = '\n[[parameters.never_held]]\nservice = "court"\nbecause = "a test"\n{}\n'
RULES = "\n[rules.overdue_detainer_hold]"


def copy_of(folder: Path, name: str, text: str) -> Path:
    copied = Path(shutil.copytree(Path(load.__code__.co_filename).parent / "packs" / name, folder / name))
    manifest = (copied / "pack.toml").read_text()
    (copied / "pack.toml").write_text(manifest.replace(RULES, text + RULES, 1))
    return copied


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ('domains = ["ice.dhs.gov"]', "is an immigration authority (by domain)"),
        ('domains = ["detroit.ero.ice.gov"]', "is an immigration authority (by domain)"),
        ('domains = ["justice.gov"]', "an immigration authority lies below it: eoir.justice.gov"),
        ('domains = ["1ce.gov"]', "look_alike_domain"),
        ('domains = ["ice-gov.example"]', "look_alike_domain"),
        ('addresses = ["ice-liaison@county.example"]', "is an immigration authority (by local_part)"),
        ('addresses = ["clerk@cbp.dhs.gov"]', "is an immigration authority (by domain)"),
        ('oris = ["VTICE0900"]', "is an immigration authority (by ori)"),
        ('oris = ["MIICE0123"]', "federal_ori"),
        ('numbers = ["1-802-872-6020"]', "is an immigration authority (by number)"),
        ("", "names no domain, address, ORI or number"),
    ],
)
@pytest.mark.parametrize("name", PACKS)
def test_pack_is_refused_when_it_never_holds_an_authority(tmp_path, name, line, because):
    with pytest.raises(PolicyPackError, match="never_held") as refused:
        load(copy_of(tmp_path, name, ADDED.format(line)))
    assert because in str(refused.value)


def test_pack_is_refused_when_a_listed_alias_lies_in_a_domain_that_is_never_held(tmp_path):
    folder = copy_of(tmp_path, PACKS[0], ADDED.format('domains = ["county.example"]'))
    text = (folder / "pack.toml").read_text()
    numbers = 'numbers = ["(802) 872-6020"]'
    assert numbers in text
    (folder / "pack.toml").write_text(text.replace(numbers, numbers + '\naddresses = ["taskforce@county.example"]'))
    with pytest.raises(PolicyPackError, match=r"taskforce@county\.example"):
        load(folder)


def test_pack_knows_its_services_when_it_is_loaded(tmp_path):
    loaded = load(copy_of(tmp_path, PACKS[0], ADDED.format('domains = ["courts.example"]')))
    assert reach_of(loaded.parameters, address="clerk@courts.example").service is Service.COURT
    assert reach_of(loaded.parameters, ori="WVIAFIS0Z").service is Service.FINGERPRINTS
    assert reach_of(loaded.parameters, address="x@vinelink.com").service is Service.VICTIM_NOTICE


CONDITIONS = (
    "context.has_status", "context.has_place_of_birth", "context.has_other_categories", "context.judicial_warrant",
    "context.court_order", "context.approval_unexpired", "context.approval_by_another", 'context.approval == "statute"',
    'context.recipient == "immigration_authority"', "context.purpose_immigration_enforcement",
    "resource.place_of_birth_rides_with_status", "!context.has_status", "!context.has_other_categories",
    "resource.approval_bases.contains(context.approval)",
)  # fmt: skip
POLICY = """
@id("made-{number}") @provision("holdwatch-contract-6") @reason("made")
{effect} (principal, action == Action::"SendMessage", resource){when};
"""


def made_pack(folder: Path, dice: random.Random) -> Path:
    """A shipped pack with prohibitions and permissions of chance added, and other parameters."""
    text = ADDED.format('domains = ["courts.example"]') if dice.random() < 0.5 else ""
    copied = copy_of(folder, dice.choice(PACKS), text)
    policies = copied / "policy.cedar"
    for number in range(dice.randint(0, 2)):
        chosen = dice.sample(CONDITIONS, dice.randint(1, 4))
        when = "".join(f"\n{dice.choice(('when', 'when', 'unless'))} {{ {condition} }}" for condition in chosen)
        made = POLICY.format(number=number, effect=dice.choice(("forbid", "forbid", "permit")), when=when)
        policies.write_text(policies.read_text() + made)
    manifest = copied / "pack.toml"
    rides = f"place_of_birth_rides_with_status = {dice.choice(('true', 'false'))}"
    manifest.write_text(manifest.read_text().replace("place_of_birth_rides_with_status = false", rides))
    return copied


def test_no_pack_stops_a_status_alone_whatever_somebody_adds_to_it(tmp_path):
    loaded, refused = 0, 0
    for seed in range(60):
        dice = random.Random(seed)
        try:
            made = load(made_pack(tmp_path / str(seed), dice))
        except PolicyPackError:
            refused += 1
            continue
        loaded += 1
        for facts in ((), (Opened("e0", 0, (), None),)):
            seen = examined(plain(COVER), "smith@ice.dhs.gov")
            message = asked_of(seen, event_id="e", time=0, message_id="m", channel="smtp", sender="jane")
            assert decide_message(message, made, now=0, facts=facts).permit, seed
            more = replace(message, categories=("citizenship_or_immigration_status", "release_time"))
            assert not decide_message(more, made, now=0, facts=facts).permit, seed
    assert loaded > 10
    assert refused > 10  # somebody tried, so the packs that loaded were not all harmless
