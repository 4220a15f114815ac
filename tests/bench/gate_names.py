"""How long the gate takes: looking names up among 100,000 people, and judging a message of 20 kB.

    .venv/bin/python -m tests.bench.gate_names

Times are of the processor, so that a busy machine changes little. The floor is what it takes to cut the same text
into words: a lookup that costs a fraction of that is not what a message waits for. The target is the gate's own: names
at 100,000 people in 5 ms a message.
"""

import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from connectors.roster.file import read_roster
from integration.domain.messages.people import Person, Roster
from integration.domain.messages.words import Words, as_read, cut
from integration.policy.pack import load
from integration.services.examining import Envelope, examine_mail
from tests.gate.mails import plain
from tests.gate.status_letters import letters

PEOPLE = 100_000
TARGET = 0.005
ROUNDS = 200
SYLLABLES = (
    "ma ri jo an lo pez gar cia ro dri guez her nan dez san chez al va rez mo ra les tor res ji me nez ruiz".split()
)
PROSE = (
    "please see the attached order of the court for your records and let me know whether you need anything else "
    "regarding this matter thank you for your help with the case the officer will call the clerk on the number below"
).split()


def people(dice: random.Random) -> list[Person]:
    families = ["".join(dice.choices(SYLLABLES, k=dice.randint(2, 3))).title() for _ in range(8_000)]
    givens = ["".join(dice.choices(SYLLABLES, k=2)).title() for _ in range(1_000)]
    return [
        Person(
            f"{dice.choice(families)} {dice.choice(families)}",
            dice.choice(givens),
            date(1950 + dice.randrange(55), 1 + dice.randrange(12), 1 + dice.randrange(28)),
            f"2026-{number:06}",
        )
        for number in range(PEOPLE)
    ]


def text_of(dice: random.Random, listed: list[Person], size: int, share: float) -> str:
    """A text of about ``size`` characters, of whose words ``share`` are names of the roster's kind."""
    words: list[str] = []
    length = 0
    while length < size:
        person = dice.choice(listed)
        named = dice.random() < share
        word = dice.choice((person.given_name, person.family_name.split()[0])) if named else dice.choice(PROSE)
        words.append(word)
        length += len(word) + 1
    return " ".join(words)


def timed(work: Callable[[str], object], texts: list[str]) -> list[float]:
    taken = []
    for text in texts:
        start = time.process_time()
        work(text)
        taken.append(time.process_time() - start)
    return sorted(taken)


def tell(name: str, taken: list[float], floor: float) -> None:
    p50, p99 = statistics.median(taken), taken[int(len(taken) * 0.99)]
    print(f"{name:34} p50 {p50 * 1e3:7.3f} ms   p99 {p99 * 1e3:7.3f} ms   {p50 / floor:5.2f} of the floor")


def while_reading(roster: Roster, cut_up: list[Words], listed: list[Person]) -> tuple[float, list[float]]:
    """How long a roster takes to be read from its file, and how long lookups take meanwhile: seconds of the clock."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.csv"
        rows = (f"{it.family_name},{it.given_name},{it.birth_date},{it.booking}\n" for it in listed)
        path.write_text("family_name,given_name,birth_date,booking\n" + "".join(rows))
        taken: list[float] = []
        start = time.perf_counter()
        reading = threading.Thread(target=read_roster, args=(path,))
        reading.start()
        while reading.is_alive():
            for words in cut_up:
                began = time.perf_counter()
                roster.named_in(words, frozenset())
                taken.append(time.perf_counter() - began)
        reading.join()
        return time.perf_counter() - start, sorted(taken)


def main() -> int:
    """Print the figures; returns 1 where the target for names is missed."""
    dice = random.Random(1)
    listed = people(dice)
    start = time.process_time()
    roster = Roster(listed)
    print(f"index of {len(roster):,} people built in {time.process_time() - start:.1f} s")
    ordinary = [text_of(dice, listed, 20_000, 0.02) for _ in range(ROUNDS)]
    dense = [text_of(dice, listed, 20_000, 0.5) for _ in range(ROUNDS)]
    cut_up = {text: cut(as_read(text)) for text in (*ordinary, *dense)}
    floor = timed(lambda text: cut(as_read(text + " ")), ordinary)
    tell("floor: cutting 20 kB into words", floor, statistics.median(floor))
    names = timed(lambda text: roster.named_in(cut_up[text], frozenset()), ordinary)
    tell("names in 20 kB, 2 % names", names, statistics.median(floor))
    tell(
        "names in 20 kB, half names",
        timed(lambda text: roster.named_in(cut_up[text], frozenset()), dense),
        statistics.median(floor),
    )
    seconds, meanwhile = while_reading(roster, list(cut_up.values()), listed)
    tell(f"the same while a new file is read ({seconds:.1f} s)", meanwhile, statistics.median(floor))
    parameters = load("lansing-eo-2017-01").parameters
    agent, other = Envelope(("smith@ice.dhs.gov",)), Envelope(("clerk@court.example",))
    for name, texts, envelope in (
        ("a status letter, whole gate", list(letters()), agent),
        ("20 kB of prose, whole gate", ordinary[:50], other),
    ):
        wrapped = [plain(text.replace(" the ", "\nthe ")).decode() for text in texts]
        taken = timed(lambda raw, to=envelope: examine_mail(raw.encode(), to, parameters, roster=roster), wrapped)
        tell(name, taken, statistics.median(floor))
    return int(names[int(len(names) * 0.99)] > TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
