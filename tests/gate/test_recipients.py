"""Who a recipient is, however the address, the name, the identifier or the number is written."""

import pytest

from integration.domain.agencies import Directory
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.mailboxes import read_mailbox
from integration.domain.recipients.reach import By, farthest, reach_of
from schemas.kinds import RecipientClass
from tests.gate.judging import PACKS, pack
from tests.unit.bookings import PARAMETERS as OTHERS

PARAMETERS = pack("lansing-eo-2017-01").parameters
AUTHORITY, PARTNER, OTHER = RecipientClass.IMMIGRATION_AUTHORITY, RecipientClass.PARTNER_287G, RecipientClass.OTHER
CYRILLIC = "\u0456"

KNOWN = [
    ("agent@ice.dhs.gov", By.DOMAIN, "as listed"),
    ("AGENT@ICE.DHS.GOV", By.DOMAIN, "in capitals"),
    ("agent@ice.dhs.gov.", By.DOMAIN, "with a trailing dot"),
    ("<agent@ice.dhs.gov>", By.DOMAIN, "in angle brackets"),
    ("agent+case@ice.dhs.gov", By.DOMAIN, "with a tag"),
    ("agent@detroit.ero.ice.dhs.gov", By.DOMAIN, "below a listed domain"),
    ("agent@\uff29\uff23\uff25.dhs.gov", By.DOMAIN, "in wide letters"),
    ("agent@ice\u3002dhs\uff0egov", By.DOMAIN, "with dots of other scripts"),
    ("agent@ice\u200b.dhs.gov", By.DOMAIN, "with a zero-width space, which IDNA takes out"),
    ("agent@ice\u00ad.dhs.gov", By.DOMAIN, "with a soft hyphen, which IDNA takes out"),
    ("@relay.example:agent@ice.dhs.gov", By.DOMAIN, "by a source route"),
    ("@ice.dhs.gov:clerk@court.example", By.ROUTE, "through a listed host"),
    ("agent%ice.dhs.gov@relay.example", None, "by a percent route"),
    ("ice.dhs.gov!agent@relay.example", None, "by a bang path"),
    ("relay!ice.dhs.gov!agent", None, "by a bang path alone"),
    ('"agent@ice.dhs.gov"@relay.example', None, "quoted"),
    ('"agent\\@ice.dhs.gov"@relay.example', None, "quoted and escaped"),
    ("agent(in Detroit)@ice.dhs.gov", By.DOMAIN, "with a comment"),
    ("agent@ice(x).dhs.gov", None, "with a comment inside the domain"),
    ("undisclosed: agent@ice.dhs.gov;", None, "in a group"),
    ("clerk@court.example, agent@ice.dhs.gov", None, "after another address"),
    ("agent@ice.dhs.gov, clerk@court.example", None, "before another address"),
    ("mailto:agent@ice.dhs.gov", None, "as a link"),
    ("ICE Detroit <fieldoffice@mail.example>", By.NAME, "by its display name"),
    ("ice-liaison@county.example", By.LOCAL_PART, "a list of one's own"),
    ("ICE.notify@county.example", By.LOCAL_PART, "the same in capitals"),
    ("18028726020@fax.example", By.NUMBER, "fax by mail"),
    ("+1.802.872.6020@fax.example", By.NUMBER, "fax by mail with dots"),
    ("fax=+18028726020/atn=Agent@gw.example", By.NUMBER, "fax by mail (RFC 3192)"),
    ("8028726020@txt.example", By.NUMBER, "a text message"),
    ("IMCEASMTP-agent+40ice+2Edhs+2Egov@county.example", By.DOMAIN, "inside another, as Exchange writes it"),
    ("imceafax-802+2E872+2E6020@county.example", By.NUMBER, "a fax number inside an address"),
    ("802872602O@fax.example", By.NUMBER, "with a letter for a digit"),
    ("desk@0.2.0.6.2.7.8.2.0.8.1.tpc.example", By.ROUTE, "fax by a domain of digits"),
]

DOUBTFUL = [
    ("", Doubt.EMPTY, "nothing"),
    ("<>", Doubt.EMPTY, "the null path is no recipient"),
    ("x" * 400 + "@court.example", Doubt.TOO_LONG, "longer than an address may be"),
    ("clerk@court.example\r\nRCPT TO:<a@b.example>", None, "two commands in one"),
    ("clerk @court.example", Doubt.UNPRINTABLE, "a space"),
    ("clerk", Doubt.NO_ADDRESS, "no domain"),
    ("a@b@court.example", Doubt.SEVERAL_ADDRESSES, "two domains"),
    ("a@x.example,b@y.example", Doubt.SEVERAL_ADDRESSES, "two addresses"),
    ("staff: a@x.example, b@y.example;", Doubt.GROUP, "a group"),
    ("@relay.example:clerk@court.example", Doubt.SOURCE_ROUTE, "a route"),
    ("clerk%court@relay.example", Doubt.PERCENT_ROUTE, "a route"),
    ("court!clerk@relay.example", Doubt.BANG_PATH, "a route"),
    ('"jane roe"@court.example', Doubt.QUOTED_LOCAL_PART, "quoted, and needs it"),
    ("clerk(x)@court.example", Doubt.COMMENT, "a comment"),
    ("=?utf-8?q?clerk?=@court.example", Doubt.ENCODED, "an encoded word"),
    ("clerk@[10.1.2.3]", Doubt.ADDRESS_LITERAL, "a host without a name"),
    ("clerk@[IPv6:::1]", Doubt.ADDRESS_LITERAL, "a host without a name"),
    ("clerk@10.1.2.3", Doubt.ADDRESS_LITERAL, "the same without brackets"),
    ("clerk@167838211", Doubt.ADDRESS_LITERAL, "the same as one number"),
    ("clerk@0x0a010203", Doubt.ADDRESS_LITERAL, "the same as one number"),
    ("clerk@mailhost", Doubt.UNQUALIFIED_DOMAIN, "whoever relays it completes it"),
    ("clerk@court..example", Doubt.BAD_DOMAIN, "an empty label"),
    ("clerk@-court.example", Doubt.BAD_DOMAIN, "a label that none is"),
    ("clerk@stra\u00dfe.example", Doubt.BAD_DOMAIN, "another domain in another IDNA"),
    (f"agent@{CYRILLIC}ce.gov", Doubt.LOOK_ALIKE, "a Cyrillic letter"),
    ("agent@" + f"{CYRILLIC}ce.gov".encode("idna").decode(), Doubt.LOOK_ALIKE, "the same as an A-label"),
    ("agent@dhs.g0v", Doubt.LOOK_ALIKE, "a zero"),
    ("agent@1ce.gov", Doubt.LOOK_ALIKE, "a one"),
    ("agent@uscls.gov", Doubt.LOOK_ALIKE, "an L"),
    ("agent@ice.gov.example.org", Doubt.LOOK_ALIKE, "a listed domain in front of another"),
    ("agent@ice-dhs-gov.mail.example", Doubt.LOOK_ALIKE, "as hosted mail writes it"),
    ("agent@dhsgov.example", Doubt.LOOK_ALIKE, "as tenants are called"),
]

ORDINARY = [
    "IMCEAEX-_O=ExchangeLabs_ou=Exchange+20Administrative+20Group_cn=Recipients_cn=a-name-of-many-letters@county.example",
    "clerk@court.example",
    "jane.roe@lansing.example",
    '"jane.roe"@court.example',
    "o'neil+list@police.example",
    "a@justice.gov",
    "desk@police.gov",
    "x@notice.gov",
    "victim@vine.example",
    "j\u00f6rg@m\u00fcnchen.example",
    "Jane Roe <jane@court.example>",
    "5175550100@fax.example",
    "service@collins.example",
    "office@dhhs.michigan.example",
    "bob@ice-rink.example",
    "a_b@x-y.co.uk",
]


@pytest.mark.parametrize(("address", "by", "because"), KNOWN)
def test_address_is_an_immigration_authority_however_it_is_written(address, by, because):
    reach = reach_of(PARAMETERS, address=address)
    assert (reach.party, reach.doubt) == (AUTHORITY, None), because
    assert by in {None, reach.by}, because


@pytest.mark.parametrize(("address", "doubt", "because"), DOUBTFUL)
def test_address_counts_as_an_immigration_authority_when_it_is_doubtful(address, doubt, because):
    reach = reach_of(PARAMETERS, address=address)
    assert (reach.party, reach.by) == (AUTHORITY, By.DOUBT), because
    assert doubt in {None, reach.doubt}, because
    assert reach.doubt is not None, because


@pytest.mark.parametrize("address", ORDINARY)
def test_address_is_somebody_else_when_nothing_lists_it(address):
    for name in PACKS:
        assert reach_of(pack(name).parameters, address=address).party is OTHER


@pytest.mark.parametrize("doubt", Doubt)
def test_doubt_is_tried_when_it_is_listed(doubt):
    tried = {reach_of(PARAMETERS, address=address).doubt for address, _, _ in DOUBTFUL}
    tried |= {reach_of(PARAMETERS, **said).doubt for said, _ in ODD}
    assert doubt in tried


NAMES = [
    ("I.C.E.", "with dots"),
    ("I C E", "with spaces"),
    ("I/C/E", "with slashes"),
    ("I*C*E", "with stars"),
    ("\u0406\u0421\u0415", "in Cyrillic"),
    ("I\u200bCE", "with a zero-width space"),
    ("\u00cd\u010c\u00c9", "with accents"),
    ("\U0001f170\ufe0f ICE", "after a symbol"),
    ("\u24be\u24b8\u24ba", "in circles"),
    ("1CE Detroit", "with a digit"),
    ("lCE", "with a small L"),
    ("DetroitICE", "run together"),
    ("Sheriff's I.C.E. liaison", "after a possessive"),
    ("immigration & customs enforcem", "cut off"),
    ("IMMIGRATION_AND_CUSTOMS_ENFORCEMENT", "as a system writes it"),
]


@pytest.mark.parametrize(("name", "because"), NAMES)
def test_agency_is_known_in_every_disguise(name, because):
    assert reach_of(PARAMETERS, agency=name).party is AUTHORITY, because


@pytest.mark.parametrize(
    "name", ["JUSTICE", "Police Service", "Fort Collins PD", "Nice Towing", "A & B Towing", "Advice Inc"]
)
def test_agency_is_somebody_else_when_only_letters_are_shared(name):
    assert reach_of(PARAMETERS, agency=name).party is OTHER


ODD = [
    ({"number": "204"}, "an extension may be anybody"),
    ({"number": "872-6020"}, "the same line, dialled from its own area"),
    ({"ori": "MIICE0100"}, "an identifier with the agency's letters"),
    ({"agency": " "}, "nothing"),
]


@pytest.mark.parametrize(("said", "because"), ODD)
def test_recipient_counts_as_an_immigration_authority_when_it_is_odd(said, because):
    reach = reach_of(PARAMETERS, **said)
    assert reach.party is AUTHORITY, because
    assert reach.doubt is not None, because


@pytest.mark.parametrize(
    "number",
    [
        "8028726020",
        "(802) 872-6020",
        "+1 802 872 6020",
        "001-802-872-6020",
        "1.802.872.6020",
        "9,1-802-872-6020",
        "802 872 6020 x12",
        "802/872/6020 ext. 4",
        "\uff18\uff10\uff12 872 6020",
        "802-TRA-6020",
        "eight zero two 872 six oh two oh",
        "tel:+18028726020",
        "*67 802 872 6020",
        "\u0668\u0660\u0662 872 6020",
    ],
)
def test_number_is_known_in_any_writing(number):
    assert reach_of(PARAMETERS, number=number).party is AUTHORITY


def test_number_is_somebody_else_when_a_digit_differs():
    assert reach_of(PARAMETERS, number="802-872-6021").party is OTHER


@pytest.mark.parametrize(
    ("address", "party"),
    [
        ("https://court.example@ice.dhs.gov/x", AUTHORITY),
        ("https://ice.dhs.gov:443/in", AUTHORITY),
        ("https://relay.example/?to=agent%40ice.dhs.gov", AUTHORITY),
        ("https://relay.example/?to=agent%2540ice.dhs.gov", AUTHORITY),
        ("//ICE.DHS.GOV./", AUTHORITY),
        ("VTICE0900", AUTHORITY),
        ("https://hooks.court.example/in", OTHER),
        ("topic.court", OTHER),
    ],
)
def test_address_is_read_as_what_it_is_when_the_channel_is_no_mail(address, party):
    assert reach_of(PARAMETERS, address=address, mail=False).party is party


def test_alias_is_known_when_the_directory_lists_it():
    directory = Directory(addresses=frozenset({"taskforce@county.example"}))
    assert directory.addresses
    from dataclasses import replace

    parameters = replace(OTHERS, immigration_authorities=directory)
    for address in ("taskforce@county.example", "TaskForce+tonight@county.example"):
        assert reach_of(parameters, address=address).by is By.ALIAS
    assert reach_of(parameters, address="taskforces@county.example").party is OTHER


def test_partner_is_known_by_name_when_nothing_else_says_more():
    assert reach_of(PARAMETERS, agency="Genesee County Sheriff").party is PARTNER
    assert reach_of(PARAMETERS, agency="Genesee County Sheriff ICE unit").party is AUTHORITY
    assert farthest([OTHER, PARTNER]) is PARTNER
    assert farthest([]) is OTHER


def test_nothing_of_an_address_is_lost_when_it_is_read():
    box = read_mailbox('"Roe, Jane" <jane.roe@court.example>')
    assert (box.local, box.domain, box.name) == ("jane.roe", "court.example", "Roe, Jane")
