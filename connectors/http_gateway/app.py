"""The application: every request is read whole, its sender known, before any endpoint sees it."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.http_gateway.asked import Asked, GoneError, RefusedError, asked_of, client_tokens, problem_response
from connectors.http_gateway.checking import ENVOY, NGINX, Checking
from connectors.http_gateway.config import HttpGateway
from connectors.http_gateway.forwarding import PREFIX, Forwarding
from connectors.http_gateway.problems import UNRECORDED, Problem
from connectors.http_gateway.requests import Requests
from integration.errors import FatalError, TransientError, UsageError

_log = structlog.get_logger()

_Handler = Callable[[Asked], Awaitable[Response]]
_POST: Final = "POST"


class Application:
    """The ASGI application."""

    def __init__(self, settings: HttpGateway, forwarding: Forwarding, checking: Checking, requests: Requests) -> None:
        """Put it together.

        Raises:
            UsageError: a client's token cannot be read.
        """
        self._settings = settings
        self._tokens = client_tokens(settings)
        self._forwarding, self._checking = forwarding, checking
        self._posted: dict[str, _Handler] = {
            "/messages": requests.message,
            "/access": requests.access,
            "/assistance": requests.assistance,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Whatever fails, nothing leaves, and no content is told."""
        if scope["type"] != "http":
            return  # uvicorn is told that there is neither lifespan nor WebSocket
        try:
            response = await self._answer(scope, receive)
        except GoneError:
            return
        except Exception as error:  # noqa: BLE001  whatever it is: it is told by its kind alone, and nothing has left
            _log.error("gate.failed", error=type(error).__name__)
            response = problem_response(UNRECORDED)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            asked = await asked_of(scope, receive, self._settings, self._tokens)
            return await self._handler_of(asked)(asked)
        except RefusedError as refused:
            return problem_response(refused.problem)
        except UsageError as error:
            return problem_response(Problem("bad_request", HTTPStatus.UNPROCESSABLE_ENTITY, str(error)))
        except (TransientError, FatalError) as error:
            _log.error("gate.unrecorded", error=type(error).__name__)
            return problem_response(UNRECORDED)

    def _handler_of(self, asked: Asked) -> _Handler:
        if asked.path.startswith(PREFIX):
            return self._forwarding.handle
        if asked.path in {ENVOY, NGINX} or asked.path.startswith(f"{ENVOY}/"):
            return self._checking.handle
        handler = self._posted.get(asked.path)
        if handler is None:
            raise RefusedError(Problem("no_endpoint", HTTPStatus.NOT_FOUND, "There is no such endpoint."))
        if asked.method != _POST:
            raise RefusedError(Problem("bad_method", HTTPStatus.METHOD_NOT_ALLOWED, "Only POST is answered here."))
        return handler
