"""Wrong tries: never more than the norm allows, whoever makes them, and a stranger's lock nobody out at his own desk.

CJISSECPOL 6.0 AC-7: at most five consecutive invalid log-on attempts by a user in 15 minutes; then the account or node
is locked until an administrator releases it.
"""

import random
import threading

import pyotp
import pytest
from sqlalchemy import event

from integration.console.access import Scope
from integration.console.login import Refusal
from integration.domain.instants import DAY, MINUTE, SECOND
from tests.console.site import PASSWORD, Visitor
from tests.console.test_login import HOME, at_home, kinds

WRONG = "wrong horse battery"


def tried(console, browser: str = "", password: str = WRONG, code: str | None = None):
    code = console.code("supervisor") if code is None else code
    said = console.parts.door.log_in("supervisor", password, code, browser)
    console.clock.at += 30 * SECOND
    return said


def state(console) -> str:
    return console.parts.accounts.account("supervisor").state.value


async def test_person_still_logs_in_at_his_own_browser_when_a_stranger_has_tried_too_often(console):
    owner = await console.visitor("supervisor")
    for _ in range(7):
        stranger = Visitor(console, console.client())
        assert (await stranger.log_in("supervisor", password=WRONG)).status_code == 403
    assert state(console) == "shut"
    console.clock.at += 30 * SECOND
    stranger = Visitor(console, console.client())
    assert (await stranger.log_in("supervisor")).status_code == 403, "from elsewhere the right password does not help"
    console.clock.at += DAY
    assert (await Visitor(console, console.client()).log_in("supervisor")).status_code == 403, "nor does waiting"
    assert (await owner.log_in("supervisor")).status_code == 303
    assert kinds(console, "account.locked") == [
        ("account.locked", "shut", "service:console", {"account": "supervisor", "tries": 4})
    ]
    assert kinds(console, "login.refused")[-1][3] == {"reason": "shut"}


async def test_lock_ends_everywhere_when_the_administrator_unlocks(console):
    for _ in range(4):
        assert tried(console) is Refusal.WRONG_PASSWORD
    assert tried(console, password=PASSWORD) is Refusal.SHUT
    administrator = await console.visitor("administrator")
    page = await administrator.get("/users/supervisor")
    assert "locked since" in page.text
    assert "to browsers that it was not used from" in page.text
    assert "locked to other browsers" in (await administrator.get("/users")).text
    assert (await administrator.post("/users/supervisor/unlock")).status_code == 303
    assert not isinstance(tried(console, password=PASSWORD), Refusal)
    assert kinds(console, "account.unlocked")[0][2] == "officer:administrator"


async def test_account_is_locked_to_everybody_when_the_fifth_try_is_made_at_the_persons_own_browser(console):
    at_home(console)
    for _ in range(4):
        tried(console)
    assert state(console) == "shut"
    assert tried(console, HOME) is Refusal.WRONG_PASSWORD
    assert state(console) == "locked"
    assert tried(console, HOME, PASSWORD) is Refusal.LOCKED


WAYS = [
    ("one stranger", [""]),
    ("a hundred strangers", [f"{n:043}" for n in range(100)]),
    ("at the person's own browser", [HOME]),
    ("strangers and at the person's own browser", ["", HOME, "x" * 43]),
]


@pytest.mark.parametrize(("because", "browsers"), WAYS, ids=[because for because, _ in WAYS])
async def test_no_more_than_five_tries_are_looked_at_in_fifteen_minutes_when_somebody_goes_on(
    console, browsers, because
):
    # Whatever the order and the pace: a refusal that looked at the password says so, and there are never six.
    for start in range(3):
        at_home(console)
        chance, looked_at = random.Random(f"{because} {start}"), []
        for _ in range(40):
            said = tried(console, chance.choice(browsers))
            if said is Refusal.WRONG_PASSWORD:
                looked_at.append(console.clock.at)
            console.clock.at += chance.choice([0, SECOND, 4 * MINUTE, 16 * MINUTE])
        assert looked_at, "none was looked at"
        for first in looked_at:
            assert sum(0 <= at - first < 15 * MINUTE for at in looked_at) <= 5, because
        console.parts.people.unlock("supervisor", by="test")
        console.clock.at += 16 * MINUTE


async def test_every_stranger_counts_when_many_come_at_once(console):
    door = console.parts.door
    threads = [
        threading.Thread(target=door.log_in, args=("supervisor", WRONG, "", f"{n:043}")) for n in range(10)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(console) == "shut"
    assert console.parts.accounts.tries_since("supervisor", 0) == (4, 4)


FORGET = ["log_out_everywhere", "disable", "new_secret", "set_password"]


@pytest.mark.parametrize("act", FORGET)
async def test_browser_is_a_strangers_when_the_administrator_ends_what_was_open(console, act):
    at_home(console)
    people = console.parts.people
    getattr(people, act)("supervisor", *([PASSWORD] if act == "set_password" else []), by="test")
    if act == "disable":
        people.enable("supervisor", by="test")
    for _ in range(4):
        tried(console)
    assert tried(console, HOME, PASSWORD) is Refusal.SHUT


async def test_browser_is_a_strangers_when_nobody_used_it_for_ninety_days(console):
    at_home(console)
    console.clock.at += 90 * DAY - 30 * SECOND
    console.parts.people.enable("supervisor", by="test")
    for _ in range(4):
        tried(console)
    assert tried(console, HOME, PASSWORD) is Refusal.SHUT
    assert console.parts.accounts.knows("supervisor", b"", 0) is False


async def test_browser_of_another_person_is_a_strangers_when_it_is_not_shared(console):
    colleague = await console.visitor("auditor")
    for _ in range(4):
        tried(console)
    assert (await colleague.log_in("supervisor")).status_code == 403
    console.parts.people.unlock("supervisor", by="test")
    console.clock.at += 30 * SECOND
    assert (await colleague.log_in("supervisor")).status_code == 303, "now both use this browser"
    console.clock.at += 30 * SECOND
    for _ in range(4):
        tried(console)
    assert (await colleague.log_in("supervisor")).status_code == 303
    assert (await colleague.log_in("auditor")).status_code == 303


async def test_sessions_and_keys_go_on_when_a_stranger_has_locked_an_account(console):
    # Whoever holds them has shown who he is: otherwise anybody could throw anybody out.
    owner = await console.visitor("supervisor")
    key = console.parts.people.make_token("supervisor", [Scope.BOARD], 1, by="test")
    at_home(console)
    for _ in range(5):
        tried(console, HOME)
    assert state(console) == "locked"
    assert (await owner.get("/board")).status_code == 200
    told = await console.client().get("/api/v1/findings", headers={"authorization": f"Bearer {key}"})
    assert told.status_code == 200
    refused = await owner.post("/again", password=PASSWORD, code=console.code("supervisor"))
    assert refused.status_code == 403, "but nobody shows anew who he is until it is unlocked"


# -- nobody learns from the time that a refusal takes -----------------------------------------------------------------


class Work:
    """Counts what a log-in costs: password hashes, secrets opened, codes made, questions to the database, entries."""

    def __init__(self, console, monkeypatch) -> None:
        self.counts: dict[str, int] = {}
        people = console.parts.people
        hasher, vault = people.hasher, people.vault
        monkeypatch.setattr(people, "hasher", self._counting(hasher, "hash", "verify"))
        monkeypatch.setattr(people, "vault", self._counting(vault, "secret", "open_sealed"))
        made = pyotp.TOTP.generate_otp
        monkeypatch.setattr(pyotp.TOTP, "generate_otp", lambda totp, step: self.add("code") or made(totp, step))
        entry = people.pen.entry
        monkeypatch.setattr(people.pen, "entry", lambda *given, **more: self.add("entries") or entry(*given, **more))
        event.listen(console.parts.accounts._engine, "before_cursor_execute", self._asked)

    def add(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _counting(self, inner, what: str, method: str):
        work = self

        class Counting:
            def __getattr__(self, name):
                if name == method:
                    work.add(what)
                return getattr(inner, name)

        return Counting()

    def _asked(self, _connection, _cursor, statement, *_more) -> None:
        self.add(statement.split()[0])


def shut(console) -> None:
    for _ in range(4):
        tried(console)


def locked(console) -> None:
    at_home(console)
    for _ in range(5):
        tried(console, HOME)


def provided(console) -> None:
    from sqlalchemy import update

    from integration.store import tables

    with console.parts.accounts._engine.begin() as connection:
        connection.execute(update(tables.accounts).where(tables.accounts.c.name == "supervisor").values(password=""))


REFUSED = [
    (lambda _console: None, "supervisor", WRONG, "000000", Refusal.WRONG_PASSWORD),
    (lambda _console: None, "supervisor", PASSWORD, "000000", Refusal.WRONG_CODE),
    (lambda _console: None, "supervisor", PASSWORD, "", Refusal.WRONG_CODE),
    (lambda _console: None, "nobodys.name", WRONG, "000000", Refusal.UNKNOWN_ACCOUNT),
    (lambda _console: None, "Zebulonia Quillfeather", PASSWORD, "", Refusal.UNKNOWN_ACCOUNT),
    (lambda _console: None, "", "", "", Refusal.UNKNOWN_ACCOUNT),
    (shut, "supervisor", PASSWORD, "right", Refusal.SHUT),
    (locked, "supervisor", PASSWORD, "right", Refusal.LOCKED),
    (locked, "supervisor", WRONG, "000000", Refusal.LOCKED),
    (provided, "supervisor", PASSWORD, "right", Refusal.WRONG_PASSWORD),
    (lambda c: c.parts.people.disable("supervisor", by="t"), "supervisor", PASSWORD, "right", Refusal.DISABLED),
    (lambda c: setattr(c.clock, "at", c.clock.at + 91 * DAY), "supervisor", PASSWORD, "right", Refusal.UNUSED),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[4].value}: {case[1]}, {case[2][:7]}, {case[3]}")
async def test_refusal_costs_the_same_work_when_its_reason_is_another(console, monkeypatch, case):
    before, name, password, code, reason = case
    before(console)
    given = console.code("supervisor") if code == "right" else code
    console.parts.pen.record("audit.read", "read", "test", {})  # the first entry of a process reads the log's end
    work = Work(console, monkeypatch)
    assert console.parts.door.log_in("nobody.at.all", WRONG, "000000", HOME) is Refusal.UNKNOWN_ACCOUNT
    least, work.counts = work.counts, {}
    assert console.parts.door.log_in(name, password, given, HOME) is reason
    assert (least["hash"], least["secret"], least["code"], least["entries"]) == (1, 1, 3, 1)
    # A try that counts is an INSERT; one that does not asks for an UPDATE of nothing in its place.
    assert least["INSERT"] + least["UPDATE"] == work.counts["INSERT"] + work.counts["UPDATE"]
    alike = {what: count for what, count in work.counts.items() if what not in {"INSERT", "UPDATE"}}
    assert alike == {what: count for what, count in least.items() if what not in {"INSERT", "UPDATE"}}
