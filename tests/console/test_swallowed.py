"""No answer pretends: with the database gone, whatever needs it says so, and nothing else is asked of anybody."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from integration.console.access import Role, Scope
from integration.console.guard import cookie_name
from integration.console.login import csrf_of
from integration.store.accounts import Grant
from tests.console.site import PASSWORD, Console
from tests.console.test_access import API, EXPECTED, FORM, PUBLIC, QUERY, STREAM, filled_in
from tests.console.test_deciding import EXTRA

DOOR = ("accounts", "sessions", "grants", "api_tokens")
"""What is asked before anything else: who it is."""


class Gone:
    """The database, but for who may come in: locked by somebody else, and for ever."""

    def __enter__(self):
        event.listen(Engine, "before_cursor_execute", self._refuse)
        return self

    def __exit__(self, *_error):
        event.remove(Engine, "before_cursor_execute", self._refuse)

    @staticmethod
    def _refuse(_connection, _cursor, statement, *_more) -> None:
        asked = f"{statement} ".replace("\n", " ")
        if not any(f"FROM {table} " in asked or f"UPDATE {table} " in asked for table in DOOR):
            raise OperationalError(statement, {}, Exception("database is locked"))


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path, EXTRA)
    yield console
    await console.close()


async def test_each_route_says_that_it_failed_when_the_database_is_gone(console):
    grants = [Grant(role, "") for role in Role if role is not Role.WALL]
    console.secrets["everything"] = console.parts.people.add("everything", PASSWORD, grants, by="test")
    key = console.parts.people.make_token("everything", list(Scope), 1, by="test")
    secret = console.parts.door.log_in("everything", PASSWORD, console.code("everything"))
    client, told = console.client(cookie=f"{cookie_name(console.parts)}={secret}"), {}
    with Gone():
        for route in (*EXPECTED, *API, *PUBLIC):
            if route == STREAM:
                continue
            method, path = filled_in(route)
            params = QUERY if "timeline" in path or "booking" in path else {}
            headers = {"authorization": f"Bearer {key}"} if "/api/" in path else {}
            form = {"csrf": csrf_of(secret), **FORM} if method == "POST" and "/api/" not in path else None
            answer = await client.request(method, path, params=params, data=form, headers=headers)
            told[route] = answer.status_code
    print({route: status for route, status in told.items() if status != 503})
    assert told == {}
