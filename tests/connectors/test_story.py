"""The same week through the feeds that write their own events: NIEM reports, New Orleans' envelopes and typing by hand.

Each is killed on the way and started again.
"""

import signal
import subprocess

import httpx
import pytest

from connectors.manual.form import Act, Form
from integration.bootstrap import connect_ports
from integration.clock import WallClock
from integration.runners.typing_in import enter
from integration.services.intake import Input
from schemas.kinds import HoldKind
from tests.conftest import COMMAND, environment
from tests.connectors import story
from tests.connectors.jms_webhook.test_webhook import SECRET, signed
from tests.connectors.running import Site

MAPPING = f'source = "{story.SOURCE}"\nzone = "America/Detroit"\n'


def findings(site):
    """What stands. Its id hangs on what a rule speaks of, which here are bookings alone."""
    asked = "SELECT finding_id, booking, rule, since, until, status FROM findings WHERE status != 'withdrawn'"
    return sorted(site.ask(asked))


@pytest.fixture(scope="module", params=[14, pytest.param(200, marks=pytest.mark.by_hand)])
def week(request):
    return story.stays(request.param)


@pytest.fixture(scope="module")
def expected(tmp_path_factory, week):
    site = Site(tmp_path_factory.mktemp("own"), "")
    with site.opened() as installation:
        ports = connect_ports(installation, WallClock())
        now = ports.clock.now()
        inputs = [Input(str(number), line) for number, line in enumerate(story.events(week))]
        ports.intake.take(inputs, lambda _event: now, pass_time=lambda _now: None)
    found = findings(site)
    rules = [row[2] for row in found]
    assert rules.count("overdue_detainer_hold") > 2
    assert rules.count("overdue_release") > 2
    assert site.count("dead_letters") == 0
    return found


class Engine(Site):
    """The engine itself, which reads XML from its drop folder."""

    def start(self):
        with self.told.open("ab") as told:
            command = [*COMMAND, "run", "--settings", str(self.settings)]
            self.process = subprocess.Popen(command, stderr=told, stdout=told, env=environment())


def test_findings_are_the_same_when_the_week_comes_as_niem_reports_and_the_engine_is_killed(tmp_path, week, expected):
    (tmp_path / "niem.toml").write_text(MAPPING)
    drop = tmp_path / "drop"
    site = Engine(tmp_path, f'[[drop_folders]]\npath = "{drop}"\nmapping = "{tmp_path}/niem.toml"\n')
    drop.mkdir()
    documents = story.reports(week)
    for number, (_, document) in enumerate(documents):
        (drop / f"{number:04}.xml").write_bytes(document)

    def read():
        return sum(each.is_file() for each in (drop / "processed").glob("*.xml"))

    try:
        for share in (0.2, 0.6):
            site.start()
            site.wait(lambda share=share: read() >= share * len(documents))
            site.kill()
        site.start()
        site.wait(lambda: read() == len(documents))
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(timeout=30) == 0
    finally:
        site.clean_up()
    assert site.count("dead_letters") == 0
    assert findings(site) == expected


def test_findings_are_the_same_when_the_week_comes_as_envelopes_and_papers_by_hand(tmp_path, week, expected, free_port):
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "secret").chmod(0o600)
    site = Site(
        tmp_path,
        f'[[sources]]\nname = "nola"\nkind = "webhook"\nform = "jtmp"\nmapping = "{tmp_path}/m.toml"\n'
        f'port = {free_port}\nsecret_files = ["{tmp_path}/secret"]\n',
    )
    site.make()
    sent = [body for _, body in story.envelopes(week)]

    def send(client, number):
        url = f"http://127.0.0.1:{free_port}/events"
        try:
            return client.post(url, content=sent[number], headers=signed(sent[number], f"m-{number}")).status_code
        except httpx.TransportError:
            return 0

    try:
        with httpx.Client(trust_env=False, timeout=20) as client:
            site.start()
            site.wait(lambda: send(client, 0) == 200)
            for number in range(1, len(sent) // 2):
                assert send(client, number) == 200
            site.kill()
            site.start()
            # The sender knows of no answer to the last ones, and sends them again.
            site.wait(lambda: send(client, len(sent) // 2 - 1) == 200)
            for number in range(len(sent) // 2 - 5, len(sent)):
                assert send(client, number) == 200
            assert site.stop() == 0
    finally:
        site.clean_up()
    with site.opened() as installation:
        for stay in week:
            for act, at in ((Act.RECEIVED, stay.detainer), (Act.WITHDRAWN, stay.lifted)):
                if at is None:
                    continue
                kind, shown = HoldKind.IMMIGRATION_DETAINER, story.clock(at)
                form = Form(act, story.SOURCE, stay.number, shown, hold_id="immigration-hold", kind=kind)
                first, second = (enter(installation, form, "officer:jdoe", clock=WallClock()) for _ in range(2))
                assert (first.known, second.known) == (False, True)
    assert site.count("dead_letters") == 0
    assert findings(site) == expected
