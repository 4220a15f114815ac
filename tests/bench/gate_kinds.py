"""What a mail costs the gate by its kind, and where: processor time, so that a busy machine changes it little.

    .venv/bin/python -m tests.bench.gate_kinds [--quick]

One process, a database on the disk, no network: examining, filing (decided, encrypted, logged, committed, 16 at a
time), and recording that it was sent. A county's mail is nearly all of the first kinds.
"""

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from integration.bootstrap import open_installation
from integration.runners.gateway.parts import GateParts, gate_parts
from integration.services.letters import Channel, Letter, new_mail_id
from integration.services.sending import Outcome
from integration.settings import load_settings
from tests.bench.gate_relay import mail
from tests.bench.section import Options, Section, main, table
from tests.gate.mails import AGENT, plain
from tests.gate.status_letters import letters
from tests.gateway.ordinary import ordinary_mails
from tests.gateway.site import SOURCE, settings_file

TOGETHER = 16
COURT, NEVER_HELD = ("clerk@court.example",), ("notices@vinelink.com",)
Mails = list[tuple[bytes, tuple[str, ...]]]


def kinds(count: int) -> dict[str, Mails]:
    dice = random.Random(5)
    prose = [mail(dice, number) for number in range(count)]
    short = [raw[: raw.index(b"\r\n", 2_000) + 2] for raw in prose]
    return {
        "2 kB of prose to a court": [(raw, COURT) for raw in short],
        "20 kB of prose to a court": [(raw, COURT) for raw in prose],
        "20 kB to a recipient that is never held up": [(raw, NEVER_HELD) for raw in prose],
        "ordinary mails of the suite, 1 to 5 recipients": list(ordinary_mails(count)),
        "a letter of status to an immigration authority": [
            (plain(text), (AGENT,)) for text in islice(letters(), count)
        ],
        "20 kB to an immigration authority: blocked": [(raw, (AGENT,)) for raw in prose],
    }


@contextmanager
def opened() -> Iterator[GateParts]:
    with tempfile.TemporaryDirectory() as folder:
        installation = open_installation(load_settings(settings_file(Path(folder), 1)))
        parts = gate_parts(installation)
        try:
            yield parts
        finally:
            parts.close()
            installation.store.close()


def timed(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measured(parts: GateParts, mails: Mails) -> tuple[float, float, float]:
    """Milliseconds a mail: to examine (the median), to file, to send (without a network)."""
    filed = [
        Letter(new_mail_id(), Channel.SMTP, SOURCE, parts.now(), raw, "jane@lansing.example", to) for raw, to in mails
    ]
    room, sending = parts.mailroom, parts.sending
    examined: list = []
    taken = [timed(lambda letter=letter: examined.append(room.examine(letter))) for letter in filed]
    due, governed = [], []

    def file() -> None:
        for at in range(0, len(filed), TOGETHER):
            answers = [room.file(*each) for each in zip(filed[at : at + TOGETHER], examined[at:], strict=False)]
            for done in (answer.result() for answer in answers):
                due.append(done.due)
                governed.extend(each.message_id for each in done.deliveries if each.request.permit and not done.due)

    def send() -> None:
        waiting = [sending.finish(rows, Outcome.SENT, "250", source=SOURCE) for rows in due if rows]
        for message_id in governed:
            begun = sending.begin(message_id).result()
            assert begun is not None
            waiting.append(sending.finish([begun.row], Outcome.SENT, "250", source=SOURCE))
        for answer in waiting:
            answer.result()

    filing, finishing = timed(file), timed(send)
    return statistics.median(taken) * 1e3, filing / len(mails) * 1e3, finishing / len(mails) * 1e3


def measure(options: Options) -> Section:
    count = 32 if options.quick else 320
    rows, figures = [], {}
    with opened() as parts:
        for name, mails in kinds(count).items():
            measured(parts, mails[:TOGETHER])  # Caches and statements are warm in a service, too.
            examining, filing, sending = measured(parts, mails)
            rows.append((name, *(f"{each:.2f}" for each in (examining, filing, sending))))
            figures[f"gate_examining {name}"] = examining / 1e3
    head = ("milliseconds of processor a mail", "examined", "filed", "recorded as sent")
    return Section("What a mail costs the gate", table(head, rows), figures)


if __name__ == "__main__":
    main(measure, __doc__)
