"""Replay from inputs to a folder of outputs (section 7)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import text_of
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.bootstrap import scratch_desk
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.runners import output
from integration.runners.replay import OnProgress, replay
from integration.services.intake import Input
from integration.services.refused import Refused
from integration.store.queries import Records

ORIGIN = "holdwatch.invalid/replay"
"""Origin of a replay's log: no real log has this name."""


def replay_to(
    out: Path,
    inputs: Iterable[Input],
    pack: Pack,
    *,
    until: Instant | None = None,
    key: SigningKey | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Run inputs through the whole pipeline and write every output file; returns the summary.

    Args:
        out: a folder; made if missing, earlier outputs in it are replaced.
        inputs: in the order in which they arrived.
        pack: the policy.
        until: where simulated time ends, if later than the last event.
        key: signs the checkpoint; without one a key is made for this run and thrown away, and ``vkey`` tells it.
        on_progress: told how many inputs have been read.

    Raises:
        FatalError: the scratch store fails.
        OSError: an output cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    scratch = out / ".replay.sqlite"
    _remove(scratch)
    store, desk = scratch_desk(scratch, pack)
    try:
        with (out / output.REJECTED).open("wb") as rejected:

            def keep(refused: Refused) -> None:
                output.write_line(rejected, output.rejected_line(refused))

            tally = replay(inputs, desk, until=until, on_refused=keep, on_progress=on_progress)
        records = Records(store.engine)
        output.write_jsonl(out / output.FINDINGS, map(output.finding_line, records.findings()))
        output.write_jsonl(out / output.DECISIONS, map(output.decision_line, records.decisions()))
        with (out / output.AUDIT).open("wb") as audit:
            audit.writelines(map(output.audit_line, records.entries()))
        size = store.tree_size()
        root = root_at(size, store.tile)
        signing = key or SigningKey.generate(ORIGIN)
        (out / output.CHECKPOINT).write_bytes(sign_checkpoint(signing.name, size, root, signing))
        (out / output.VKEY).write_text(signing.vkey + "\n")
        about = {
            "entries": size,
            "root_hash": root.hex(),
            "pack": pack.id,
            "pack_revision": pack.revision,
            "until": None if until is None else text_of(until),
        }
        told = output.summary(tally, records.findings(), records.decisions(), **about)
        (out / output.SUMMARY).write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    finally:
        store.close()
        _remove(scratch)
    return told


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
