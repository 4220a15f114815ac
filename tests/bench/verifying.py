"""Entries a second that ``holdwatch audit verify`` checks, beside hashing alone, and beside Go's tlog."""

import os
import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from integration.audit.proofs import consistency_proof, inclusion_proof
from integration.audit.tiles import DirectoryTiles, export, tlog_proof
from integration.audit.verify import verify_directory, verify_tiles
from integration.audit.verify.tree import Stack
from tests.audit.logs import Log, make_log
from tests.bench.log_entries import entry
from tests.bench.section import ROOT, Options, Section, Spent, main, rate, table, tell, timed

EARLIER = 1234
INDEX = 777
COMMITMENT = b'{"alg":"sha256-salted","commit":"%b","v":1}'


def hashing(log: Log) -> None:
    """The least a verifier has to do: the commitment and the leaf of every entry, and the tree over them."""
    stack = Stack()
    for salt, body, leaf in zip(log.salts, log.bodies, log.leaves, strict=True):
        if leaf != COMMITMENT % sha256(salt + body).hexdigest().encode():
            raise RuntimeError("a leaf is not that of its entry")
        stack.push(sha256(b"\0" + leaf).digest())
    if stack.root() != log.tree.root():
        raise RuntimeError("the roots differ")


def rows_of(log: Log, folder: Path) -> None:
    if not verify_directory(folder, vkey=log.key.vkey).ok:
        raise RuntimeError("a good log was not verified")


def tiles_of(log: Log, folder: Path) -> None:
    if not verify_tiles(folder, log.key.vkey).ok:
        raise RuntimeError("a good export was not verified")


def written(log: Log, folder: Path) -> None:
    """Write what an export holds, and what Go's program reads besides."""
    log.write(folder)
    export(folder, log.leaves, log.checkpoint)
    read, size = DirectoryTiles(folder), log.tree.size
    (folder / "entry.tlog-proof").write_bytes(tlog_proof(INDEX, inclusion_proof(INDEX, size, read), log.checkpoint))
    (folder / "entry.leaf").write_bytes(log.leaves[INDEX])
    (folder / "earlier").write_bytes(log.head(EARLIER))
    lines = [b64encode(digest).decode() + "\n" for digest in consistency_proof(EARLIER, size, read)]
    (folder / "earlier.proof").write_text("".join(lines))


def built_in_go(folder: Path) -> Path | None:
    """Build the program of the interoperability test; None where there is no Go."""
    go = shutil.which("go")
    if go is None:
        return None
    source = folder / "source"
    shutil.copytree(ROOT / "tests" / "audit" / "go", source)
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    subprocess.run([go, "build", "-o", "interop", "."], cwd=source, env=environment, check=True, timeout=300)
    return source / "interop"


def by_go(program: Path, folder: Path) -> None:
    subprocess.run([program, folder], check=True, stdout=subprocess.DEVNULL, timeout=300)


def best(run: Callable[[], None], repeats: int) -> Spent:
    runs = []
    for _ in range(repeats):
        with timed() as spent:
            run()
        runs.append(spent)
    return min(runs, key=lambda each: each.wall)


def measure(options: Options) -> Section:
    size, repeats = (3_000, 1) if options.quick else (200_000, 3)
    log = make_log([entry(number) for number in range(size)])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "export"
        written(log, folder)
        program = built_in_go(Path(scratch))
        runs: dict[str, Callable[[], None]] = {
            "hashing alone: commitments, leaves, tree": lambda: hashing(log),
            "`verify_directory`: every row, canonical form, commitment, order, tree": lambda: rows_of(log, folder),
            "`verify_tiles`: bundles, tiles, tree": lambda: tiles_of(log, folder),
        }
        if program is not None:
            runs["Go's tlog over the same tiles, two proofs, start of the program"] = lambda: by_go(program, folder)
        taken = {}
        for name, run in runs.items():
            tell(name)
            taken[name] = best(run, repeats)
    least = next(iter(taken.values()))
    rows = [(name, rate(size / spent.wall), f"{least.wall / spent.wall:.2f}") for name, spent in taken.items()]
    words = (
        f"{size:,} entries of about {sum(map(len, log.bodies)) // size} bytes; best of {repeats}."
        " `holdwatch audit verify DIR` does the second for `audit.jsonl`, and the third for an export. Go reads the"
        " leaves and not the entries, so it checks no commitment and no form."
    )
    shown = table(("", "entries/s", "of hashing alone"), rows)
    absent = "" if program is not None else "\n\nGo is not installed here: its row is missing."
    figures = {
        "verify_rate": size / list(taken.values())[1].wall,
        "hash_rate": size / least.wall,
        "verify_tiles_rate": size / list(taken.values())[2].wall,
    }
    return Section("Verifying a log", f"{words}\n\n{shown}{absent}", figures)


if __name__ == "__main__":
    main(measure, __doc__)
