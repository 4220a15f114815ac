"""The parts that recipients are read by, each by itself and at its borders: domains, mailboxes, numbers, services."""

import pytest

from integration.domain.agencies import Directory
from integration.domain.neverheld import NeverHeld, Service
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.hosts import hosts_in, is_address, is_listed, looks_listed, plain_domain
from integration.domain.recipients.mailboxes import Mailbox, alias_key, encapsulated, read_mailbox
from integration.domain.recipients.numbers import digits_of, has_number, has_reversed, is_local, on_keypad

# -- domains -----------------------------------------------------------------------------------------------------------

LONG = ".".join(["a" * 63] * 3 + ["b" * 61])
"""253 characters, the longest name there is."""

DOMAINS = [
    ("court.example", "court.example", "as it stands"),
    ("COURT.Example.", "court.example", "without case and trailing dot"),
    (" court.example\t", "court.example", "white space around it"),
    *((f"court{dot}example", "court.example", f"the dot {dot!a}") for dot in "\u3002\uff0e\uff61\u2024\ufe52"),
    ("m\u00fcnchen.example", "xn--mnchen-3ya.example", "as A-labels"),
    ("M\u00dcNCHEN.example", "xn--mnchen-3ya.example", "in capitals"),
    ("_dmarc.court.example", "_dmarc.court.example", "a label that services use"),
    ("a-b_c.example", "a-b_c.example", "marks inside a label"),
    ("localhost", "localhost", "one label is a name, too"),
    (LONG, LONG, "the longest there is"),
    (LONG.replace("b", "bb", 1), None, "one longer"),
    ("a" * 63 + ".example", "a" * 63 + ".example", "the longest label"),
    ("a" * 64 + ".example", None, "one longer"),
    ("\u00fc" * 63 + ".example", None, "one that gets too long as an A-label"),
    ("", None, "nothing"),
    (".", None, "a dot"),
    (".court.example", None, "a dot before it"),
    ("court..example", None, "two dots"),
    ("-court.example", None, "a hyphen first"),
    ("court-.example", None, "a hyphen last"),
    ("court example", None, "two words"),
    ("court!.example", None, "another mark"),
    *((f"a{sign}b.example", None, f"two IDNA write {sign!a} differently") for sign in "\u00df\u03c2\u200c\u200d"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "read", "because"), DOMAINS, ids=[row[2] for row in DOMAINS])
def test_a_domain_is_one_name_however_it_is_written(said, read, because):
    assert plain_domain(said) == read, because


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("10.1.2.3", True), ("10.1.2.3.", True), ("167838211", True), ("0x0a010203", True), ("0X0A.1", True),
        ("10.0x1f", True), ("0xfg", False), ("court.example", False), ("10.example", False), ("example.10", False),
        ("x10.1", False), ("", False),
    ],
)  # fmt: skip
def test_a_host_is_an_address_when_a_resolver_would_read_one(host, expected):
    assert is_address(host) is expected


ICE = Directory(domains=("ice.dhs.gov", "ice.gov"))


@pytest.mark.parametrize(
    ("domain", "listed", "looks", "because"),
    [
        ("ice.gov", True, True, "as listed"),
        ("mail.ice.gov", True, True, "below it"),
        ("ice.dhs.gov", True, True, "the first of two"),
        ("justice.gov", False, False, "half a label"),
        ("gov", False, False, "the end of it"),
        ("dhs.gov", False, False, "above it"),
        ("ice.gov.example", False, True, "in front of another"),
        ("x.ice.gov.example", False, True, "in the middle"),
        ("x.y.z.ice-gov", False, True, "in one label, at the end"),
        ("icegov.example", False, True, "run together"),
        ("i-c-e_gov.example", False, True, "with marks between"),
        ("1ce.gov", False, True, "a one for an I"),
        ("lce.g0v", False, True, "an L for an I, a zero for an O"),
        ("ic3.gov", False, True, "a three for an E"),
        ("ice.dh5.gov", False, True, "a five for an S"),
        ("xn--ce-6kb.gov", False, False, "an A-label that reads otherwise"),
        ("xn--ce-hkb.gov".replace("xn--ce-hkb", "\u0456ce".encode("idna").decode()), False, True, "one that reads so"),
        ("xn--a\u00e9.gov", False, False, "an A-label that cannot be read"),
        ("court.example", False, False, "somebody else"),
    ],
)
def test_a_domain_is_listed_or_looks_so_when_labels_say_it(domain, listed, looks, because):
    assert (is_listed(ICE, domain), looks_listed(ICE, domain)) == (listed, looks), because
    assert not is_listed(Directory(), domain)
    assert not looks_listed(Directory(), domain)


@pytest.mark.parametrize(
    ("domain", "looks", "because"),
    [
        ("i.c.e.go.v", True, "five labels run together"),
        ("x.i.c.e.go.v.y", True, "among others"),
        ("i.c.e.g.o.v", False, "six: more than any listed domain has, and one"),
        ("i.c.e.g.o.v.y", False, "before another"),
        ("dhs-ice.example", True, "two listed names in a label"),
        ("dhs.ice.example", True, "in two"),
        ("ice.dhs-list.example", True, "apart by a dot and a hyphen"),
        ("dhs.example", False, "one of them may be somebody else's"),
        ("dhsice.example", False, "run together they are another word"),
    ],
)
def test_a_domain_looks_listed_when_it_is_made_of_what_is_listed(domain, looks, because):
    assert looks_listed(Directory(names=("DHS", "ICE"), domains=("ice.gov",)), domain) is looks, because


@pytest.mark.parametrize(
    ("listed", "domain"), [("mmm.gov", "mrnm.gov"), ("wow.gov", "vvovv.gov"), ("rn.gov", "m.gov"), ("vv.gov", "w.gov")]
)
def test_two_letters_look_like_one_when_they_stand_close(listed, domain):
    assert looks_listed(Directory(domains=(listed,)), domain)


@pytest.mark.parametrize(
    ("text", "hosts", "because"),
    [
        ("agent@ice.gov", ["ice.gov"], "of an address"),
        ("a.b@ice.gov", ["a.b", "ice.gov"], "each by itself, in order"),
        ("x@ice.gov,y@ICE.gov", ["ice.gov"], "once"),
        ("agent@ice\uff0egov", ["ice.gov"], "with the dot of another script"),
        (".ice.gov.", ["ice.gov"], "with dots around it"),
        ("...", [], "dots alone"),
        ("XRAY.EXAMPLEX X.GOV", ["xray.examplex", "x.gov"], "whatever letters it begins and ends with"),
        ("agent@localhost", [], "without a dot it is no domain"),
        ("localhost.", [], "nor with one at its end"),
        ("a..b c.d", ["c.d"], "what is none is passed over"),
        *((f"x{mark}ice.gov{mark}y", ["ice.gov"], f"between {mark!r}") for mark in " @%!:,;<>()[]\"'\\/?#&=|"),
    ],
)
def test_every_domain_is_found_whatever_the_syntax_around_it(text, hosts, because):
    assert hosts_in(text) == hosts, because


# -- mailboxes ---------------------------------------------------------------------------------------------------------

LOCAL = "a" * 64
BOXES = [
    ("clerk@court.example", ("clerk", "court.example", "", None), "plain"),
    ("\tclerk@court.example ", ("clerk", "court.example", "", None), "white space around it"),
    ("<clerk@court.example>", ("clerk", "court.example", "", None), "in brackets"),
    ("< clerk@court.example\t>", ("clerk", "court.example", "", None), "with white space inside"),
    ("Jane Roe <jane@court.example>", ("jane", "court.example", "Jane Roe", None), "with a name"),
    ('"Roe, Jane" <jane@court.example>', ("jane", "court.example", "Roe, Jane", None), "in quotes"),
    (' "X" <jane@court.example>', ("jane", "court.example", "X", None), "and white space before it"),
    ('"jane.roe"@court.example', ("jane.roe", "court.example", "", None), "quotes that are not needed"),
    (f"{LOCAL}@court.example", (LOCAL, "court.example", "", None), "as long as it may be"),
    (f"a{LOCAL}@court.example", (f"a{LOCAL}@court.example", "", "", Doubt.NO_ADDRESS), "one longer"),
    ("", ("", "", "", Doubt.EMPTY), "nothing"),
    (" <@> ", ("<@>", "", "", Doubt.EMPTY), "no letter"),
    ("x" * 321, ("x" * 321, "", "", Doubt.TOO_LONG), "too long for one"),
    ("x" * 320, ("x" * 320, "", "", Doubt.NO_ADDRESS), "just not"),
    (f"Jane <{'x' * 321}>", ("x" * 321, "", "Jane", Doubt.TOO_LONG), "too long, with a name"),
    ("@relay.example:clerk@court.example",
     ("@relay.example:clerk@court.example", "court.example", "", Doubt.SOURCE_ROUTE), "a route"),
    ("@relay.example:clerk", ("@relay.example:clerk", "", "", Doubt.SOURCE_ROUTE), "a route to no domain"),
    ("=?utf-8?q?clerk?=@court.example",
     ("=?utf-8?q?clerk?=@court.example", "court.example", "", Doubt.ENCODED), "an encoded word"),
    ("x=?a?b@court.example", ("x=?a?b", "court.example", "", None), "half of one"),
    ("clerk@[10.1.2.3]", ("clerk@[10.1.2.3]", "", "", Doubt.ADDRESS_LITERAL), "an address in brackets"),
    ("[a]@court.example", ("[a]@court.example", "", "", Doubt.NO_ADDRESS), "brackets elsewhere"),
    ('"jane roe"@court.example',
     ('"jane roe"@court.example', "court.example", "", Doubt.QUOTED_LOCAL_PART), "quotes that are needed"),
    ('"a\\b"@court.example', ('"a\\b"@court.example', "court.example", "", Doubt.QUOTED_LOCAL_PART), "a backslash"),
    ("a\\b@court.example", ("a\\b@court.example", "court.example", "", Doubt.QUOTED_LOCAL_PART), "one without quotes"),
    ("staff: a@x.example", ("staff: a@x.example", "x.example", "", Doubt.GROUP), "a group"),
    ("a@x.example;", ("a@x.example;", "", "", Doubt.GROUP), "the end of one"),
    ("a,b@x.example", ("a,b@x.example", "x.example", "", Doubt.SEVERAL_ADDRESSES), "a comma"),
    ("a@b@x.example", ("a@b@x.example", "x.example", "", Doubt.SEVERAL_ADDRESSES), "two signs"),
    ("a(x)@x.example", ("a(x)@x.example", "x.example", "", Doubt.COMMENT), "a comment"),
    ("a)@x.example", ("a)@x.example", "x.example", "", Doubt.COMMENT), "the end of one"),
    ("a%b@x.example", ("a%b@x.example", "x.example", "", Doubt.PERCENT_ROUTE), "a percent route"),
    ("b!a@x.example", ("b!a@x.example", "x.example", "", Doubt.BANG_PATH), "a bang path"),
    ("a\u00a0b@x.example", ("a\u00a0b@x.example", "", "", Doubt.UNPRINTABLE), "a blank that no keyboard has"),
    ("a\x7f@x.example", ("a\x7f@x.example", "", "", Doubt.UNPRINTABLE), "a control character"),
    ("clerk", ("clerk", "", "", Doubt.NO_ADDRESS), "no sign"),
    ("@court.example", ("@court.example", "", "", Doubt.NO_ADDRESS), "nothing before it"),
    ("Jane <clerk>", ("clerk", "", "Jane", Doubt.NO_ADDRESS), "a name without an address"),
    ("a@x..example", ("a", "", "", Doubt.BAD_DOMAIN), "no domain"),
    ("a@10.1.2.3", ("a", "10.1.2.3", "", Doubt.ADDRESS_LITERAL), "an address in its place"),
    ("a@mailhost", ("a", "mailhost", "", Doubt.UNQUALIFIED_DOMAIN), "one label"),
    ("a@x.y.12", ("a", "x.y.12", "", Doubt.BAD_DOMAIN), "a top level of digits"),
    ("a@12.example", ("a", "12.example", "", None), "digits elsewhere"),
    ("a@x.y_z", ("a", "x.y_z", "", Doubt.BAD_DOMAIN), "a low line in the top level"),
    ("a@x_y.example", ("a", "x_y.example", "", None), "one elsewhere"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "box", "because"), BOXES, ids=[row[2] for row in BOXES])
def test_a_mailbox_or_a_doubt_is_read_when_an_address_is_written(said, box, because):
    assert read_mailbox(said) == Mailbox(*box), because


@pytest.mark.parametrize(
    ("said", "inner"),
    [
        ("IMCEASMTP-agent+40ice+2Edhs+2Egov@county.example", "agent@ice.dhs.gov"),
        ("<imceafax-802+2e872@county.example>", "802.872"),
        ("IMCEAEX-_O=Org_cn=name@county.example", "/O=Org/cn=name"),
        ("IMCEAX-a+4Z+2@county.example", "a+4Z+2"),
        ("IMCEA-a@county.example", None),
        (f"IMCEA{'X' * 20}-a@county.example", "a"),
        (f"IMCEA{'X' * 21}-a@county.example", None),
        ("IMCEASMTP-a", None),
        ("xIMCEASMTP-a@county.example", None),
        ("agent@ice.dhs.gov", None),
    ],
)
def test_the_address_inside_is_read_when_exchange_wrapped_one(said, inner):
    assert encapsulated(said) == inner


@pytest.mark.parametrize(
    ("local", "key"),
    [("Clerk", "clerk@x.example"), ("Clerk+a+b", "clerk@x.example"), ("+a", "@x.example")],
)
def test_two_addresses_are_one_mailbox_when_case_and_tag_differ(local, key):
    assert alias_key(local, "x.example") == key == Mailbox(local, "x.example", "", None).key


# -- numbers -----------------------------------------------------------------------------------------------------------

LINES = Directory(numbers=frozenset({"8028726020", "5175550100"}))


@pytest.mark.parametrize(
    ("text", "digits", "because"),
    [
        ("+1 (802) 872-6020", "18028726020", "marks are passed over"),
        ("oh zero one two three four five six seven eight nine", "00123456789", "words"),
        ("One-TWO", "12", "in capitals"),
        ("someone", "", "a word inside another is none"),
        ("ext 12", "12", "other words"),
        ("one_two", "12", "a low line parts words"),
        ("8O2", "802", "an O between digits"),
        ("8I2 8l2", "812812", "an I and an L"),
        ("602o", "6020", "at the end"),
        ("602O, l00", "6020100", "before a mark, and at the start"),
        ("1o", "10", "at the very end"),
        ("60o_1", "6001", "before a low line"),
        ("1ox", "1", "not before a letter"),
        ("xo1", "1", "not after one"),
        ("\u0668\u0660", "80", "digits of another script"),
        ("", "", "nothing"),
    ],
)
def test_digits_are_read_however_a_number_is_written(text, digits, because):
    assert digits_of(text) == digits, because


def test_letters_are_dialled_as_a_telephone_has_them():
    assert on_keypad("abcdefghijklmnopqrstuvwxyz") == "22233344455566677778889999"
    assert on_keypad("866-DHS-2-ICE") == "8663472423"
    assert on_keypad("\u0668 #*") == "8"


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("802-872-6020", True, "one of two"),
        ("517 555 0100", True, "the other"),
        ("9,1-802-872-6020 ext 4", True, "wherever it stands"),
        ("802-TRA-6020", True, "on the keypad"),
        ("802-872-602", False, "a digit too few"),
        ("", False, "nothing"),
    ],
)
def test_a_number_is_known_when_its_digits_stand_anywhere(text, expected, because):
    assert has_number(LINES, text) is expected, because
    assert not has_number(Directory(), text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("872-6020", True), ("555 0100", True), ("872-6021", False), ("2872-6020", False), ("72-6020", False),
     ("802-872-6020", False), ("", False)],
)  # fmt: skip
def test_a_number_is_local_when_it_is_the_last_seven_digits_of_a_listed_one(text, expected):
    assert is_local(LINES, text) is expected


@pytest.mark.parametrize(
    ("domain", "expected", "because"),
    [
        ("0.2.0.6.2.7.8.2.0.8.1.tpc.example", True, "a number, backwards"),
        ("x.0.2.0.6.2.7.8.2.0.8.e164.example", True, "in the middle"),
        ("0206278208.example", True, "in one label"),
        ("x.8.0.2.8.7.2.6.0.2.0.example", False, "forwards it is another"),
        ("0.2.0.6.2.x.7.8.2.0.8.example", False, "not in a row"),
        ("1.2.example", False, "too short"),
        ("8028726020.fax.example", True, "a label that is the number itself"),
        ("x.18028726020.example", True, "with a country code"),
        ("802872602.fax.example", False, "a digit too few"),
        ("x8028726020.example", False, "a label that is more than digits"),
        ("802.872.6020.fax.example", False, "forwards over several labels it is another"),
        ("x0206278208.example", False, "a label with a letter is a name"),
        ("a.example", False, "no digits"),
    ],
)
def test_a_domain_spells_a_number_when_its_labels_are_the_digits_backwards(domain, expected, because):
    assert has_reversed(LINES, domain) is expected, because


# -- services ----------------------------------------------------------------------------------------------------------

SERVICE = NeverHeld(
    Service.COURT,
    "because",
    domains=("courts.example", "vine.example"),
    addresses=frozenset({"er@hospital.example", "@x.example"}),
    oris=frozenset({"WVIAFIS0Z"}),
    numbers=frozenset({"5175550100"}),
)


@pytest.mark.parametrize(
    ("local", "domain", "expected", "because"),
    [
        ("x", "courts.example", True, "a listed domain"),
        ("x", "a.b.vine.example", True, "below one"),
        ("x", "mycourts.example", False, "half a label"),
        ("x", "example", False, "above it"),
        ("ER", "hospital.example", True, "a listed address, in capitals"),
        ("x", "hospital.example", False, "another one there"),
        ("er+x", "hospital.example", False, "a tag makes another"),
        ("x", "", False, "no domain"),
        ("", "", False, "nothing"),
    ],
)
def test_a_mailbox_is_never_held_when_it_is_exactly_listed(local, domain, expected, because):
    assert SERVICE.has_mailbox(local, domain) is expected, because


def test_no_mailbox_is_never_held_when_it_has_no_domain():
    # because a pack that lists nothing but a sign must not let everybody pass
    assert not NeverHeld(Service.COURT, "x", domains=("",), addresses=frozenset({"x@"})).has_mailbox("x", "")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("courts.example", True), ("api.vine.example", True), ("mycourts.example", False), ("example", False),
     ("hospital.example", False), ("", False)],
)  # fmt: skip
def test_a_host_is_never_held_when_its_domain_is_listed(host, expected):
    assert SERVICE.has_host(host) is expected


@pytest.mark.parametrize(
    ("ori", "expected"), [("WVIAFIS0Z", True), ("wv-iafis-0z", True), ("WVIAFIS0", False), ("", False)]
)
def test_an_identifier_is_never_held_when_its_letters_and_digits_are_listed(ori, expected):
    assert SERVICE.has_ori(ori) is expected


@pytest.mark.parametrize(
    ("number", "expected", "because"),
    [
        ("5175550100", True, "ten digits"),
        ("(517) 555-0100", True, "with marks"),
        ("+1 517.555.0100", True, "with the country code"),
        ("001 517 555 0100", True, "from abroad"),
        ("011 1 517 555 0100", True, "by way of another exit"),
        ("45 517 555 0100", False, "another country"),
        ("11 517 555 0100", False, "a code that is none"),
        ("517 555 0101", False, "another number"),
        ("517 555 010", False, "a digit too few"),
        ("1", False, "a prefix alone"),
        ("517 555 0100 x4", False, "an extension is another line"),
        ("517 555 0100#", False, "a mark that is dialled"),
        ("\u0665175550100", False, "digits of another script"),
        ("", False, "nothing"),
    ],
)
def test_a_number_is_never_held_when_it_is_a_listed_one_and_nothing_else(number, expected, because):
    assert SERVICE.has_number(number) is expected, because
