"""What the demo leaves on disk: settings, state, the exported log, and a copy of it with one byte changed."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from connectors.alerting import AlertRoute, Alerts, AlertStep
from connectors.channels import CommandReceiver
from connectors.smtp_gateway.config import Upstream
from integration.audit import verify
from integration.audit.entry import text_of
from integration.audit.proofs import root_at
from integration.bootstrap import Installation
from integration.demo.writing import SOURCE, ZONE
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.runners import output
from integration.services.intake import Tally
from integration.settings import (
    Database,
    DropFolder,
    Facility,
    Gate,
    Intake,
    Log,
    Logging,
    PackChoice,
    Settings,
    Site,
)
from integration.store.queries import Records

PACK: Final = "lansing-eo-2017-01"
TAMPERED: Final = 31
"""Leaf index of the entry that is changed in the copy."""

_PLACE: Final = "invented-city-jail"
_ORIGIN: Final = "demo.holdwatch.invalid/invented-city-jail"
_CHECKPOINT_EVERY: Final = 5.0
_GATE: Final = "gate@invented-city.example"
_DESK: Final = "shift-desk"
_ROUTE: Final = "everything"
_GATHER: Final = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one run is kept."""

    root: Path

    @property
    def settings(self) -> Path:
        """The settings that the service ran with."""
        return self.root / "holdwatch.toml"

    @property
    def state(self) -> Path:
        """Database, keys, anchor."""
        return self.root / "state"

    @property
    def drop(self) -> Path:
        """The drop folder; what has been read lies below it, names and all, as the feed sent it."""
        return self.root / "drop"

    @property
    def log(self) -> Path:
        """The exported log, with findings and decisions."""
        return self.root / "log"

    @property
    def altered(self) -> Path:
        """The copy of the log with one byte changed."""
        return self.root / "log-altered"

    @property
    def alerts(self) -> Path:
        """What the shift supervisor was told."""
        return self.root / "alerts.txt"

    @property
    def service_log(self) -> Path:
        """What the service told while it ran: JSON lines."""
        return self.root / "service.log"


def lay_out(out: Path | None) -> Folder:
    """Make the folder; a fresh temporary one, if none is given.

    Raises:
        UsageError: there is something in it already.
    """
    if out is None:
        return Folder(Path(tempfile.mkdtemp(prefix="holdwatch-demo-")))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(out.iterdir()):
        raise UsageError(f"{out} is not empty; the demo wants a folder of its own")
    return Folder(out.resolve())


def settings_of(folder: Folder) -> Settings:
    """Return the demo's settings, and write them to `Folder.settings`."""
    folder.settings.write_text(
        "# Written by holdwatch demo.\n"
        f'[site]\nname = "{_PLACE}"\nstate_dir = {json.dumps(str(folder.state))}\n\n'
        f'[log]\norigin = "{_ORIGIN}"\ncheckpoint_every_seconds = {_CHECKPOINT_EVERY}\n\n'
        f'[[facilities]]\nsource = "{SOURCE}"\nzone = "{ZONE}"\npacks = [{{ pack = "{PACK}" }}]\n\n'
        f"[[drop_folders]]\npath = {json.dumps(str(folder.drop))}\n\n"
        # Mail is judged and kept back; nothing is ever sent: no gateway runs.
        f'[gate]\nnotices_from = "{_GATE}"\n[gate.upstream]\nhost = "127.0.0.1"\n\n'
        f'[[alerts.receivers]]\nchannel = "command"\nname = "{_DESK}"\nargv = {json.dumps(_told(folder))}\n'
        f'[[alerts.routes]]\nname = "{_ROUTE}"\ngather_seconds = {_GATHER}\n'
        f'[[alerts.routes.steps]]\nreceivers = ["{_DESK}"]\n'
    )
    # Built past the environment: a HOLDWATCH_… variable of a real installation must not bring its database in here.
    return Settings.model_construct(
        site=Site(name=_PLACE, state_dir=folder.state),
        log=Log(origin=_ORIGIN, checkpoint_every_seconds=_CHECKPOINT_EVERY),
        facilities=[Facility(source=SOURCE, zone=ZONE, packs=[PackChoice(pack=PACK)])],
        database=Database(),
        drop_folders=[DropFolder(path=folder.drop)],
        intake=Intake(),
        logging=Logging(),
        gate=Gate(notices_from=_GATE, upstream=Upstream(host="127.0.0.1")),
        alerts=Alerts(
            receivers=[CommandReceiver(channel="command", name=_DESK, argv=_told(folder))],
            routes=[AlertRoute(name=_ROUTE, gather_seconds=_GATHER, steps=[AlertStep(receivers=[_DESK])])],
        ),
    )


def _told(folder: Folder) -> list[str]:
    """Return the command that stands in for a telephone: it writes what people are told to a file."""
    return ["tee", "-a", str(folder.alerts)]


def export(installation: Installation, folder: Folder, *, now: Instant) -> verify.Report:
    """Write what a replay writes, but for the refused inputs; then verify it.

    Refused inputs stay in the dead letters alone: they are kept whole, with the names that stand in them.
    """
    folder.log.mkdir(exist_ok=True)
    (folder.log / output.CHECKPOINT).write_bytes(installation.checkpointer.publish())
    (folder.log / output.VKEY).write_text(installation.key.vkey + "\n")
    # Console and alerts go on writing: everything is of one moment, not before the checkpoint's.
    with installation.records.snapshot() as records:
        with (folder.log / output.AUDIT).open("wb") as audit:
            audit.writelines(map(output.audit_line, records.entries()))
        output.write_jsonl(folder.log / output.FINDINGS, map(output.finding_line, records.findings()))
        output.write_jsonl(folder.log / output.DECISIONS, map(output.decision_line, records.decisions()))
        told = _summary(installation, records, now)
    (folder.log / output.SUMMARY).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return verify.verify_directory(folder.log, vkey=installation.key.vkey)


def _summary(installation: Installation, records: Records, now: Instant) -> dict[str, Any]:
    """Count from the log: everything follows from it. A story has no duplicates."""
    tally = Tally()
    for row in records.entries():
        if row.kind == "event.accepted":
            tally.add(Tally(read=1, accepted=1))
        elif row.kind == "input.refused" and row.body is not None:
            tally.add(Tally(read=1, refused=1, reasons={json.loads(row.body)["detail"]["reason"]: 1}))
    pack = installation.pack_for(SOURCE, now)
    size = records.log_size()
    about = {
        "entries": size,
        "root_hash": root_at(size, installation.store.tile).hex(),
        "pack": pack.id,
        "pack_revision": pack.revision,
        "until": text_of(now),
    }
    return output.summary(tally, records.findings(), records.decisions(), **about)


def tamper(folder: Folder, vkey: str) -> tuple[str, str, verify.Report]:
    """Copy the exported log, change one byte of entry `TAMPERED`, and verify the copy.

    Returns:
        The booking number in the entry, what it became, and the verifier's report.
    """
    shutil.copytree(folder.log, folder.altered)
    path = folder.altered / output.AUDIT
    lines = path.read_bytes().splitlines(keepends=True)
    before, line = lines[TAMPERED], bytearray(lines[TAMPERED])
    # The last digit of the booking number: what somebody would change who wants the record to speak of another person.
    last = before.index(b'"', before.index(b'"booking":"') + len(b'"booking":"')) - 1
    line[last] ^= 1
    lines[TAMPERED] = bytes(line)
    path.write_bytes(b"".join(lines))
    was, became = (json.loads(each)["entry"]["booking"] for each in (before, lines[TAMPERED]))
    return was, became, verify.verify_directory(folder.altered, vkey=vkey)
