"""An auditor's own count: from an exported log to the numbers of the council's report (M-4).

Only Python's standard library, and nothing of the program that wrote the log. docs/auditor.md explains each step.

    python3 auditor.py EXPORT --vkey KEY --from 2026-01-01 --to 2026-07-01 --zone America/Detroit [--facility SOURCE]
                       [--report REPORT.json]

Exit status: 0 the log is whole (and the report says the same); 1 it is not, or the report says something else.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

# ---------------------------------------------------------------------------------------------------------------------
# 1. The signature: Ed25519 (RFC 8032), the checkpoint's text under the published key (C2SP signed note)
# ---------------------------------------------------------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)


class WrongError(Exception):
    """The log is not what it says it is."""


def decoded(data: bytes) -> tuple[int, int]:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise WrongError("a point of the curve is written wrongly")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign):
        raise WrongError("a point is not on the curve")
    return (P - x if x & 1 != sign else x), y


def added(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = one, two
    k = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P) % P


def times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    result = (0, 1)
    while number:
        if number & 1:
            result = added(result, point)
        point, number = added(point, point), number >> 1
    return result


def signed_by(key: bytes, message: bytes, signature: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return times(s, BASE) == added(decoded(signature[:32]), times(h, decoded(key)))


def head_of(note: bytes, vkey: str) -> tuple[str, int, bytes]:
    """Return origin, size and root of a checkpoint, once its signature is found good."""
    name, key_id, encoded = vkey.strip().split("+", 2)
    key = base64.b64decode(encoded)
    if key[0] != 1 or hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_id:
        raise WrongError("the key is no Ed25519 key, or its id is not its own")
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    for line in signatures.decode().splitlines():
        dash, signer, data = line.split(" ")
        raw = base64.b64decode(data)
        if dash == "\u2014" and signer == name and raw[:4].hex() == key_id and signed_by(key[1:], text, raw[4:]):
            origin, size, root = text.decode().splitlines()[:3]
            return origin, int(size), base64.b64decode(root)
    raise WrongError("no signature of that key is good")


# ---------------------------------------------------------------------------------------------------------------------
# 2. The tree: leaves out of the entry bundles, against level 0 of the tiles and the signed root (RFC 6962)
# ---------------------------------------------------------------------------------------------------------------------


def path_of(level: str, number: int, width: int) -> str:
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return f"tile/{level}/{'/'.join(reversed(groups))}" + ("" if width == 256 else f".p/{width}")


def leaves_of(folder: Path, size: int):
    """Yield the leaf data of every entry, and check each leaf's hash in the tiles on the way."""
    for first in range(0, size, 256):
        width = min(256, size - first)
        bundle = (folder / path_of("entries", first // 256, width)).read_bytes()
        hashes = (folder / path_of("0", first // 256, width)).read_bytes()
        at = 0
        for number in range(width):
            length = int.from_bytes(bundle[at : at + 2], "big")
            leaf = bundle[at + 2 : at + 2 + length]
            at += 2 + length
            if hashlib.sha256(b"\x00" + leaf).digest() != hashes[32 * number : 32 * number + 32]:
                raise WrongError(f"leaf {first + number} is not the one in the tile")
            yield leaf
        if at != len(bundle) or len(hashes) != 32 * width:
            raise WrongError(f"the bundle of leaf {first} holds more or less than it should")


class Tree:
    """The root of leaves that come one by one."""

    def __init__(self) -> None:
        self.peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, digest = 0, hashlib.sha256(b"\x00" + leaf).digest()
        while self.peaks and self.peaks[-1][0] == height:
            digest = hashlib.sha256(b"\x01" + self.peaks.pop()[1] + digest).digest()
            height += 1
        self.peaks.append((height, digest))

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256().digest()
        digest = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            digest = hashlib.sha256(b"\x01" + left + digest).digest()
        return digest


# ---------------------------------------------------------------------------------------------------------------------
# 3. The entries: each is what its leaf commits to; a missing one was sealed by an entry
# ---------------------------------------------------------------------------------------------------------------------


def entries_of(folder: Path, size: int, root: bytes):
    """Yield index and entry of the whole log (None for a sealed one)."""
    tree, sealed, gone = Tree(), set(), set()
    with (folder / "audit.jsonl").open("rb") as lines:
        for index, (leaf, line) in enumerate(zip(leaves_of(folder, size), lines, strict=False)):
            tree.add(leaf)
            row = json.loads(line)
            if row["index"] != index or row["leaf"].encode() != leaf:
                raise WrongError(f"line {index} is not about leaf {index}")
            if row["entry"] is None:
                gone.add(index)
                yield index, None
                continue
            # The entry's very bytes, not what a parser makes of them.
            body = line[line.index(b'"entry":') + 8 : line.rindex(b"}")]
            commit = hashlib.sha256(base64.b64decode(row["salt"]) + body).hexdigest()
            if json.loads(leaf)["commit"] != commit:
                raise WrongError(f"entry {index} is not the one that its leaf commits to")
            if row["entry"]["kind"] == "entry.sealed":
                sealed.add(row["entry"]["detail"]["leaf_index"])
            yield index, row["entry"]
    if tree.root() != root:
        raise WrongError("the leaves do not make the signed root")
    if gone - sealed:
        raise WrongError(f"entries {sorted(gone - sealed)} are gone, and no entry says that they were sealed")


# ---------------------------------------------------------------------------------------------------------------------
# 4. The count (docs/reports.md)
# ---------------------------------------------------------------------------------------------------------------------

KINDS = ["immigration_detainer", "administrative_warrant", "notification_request"]
HELD_ON = [*KINDS[:2], "several", "unknown"]
REASONS = [
    "final_order",
    "pending_proceedings",
    "biometric_match",
    "statements",
    "charge_or_conviction",
    "other_agency_warrant",
    "other",
    "several",
    "none_stated",
]


def one(values, nothing: str) -> str:
    different = set(values)
    return nothing if not different else different.pop() if len(different) == 1 else "several"


def circle_of(onward: dict) -> list:
    for start in sorted(onward):
        path = [start]
        while path[-1] in onward:
            if onward[path[-1]] in path:
                return path[path.index(onward[path[-1]]) :]
            path.append(onward[path[-1]])
    return []


class Log:
    """What the entries tell, as it stands at the end."""

    def __init__(self, entries, facility: str) -> None:
        self.events, self.findings, aside = [], {}, set()
        for _, entry in entries:
            if entry is None or facility not in ("", entry["source"]):
                continue
            if entry["kind"] == "event.accepted":
                self.events.append(entry)
            elif entry["kind"] == "event.set_aside":
                aside.add((entry["source"], entry["detail"]["event_id"]))
            elif entry["kind"].startswith("finding.") and entry["kind"] != "finding.acknowledged":
                self.findings[entry["detail"]["finding_id"]] = entry
        gone = aside | self.retracted()
        self.events = [e for e in self.events if (e["source"], e["detail"]["event_id"]) not in gone]
        self.onward = self.moves()
        void = {self.home(e) for e in self.of("jail.booking.voided.v1")}
        self.events = [e for e in self.events if self.home(e) not in void]
        self.findings = {key: e for key, e in self.findings.items() if e["outcome"] != "withdrawn"}

    def of(self, kind: str):
        return [e for e in self.events if e["detail"]["type"] == kind]

    def found(self, *rules: str):
        return [e for e in self.findings.values() if e["detail"]["rule"] in rules]

    def retracted(self) -> set[tuple[str, str]]:
        waiting = {
            (e["source"], e["detail"]["event_id"], e["detail"]["data"]["retracts"])
            for e in self.of("jail.event.retracted.v1")
        }
        gone: set[tuple[str, str]] = set()
        while True:
            targets = {(source, target) for source, _, target in waiting}
            sure = {each for each in waiting if each[:2] not in targets}
            if not sure:
                return gone
            hit = {(source, target) for source, _, target in sure}
            gone |= hit
            waiting = {each for each in waiting - sure if each[:2] not in hit}

    def moves(self) -> dict[tuple[str, str], str]:
        """Of several moves of a booking the latest counts; of moves in a circle the latest does not."""
        dropped: set[tuple[str, str, str]] = set()
        while True:
            latest: dict[tuple[str, str], tuple[str, str, str]] = {}
            for e in self.of("jail.booking.moved.v1"):
                told = (e["detail"]["time"], e["detail"]["event_id"], e["detail"]["data"]["into"])
                key = (e["source"], e["booking"])
                if (e["source"], *told[:2]) not in dropped:
                    latest[key] = max(latest.get(key, told), told)
            circle = circle_of({key: (key[0], told[2]) for key, told in latest.items()})
            if not circle:
                return {key: told[2] for key, told in latest.items()}
            worst = max((latest[key][:2], key[0]) for key in circle)
            dropped.add((worst[1], *worst[0]))

    def home(self, e) -> tuple[str, str]:
        source, booking = e["source"], e["booking"]
        for _ in range(1000):
            if (source, booking) not in self.onward:
                return source, booking
            booking = self.onward[source, booking]
        raise WrongError("bookings were moved in a circle, and no entry sets one of the moves aside")

    def papers(self):
        """Every immigration paper: (source, booking, hold) to when, kind, reason and the events that placed it."""
        shown = {
            (e["source"], e["booking"], e["detail"]["about"]): e["detail"]["names"]["paper"]
            for e in self.found("mislabelled_document")
        }
        placed = defaultdict(list)
        for e in self.of("jail.hold.placed.v1"):
            placed[(*self.home(e), e["detail"]["data"]["hold_id"])].append(e["detail"])
        papers = {}
        for key, details in placed.items():
            last = max(details, key=lambda d: (d["time"], d["event_id"]))
            kind = shown.get(key, last["data"]["kind"])
            if kind in KINDS:
                when = min(d["time"] for d in details)
                reason = one(last["data"].get("reason_codes", []), "none_stated")
                papers[key] = (when, kind, reason, {d["event_id"] for d in details})
        return papers


def last_of(log: Log):
    """Each booking's end of custody: the first to leave it, no earlier than its opening (or else its first hold)."""
    begun: dict[tuple[str, str], str] = {}
    for kind in ("jail.hold.placed.v1", "jail.booking.opened.v1"):
        times = defaultdict(list)
        for e in log.of(kind):
            times[log.home(e)].append(e["detail"]["time"])
        begun.update({home: min(found) for home, found in times.items()})
    leaving = [e for e in log.of("jail.custody.transferred.v1") if not e["detail"]["data"]["temporary"]]
    leaving += log.of("jail.release.completed.v1")
    left = {}
    for e in sorted(leaving, key=lambda e: (e["detail"]["time"], e["detail"]["event_id"])):
        if e["detail"]["time"] >= begun.get(log.home(e), ""):
            left.setdefault(log.home(e), e)
    return left


def counted(log: Log, start: str, end: str) -> dict:
    def inside(time: str) -> bool:
        return start <= time < end

    papers = log.papers()
    requests = Counter((kind, reason) for when, kind, reason, _ in papers.values() if inside(when))
    held = defaultdict(set)
    for e in log.found("overdue_detainer_hold", "booked_without_authority"):
        if inside(e["detail"]["since"]):
            held[e["source"], e["booking"]] |= set(e["detail"]["evidence"])
    detained: Counter = Counter()
    for (source, _), evidence in held.items():
        on = [p for key, p in papers.items() if key[0] == source and p[1] != KINDS[2] and p[3] & evidence]
        detained[one((p[1] for p in on), "unknown"), one((p[2] for p in on), "none_stated")] += 1
    bare = {(e["source"], e["detail"]["about"]) for e in log.found("transfer_without_warrant")}
    by_way: Counter = Counter()
    unknown = 0
    for e in last_of(log).values():
        told = e["detail"]["data"]
        if e["detail"]["type"] != "jail.custody.transferred.v1" or not inside(e["detail"]["time"]):
            continue
        without = (e["source"], e["detail"]["event_id"]) in bare
        if without or told.get("to_agency_class") == "immigration_authority":
            by_way["without_warrant" if without else "with_warrant"] += 1
        unknown += not without and "to_agency_class" not in told
    paid = [
        (e["detail"]["data"]["currency"], Decimal(e["detail"]["data"].get("amount") or 0))
        for e in log.of("jail.reimbursement.received.v1")
        if inside(e["detail"]["time"])
    ]
    sums = {currency: str(sum(a for c, a in paid if c == currency)) for currency in sorted({c for c, _ in paid})}
    return {
        "requests": [[requests[kind, reason] for reason in REASONS] for kind in KINDS],
        "detained": [[detained[kind, reason] for reason in REASONS] for kind in HELD_ON],
        "transferred": [[None if unknown else by_way["with_warrant"]], [by_way["without_warrant"]]],
        "reimbursements": {"payments": len(paid), "sums": sums},
    }


def differences(mine: dict, report: dict):
    """Yield what a report in JSON says otherwise."""
    tables = {table["name"]: table for section in report["sections"] for table in section["tables"]}
    for name in ("requests", "detained", "transferred"):
        wide = len(mine[name][0])
        told = [[None if c == "not recorded" else c for c in row[1 : 1 + wide]] for row in tables[name]["rows"][:-1]]
        if told != mine[name]:
            yield f"{name}: the report says {told}, the log {mine[name]}"
        if wide > 1 and any(row[-1] != sum(row[1:-1]) for row in tables[name]["rows"]):
            yield f"{name}: a total is not the sum of its row"
    rows = tables["reimbursements"]["rows"]
    sums = {row[2]: row[3] for row in rows if row[0] == "Total" and row[2]}
    payments = sum(row[0] != "Total" for row in rows)
    if {"payments": payments, "sums": sums} != mine["reimbursements"]:
        yield f"reimbursements: the report says {payments}, {sums}, the log {mine['reimbursements']}"


def midnight(day: str, zone: str) -> str:
    at = date.fromisoformat(day)
    local = datetime(at.year, at.month, at.day, tzinfo=ZoneInfo(zone))
    return local.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("export", type=Path)
    parser.add_argument("--vkey", required=True, help="the published key, or a file that holds it")
    parser.add_argument("--from", dest="first", required=True)
    parser.add_argument("--to", dest="end", required=True)
    parser.add_argument("--zone", required=True)
    parser.add_argument("--facility", default="")
    parser.add_argument("--report", type=Path)
    asked = parser.parse_args()
    vkey = Path(asked.vkey).read_text() if Path(asked.vkey).is_file() else asked.vkey
    try:
        origin, size, root = head_of((asked.export / "checkpoint").read_bytes(), vkey)
        log = Log(entries_of(asked.export, size, root), asked.facility)
        figures = counted(log, midnight(asked.first, asked.zone), midnight(asked.end, asked.zone))
        wrong = []
        if asked.report:
            report = json.loads(asked.report.read_bytes())
            if (report["asked"]["size"], report["asked"]["root"]) != (size, root.hex()):
                wrong.append("the report was counted from another log than this export")
            wrong += differences(figures, report)
    except (WrongError, OSError, ValueError, KeyError) as error:
        print(f"NOT VERIFIED: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"log": origin, "entries": size, "root": root.hex(), **figures}, indent=1))
    for each in wrong:
        print(f"DIFFERS: {each}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
