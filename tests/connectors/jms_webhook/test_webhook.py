"""The endpoint over real HTTP: signatures, replays, answers, kills."""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import orjson
import pytest
import trustme
from standardwebhooks import Webhook

from integration.errors import FatalError, TransientError, UsageError
from integration.settings import load_settings
from integration.store.sources import SqlSources
from tests.connectors.running import Site
from tests.servers import ending

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SOURCES = """
[[sources]]
name = "hook"
kind = "webhook"
port = {port}
secret_files = ["{root}/a.secret", "{root}/b.secret"]
max_bytes = 4096
max_events = 3
wait_seconds = 5
{more}
"""
CANARY = "Quillfeather"


def event(number, **more):
    content = {"specversion": "1.0", "id": f"e-{number}", "source": "/jms/example-county", "subject": f"B-{number}"}
    return content | {"type": "jail.booking.opened.v1", "time": "2026-03-02T08:00:00-05:00", "data": {}} | more


def site_of(tmp_path, free_port, more=""):
    for name, secret in (("a", OTHER), ("b", SECRET)):
        (tmp_path / f"{name}.secret").write_text(secret)
        (tmp_path / f"{name}.secret").chmod(0o600)
    made = Site(tmp_path, SOURCES.format(root=tmp_path, port=free_port, more=more))
    made.make()
    return made


@pytest.fixture
def port():
    import socket

    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


@pytest.fixture
def site(tmp_path, port):
    made = site_of(tmp_path, port)
    yield made
    made.clean_up()


def signed(body, message_id="m-1", *, at=None, secret=SECRET):
    at = at or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode(errors="replace")),
    }


def posting(site, port, act):
    """Run the connector in this process while something is sent to it."""
    url = f"http://127.0.0.1:{port}/events"

    async def talk():
        async with httpx.AsyncClient(trust_env=False) as client:

            async def post(body, headers=None, **options):
                raw = body if isinstance(body, bytes) else orjson.dumps(body)
                return await client.post(url, content=raw, headers=headers or signed(raw, **options))

            await act(post)

    async def both():
        talking = asyncio.create_task(talk())
        await site.running(talking.done)
        await talking

    asyncio.run(both())


def test_message_is_durable_when_it_is_answered_and_one_sent_again_changes_nothing(site, port):
    async def act(post):
        first = await post([event(1), event(2)], message_id="m-1")
        assert (first.status_code, first.json()) == (200, {"accepted": 2, "duplicates": 0})
        assert site.count() == 2
        again = await post([event(1), event(2)], message_id="m-1")
        assert (again.status_code, again.json()) == (200, {"accepted": 0, "duplicates": 2})
        other = await post(event(2), message_id="m-2")
        assert (other.status_code, other.json()) == (200, {"accepted": 0, "duplicates": 1})
        reused = await post(event(3), message_id="m-1")
        assert reused.status_code == 409
        assert site.count() == 2

    posting(site, port, act)


def test_what_is_wrong_in_a_list_is_kept_and_told_and_the_rest_is_taken_in(site, port):
    async def act(post):
        body = [event(1), event(2, time="2026-03-02T08:00:00"), event(3, data={CANARY: 1})]
        for sent in (0, 1):  # sent again: answered in the same way, and counted once
            answer = await post(body)
            assert (answer.status_code, answer.json()["accepted"]) == (200, 1 - sent)
            faults = answer.json()["faults"]
            assert [(each["place"], each["reason"]) for each in faults] == [
                ("/1", "no_offset"),
                ("/2", "unknown_field"),
            ]
        assert site.count() == 1
        assert site.ask("SELECT reason FROM dead_letters ORDER BY reason") == [("no_offset",), ("unknown_field",)]

    posting(site, port, act)


def test_message_is_kept_and_looked_at_again_when_nothing_of_it_can_be_used(site, port):
    async def act(post):
        for body in (b"{", event(2, time="2026-03-02T08:00:00")):
            for _ in range(2):
                assert (await post(body)).status_code == 400
        assert site.count("dead_letters") == 2
        assert site.count("source_deliveries") == 0

    posting(site, port, act)


def test_event_is_refused_when_its_sender_does_not_speak_for_its_facility(tmp_path, port):
    site = site_of(tmp_path, port)
    text = site.settings.read_text()
    other = '[[facilities]]\nsource = "/jms/other"\nzone = "UTC"\npacks = [{ pack = "lansing-eo-2017-01" }]\n[intake]'
    site.settings.write_text(text.replace("[intake]", other))
    with pytest.raises(UsageError, match="sources is missing"):
        site.run(lambda: True)
    site.settings.write_text(site.settings.read_text() + 'sources = ["/jms/example-county"]\n')

    async def act(post):
        answer = await post([event(1), event(2, source="/jms/other")])
        assert [each["reason"] for each in answer.json()["faults"]] == ["unknown_source"]
        assert site.ask("SELECT source FROM inbox") == [("/jms/example-county",)]

    posting(site, port, act)


async def _many(post):
    return await post([event(number) for number in range(4)])


HOSTILE = [
    (lambda post: post(b"{}", {"content-type": "application/json"}), 401, "no signature at all"),
    (lambda post: post(event(1), secret="whsec_" + "A" * 32), 401, "another secret"),
    (lambda post: post(event(1), at=datetime.now(UTC) - timedelta(seconds=301)), 401, "a replay after the window"),
    (lambda post: post(event(1), at=datetime.now(UTC) + timedelta(seconds=320)), 401, "a clock far ahead"),
    (lambda post: post(event(1), message_id="a.b"), 401, "a dot would move parts of the signed text"),
    (lambda post: post(b"x" * 4097), 413, "larger than allowed"),
    (lambda post: post(b"{}", signed(b"{}") | {"content-type": "text/plain"}), 415, "not JSON"),
    (lambda post: post(b"{}", signed(b"{}") | {"content-encoding": "gzip"}), 415, "compressed"),
    (lambda post: post(b"\xff\xfe"), 400, "not UTF-8"),
    (lambda post: post(b"{"), 400, "cut off"),
    (lambda post: post(b"3"), 400, "no event"),
    (_many, 400, "more events than allowed"),
    (lambda post: post(event(1), signed(b"{}") | {"webhook-timestamp": "soon"}), 401, "no time"),
    (lambda post: post(event(1), signed(b"{}") | {"webhook-signature": "v1,%% v1 ,, x"}), 401, "no signature"),
]


def test_message_is_refused_when_it_is_hostile_and_nothing_of_it_is_kept(site, port):
    async def act(post):
        for send, status, because in HOSTILE:
            answer = await send(post)
            assert answer.status_code == status, because
        assert site.count() == 0

    posting(site, port, act)


def test_sender_is_told_to_come_again_when_the_store_cannot(site, port, monkeypatch):
    async def act(post):
        from integration.services.intake import Intake

        def fail(*_arguments, **_options):
            raise TransientError("the disk is away")

        with monkeypatch.context() as patched:
            patched.setattr(Intake, "take", fail)
            answer = await post(event(1))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        again = await post(event(1))
        assert (again.status_code, again.json()["accepted"]) == (200, 1)

    posting(site, port, act)


def test_every_secret_is_good_while_one_is_changed(site, port):
    async def act(post):
        assert (await post(event(1), secret=OTHER)).status_code == 200
        assert (await post(event(2), secret=SECRET, message_id="m-2")).status_code == 200

    posting(site, port, act)


def test_message_is_encrypted_when_there_is_a_certificate(tmp_path, port):
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "k.pem")
    for number, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(tmp_path / "c.pem", append=number > 0)
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    more = f'cert_file = "{tmp_path}/c.pem"\nkey_file = "{tmp_path}/k.pem"\naddress = "127.0.0.1"'
    site = site_of(tmp_path, port, more)

    async def talk():
        async with httpx.AsyncClient(trust_env=False, verify=trust) as client:
            raw = orjson.dumps(event(1))
            answer = await client.post(f"https://127.0.0.1:{port}/events", content=raw, headers=signed(raw))
            assert answer.status_code == 200, answer.text

    async def both():
        talking = asyncio.create_task(talk())
        await site.running(talking.done)
        await talking

    asyncio.run(both())
    assert site.count() == 1


def test_endpoint_is_refused_when_others_could_read_along(tmp_path, port):
    site = site_of(tmp_path, port)
    site.settings.write_text(site.settings.read_text().replace(f"port = {port}", f'port = {port}\naddress = "0.0.0.0"'))
    with pytest.raises(UsageError, match="address is not this machine's own"):
        load_settings(site.settings)


def test_message_is_given_up_when_it_does_not_come_to_an_end(tmp_path, port):
    site = site_of(tmp_path, port)
    site.settings.write_text(site.settings.read_text().replace("wait_seconds = 5", "wait_seconds = 0.2"))

    async def talk():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /events HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        answer = await reader.readline()
        writer.close()
        assert b"408" in answer

    async def both():
        talking = asyncio.create_task(talk())
        await site.running(talking.done)
        await talking

    asyncio.run(both())


OPTIONAL = 'optional = ["charges[].at", "out", "to", "taken", "by", "back"]'


def test_records_are_mapped_and_their_faults_told(tmp_path, port):
    from tests.connectors.mapping.test_apply import NESTED, RECORD

    (tmp_path / "m.toml").write_text(
        NESTED.replace("/jms/a", "/jms/example-county").replace('rows = "people"', OPTIONAL)
    )
    site = site_of(tmp_path, port, f'form = "records"\nmapping = "{tmp_path}/m.toml"')

    async def act(post):
        good = await post(RECORD)
        assert (good.status_code, good.json()["accepted"]) == (200, 4)
        bad = await post([RECORD, {**RECORD, "charges": [{"seq": 1, "kind": CANARY}]}], message_id="m-2")
        assert (bad.status_code, bad.json()["faults"][0]["place"]) == (200, "record 2#held")
        assert CANARY not in bad.text

    posting(site, port, act)
    assert CANARY not in site.told.read_text() if site.told.exists() else True


def standing(site, kind):
    """Times of the events of a type that nobody took back."""
    entries = site.ask("SELECT body FROM entries WHERE kind = 'event.accepted' ORDER BY leaf_index")
    told = [orjson.loads(body)["detail"] for (body,) in entries]
    gone = {each for (each,) in site.ask("SELECT retracts FROM retractions")}
    return [each["time"] for each in told if each["type"] == f"jail.{kind}.v1" and each["event_id"] not in gone]


def test_corrected_record_takes_back_what_it_said(tmp_path, port):
    from tests.connectors.mapping.test_apply import NESTED, RECORD

    text = NESTED.replace("/jms/a", "/jms/example-county").replace('rows = "people"', OPTIONAL)
    (tmp_path / "m.toml").write_text(text.replace("[record]", '[record]\nkey = ["booking.number"]'))
    site = site_of(tmp_path, port, f'form = "records"\nmapping = "{tmp_path}/m.toml"')

    async def act(post):
        for number, due in enumerate(("2026-03-05", "2026-03-04", "", "2026-03-05")):
            assert (await post({**RECORD, "due": due}, message_id=f"m-{number}")).status_code == 200
            assert [each[:10] for each in standing(site, "release.due")] == due_after(due)

    def due_after(day):  # the end of that day
        return [f"{day[:-1]}{int(day[-1]) + 1}"] if day else []

    posting(site, port, act)


def test_release_is_what_the_last_message_of_new_orleans_says_of_it(tmp_path, port):
    from tests.connectors.jms_niem.test_jtmp import document, envelope, release

    (tmp_path / "m.toml").write_text('source = "/jms/example-county"\nzone = "America/Chicago"\n')
    site = site_of(tmp_path, port, f'form = "jtmp"\nmapping = "{tmp_path}/m.toml"')
    out = {hour: release(at=f"<nc:DateTime>2026-03-04T{hour}:00:00Z</nc:DateTime>") for hour in (16, 18)}
    unknown, gone = '<nc:DateTime xsi:nil="true"/>', ' structures:ref="delete"'
    steps = [
        (out[16], 5, ["2026-03-04T16:00"], "released"),
        (out[18], 6, ["2026-03-04T18:00"], "an hour later, it turns out"),
        (out[16], 4, ["2026-03-04T18:00"], "a message that was overtaken"),
        ("", 7, ["2026-03-04T18:00"], "of something else"),
        (out[16], 8, ["2026-03-04T16:00"], "and yet"),
        (release(done="false", at=""), 9, [], "not out at all"),
        (release(at=unknown), 10, ["2026-03-10T12:00"], "out, and nobody says when"),
        (release(at=unknown, mark=gone), 11, [], "which is deleted"),
    ]

    async def act(post):
        for number, (released, day, expected, because) in enumerate(steps):
            sent = f"2026-03-{day:02}T12:00:00+00:00"
            body = envelope(document(released=released).decode(), MessageSentTimestamp=sent)
            assert (await post(body, message_id=f"m-{number}")).status_code == 200
            assert [each[:16] for each in standing(site, "release.completed")] == expected, because

    posting(site, port, act)
    assert site.count("dead_letters") == 0


def test_jtmp_message_is_acknowledged_later_whatever_became_of_it(tmp_path, port):
    from tests.connectors.jms_niem.test_jtmp import document, envelope

    (tmp_path / "m.toml").write_text('source = "/jms/example-county"\nzone = "America/Chicago"\n')
    replies = []

    async def receive(reader, writer):
        # Until the connector hangs up, which it does when it stops: `ending` waits for that.
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
                replies.append(await reader.readexactly(int(fields[0][15:])))
                # The first time it is not taken: it has to come again.
                status = b"503 Away" if len(replies) == 1 else b"202 Accepted"
                writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async def run():
        listening = await asyncio.start_server(receive, "127.0.0.1", 0)
        async with ending(listening) as back:
            return await told(back)

    async def told(back):
        more = f'form = "jtmp"\nmapping = "{tmp_path}/m.toml"\nreply_url = "http://127.0.0.1:{back}/"\n'
        more += "reply_every_seconds = 0.05"
        site = site_of(tmp_path, port, more.replace("max_bytes = 4096", "") + "\n")
        site.settings.write_text(site.settings.read_text().replace("max_bytes = 4096", "max_bytes = 65536"))
        url = f"http://127.0.0.1:{port}/events"

        async def talk():
            async with httpx.AsyncClient(trust_env=False) as client:
                for number, data in enumerate([document().decode(), "<nothing/>"]):
                    raw = envelope(data, TransactionId=f"t-{number}")
                    answer = await client.post(url, content=raw, headers=signed(raw, f"m-{number}"))
                    assert answer.status_code == 200, answer.text

        talking = asyncio.create_task(talk())
        await site.running(lambda: talking.done() and len(replies) >= 3 and site.count("source_replies") == 0)
        await talking
        return site

    site = asyncio.run(run())
    assert replies[0] == replies[1]
    assert b"Approved" in replies[1]
    assert b"t-0" in replies[1]
    assert b"Content Error" in replies[2]
    assert site.count("dead_letters") == 1


def test_connector_ends_when_the_store_of_acknowledgements_fails(tmp_path, port, monkeypatch):
    def fails(*_):
        raise FatalError("disk on fire")

    more = f'form = "jtmp"\nmapping = "{tmp_path}/m.toml"\nreply_url = "http://127.0.0.1:{port}/"\n'
    (tmp_path / "m.toml").write_text('source = "/jms/example-county"\nzone = "America/Chicago"\n')
    site = site_of(tmp_path, port, more)
    monkeypatch.setattr(SqlSources, "replies", fails)
    with pytest.raises(FatalError, match="disk on fire"):
        site.run(lambda: False)


def test_nothing_that_was_answered_is_lost_when_the_process_is_killed(site, port):
    url = f"http://127.0.0.1:{port}/events"
    answered = []

    def send(client, number):
        raw = orjson.dumps(event(number))
        try:
            answer = client.post(url, content=raw, headers=signed(raw, f"m-{number}"))
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            answered.append(number)
        return answer.status_code == 200

    with httpx.Client(trust_env=False, timeout=20) as client:
        site.start()
        site.wait(lambda: send(client, 0))
        for number in range(1, 8):
            send(client, number)
        site.kill()
        kept = {subject for (subject,) in site.ask("SELECT subject FROM inbox")}
        assert {f"B-{number}" for number in answered} <= kept
        site.start()
        site.wait(lambda: send(client, 100))
        assert all(send(client, number) for number in range(8))
        assert site.stop() == 0
    assert site.count() == 9
