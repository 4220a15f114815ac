"""A second implementation, in another language and by other people, verifies what we export."""

import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest

from integration.audit.proofs import consistency_proof, inclusion_proof
from integration.audit.tiles import DirectoryTiles, export, tlog_proof
from integration.audit.verify import verify_tiles
from tests.audit.logs import KEY, log_of

SIZE = 3000
EARLIER = 1234
INDEX = 2077


@pytest.fixture(scope="module")
def verifier(tmp_path_factory):
    """The Go program, built from a copy so that nothing is written beside the sources."""
    go = shutil.which("go")
    if go is None:
        pytest.fail("the interoperability test needs Go 1.25 or later on the PATH: it is never skipped")
    work = tmp_path_factory.mktemp("go") / "source"
    shutil.copytree(Path(__file__).parent / "go", work)
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "CGO_ENABLED": "0"}
    built = subprocess.run(
        [go, "build", "-o", "interop", "."],
        cwd=work,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return work / "interop"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    log = log_of(SIZE)
    directory = tmp_path_factory.mktemp("export")
    export(directory, log.leaves, log.checkpoint)
    read = DirectoryTiles(directory)
    (directory / "vkey").write_text(KEY.vkey + "\n")
    proof = inclusion_proof(INDEX, SIZE, read)
    (directory / "entry.tlog-proof").write_bytes(tlog_proof(INDEX, proof, log.checkpoint))
    (directory / "entry.leaf").write_bytes(log.leaves[INDEX])
    (directory / "earlier").write_bytes(log.head(EARLIER))
    lines = [b64encode(digest).decode() + "\n" for digest in consistency_proof(EARLIER, SIZE, read)]
    (directory / "earlier.proof").write_text("".join(lines))
    return directory


def run(verifier, directory):
    return subprocess.run([verifier, directory], capture_output=True, text=True, timeout=60, check=False)


def flip(directory, name, position):
    data = bytearray((directory / name).read_bytes())
    data[position] ^= 1
    (directory / name).write_bytes(data)


def test_other_implementation_accepts_everything_when_export_is_whole(verifier, exported):
    done = run(verifier, exported)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"all {SIZE} entries verified" in done.stdout
    assert f"inclusion of {INDEX} in {SIZE}: " in done.stdout
    assert f"consistency of {EARLIER} with {SIZE}: " in done.stdout
    assert verify_tiles(exported, KEY.vkey).ok


@pytest.mark.parametrize("index", [0, 255, 256, 1499, SIZE - 1])
def test_both_verifiers_name_the_entry_when_a_byte_is_flipped(verifier, exported, tmp_path, index):
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    width = len((copy / "entry.leaf").read_bytes()) + 2
    bundle, offset = divmod(index, 256)
    name = f"tile/entries/{bundle:03d}" if index < SIZE - SIZE % 256 else f"tile/entries/{bundle:03d}.p/{SIZE % 256}"
    flip(copy, name, offset * width + 60)
    done = run(verifier, copy)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if line.startswith("FAIL")] == [f"FAIL entry {index} differs"]
    ours = verify_tiles(copy, KEY.vkey)
    assert index in [problem.index for problem in ours.problems if problem.what == "tile_differs"]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (("checkpoint", 30), "checkpoint"),
        (("tile/0/003", 40), "FAIL tiles of entries 768 to 1023"),
        (("tile/1/000.p/11", 40), "FAIL"),
        (("entry.tlog-proof", 60), "FAIL inclusion"),
        (("entry.leaf", 40), "FAIL inclusion"),
        (("earlier.proof", 22), "FAIL consistency"),
        (("earlier", 30), "earlier"),
    ],
)
def test_other_implementation_refuses_when_a_part_is_changed(verifier, exported, tmp_path, part, words):
    copy = tmp_path / "copy"
    shutil.copytree(exported, copy)
    flip(copy, *part)
    done = run(verifier, copy)
    assert done.returncode == 1
    assert "FAIL" in done.stdout
    assert words in done.stdout
