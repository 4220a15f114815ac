"""Small logs to test with: written by the writer, kept in memory with everything that belongs to them."""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from integration.audit import verify
from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import Entry, body, content_salt, jsonl_row, leaf
from integration.audit.merkle import TileReader, Tree, leaf_hash, stored_tiles
from integration.audit.note import SigningKey

ORIGIN = "audit.example/custody-2026"
# Always the same: names of tests hold what is made from it, and have to be the same in every process.
KEY = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KINDS = ("finding.raised", "message.blocked", "alert.sent", "log.read")


def entry(number: int, *, kind: str = "", detail: dict | None = None) -> Entry:
    random = Random(number)
    return Entry(
        kind=kind or random.choice(KINDS),
        at=1_795_304_673_123_456 + number * 1_500_000,
        source="/jms/lansing-pd",
        booking=f"B-{random.randrange(50)}",
        actor=random.choice(("service:intake", "officer:jdoe", "officer:ñandú")),
        outcome="done",
        place="intake@host1",
        pack="us-co",
        pack_revision="2026-03-01",
        detail=detail or {"n": number, "list": ["a", 'q"uote', "\x1f\\"], "flag": None, "name": "Łukasz \U0001f511"},
    )


@dataclass(slots=True)
class Log:
    bodies: list[bytes]
    salts: list[bytes]
    leaves: list[bytes]
    tree: Tree
    checkpoint: bytes
    key: SigningKey

    @property
    def hashes(self) -> list[bytes]:
        return [leaf_hash(data) for data in self.leaves]

    def lines(self, *, digests: bool = False) -> list[bytes]:
        rows = enumerate(zip(self.leaves, self.salts, self.bodies, strict=True))
        return [
            jsonl_row(i, data, salt, text, digest=leaf_hash(data) if digests else None)
            for i, (data, salt, text) in rows
        ]

    def head(self, size: int) -> bytes:
        """The signed checkpoint this log had at an earlier size."""
        return sign_checkpoint(self.key.name, size, root_of(self.hashes[:size]), self.key)

    def verify(self, lines: list[bytes], **options) -> verify.Report:
        return verify.verify_rows(lines, options.pop("checkpoint", self.checkpoint), self.key.vkey, **options)

    def write(self, directory: Path, lines: list[bytes] | None = None) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "audit.jsonl").write_bytes(b"".join(self.lines() if lines is None else lines))
        (directory / "checkpoint").write_bytes(self.checkpoint)
        (directory / "vkey").write_text(self.key.vkey + "\n")
        return directory


def make_log(entries: list[Entry], key: SigningKey = KEY) -> Log:
    bodies = [body(one) for one in entries]
    salts = [content_salt(i, text) for i, text in enumerate(bodies)]
    leaves = [leaf(salt, text) for salt, text in zip(salts, bodies, strict=True)]
    tree = Tree()
    for data in leaves:
        tree.append(leaf_hash(data))
    return Log(bodies, salts, leaves, tree, sign_checkpoint(key.name, tree.size, tree.root(), key), key)


def log_of(count: int) -> Log:
    return make_log([entry(number) for number in range(count)])


def root_of(hashes: list[bytes]) -> bytes:
    tree = Tree()
    for digest in hashes:
        tree.append(digest)
    return tree.root()


def reader_of(hashes: list[bytes]) -> TileReader:
    """A reader over everything a log ever stored, whatever size is asked for."""
    tree = Tree()
    for digest in hashes:
        tree.append(digest)
    full = {(tile.level, tile.number): tile.hashes for tile in tree.take_tiles()}
    return stored_tiles(
        lambda level, index: full.get((level, index)),
        lambda start, count: b"".join(hashes[start : start + count]),
    )


def found(report: verify.Report) -> set[verify.What]:
    return {problem.what for problem in report.problems}
