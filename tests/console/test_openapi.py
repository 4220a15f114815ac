"""The API against its own description: schemathesis makes up requests, right and wrong, the same ones every time."""

import asyncio
import threading

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from integration.console.access import Role, Scope
from integration.console.parts import open_parts
from integration.console.serving import Serving
from integration.store.accounts import Grant
from tests.console.site import PASSWORD, QUICK, Clock, fill
from tests.console.test_access import API
from tests.console.test_deciding import EXTRA
from tests.ports import free_port

EXAMPLES = 6
"""Of each operation, right ones and wrong ones each."""
MANY = 300
HELD_TO = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("api")
    filled = fill(root, extra=EXTRA)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    at = filled.settings(url=url, extra=EXTRA)
    at = at.model_copy(update={"console": at.console.model_copy(update={"port": port})})
    parts = open_parts(at, now=Clock().now, hasher=QUICK)
    # Somebody who may do everything: nothing is left untried because it is refused at the door.
    parts.people.add("everything", PASSWORD, [Grant(role, "") for role in Role], by="test")
    key = parts.people.make_token("everything", list(Scope), 1, by="test")
    serving, ready = Serving(parts), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serving.run(ready.set)))
    thread.start()
    assert ready.wait(60)
    with requests.Session() as session:
        session.headers["authorization"] = f"Bearer {key}"
        yield url, session
    serving.stop()
    thread.join()
    parts.close()


def test_description_names_every_route_and_how_it_refuses_when_a_program_asks_for_it(served):
    url, session = served
    told = session.get(f"{url}/api/v1/openapi.json").json()
    operations = {
        f"{method.upper()} {path}": each["responses"]
        for path, methods in told["paths"].items()
        for method, each in methods.items()
    }
    assert set(operations) == set(API)
    refusals = {"400", "401", "403", "404", "503"}
    assert [route for route, told in operations.items() if not told.keys() > refusals or "422" in told] == []


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_fails_that_is_not_foreseen_when_requests_are_made_up(served, mode):
    hold_all(*served, mode, EXAMPLES)


@pytest.mark.by_hand
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_fails_that_is_not_foreseen_when_many_requests_are_made_up(served, mode):
    print(hold_all(*served, mode, MANY))


def hold_all(url: str, session: requests.Session, mode: GenerationMode, examples: int) -> dict[str, int]:
    """Hold every operation to its description; returns how many requests each was asked."""
    load_all_checks()
    checks = [CHECKS.get_one(name) for name in HELD_TO]
    schema = schemathesis.openapi.from_dict(session.get(f"{url}/api/v1/openapi.json").json())
    asked: dict[str, int] = {}
    for each in schema.get_all_operations():
        operation = each.ok()
        if not (operation.path_parameters or operation.query or operation.body):
            # There is nothing to make up.
            status = operation.Case().call(base_url=url, session=session).status_code
            assert status < 300 and str(status) in operation.definition.raw["responses"]  # noqa: PT018
            continue

        @seed(20_261_122)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def hold(case):
            asked[case.operation.label] = asked.get(case.operation.label, 0) + 1
            response = case.call(base_url=url, session=session)
            case.validate_response(response, checks=checks)

        hold()
    assert {route.split("/")[-1] for route in asked} >= {"findings", "timeline", "entries", "{index}", "proof"}
    return asked
