"""Addresses, sites and machines' names are words too: ordinary ones say nothing, and a sentence hides in none."""

import pytest

from integration.domain.messages.people import Person, Roster
from tests.gate.judging import PACKS, decided, examined, permitted
from tests.gate.mails import AGENT, COVER, HEAD, mail, plain

TEXT = "Content-Type: text/plain; charset=utf-8"
ROSTER = Roster([Person("Perez", "Juan", None, "2026-00417")])
ORDINARY = """
booking@jail.county.gov release.desk@sheriff.example records@county.example intake@county.example
jail.records@jackson-county.example inmate.services@county.example custody@sheriff.example
detention.center@county.example corrections@state.example court.clerk@county.example warrants@pd.example
transport@sheriff.example bonds@court.example victim.notice@county.example probation@county.example
j.roe@lansingmi.gov jroe0730@sheriff.example p1205@pd.example tom.may@city.example sun.li@city.example
april.church@county.example mark.hall@county.example press.release@city.example public.works@city.example
social.services@county.example family.court@county.example childrens.services@county.example medical@jail.example
mental.health@county.example human.resources@city.example no-reply@jail.county.gov releases-desk@sheriff.example
foia2026@city.example records.2024@county.example info@ci.liberty.tx.us legal.aid@freedom.example
classification@jail.example livescan@pd.example mugshots@sheriff.example fugitive.unit@pd.example
juan.garcia@county.example sheriff@inghamcountyjail.example jail-lt@co.ingham.mi.us detention.release@county.example
outreach@city.example home.detention@county.example immigration.records@county.example
warrants.extraditions@sheriff.example visitation@jail.example
""".split()
TELLING = """
juan.perez.released.tuesday.0730@sallyport.example released.tuesday@lansing.example out.tuesday.0730@lobby.example
juan.out@county.example perez.tomorrow@x.example pickup@sallyport.example in.custody.tonight@jail.example
juanperezreleasedtuesday0730@x.example releasedtuesday@x.example juan_perez@jail.example juanperez@x.example
perez-freed@county.example bondsout.noon@court.example letout.gate@x.example jail.0730@county.example
0730@lobby.example roe@released.example a@tuesday.sallyport.example perez.sprung@x.example
perez.leaving.friday@x.example juan+released@x.example perez.vendredi@x.example perez.arrested@x.example
juan.123-45-6789@county.example
""".split()


def places(address: str) -> dict[str, bytes]:
    """A message of status alone with an address in each place where a reader sees one."""
    return {
        "cc": mail(COVER, TEXT, f"Cc: {address}"),
        "from": mail(COVER, TEXT, head=[f"From: Jane Roe <{address}>", *HEAD[1:]]),
        "reply-to": mail(COVER, TEXT, f"Reply-To: <{address}>"),
        "signature": plain(f"{COVER}\n\nThanks,\nJane Roe\n{address}\n"),
        "labelled": plain(f"{COVER}\n\nThanks,\nJane Roe\nemail: {address}\n"),
        "quotation": plain(f"{COVER}\n\nOn Mon, Mar 2, 2026 at 9:14 AM Agent Smith <{address}> wrote:\n> Citizenship?"),
        "link": mail(f'<p>{COVER} <a href="mailto:{address}">record</a></p>', "Content-Type: text/html; charset=utf-8"),
    }


def test_the_tables_are_long_enough_when_they_are_counted():
    assert len(ORDINARY) >= 40
    assert len(TELLING) >= 20


@pytest.mark.parametrize("address", ORDINARY)
def test_message_is_permitted_when_an_address_is_an_ordinary_one(address):
    for place, raw in places(address).items():
        seen = examined(raw, roster=ROSTER)
        assert all(decided(seen, name).permit for name in PACKS), (place, seen.content.found, seen.unread)


@pytest.mark.parametrize("address", TELLING)
def test_message_is_blocked_when_an_address_tells_more(address):
    for place, raw in places(address).items():
        assert not permitted(raw, roster=ROSTER), place


def test_message_is_blocked_when_the_envelope_tells_more():
    assert not permitted(plain(COVER), "juan.perez.released.tuesday.0730@ice.dhs.gov")
    seen = examined(plain(COVER), roster=ROSTER, sender="released.tuesday@lansing.example")
    assert not any(decided(seen, name).permit for name in PACKS)


def test_message_is_permitted_when_its_own_recipient_is_called_like_somebody_in_custody():
    # because an agent is not stopped from getting what the law lets pass by the name that they share with somebody
    raw = mail(COVER, TEXT, head=[HEAD[0], "To: juan.perez@ice.dhs.gov", *HEAD[2:]])
    assert permitted(raw, "juan.perez@ice.dhs.gov", roster=ROSTER)
    assert permitted(plain(COVER), AGENT, roster=ROSTER)


@pytest.mark.parametrize(
    "site", ["released.tuesday.0730.us", "www.juan-perez-released.tuesday-0730.sallyport.org", "out.tuesday.gov"]
)
def test_message_is_blocked_when_a_site_in_a_signature_tells_more(site):
    assert not permitted(plain(f"{COVER}\n\nThanks,\nJane Roe\n{site}\n"))


@pytest.mark.parametrize("site", ["www.lansingmi.gov", "https://sheriff.ingham.org", "jail.county.us", "ingham.org/"])
def test_message_is_permitted_when_a_site_in_a_signature_is_an_offices(site):
    assert permitted(plain(f"{COVER}\n\nThanks,\nJane Roe\n{site}\n"))


@pytest.mark.parametrize(
    ("field", "because"),
    [
        ("References: <a@released.tuesday.0730.sallyport>", "the domain of an identifier is read as well as any"),
        ("Content-ID: <x@out.tuesday.0730>", "the same"),
        (
            "Received: from released.tuesday.0730 by relay.example; Mon, 02 Mar 2026 10:00:00 -0500",
            "and the name that a machine gave itself",
        ),
        (
            "Received: from lunes.relay.example by relay.example; Mon, 02 Mar 2026 10:00:00 -0500",
            "a day in another language tells as much",
        ),
        ("Thread-Index: UmVsZWFzZWRUdWVzZGF5MDczMA==", "base64 of a sentence is no index"),
        ("Content-Language: ou-ttu", "no language"),
        ("Authentication-Results: mx.example; spf=pass smtp.mailfrom=released.tuesday.example", "a domain"),
        ("Authentication-Results: mx.example; spf=pass (he is out on Tuesday) smtp.mailfrom=x.example", "a comment"),
        ("X-MS-Exchange-Organization-AuthAs: out Tuesday", "no value of Exchange"),
        ("X-MS-Exchange-Note: UmVsZWFzZWQgVHVlc2RheSAwNzMwIHNhbGx5cG9ydA==", "base64 of a sentence"),
        ("X-Spam-Status: No, score=-1.9 tests=OUT_TUESDAY", "no test of SpamAssassin"),
        ("X-Spam-Report: out Tuesday", "a text"),
    ],
)
def test_message_is_blocked_when_a_machines_field_tells_more(field, because):
    assert not permitted(mail(COVER, TEXT, field)), because


BY_SERVERS = """
Authentication-Results: mx.lansing.example; spf=pass smtp.mailfrom=lansing.example
Authentication-Results: mx.jail.county.gov; dkim=pass (2048-bit key) header.d=county.gov header.i=@county.gov
  header.b=AbCdEf12; spf=pass smtp.mailfrom=jane@county.gov; dmarc=pass (p=NONE sp=NONE dis=NONE)
  header.from=county.gov
Authentication-Results: spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=lansing.example; dkim=none (message
  not signed) header.d=none;dmarc=bestguesspass action=none header.from=lansing.example;compauth=pass reason=109
Authentication-Results: mx.google.com; spf=pass (google.com: domain of jane@lansing.example designates
  192.0.2.7 as permitted sender) smtp.mailfrom=jane@lansing.example
Authentication-Results: lansing.example; none
Authentication-Results: lansing.example; auth=pass smtp.auth=jane@lansing.example
  smtp.mailfrom=jane@lansing.example
ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=none; dmarc=none; dkim=none; arc=none
ARC-Seal: i=1; a=rsa-sha256; s=arcselector10001; d=microsoft.com; cv=none; b=x7Qm0pZr+9s/AbCd==
ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed; d=microsoft.com; s=arcselector10001;
  h=From:Date:Subject:Message-ID:Content-Type:MIME-Version; bh=47DEQpj8HBSa+/TImW=; b=x7Qm0pZr9sAbCd==
Received-SPF: pass (mx.lansing.example: domain of jane@lansing.example designates 192.0.2.7 as permitted
  sender) client-ip=192.0.2.7; envelope-from=jane@lansing.example; helo=mail.lansing.example;
X-MS-Exchange-Organization-AuthAs: Internal
X-MS-Exchange-Organization-AuthMechanism: 04
X-MS-Exchange-Organization-AuthSource: BN8PR09MB1234.namprd09.prod.outlook.com
X-MS-Exchange-Organization-SCL: -1
X-MS-Exchange-CrossTenant-OriginalArrivalTime: 02 Mar 2026 15:00:00.1234 (UTC)
X-MS-Exchange-CrossTenant-id: 0a1b2c3d-1111-2222-3333-0a1b2c3d4e5f
X-MS-Exchange-Transport-CrossTenantHeadersStamped: BN8PR09MB1234
X-MS-PublicTrafficType: Email
X-Forefront-Antispam-Report:
  CIP:255.255.255.255;CTRY:;LANG:en;SCL:1;SRV:;IPV:NLI;SFV:NSPM;H:BN8PR09MB1234;PTR:;CAT:NONE;SFS:(13230040)(366016);DIR:OUT;SFP:1102;
X-Spam-Status: No, score=-1.9 required=5.0 tests=BAYES_00,DKIM_SIGNED,HTML_MESSAGE,SPF_PASS autolearn=ham
  autolearn_force=no version=3.4.6
X-Spam-Level: **
"""
"""A field a line; a line that is set in is the rest of the one before it."""
FIELDS = BY_SERVERS.strip().replace("\n  ", " ").split("\n")


@pytest.mark.parametrize("field", FIELDS)
def test_message_is_permitted_when_a_server_has_written_a_field_on_its_way(field):
    seen = examined(mail(COVER, TEXT, field))
    assert all(decided(seen, name).permit for name in PACKS), (seen.content.found, seen.unread)
