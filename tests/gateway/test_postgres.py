"""The same on PostgreSQL: mail in, mail out, quarantine; and a server that goes away."""

from importlib.util import find_spec

import pytest

from integration.domain.instants import HOUR
from integration.services.quarantine import Basis
from schemas.kinds import LegalBasis
from tests.gate.mails import plain
from tests.gateway.client import AGENT, talk
from tests.gateway.engine import BOOKING, event, take_in
from tests.gateway.site import running
from tests.store.postgres import Server, program

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"
LEAK = plain("Juan Perez will be released at 0730 hrs tmrw.") + b"\r\n"


@pytest.fixture(scope="module")
def server():
    if find_spec("psycopg") is None or program("initdb") is None:
        pytest.skip("no PostgreSQL here")
    started = Server()
    yield started
    started.remove()


async def test_message_leaves_once_when_it_is_approved_on_postgresql(server, tmp_path, sink):
    async with running(tmp_path, sink, url=server.new_database()) as site:
        take_in(site.installation, event(1, "booking.opened"))
        async with talk(site.port) as client:
            await client.hand(PLAIN, "bob@example.org", "eve@example.org")
            await client.hand(LEAK, AGENT, sender="jane@lansing.example")
        await site.settled()
        (row,) = site.parts.book.in_states(["blocked"])
        basis = Basis(LegalBasis.COURT_ORDER, "26-1", site.parts.now() + HOUR, BOOKING)
        _, request = site.parts.quarantine.approve(row.message_id, basis, actor="officer:chief")
        assert request.permit
        await site.until(lambda: [mail for mail in sink.arrived if mail.recipients == [AGENT]])
        await site.settled()
        assert site.states() == {"sent": 4}
        assert sum(mail.raw == LEAK for mail in sink.arrived) == 1


async def test_client_is_put_off_and_the_gateway_goes_on_when_postgresql_was_away(server, tmp_path, sink):
    async with running(tmp_path, sink, url=server.new_database()) as site, talk(site.port) as client:
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        await site.settled()
        server.stop()
        try:
            assert (await client.hand(PLAIN, "bob@example.org")).startswith("451 4.3.0")
        finally:
            server.start()
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        # Asked of the sink: a connection of this test's own may have been cut, too.
        await site.until(lambda: len(sink.arrived) == 2)
        assert [mail.raw for mail in sink.arrived] == [PLAIN, PLAIN]
