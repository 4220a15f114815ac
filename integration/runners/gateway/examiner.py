"""The process that examines mail for the gateway: ``python -m integration.runners.gateway.examiner DESCRIPTOR``.

It is handed messages over a socket that it inherits, answers each, and ends when the gateway does. It opens no file, no
database and no connection, and writes nothing.
"""

import signal
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from integration.domain.messages.people import Roster
from integration.domain.parameters import Parameters
from integration.services.examining import NO_ROSTER, Envelope, examine_mail


@dataclass(frozen=True, slots=True)
class Job:
    """One message to be examined."""

    raw: bytes
    envelope: Envelope
    parameters: Parameters | None
    """None: the same as for the message before."""
    roster: Roster | None
    """None: the same as for the message before."""


def serve(link: Connection) -> None:
    """Examine what comes, until nobody is there any more."""
    parameters: Parameters | None = None
    roster = NO_ROSTER
    while True:
        try:
            job: Job = link.recv()
        except EOFError:
            return
        parameters = job.parameters or parameters
        roster = job.roster if job.roster is not None else roster
        assert parameters is not None
        link.send(examine_mail(job.raw, job.envelope, parameters, roster=roster))


def main() -> None:
    """Serve the gateway whose end of the socket is open elsewhere. It says when to stop, by going away."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        serve(Connection(int(sys.argv[1])))
    except ConnectionError:
        return  # It went away while it was being answered.


if __name__ == "__main__":
    main()
