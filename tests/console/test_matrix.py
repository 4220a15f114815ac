"""Every route x every role x every way to have no right, made from the table of `test_access`."""

import pytest

from integration.console.access import Role, Scope
from integration.console.guard import cookie_name
from integration.console.login import csrf_of
from integration.domain.instants import DAY, HOUR, SECOND
from integration.store.accounts import Grant
from tests.console.site import HERE, PASSWORD, PEOPLE, THERE
from tests.console.test_access import API, EXPECTED, FORM, LETTERS, PUBLIC, STREAM, filled_in, status_of_stream

OURS = ("B-1", "B-2", "Quillfeather")
"""What stands in pages about the facility that is closed to somebody."""


class Asker:
    """Somebody's session, without a browser around it."""

    def __init__(self, console, client, name: str) -> None:
        self.console, self.client, self.name = console, client, name
        self.secret = console.parts.door.log_in(name, PASSWORD, console.code(name))
        assert isinstance(self.secret, str), self.secret
        self.cookie = f"{cookie_name(console.parts)}={self.secret}"

    async def ask(self, route: str, *, token: str | None = None, host: str | None = None) -> tuple[int, str]:
        method, path = filled_in(route)
        if route == STREAM and host is None:
            return await status_of_stream(self.console, path, self.cookie), ""
        headers = {"cookie": self.cookie} | ({} if host is None else {"host": host})
        params = {"source": HERE, "number": "B-1"} if "booking" in path else {}
        form = {"csrf": csrf_of(self.secret) if token is None else token, **FORM} if method == "POST" else None
        answer = await self.client.request(method, path, params=params, data=form, headers=headers)
        return answer.status_code, answer.text


@pytest.fixture
def askers(console):
    client = console.client()
    return [Asker(console, client, name) for name in PEOPLE]


async def closed(askers, wanted: set[int]) -> list[str]:
    """Return what is open to somebody."""
    wrong = []
    for asker in askers:
        for route in EXPECTED:
            status, _ = await asker.ask(route)
            if status not in wanted:
                wrong.append(f"{asker.name} {route}: {status}")
    return wrong


@pytest.mark.parametrize("way", ["none", "expired", "revoked"])
async def test_every_route_is_closed_to_every_role_when_the_session_is_not_good(console, askers, way):
    if way == "none":
        for asker in askers:
            asker.cookie = "other=1"
    elif way == "expired":
        console.clock.at += 12 * HOUR
    else:
        for asker in askers:
            console.parts.people.log_out_everywhere(asker.name, by="test")
    assert await closed(askers, {303, 401}) == []


async def test_every_form_of_every_role_is_refused_when_it_lacks_its_token(askers):
    wrong = []
    for number, asker in enumerate(askers):
        foreign = csrf_of(askers[number - 1].secret)
        for route in EXPECTED:
            for token in ("", foreign) if route.startswith("POST") else ():
                status, _ = await asker.ask(route, token=token)
                wrong += [] if status == 403 else [f"{asker.name} {route}: {status}"]
    assert wrong == []


async def test_every_route_is_closed_to_every_role_when_the_host_is_forged(askers):
    wrong = []
    for asker in askers:
        for route in (*EXPECTED, *API, *PUBLIC):
            status, _ = await asker.ask(route, host="evil.example")
            wrong += [] if status == 400 else [f"{asker.name} {route}: {status}"]
    assert wrong == []


async def test_nothing_of_this_facility_is_open_when_a_role_is_held_at_another(console):
    client, wrong = console.client(), []
    for role in Role:
        name = f"there.{role.value}"
        console.secrets[name] = console.parts.people.add(name, PASSWORD, [Grant(role, THERE)], by="test")
        asker = Asker(console, client, name)
        letter = LETTERS[role.value]
        for route in sorted(EXPECTED, key=lambda each: each == "POST /logout"):
            status, text = await asker.ask(route)
            held = letter in EXPECTED[route]
            # Of a row that needs the role everywhere, L is not told in the table.
            whole = "L" not in EXPECTED[route] and role in {Role.COMPLIANCE, Role.ADMINISTRATOR}
            if any(word in text for word in OURS) or ((not held or whole) and status not in {401, 403}):
                wrong.append(f"{name} {route}: {status}")
    assert wrong == []


async def test_every_route_of_the_api_is_closed_to_every_role_when_the_key_is_not_good(console):
    client, people, wrong = console.client(), console.parts.people, []
    good = {name: people.make_token(name, list(Scope), 2, by="test") for name in PEOPLE}
    short = {name: people.make_token(name, list(Scope), 1, by="test") for name in PEOPLE}
    revoked = {name: people.make_token(name, list(Scope), 2, by="test") for name in PEOPLE}
    for key in revoked.values():
        people.revoke_token(key.removeprefix("hw_").partition("_")[0], by="test")
    console.clock.at += DAY + SECOND
    for name in PEOPLE:
        for route in API:
            method, path = filled_in(route)
            for key in ("", short[name], revoked[name], good[name][:-2]):
                headers = {"authorization": f"Bearer {key}"} if key else {}
                answer = await client.request(method, path, headers=headers)
                wrong += [] if answer.status_code == 401 else [f"{name} {route}: {answer.status_code}"]
    assert wrong == []


async def test_nothing_of_this_facility_is_told_to_a_program_when_its_role_is_held_at_another(console):
    client, wrong = console.client(), []
    for role in Role:
        name = f"there.{role.value}"
        console.parts.people.add(name, PASSWORD, [Grant(role, THERE)], by="test")
        key = console.parts.people.make_token(name, list(Scope), 1, by="test")
        for route in API:
            method, path = filled_in(route)
            params = {"source": HERE, "number": "B-1"} if "timeline" in path else {}
            answer = await client.request(method, path, params=params, headers={"authorization": f"Bearer {key}"})
            told = any(word in answer.text for word in OURS)
            if told or (LETTERS[role.value] not in API[route][0] and answer.status_code != 403):
                wrong.append(f"{name} {route}: {answer.status_code}")
    assert wrong == []
