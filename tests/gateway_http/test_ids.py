"""One id, one message of one facility. Nothing is lost in silence, leaves twice, or waits behind another."""

import asyncio
from contextlib import asynccontextmanager

import orjson
import pytest

from connectors.kafka.config import Kafka
from connectors.kafka.outbound import Record, Released
from integration.bootstrap import open_installation
from integration.domain.instants import DAY, HOUR
from integration.errors import FatalError, StaleReadError
from integration.runners.gateway.kafka_side import KafkaSide
from integration.runners.gateway.parts import gate_parts
from integration.services.quarantine import Basis
from integration.services.sending import Outcome
from schemas.kinds import LegalBasis
from tests.gateway_http.site import SOURCE, Upstream, booked, settings, site, until
from tests.gateway_http.test_forward import ICE, RELEASE, http, upstream_table
from tests.gateway_http.test_requests import message
from tests.ports import free_port

OTHER = "/jms/other-county"
TOLD = {"citizenship_or_immigration_status": "LPR"}


def record(message_id, text="US citizen", recipients=({"agency": "ICE"},), source=SOURCE) -> Record:
    said = {"message_id": message_id, "channel": "kafka", "sender": {"user": "alice"}, "recipients": list(recipients)}
    event = {"specversion": "1.0", "id": f"e-{message_id}", "source": source, "subject": "B-1",
             "type": "jail.message.requested.v1", "time": "2026-03-02T11:00:00Z",
             "data": {**said, "content": TOLD, "text": text}}  # fmt: skip
    return Record("t/0/1", orjson.dumps(event))


class Writer:
    """Stands where the broker would: it says that it has whatever it is given."""

    def __init__(self) -> None:
        self.written: list[str] = []

    async def ready(self) -> bool:
        return True

    async def write(self, _key: bytes, _value: bytes, message_id: str) -> Released:
        self.written.append(message_id)
        return Released.WRITTEN

    async def close(self) -> None:
        pass


class Reader:
    """Stands where the broker would: it has nothing, or fails in a way that nobody foresaw."""

    failure: Exception | None = None

    async def start(self) -> None:
        pass

    async def take(self, _most: int, _wait: int) -> list[Record]:
        await asyncio.sleep(0.01)
        if self.failure is not None:
            raise self.failure
        return []

    async def done(self) -> None:
        pass

    async def close(self) -> None:
        pass


@asynccontextmanager
async def kafka_site(folder):
    given = settings(folder)
    facility = {"source": OTHER, "zone": "America/Detroit", "packs": [{"pack": "lansing-eo-2017-01"}]}
    facilities = [*(each.model_dump() for each in given.facilities), facility]
    given = type(given).model_validate({**given.model_dump(), "facilities": facilities,
                                        "gate": {**given.gate.model_dump(), "source": SOURCE}})  # fmt: skip
    given.site.state_dir.mkdir(parents=True, exist_ok=True)
    installation = open_installation(given)
    parts = gate_parts(installation)
    side = KafkaSide(parts, Kafka(servers=["127.0.0.1:1"], group="gate"))
    await side._pending.close()
    side._pending, side._outgoing = Reader(), Writer()
    try:
        yield side, parts, lambda: [(row.kind, row.source) for row in installation.records.entries()]
    finally:
        parts.close()
        installation.store.close()


async def test_every_message_is_filed_or_told_of_when_ids_meet(tmp_path):
    async with kafka_site(tmp_path) as (side, parts, entries):
        two = ({"agency": "Circuit Court"}, {"agency": "County Clerk"})
        await side._file(record("M", recipients=two))
        before = len(entries())
        await side._file(record("M", recipients=two))
        assert len(entries()) == before, "the same again"
        for each, source in (
            (record("M-1"), SOURCE),
            (record("M", "another text", recipients=two), SOURCE),
        ):
            await side._file(each)
            assert entries()[-1] == ("message.turned_away", source)
        await side._file(record("M", recipients=two, source=OTHER))
        assert entries()[-1] == ("message.decided", OTHER)
        assert parts.book.counts() == {"to_send": 4}
        async with side.serving():
            await until(lambda: parts.book.counts() == {"sent": 4})
        assert sorted(side._outgoing.written) == ["M-1", "M-1", "M-2", "M-2"], "each by the id that its sender knows"


async def test_message_is_not_released_again_when_its_rows_are_gone(tmp_path):
    async with kafka_site(tmp_path) as (side, parts, entries):
        await side._file(record("M"))
        async with side.serving():
            await until(lambda: parts.book.counts() == {"sent": 1})
        later = parts.now() + 40 * DAY
        object.__setattr__(parts.desk, "now", lambda: later)
        assert parts.quarantine.forget() == 1
        assert parts.book.counts() == {}
        before = len(entries())
        await side._file(record("M"))
        assert (len(entries()), parts.book.counts()) == (before, {})
        await side._file(record("M", "another text"))
        assert entries()[-1][0] == "message.turned_away"


async def test_gateway_stops_when_a_task_of_its_kafka_side_fails_unforeseen(tmp_path):
    async with kafka_site(tmp_path) as (side, _, _):
        side._pending.failure = RuntimeError("unforeseen")

        async def served():
            async with asyncio.timeout(60), side.serving():
                await asyncio.Event().wait()

        with pytest.raises(RuntimeError, match="unforeseen"):
            await served()


async def test_gateway_stops_when_a_task_of_its_http_side_fails_unforeseen(tmp_path):
    async def fail(_limit=0):
        raise RuntimeError("unforeseen")

    async def served():
        async with asyncio.timeout(60), site(settings(tmp_path)) as gate:
            gate.listener._forwarding.send_approved = fail
            await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="unforeseen"):
        await served()


async def test_others_leave_when_one_message_cannot_be_opened(tmp_path):
    async with kafka_site(tmp_path) as (side, parts, _):
        for each in ("M-a", "M-b"):
            await side._file(record(each))
        begin = parts.sending.begin

        def spoiled(message_id):
            if message_id == "M-a":
                raise FatalError("it cannot be decrypted")
            return begin(message_id)

        parts.sending.begin = spoiled
        async with side.serving():
            await until(lambda: parts.book.counts() == {"to_send": 1, "sent": 1})
        assert side._outgoing.written == ["M-b"]


async def test_kafka_side_goes_on_when_a_message_was_changed_by_somebody_meanwhile(tmp_path):
    async with kafka_site(tmp_path) as (side, parts, _):
        await side._file(record("M-a"))
        begun = await asyncio.wrap_future(parts.sending.begin("M-a"))
        await asyncio.wrap_future(parts.sending.finish([begun.row], Outcome.UNKNOWN, "lost"))
        with pytest.raises(StaleReadError):
            await asyncio.wrap_future(parts.sending.finish([begun.row], Outcome.SENT, "x"))
        async with asyncio.timeout(10):
            await side._write(begun)
        assert parts.book.counts() == {"unknown": 1}


async def test_approved_request_leaves_when_twenty_others_wait_to_be_fetched(tmp_path):
    async with Upstream().serving() as ice, site(settings(tmp_path, http(upstream_table(ice, agency=ICE)))) as gate:
        booking = booked(gate.installation)
        for number in range(21):
            asked = {**message({"release_time": "07:30"}), "message_id": f"a-{number:02}"}
            assert (await gate.ask("POST", "/messages", asked)).status == 403
            given = Basis(LegalBasis.COURT_ORDER, "26-1", gate.parts.now() + HOUR, booking)
            await asyncio.to_thread(gate.parts.quarantine.approve, f"a-{number:02}", given, actor="bob")
        headers = {"Holdwatch-Message-Id": "m-1", "Holdwatch-User": "alice"}
        assert (await gate.ask("POST", "/forward/there/status", RELEASE, headers)).status == 403
        given = Basis(LegalBasis.COURT_ORDER, "26-1", gate.parts.now() + HOUR, booking)
        await asyncio.to_thread(gate.parts.quarantine.approve, "m-1", given, actor="bob")
        await until(lambda: len(ice.requests) == 1)


async def test_approved_request_leaves_later_when_its_upstream_is_away_for_a_moment(tmp_path):
    there = Upstream(port=free_port())
    async with site(settings(tmp_path, http(upstream_table(there, agency=ICE)), retry_first_seconds=0.05)) as gate:
        headers = {"Holdwatch-Message-Id": "m-1", "Holdwatch-User": "alice"}
        assert (await gate.ask("POST", "/forward/there/status", RELEASE, headers)).status == 403
        # It waited for longer than an ordinary message is tried.
        later = gate.parts.now() + 3 * DAY
        object.__setattr__(gate.parts.desk, "now", lambda: later)
        booking = booked(gate.installation)
        given = Basis(LegalBasis.COURT_ORDER, "26-1", later + HOUR, booking)
        await asyncio.to_thread(gate.parts.quarantine.approve, "m-1", given, actor="bob")
        await until(lambda: ("message.put_off", "put_off") in gate.kinds())
        assert gate.parts.book.delivery("m-1").state in {"to_send", "sending"}
