"""The watchdog's notices in words: what is wrong, since when, and what to do first. Never a name, never a booking."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from integration.domain.instants import SECOND, Instant
from integration.services.vitals import Trouble
from integration.services.watchbook import Alert, Due, Stage

WORDS: Final[Mapping[Trouble, tuple[str, str]]] = {
    Trouble.ENGINE_ABSENT: (
        "no heartbeat of the engine can be read",
        "Start it (`holdwatch run`), and see that both processes use the same settings file.",
    ),
    Trouble.ENGINE_GONE: (
        "the engine's process is gone: nobody is being watched",
        "Start it (`holdwatch run`); nothing accepted is lost. Look whether the system killed it (memory).",
    ),
    Trouble.ENGINE_SILENT: (
        "the engine is silent: nobody is being watched",
        "Look at its log. In a commit: look at the disk first. Process gone: start it again, nothing accepted is lost.",
    ),
    Trouble.ENGINE_STOPPED: (
        "the engine was stopped and not started again: nobody is being watched",
        "Start it (`holdwatch run`).",
    ),
    Trouble.ENGINE_FAILED: (
        "the engine stopped by itself (exit status 3): nobody is being watched",
        (
            "Its last line says why. Mend that and start it again; nothing accepted is lost. "
            "rolled_back or log_conflict: do not start it, call whoever keeps the audit log."
        ),
    ),
    Trouble.LOG_UNWRITABLE: (
        "the audit log cannot be written: nothing is taken in",
        "Look at the database: is it locked, stopped or out of connections? The engine goes on by itself once it can.",
    ),
    Trouble.CHECKPOINT_BEHIND: (
        "the log grows and is not signed",
        "Look at the engine's log for what keeps the anchor. Until then nobody outside can hold us to the new entries.",
    ),
    Trouble.SOURCE_SILENT: (
        "a source has been silent past its limit",
        "Ask who keeps the jail management system whether its export runs. Look into the drop folder and its refused/.",
    ),
    Trouble.DISK_MISSING: ("the state folder is not there", "Is the disk mounted?"),
    Trouble.DISK_HANGING: (
        "the disk under the state folder does not answer",
        "Look at the disk, its controller or the storage network.",
    ),
    Trouble.DISK_FAILING: ("the disk under the state folder reports errors", "Replace it; restore as the manual says."),
    Trouble.DISK_READ_ONLY: (
        "the state folder cannot be written",
        "Look at the system's log: a file system turns read-only after errors. Look at the folder's owner and mode.",
    ),
    Trouble.DISK_FULL: (
        "the disk under the state folder is full",
        "Make room. Never delete anything in the state folder.",
    ),
    Trouble.DISK_NEARLY_FULL: (
        "the disk under the state folder is nearly full",
        "Make room or enlarge it before it is full: then nothing can be taken in.",
    ),
    Trouble.CLOCK_BEHIND: (
        "the system's clock stepped back: deadlines wait until it has caught up",
        "Look at the time service (chrony, ntpd, the virtual machine's host).",
    ),
    Trouble.ALERTING_FAILED: (
        "alerting stopped by itself: nobody is told of findings",
        "Its last line says why. Mend that and start it again (`holdwatch run` or `holdwatch alerts run`).",
    ),
    Trouble.ALERTING_GONE: (
        "alerting's process is gone: nobody is told of findings",
        "Start it (`holdwatch run` or `holdwatch alerts run`); nothing is lost. Until then look yourself.",
    ),
    Trouble.ALERTING_SILENT: (
        "alerting is silent: nobody is told of findings",
        "Look at its log and at the database; then restart it. Until then: `holdwatch findings --status open`.",
    ),
    Trouble.GATE_FAILED: (
        "the gate stopped by itself: no message leaves",
        "Its last line says why. Mend that and start it again (`holdwatch gate run`); what was taken is kept.",
    ),
    Trouble.GATE_GONE: (
        "the gate's process is gone: no message leaves",
        "Start it (`holdwatch gate run`); what was taken is kept. See holdwatch gate quarantine for what is in doubt.",
    ),
    Trouble.GATE_SILENT: (
        "the gate is silent: no message leaves",
        "Look at its log and at the database; then restart it.",
    ),
    Trouble.CHECK_FAILING: ("a worker or service is not well", "Look at that process and its log."),
    Trouble.CHANNEL_FAILING: (
        "an alert channel takes nothing",
        "Look at its settings and its receiver; `holdwatch watch --test` sends a test through every channel.",
    ),
}
"""For each trouble what it is, and what to do first."""

_STAGES: Final = {
    Stage.NEW: "ALERT",
    Stage.CHANGED: "CHANGED",
    Stage.REPEATED: "STILL",
    Stage.OVER: "OVER",
}
_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_GIB: Final = 1 << 30


def title_of(site: str, told: Due) -> str:
    """Return one line: the gravest of what is told, and how much more there is."""
    first = min(told, key=lambda each: (each[1] is Stage.OVER, list(Trouble).index(each[0].trouble)))
    alert, stage = first
    more = f" (+{len(told) - 1})" if len(told) > 1 else ""
    return f"[holdwatch {site}] {_STAGES[stage]}: {_what(alert)}{more}"


def text_of(site: str, told: Due, zone: ZoneInfo, now: Instant) -> str:
    """Return the body, for a person to read."""
    parts = []
    for alert, stage in told:
        what, todo = WORDS[alert.trouble]
        about = f" ({alert.about})" if alert.about else ""
        lines = [f"{_STAGES[stage]}: {what}{about}"]
        if alert.since is not None:
            until = alert.over_at if alert.over_at is not None else now
            lines.append(f"  since {_time(alert.since, zone)}, {_stretch(until - alert.since)}")
        if alert.over_at is not None:
            lines.append(f"  over at {_time(alert.over_at, zone)}")
        else:
            lines += [f"  {_DETAILS[name](value, zone)}" for name, value in alert.detail.items() if name in _DETAILS]
            lines.append(f"  What to do: {todo}")
        lines.append(f"  alert {alert.id}")
        parts.append("\n".join(lines))
    return "\n\n".join([*parts, f"Told by holdwatch watch at {site}, {_time(now, zone)}."]) + "\n"


def data_of(site: str, told: Due, *, exercise: bool = False) -> dict[str, Any]:
    """Return the same for programs."""
    return {
        "site": site,
        "exercise": exercise,
        "alerts": [
            {
                "id": alert.id,
                "stage": stage.value,
                "trouble": alert.trouble.value,
                "about": alert.about,
                "since": None if alert.since is None else _utc(alert.since),
                "opened_at": _utc(alert.opened_at),
                "over_at": None if alert.over_at is None else _utc(alert.over_at),
                "says": WORDS[alert.trouble][0],
                "detail": {
                    name: _utc(int(value)) if name == "stage_since" else value for name, value in alert.detail.items()
                },
            }
            for alert, stage in told
        ],
    }


def _what(alert: Alert) -> str:
    return WORDS[alert.trouble][0] + (f" ({alert.about})" if alert.about else "")


def _utc(at: Instant) -> str:
    return datetime.fromtimestamp(at / SECOND, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _time(at: Instant, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at / SECOND, zone).isoformat(" ", timespec="seconds")


def _stretch(micros: int) -> str:
    seconds = max(0, micros // SECOND)
    for at, (size, unit) in enumerate(_UNITS):
        if seconds >= size and at + 1 < len(_UNITS):
            smaller, below = _UNITS[at + 1]
            return f"{seconds // size} {unit} {seconds % size // smaller} {below}"
    return f"{seconds} s"


_STATES: Final = {
    "gone": "its process is gone",
    "R": "its process runs",
    "S": "its process sleeps",
    "D": "its process waits for the disk",
    "T": "its process is held (SIGSTOP)",
    "t": "its process is held by a debugger",
    "Z": "its process has ended",
}
_DETAILS: Final[Mapping[str, Callable[[Any, ZoneInfo], str]]] = {
    "stage": lambda value, _zone: f"doing: {str(value).replace('_', ' ')}",
    "stage_since": lambda value, zone: f"doing that since {_time(value, zone)}",
    "process": lambda value, _zone: _STATES.get(value, f"its process is in state {value}"),
    "reason": lambda value, _zone: f"reason: {value}",
    "log_size": lambda value, _zone: f"entries in the log: {value}",
    "anchored": lambda value, _zone: (
        "no checkpoint can be read" if value < 0 else f"entries under a checkpoint: {value}"
    ),
    "limit_minutes": lambda value, _zone: f"its limit: {value:g} min",
    "free_bytes": lambda value, _zone: f"free: {value / _GIB:.2f} GiB ({value} bytes)",
    "used_percent": lambda value, _zone: f"used: {value:g} %",
    "days_left": lambda value, _zone: f"full in about {value:g} days if it goes on like this",
    "seconds_behind": lambda value, _zone: f"behind by: {value:g} s",
    "says": lambda value, _zone: f"it says: {value}",
}
