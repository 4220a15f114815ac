"""Fuzzes both intakes: ``python -m tests.fuzz.run --inputs 1000000 --jobs 2``, or ``--seconds-limit 600``.

Each chunk of inputs is decided by its kind and number alone, so any fault can be had again: ``--kind xml --first 42
--inputs 400``. Exit status 1 where any property broke; the smallest input that still breaks it is printed.
"""

import argparse
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import cache

from integration.policy.pack import Pack
from tests.differential import test_pack
from tests.fuzz.corpus import dice_of, documents, events
from tests.fuzz.mutate import mutated_event
from tests.fuzz.mutate_xml import mutated_document
from tests.fuzz.session import BATCH, Fault, Result, Session, read_document, read_event
from tests.shrink import smallest

CHUNK = {"json": 400, "xml": 100}
"""Inputs of one session: one desk, one store."""
TRIES = 600


@cache
def pack() -> Pack:
    return test_pack()


def fuzzed(kind: str, chunk: int, inputs: int | None = None) -> Result:
    """One session of damaged inputs."""
    dice, result = dice_of(kind, chunk), Result()
    session = Session(pack(), result)
    pool, make = (events(), mutated_event) if kind == "json" else (documents(), mutated_document)
    read = read_event if kind == "json" else read_document
    raws = [make(dice, pool) for _ in range(inputs or CHUNK[kind])]
    for at in range(0, len(raws), BATCH):
        session.take(raws[at : at + BATCH], read)
    session.finish(raws[-1])
    return result


def again(kind: str, raw: bytes) -> list[Fault]:
    """One input by itself."""
    result = Result()
    session = Session(pack(), result)
    session.take([raw], read_event if kind == "json" else read_document)
    session.finish(raw)
    return result.faults


def shrunk(kind: str, fault: Fault) -> bytes:
    """The smallest part of an input that shows the same fault by itself; the whole one where none does."""
    if fault.what == "slow" or fault not in again(kind, fault.raw):
        return fault.raw
    same = lambda part: any((f.what, f.where) == (fault.what, fault.where) for f in again(kind, bytes(part)))  # noqa: E731
    return bytes(smallest(list(fault.raw), same, tries=TRIES))


def work(asked: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Chunks to do: four inputs of JSON to one of XML, where both are asked for."""
    left, number = asked.inputs, asked.first
    kinds = {"both": ("json", "xml"), "json": ("json",), "xml": ("xml",)}[asked.kind]
    while left > 0:
        for kind in kinds:
            yield kind, number
            left -= CHUNK[kind]
        number += 1


def collected(asked: argparse.Namespace) -> dict[str, Result]:
    """Run chunks on all jobs until enough inputs or seconds have gone by."""
    total = {"json": Result(), "xml": Result()}
    started, chunks = time.monotonic(), work(asked)
    running: dict[Future[Result], tuple[str, int]] = {}
    with ProcessPoolExecutor(asked.jobs) as processes:
        while True:
            late = asked.seconds_limit is not None and time.monotonic() - started > asked.seconds_limit
            while not late and len(running) < asked.jobs * 2 and (next_one := next(chunks, None)) is not None:
                running[processes.submit(fuzzed, *next_one)] = next_one
            if not running:
                return total
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for each in done:
                kind, number = running.pop(each)
                found = each.result()
                total[kind].add(found)
                for fault in found.faults:
                    print(f"\n{kind} chunk {number}: {fault.what}, {fault.where}", file=sys.stderr)
            progress(total, asked, time.monotonic() - started)


def progress(total: dict[str, Result], asked: argparse.Namespace, seconds: float) -> None:
    """Tell how far it is, in one line that is written over."""
    count = sum(result.inputs for result in total.values())
    faults = sum(len(result.faults) for result in total.values())
    left = (asked.inputs - count) * seconds / count
    if asked.seconds_limit is not None:
        left = min(left, asked.seconds_limit - seconds)
    text = f"\r{count}/{asked.inputs} inputs, {count / seconds:.0f}/s, {max(0, left):.0f} s left, {faults} faults "
    print(text, end="", file=sys.stderr, flush=True)


def told(kind: str, result: Result) -> None:
    """Print what became of the inputs of one kind."""
    rate = result.inputs / result.seconds if result.seconds else 0
    print(
        f"{kind}: {result.inputs} inputs, {result.accepted} events accepted, {result.refused} refusals; "
        f"{rate:.0f} inputs/s of one core; slowest {result.slowest * 1000:.0f} ms "
        f"({len(result.slowest_raw)} bytes: {result.slowest_raw[:60]!r}); {result.waited} waited for the machine; "
        f"{len(result.faults)} faults"
    )
    print("  " + ", ".join(f"{reason} {count}" for reason, count in sorted(result.reasons.items())))
    firsts: dict[tuple[str, str], Fault] = {}
    for fault in result.faults:
        firsts.setdefault((fault.what, fault.where if fault.what != "slow" else ""), fault)
    for (what, _), fault in firsts.items():
        small = shrunk(kind, fault)
        count = sum(each.what == what and each.where == fault.where for each in result.faults)
        print(f"  {what} ({count}): {fault.where}\n    {b64encode(small[:900]).decode()}")
        print(f"    {len(small)} bytes: {small[:200]!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the JSON and XML intake.")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds-limit", type=float, help="stop after so long, whatever is left")
    parser.add_argument("--kind", choices=("both", "json", "xml"), default="both")
    parser.add_argument("--first", type=int, default=0, help="number of the first chunk")
    asked = parser.parse_args()
    started = time.monotonic()
    total = collected(asked)
    seconds = time.monotonic() - started
    print(file=sys.stderr)
    count = sum(result.inputs for result in total.values())
    print(f"{count} inputs in {seconds:.0f} s: {count / seconds:.0f}/s on {asked.jobs} processes")
    for kind, result in total.items():
        if result.inputs:
            told(kind, result)
    return 1 if any(result.faults for result in total.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
