"""What the door lets in: lines, addresses, sizes, clients, logins; and what it refuses before anything is judged."""

import asyncio
import ssl

import pytest
import trustme

from connectors.smtp_gateway.passwords import hashed
from tests.gateway.client import AGENT, OFFICER, stuff, talk
from tests.gateway.site import running

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"
SMUGGLED = (
    b"MAIL FROM:<boss@lansing.example>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: x\r\n\r\nout at 7\r\n" % AGENT.encode()
)

ENDINGS = {
    "lf dot lf": b"\n.\n",
    "lf dot cr lf": b"\n.\r\n",
    "cr lf dot lf": b"\r\n.\n",
    "cr dot cr": b"\r.\r",
    "cr dot lf": b"\r.\n",
    "cr dot cr lf": b"\r.\r\n",
    "cr lf dot cr": b"\r\n.\r",
    "lf dot cr": b"\n.\r",
    "cr cr lf dot cr cr lf": b"\r\r\n.\r\r\n",
}
"""The nine ways to end a message that some server somewhere takes for the end."""
MORE_ENDINGS = {
    "cr lf nul dot cr lf": b"\r\n\x00.\r\n",
    "cr lf dot nul cr lf": b"\r\n.\x00\r\n",
    "cr cr lf dot cr lf": b"\r\r\n.\r\n",
    "lf cr lf dot cr lf": b"\n\r\n.\r\n",
    "cr lf cr dot cr lf": b"\r\n\r.\r\n",
}


@pytest.mark.parametrize("ending", [*ENDINGS, *MORE_ENDINGS])
async def test_message_and_connection_are_refused_when_an_end_stands_in_it_that_only_some_servers_know(site, ending):
    body = b"Subject: hello\r\n\r\nhello" + (ENDINGS | MORE_ENDINGS)[ending] + SMUGGLED + b"\r\n.\r\n"
    async with talk(site.port) as client:
        await client.say(f"MAIL FROM:<{OFFICER}>")
        await client.say("RCPT TO:<bob@example.org>")
        assert (await client.say("DATA")).startswith("354")
        client.writer.write(body)
        assert (await client.reply()).startswith("554 5.6.0")
        assert await client.is_over(), "nothing after it is read as a command"
    assert site.states() == {}
    assert site.sink.arrived == []
    assert site.kinds("message.turned_away") == ["message.turned_away"]


async def test_message_stays_whole_when_a_dot_stands_alone_in_other_writings(site):
    raw = b"Subject: dots\r\n\r\n..\r\n.a\r\n. \r\n...\r\n \r\n.\r\nend\r\n"
    async with talk(site.port) as client:
        assert (await client.hand(raw, "bob@example.org")).startswith("250")
    await site.until(lambda: site.sink.arrived)
    assert site.sink.arrived[0].raw == raw


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"Subject: only a head\r\n", b"\r\n\r\n.\r\n", b"x" * 300_000 + b"\r\n"])
async def test_mail_arrives_as_it_was_when_its_form_is_odd(site, raw):
    async with talk(site.port) as client:
        await client.say(f"MAIL FROM:<{OFFICER}>")
        await client.say("RCPT TO:<bob@example.org>")
        await client.say("DATA")
        assert (await client.say((stuff(raw) if raw else b"") + b".")).startswith("250")
    await site.until(lambda: site.sink.arrived)
    assert site.sink.arrived[0].raw == raw


@pytest.mark.parametrize(
    "line",
    [
        b"NOOP\n",
        b"NOOP\r\r\n",
        b"NO\x00OP\r\n",
        b"MAIL FROM:<a@b.example>\rRCPT TO:<c@d.example>\r\n",
        b"MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\r\n",
    ],
)
async def test_connection_ends_when_a_command_is_not_one_line(site, line):
    async with talk(site.port) as client:
        client.writer.write(line + b"NOOP\r\nNOOP\r\n")
        assert (await client.reply()).startswith("500 5.5.2")
        assert await client.is_over()


@pytest.mark.parametrize(
    ("path", "because"),
    [
        ("<bob@example.org", "the bracket is open"),
        ("bob@example.org", "there is none"),
        ("<bob@example.org>x", "something follows it"),
        ("<<bob@example.org>>", "two of them"),
        ("<bob @example.org>", "a space"),
        ("<bob@example.org> NOTIFY=NEVER", "an extension that was not offered"),
        ("<bøb@example.org>", "not ASCII, and SMTPUTF8 was not asked for"),
        ("<>", "nobody"),
        ("<bob\x7f@example.org>", "a control"),
        ("<bob@example.org\u2028>".encode(), "a line end of another kind"),
        (b"<bob\xff@example.org>", "no UTF-8"),
        (f"<{'a' * 1100}@example.org>", "too long for any address"),
    ],
)
async def test_recipient_is_refused_when_it_is_no_address_in_brackets(site, path, because):
    async with talk(site.port) as client:
        assert (await client.say(f"MAIL FROM:<{OFFICER}>")).startswith("250")
        said = await client.say(b"RCPT TO:" + (path if isinstance(path, bytes) else path.encode()))
        assert said[:1] == "5", because
        assert (await client.say("DATA")).startswith("503")


@pytest.mark.parametrize(
    "address",
    [
        "@relay.example,@other.example:smith@ice.dhs.gov",
        '"smith@ice.dhs.gov"@example.org',
        "smith%ice.dhs.gov@example.org",
        "ice.dhs.gov!smith",
        '"a > b"@example.org',
        "smith@[10.0.0.1]",
        "smith(x)@ice.dhs.gov",
        "smith",
        "SMITH@ICE.DHS.GOV.",
    ],
)
async def test_message_waits_when_its_recipient_is_written_in_a_way_that_servers_read_differently(site, address):
    async with talk(site.port) as client:
        assert (await client.hand(PLAIN, address)).startswith("250")
    await site.settled()
    assert all(mail.recipients == [OFFICER] for mail in site.sink.arrived)
    assert site.states()["blocked"] == 1


async def test_commands_are_done_in_order_when_they_are_sent_together(site):
    async with talk(site.port) as client:
        one = f"MAIL FROM:<{OFFICER}>\r\nRCPT TO:<bob@example.org>\r\nRCPT TO:<eve@example.org>\r\nDATA\r\n".encode()
        client.writer.write(one)
        assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        client.writer.write(PLAIN + b".\r\nRSET\r\n" + one)
        assert [(await client.reply())[:3] for _ in range(6)] == ["250", "250", "250", "250", "250", "354"]
        client.writer.write(PLAIN + b".\r\nQUIT\r\n")
        assert [(await client.reply())[:3] for _ in range(2)] == ["250", "221"]
    await site.until(lambda: len(site.sink.arrived) == 2)


async def test_message_is_refused_and_the_connection_goes_on_when_it_is_too_large(tmp_path, sink):
    async with running(tmp_path, sink, smtp="max_megabytes = 0.1") as site, talk(site.port) as client:
        large = b"Subject: large\r\n\r\n" + b"0123456789\r\n" * 100_000
        assert (await client.say(f"MAIL FROM:<{OFFICER}> SIZE=9999999")).startswith("552")
        assert (await client.hand(large, "bob@example.org")).startswith("552 5.3.4")
        assert (await client.hand(large + b"bare\nlf\r\n", "bob@example.org")).startswith("554 5.6.0")
    async with running(tmp_path, sink, smtp="max_megabytes = 0.1") as site, talk(site.port) as client:
        assert (await client.hand(large, "bob@example.org")).startswith("552 5.3.4")
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        await site.until(lambda: sink.arrived)


async def test_recipient_is_put_off_when_there_are_too_many(tmp_path, sink):
    async with running(tmp_path, sink, smtp="max_recipients = 2") as site, talk(site.port) as client:
        assert (await client.hand(PLAIN, "a@example.org", "b@example.org", "c@example.org")).startswith("452")


async def test_client_is_sent_away_when_it_is_not_on_the_list(tmp_path, sink):
    async with (
        running(tmp_path, sink, smtp='networks = ["10.0.0.0/8"]') as site,
        talk(site.port, greet=False) as client,
    ):
        assert (await client.reply()).startswith("554")
        assert await client.is_over()


async def test_client_is_put_off_when_there_are_too_many(tmp_path, sink):
    async with (
        running(tmp_path, sink, smtp="max_connections = 1") as site,
        talk(site.port) as first,
    ):
        async with talk(site.port, greet=False) as second:
            assert (await second.reply()).startswith("421")
        assert (await first.hand(PLAIN, "bob@example.org")).startswith("250")


async def test_mail_arrives_with_smtputf8_when_it_was_handed_in_with_it(site):
    raw = "Subject: grüß\r\n\r\nhallo\r\n".encode()
    async with talk(site.port) as client:
        said = await client.hand(raw, "bøb@example.org", sender="jöhn@lansing.example", parameters=" SMTPUTF8")
        assert said.startswith("250")
    await site.until(lambda: site.sink.arrived)
    (mail,) = site.sink.arrived
    assert (mail.recipients, mail.raw) == (["bøb@example.org"], raw)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(mail.parameters.split())


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secured(tmp_path, authority):
    """Settings of a door with a certificate and one login."""
    (tmp_path / "state").mkdir()
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "cert.pem")
    users = tmp_path / "users"
    users.write_text(hashed("records", "s3cret") + "\n")
    users.chmod(0o600)
    return (
        f'cert_file = "{tmp_path}/cert.pem"\nkey_file = "{tmp_path}/cert.pem"\nusers_file = "{users}"\n'
        "tls_required = true\nauth_required = true\n"
    )


async def encrypted(client, authority):
    assert (await client.say("STARTTLS")).startswith("220")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    await client.writer.start_tls(trust, server_hostname="localhost")
    return await client.say("EHLO client")


async def test_mail_is_taken_when_the_client_encrypts_and_logs_in(tmp_path, sink, secured, authority):
    async with running(tmp_path, sink, smtp=secured) as site, talk(site.port) as client:
        assert (await client.say(f"MAIL FROM:<{OFFICER}>")).startswith("530")
        assert (await client.say("AUTH PLAIN AHJlY29yZHMAczNjcmV0")).startswith("530")
        said = await encrypted(client, authority)
        assert "AUTH LOGIN PLAIN" in said
        assert "STARTTLS" not in said
        assert (await client.say(f"MAIL FROM:<{OFFICER}>")).startswith("530")
        assert (await client.say("AUTH PLAIN AHJlY29yZHMAd3Jvbmc=")).startswith("535")
        assert (await client.say("AUTH PLAIN AHJlY29yZHMAczNjcmV0")).startswith("235")
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        await site.until(lambda: sink.arrived)


async def test_connection_ends_when_passwords_are_guessed(tmp_path, sink, secured, authority):
    async with running(tmp_path, sink, smtp=secured) as site, talk(site.port) as client:
        await encrypted(client, authority)
        for _ in range(3):
            assert (await client.say("AUTH PLAIN AHJlY29yZHMAd3Jvbmc=")).startswith("535")
        assert (await client.reply()).startswith("421")
        assert await client.is_over()


async def test_what_was_said_in_clear_is_forgotten_when_encryption_begins(tmp_path, sink, secured, authority):
    """Commands sent with STARTTLS in one piece would else be taken for encrypted ones."""
    async with running(tmp_path, sink, smtp=secured) as site, talk(site.port) as client:
        client.writer.write(b"STARTTLS\r\nMAIL FROM:<injected@lansing.example>\r\n")
        assert (await client.reply()).startswith("220")
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
        await client.writer.start_tls(trust, server_hostname="localhost")
        assert (await client.say("RCPT TO:<bob@example.org>")).startswith("503")


async def test_nothing_is_kept_when_the_client_goes_away_before_the_end(site):
    async with talk(site.port) as client:
        await client.say(f"MAIL FROM:<{OFFICER}>")
        await client.say("RCPT TO:<bob@example.org>")
        await client.say("DATA")
        client.writer.write(b"Subject: half\r\n\r\nhalf a")
        await client.writer.drain()
    async with talk(site.port) as client:
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
    await site.until(lambda: site.sink.arrived)
    await asyncio.sleep(0)
    assert [mail.raw for mail in site.sink.arrived] == [PLAIN]
