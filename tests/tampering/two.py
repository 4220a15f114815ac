"""Two verifiers, in two languages and by different people, on the same tampered exports: do they agree?

The other one (tests/audit/go) reads checkpoint, tiles, bundles, one inclusion and one consistency proof. It does not
read ``audit.jsonl``, nor what a ``.tlog-proof`` says besides index and hashes, and it does not mind bytes behind the
last entry of a bundle.
"""

import os
import random
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from integration.audit.proofs import consistency_proof, inclusion_proof
from integration.audit.tiles import DirectoryTiles, export, tlog_proof
from integration.audit.verify import Head, read_checkpoint, verify_consistency, verify_proof, verify_tiles
from integration.audit.verify.note import exact_base64
from tests.audit.logs import KEY, log_of

SOURCES = Path(__file__).parents[1] / "audit" / "go"
SIZE, EARLIER, INDEX = 600, 234, 301
WAYS = ("flip", "flip", "flip", "cut", "grow", "gone", "exchange", "empty", "append")


class Verdicts(NamedTuple):
    file: str
    way: str
    ours: bool
    theirs: bool


def built(work: Path) -> Path | None:
    """Build the Go program from a copy; None where there is no Go."""
    if (go := shutil.which("go")) is None:
        return None
    source = work / "source"
    shutil.copytree(SOURCES, source, dirs_exist_ok=True)
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    command = [go, "build", "-o", "interop", "."]
    subprocess.run(command, cwd=source, env=environment, capture_output=True, timeout=240, check=True)
    return source / "interop"


def exported(folder: Path) -> Path:
    """A log with everything that both can check."""
    log = log_of(SIZE)
    export(folder, log.leaves, log.checkpoint)
    read = DirectoryTiles(folder)
    (folder / "vkey").write_text(KEY.vkey + "\n")
    (folder / "entry.tlog-proof").write_bytes(tlog_proof(INDEX, inclusion_proof(INDEX, SIZE, read), log.checkpoint))
    (folder / "entry.leaf").write_bytes(log.leaves[INDEX])
    (folder / "earlier").write_bytes(log.head(EARLIER))
    lines = [b64encode(digest).decode() + "\n" for digest in consistency_proof(EARLIER, SIZE, read)]
    (folder / "earlier.proof").write_text("".join(lines))
    return folder


def ours(folder: Path) -> bool:
    """Whether our verifier accepts the tiles, the inclusion proof and the consistency proof."""
    if not verify_tiles(folder, KEY.vkey).ok:
        return False
    leaf = (folder / "entry.leaf").read_bytes()
    if not verify_proof((folder / "entry.tlog-proof").read_bytes(), KEY.vkey, leaf).ok:
        return False
    try:
        heads: list[Head] = [
            read_checkpoint((folder / name).read_bytes(), KEY.vkey) for name in ("earlier", "checkpoint")
        ]
        lines = (folder / "earlier.proof").read_bytes().removesuffix(b"\n").split(b"\n")
        proof = [exact_base64(line) for line in lines]
    except ValueError:
        return False
    return verify_consistency(heads[0], heads[1], proof)


def damage(folder: Path, name: str, way: str, dice: random.Random) -> None:
    """Change one file."""
    path = folder / name
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    match way:
        case "flip":
            data[at] ^= 1 << dice.randrange(8)
        case "cut":
            del data[at : at + dice.choice((1, 32, len(data)))]
        case "grow":
            data[at:at] = data[at : at + dice.choice((1, 32))]
        case "append":
            data += b"\0" * dice.choice((1, 2, 32))
        case "empty":
            data.clear()
        case "exchange":
            other = dice.randrange(len(data))
            data[at], data[other] = data[other], data[at]
    path.write_bytes(data)
    if way == "gone":
        path.unlink()


def compared(work: Path, go: Path, times: int, seed: int = 0) -> list[Verdicts]:
    """Damage one file of a whole export, ask both, put it back."""
    dice, folder = random.Random(f"two{seed}"), exported(work / "two")
    files = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.name != "vkey")
    verdicts = [Verdicts("(whole)", "", ours(folder), theirs(go, folder))]
    for _ in range(times):
        name, way = dice.choice(files), dice.choice(WAYS)
        if name.startswith("e") and way == "gone":
            way = "flip"  # without a proof there is nothing to agree on
        before = (folder / name).read_bytes()
        damage(folder, name, way, dice)
        if not (folder / name).exists() or (folder / name).read_bytes() != before:
            verdicts.append(Verdicts(name, way, ours(folder), theirs(go, folder)))
        (folder / name).write_bytes(before)
    return verdicts


def theirs(go: Path, folder: Path) -> bool:
    """Whether the other one accepts."""
    return subprocess.run([go, folder], capture_output=True, timeout=60, check=False).returncode == 0
