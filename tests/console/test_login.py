"""Letting people in: the numbers of CJISSECPOL 6.0, codes that count once, and an entry for everything."""

import threading

import orjson
import pytest

from integration.console.access import Role
from integration.console.login import Refusal
from integration.console.people import random_password
from integration.domain.instants import DAY, HOUR, MINUTE, SECOND
from integration.errors import UsageError
from integration.settings import load_settings
from integration.store.accounts import Grant
from tests.console.site import NOW, PASSWORD, SETTINGS, URL, Visitor


def kinds(console, *wanted):
    return [
        (entry["kind"], entry["outcome"], entry["actor"], entry["detail"])
        for entry in map(orjson.loads, (row.body for row in console.parts.records.entries()))
        if entry["kind"] in wanted
    ]


async def test_log_in_and_log_out_are_entries_when_they_happen(console):
    visitor = await console.visitor("supervisor")
    assert (await visitor.get("/board")).status_code == 200
    assert (await visitor.post("/logout")).status_code == 303
    assert (await visitor.get("/board")).status_code == 303
    assert kinds(console, "session.opened", "session.closed") == [
        ("session.opened", "opened", "officer:supervisor", {}),
        ("session.closed", "closed", "officer:supervisor", {}),
    ]


async def test_cookie_is_for_this_host_and_no_script_when_a_session_is_opened(console):
    visitor = Visitor(console, console.client())
    answer = await visitor.log_in("supervisor")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-holdwatch="))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    value = cookie.partition("=")[2].partition(";")[0]
    stored = (console.root / "state").glob("holdwatch.sqlite*")
    assert not any(value.encode() in path.read_bytes() for path in stored), "only its hash is kept"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"password": "wrong horse battery"}, "wrong_password"),
        ({"code": "000000"}, "wrong_code"),
        ({"code": ""}, "wrong_code"),
        ({"name": "noone", "code": "1"}, "unknown_account"),
    ],
)
async def test_nobody_is_told_why_when_a_log_in_is_refused(console, given, reason):
    visitor = Visitor(console, console.client())
    answer = await visitor.log_in(**{"name": "supervisor", **given})
    assert answer.status_code == 403
    assert "Name, password or code is wrong" in answer.text
    assert reason not in answer.text
    actor = "unknown" if reason == "unknown_account" else "officer:supervisor"
    assert kinds(console, "login.refused") == [("login.refused", "refused", actor, {"reason": reason})]
    assert "noone" not in str([row.body for row in console.parts.records.entries()])


async def test_banner_comes_before_everything_when_somebody_logs_in(console):
    visitor = Visitor(console, console.client())
    page = await visitor.get("/login")
    assert "may be monitored, recorded and audited" in page.text
    assert (await visitor.log_in("supervisor", agreed="")).status_code == 400
    assert kinds(console, "session.opened", "login.refused") == []


HOME = "h" * 43
"""What a browser holds that the supervisor has used."""


def at_home(console) -> None:
    """Let the supervisor log in once at that browser."""
    assert not isinstance(console.parts.door.log_in("supervisor", PASSWORD, console.code("supervisor"), HOME), Refusal)
    console.clock.at += 30 * SECOND


async def test_account_is_locked_when_five_tries_fail_within_fifteen_minutes(console):
    visitor = await console.visitor("supervisor")
    for _ in range(5):
        assert (await visitor.log_in("supervisor", password="wrong horse")).status_code == 403
        console.clock.at += 3 * MINUTE
    assert (await visitor.log_in("supervisor")).status_code == 403, "the right password does not help any more"
    console.clock.at += DAY
    assert (await visitor.log_in("supervisor")).status_code == 403, "nor does waiting"
    assert kinds(console, "account.locked") == [
        ("account.locked", "locked", "service:console", {"account": "supervisor", "tries": 5})
    ]
    console.parts.people.unlock("supervisor", by="officer:administrator")
    assert (await visitor.log_in("supervisor")).status_code == 303


@pytest.mark.parametrize(
    ("gap", "locked"),
    [(3 * MINUTE, True), (225 * SECOND, True), (226 * SECOND, False)],
    ids=["12 minutes", "15 minutes", "15 minutes and 4 seconds"],
)
async def test_tries_stop_counting_when_they_are_older_than_fifteen_minutes(console, gap, locked):
    at_home(console)
    door = console.parts.door
    for number in range(5):
        door.log_in("supervisor", "wrong horse", "", HOME)
        console.clock.at += gap if number < 4 else 0
    assert (console.parts.accounts.account("supervisor").locked_at is not None) is locked


async def test_account_stays_open_when_four_tries_fail_and_the_fifth_is_right(console):
    visitor = await console.visitor("supervisor")
    for _ in range(2):
        for _ in range(4):
            assert (await visitor.log_in("supervisor", password="wrong horse")).status_code == 403
        assert (await visitor.log_in("supervisor")).status_code == 303, "and then it is counted from the beginning"
        console.clock.at += 30 * SECOND
    assert kinds(console, "account.locked") == []


async def test_every_try_counts_when_many_come_at_once(console):
    at_home(console)
    door = console.parts.door
    threads = [
        threading.Thread(target=door.log_in, args=("supervisor", f"wrong horse {n}", "", HOME)) for n in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert console.parts.accounts.account("supervisor").locked_at is not None
    assert len(kinds(console, "account.locked")) == 1
    assert console.parts.accounts.tries_since("supervisor", 0) == (5, 0)


def test_code_counts_once_when_two_use_it_at_the_same_time(filled, tmp_path):
    from tests.console.site import Console

    console = Console(filled, tmp_path)
    said: list[object] = []
    code = console.code("supervisor")

    def enter():
        said.append(console.parts.door.log_in("supervisor", PASSWORD, code))

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(each, Refusal) for each in said) == 1
    console.parts.close()


@pytest.mark.parametrize(
    ("seconds", "good"), [(-31, False), (-29, True), (0, True), (29, True), (59, True), (60, False)]
)
async def test_code_is_good_for_a_step_before_and_after_when_clocks_differ(console, seconds, good):
    console.clock.at = NOW // (30 * SECOND) * 30 * SECOND
    code = console.code("supervisor")
    console.clock.at += seconds * SECOND
    said = console.parts.door.log_in("supervisor", PASSWORD, code)
    assert isinstance(said, Refusal) is not good


@pytest.mark.parametrize(
    ("idle", "there"), [(30 * MINUTE - SECOND, True), (30 * MINUTE, False)], ids=["a second less", "30 minutes"]
)
async def test_session_is_over_when_nobody_did_anything_for_thirty_minutes(console, idle, there):
    visitor = await console.visitor("supervisor")
    console.clock.at += idle - 30 * SECOND
    assert ((await visitor.get("/board")).status_code == 200) is there


async def test_session_is_over_after_twelve_hours_when_somebody_is_busy(console):
    visitor = await console.visitor("supervisor")
    opened = console.clock.at - 30 * SECOND
    while console.clock.at + 20 * MINUTE < opened + 12 * HOUR:
        console.clock.at += 20 * MINUTE
        assert (await visitor.get("/board")).status_code == 200
    console.clock.at = opened + 12 * HOUR - SECOND
    assert (await visitor.get("/board")).status_code == 200
    console.clock.at = opened + 12 * HOUR
    assert (await visitor.get("/board")).status_code == 303


@pytest.mark.parametrize(("ago", "fresh"), [(10 * MINUTE - SECOND, True), (10 * MINUTE, False)])
async def test_privileged_act_is_open_for_ten_minutes_when_somebody_has_shown_who_he_is(console, ago, fresh):
    visitor = await console.visitor("administrator")
    console.clock.at += ago - 30 * SECOND
    answer = await visitor.post("/users/nobody/logout")
    assert answer.status_code == (303 if fresh else 403)


@pytest.mark.parametrize(
    "laxer",
    ["tries = 6", "try_minutes = 14", "idle_minutes = 31", "session_hours = 13", 'banner = ""', "token_days = 367"],
)
def test_settings_are_refused_when_a_number_is_laxer_than_the_policy(tmp_path, laxer):
    path = tmp_path / "holdwatch.toml"
    path.write_text(SETTINGS.format(root=tmp_path, url=URL).replace("[console]", f"[console]\n{laxer}"))
    with pytest.raises(UsageError, match=f"has 1 faults:\n  console.{laxer.partition(' ')[0]}"):
        load_settings(path)


async def test_session_does_not_live_longer_when_the_page_asks_by_itself(console):
    visitor, wall = await console.visitor("supervisor"), await console.visitor("wall")
    for _ in range(4):
        console.clock.at += 8 * MINUTE
        await visitor.get("/board?auto=1")
        assert (await wall.get("/wall?auto=1")).status_code == 200, "a screen that only shows may stay on"
    assert (await visitor.get("/board")).status_code == 303


async def test_account_is_closed_when_nobody_used_it_for_ninety_days(console):
    console.clock.at += 90 * DAY - SECOND
    visitor = Visitor(console, console.client())
    assert (await visitor.log_in("auditor")).status_code == 303
    console.clock.at += SECOND
    assert (await visitor.log_in("supervisor")).status_code == 403
    assert kinds(console, "login.refused")[-1][3] == {"reason": "unused"}
    console.parts.people.enable("supervisor", by="officer:administrator")
    assert (await visitor.log_in("supervisor")).status_code == 303


async def test_rights_count_at_the_next_request_when_they_are_changed(console):
    visitor = await console.visitor("supervisor")
    people = console.parts.people
    people.set_roles("supervisor", [Grant(Role.AUDITOR, "")], by="officer:administrator")
    assert (await visitor.get("/audit")).status_code == 200
    people.disable("supervisor", by="officer:administrator")
    assert (await visitor.get("/audit")).status_code == 303
    told = kinds(console, "account.changed")
    assert [(outcome, actor) for _, outcome, actor, _ in told] == [
        ("roles_set", "officer:administrator"),
        ("disabled", "officer:administrator"),
    ]


async def test_nobody_gives_himself_rights_when_he_is_the_administrator(console):
    visitor = await console.visitor("administrator")
    answer = await visitor.post("/users/administrator/roles", grant="compliance@*")
    assert answer.status_code == 400
    assert "Nobody changes his own account" in answer.text
    assert console.parts.accounts.grants("administrator") == [Grant("administrator", "")]


async def test_person_can_log_in_when_an_administrator_has_added_him(console):
    import re

    visitor = await console.visitor("administrator")
    page = await visitor.post("/users", name="new.one", grant="supervisor@/jms/here")
    password, secret = re.findall(r"<code>([^<]+)</code>", page.text)[:2]
    console.secrets["new.one"] = secret
    newcomer = Visitor(console, console.client())
    assert (await newcomer.log_in("new.one", password)).status_code == 303
    assert (await newcomer.get("/board")).status_code == 200
    told = kinds(console, "account.created")[-1]
    assert told[3] == {"account": "new.one", "roles": ["supervisor at /jms/here"]}
    everything = b"".join(row.body for row in console.parts.records.entries())
    assert password.encode() not in everything
    assert secret.encode() not in everything
    assert (await visitor.post("/users", name="new.one", grant="supervisor@/jms/here")).status_code == 400


async def test_everybody_chooses_his_own_password_when_he_has_shown_who_he_is(console):
    visitor, elsewhere = await console.visitor("supervisor"), await console.visitor("supervisor")
    new = "a staple horse, corrected"
    for wrong in ({"password": new, "repeated": "other"}, {"password": "short", "repeated": "short"}):
        assert (await visitor.post("/account/password", page="/account", **wrong)).status_code == 400
    console.clock.at += 11 * MINUTE
    stale = await visitor.post("/account/password", page="/account", password=new, repeated=new)
    assert stale.status_code == 403
    assert (await visitor.prove("supervisor")).status_code == 303
    done = await visitor.post("/account/password", page="/account", password=new, repeated=new)
    assert done.headers["location"] == "/login"
    for each in (visitor, elsewhere):
        assert (await each.get("/board")).status_code == 303, "every session has ended"
    assert (await visitor.log_in("supervisor")).status_code == 403
    assert (await visitor.log_in("supervisor", new)).status_code == 303
    assert kinds(console, "account.changed")[-1][1:3] == ("password_set", "officer:supervisor")


@pytest.mark.parametrize(
    ("name", "password", "grants"),
    [
        ("Upper", PASSWORD, []),
        ("a b", PASSWORD, []),
        ("", PASSWORD, []),
        ("x", "short", []),
        ("x", "password12345", []),
        ("x", "1234567890123", []),
        ("x", "aaaaaaaaaaaaaa", []),
        ("sergeant", "Sergeant-4711-x", []),
        ("x", PASSWORD, [Grant("owner", "")]),
        ("x", PASSWORD, [Grant("supervisor", "/jms/unknown")]),
    ],
)
async def test_account_is_not_added_when_something_is_wrong_with_it(console, name, password, grants):
    with pytest.raises(UsageError):
        console.parts.people.add(name, password, grants, by="test")
    assert console.parts.accounts.account(name) is None


def test_password_is_good_when_the_program_made_it():
    from integration.console.people import check_password

    for _ in range(50):
        check_password(random_password(), "supervisor")
