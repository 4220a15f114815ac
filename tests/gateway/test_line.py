"""One connection to the mail server behind the gate."""

import asyncio
import ssl

import trustme

from connectors.smtp_gateway.config import Upstream
from connectors.smtp_gateway.upstream import Line, Parcel
from integration.services.sending import Outcome
from tests.gateway.client import OFFICER
from tests.gateway.sink import Sink
from tests.servers import ending


async def test_connection_is_closed_when_the_server_refuses_the_greeting_over_tls(tmp_path):
    authority, trust = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("localhost").configure_cert(trust)
    sink = Sink(answers={"EHLO": b"502 no"})
    server = await asyncio.start_server(sink._serve, "127.0.0.1", 0, ssl=trust)
    async with ending(server) as port:  # fails while somebody holds a connection
        line = Line(Upstream(host="localhost", port=port, tls="implicit", ca_file=tmp_path / "ca.pem"), "gate.test")
        [result] = await line.send(Parcel(b"Subject: x\r\n\r\ny\r\n", OFFICER, ("bob@example.org",), utf8=False))
        assert (result.outcome, result.why) == (Outcome.PUT_OFF, "502")
        assert sink.connections == 1
