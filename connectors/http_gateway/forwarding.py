"""``/forward/NAME/…``: a request judged, filed, and only then sent on, once."""

import asyncio
import re
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote_to_bytes

import orjson
import structlog
from starlette.responses import Response

from connectors.http import Answer, HttpClient, HttpError, HttpFault
from connectors.http_gateway.asked import Asked, RefusedError, booking_of, problem_response
from connectors.http_gateway.config import HttpGateway, Upstream
from connectors.http_gateway.problems import UNKNOWN_OUTCOME, Problem, blocked
from connectors.secret import read_secret
from integration.contents.web import WebMessage
from integration.domain.instants import Instant
from integration.errors import FatalError, LogConflictError, TransientError
from integration.services.asking import pack_of
from integration.services.citing import can_be_approved, cited
from integration.services.letters import ASKED, AlreadyFiledError, Channel, Letter, State, new_mail_id
from integration.services.maildesk import MailDesk
from integration.services.mailroom import Mailroom
from integration.services.sending import Begun, Outcome, Sending
from integration.services.webexamining import WebTarget, examine_web
from schemas.refusals import Reason

_log = structlog.get_logger()

PREFIX: Final = "/forward/"
_ANSWER_MOST: Final = 32 << 20
_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_PASSED_BACK: Final = frozenset({"content-type", "content-encoding", "etag", "last-modified", "retry-after"})
_REDIRECTS: Final = range(300, 400)
_NOT_MODIFIED: Final = 304
_ROAD: Final = "forward"
"""Stands beside each message, and tells whoever looks at it by what road it leaves."""


@dataclass(frozen=True, slots=True)
class _Carried:
    """How sending went."""

    answer: Answer | None
    fault: HttpFault | None = None


class Forwarding:
    """Forwards to the upstreams of the settings. One event loop."""

    def __init__(
        self, settings: HttpGateway, mailroom: Mailroom, sending: Sending, desk: MailDesk, *, source: str
    ) -> None:
        """Open nothing yet.

        Args:
            settings: whom requests may be forwarded to.
            mailroom: keeps messages.
            sending: the way out.
            desk: what both share.
            source: the facility whose policy decides where the settings name none.

        Raises:
            UsageError: an authorization file is missing or readable by others.
            OSError: a file with certificates cannot be read.
        """
        self._mailroom, self._sending, self._desk = mailroom, sending, desk
        self._source = settings.source or source
        self._upstreams = {each.name: each for each in settings.upstreams}
        self._clients = {
            each.name: HttpClient(seconds=each.timeout_seconds, ca_file=each.ca_file, reuse=False)
            for each in settings.upstreams
        }
        self._secrets = {
            each.name: read_secret(each.authorization_file) for each in settings.upstreams if each.authorization_file
        }
        self._mine: set[str] = set()
        """Messages that a request is waiting for: nobody else sends them."""
        self._stuck: set[str] = set()
        """Messages that cannot be opened."""

    async def handle(self, asked: Asked) -> Response:
        """Answer one request.

        Raises:
            RefusedError: it is no request that is forwarded.
            TransientError: it cannot be recorded.
            FatalError: it cannot be recorded.
        """
        upstream, message = self._message(asked)
        source = upstream.source or self._source
        now = self._desk.now()
        pack = pack_of(self._desk, source, now)
        target = WebTarget(upstream.url, upstream.agency or None, message.path in upstream.paths)
        examined = await asyncio.to_thread(examine_web, message, target, pack.parameters, roster=self._desk.roster())
        letter = self._letter(asked, upstream, message, source, now)
        message_id = letter.message_id(0)
        self._mine.add(message_id)
        try:
            filed = await asyncio.wrap_future(self._mailroom.file(letter, (examined,)))
            filing = filed.deliveries[0]
            if filing.state is State.BLOCKED:
                request, contact = filing.request, self._desk.terms.contact
                return problem_response(
                    blocked(
                        message_id,
                        reasons=request.reasons,
                        provisions=cited(request, pack),
                        pack=pack.id,
                        kept=True,
                        contact=contact,
                        unread=not can_be_approved(request),
                    )
                )
            return await asyncio.shield(self._send(message_id))
        except AlreadyFiledError as error:
            if not error.same:
                reason = Reason.CONFLICTING_DUPLICATE.value
                await asyncio.wrap_future(self._mailroom.turn_away(reason, source, message_id))
            raise RefusedError(
                Problem("already_filed", HTTPStatus.CONFLICT, "A message with this id was handed in before.")
            ) from None
        finally:
            self._mine.discard(message_id)

    def _message(self, asked: Asked) -> tuple[Upstream, WebMessage]:
        name, slash, rest = asked.path.removeprefix(PREFIX).partition("/")
        upstream = self._upstreams.get(name)
        if upstream is None:
            raise RefusedError(Problem("no_upstream", HTTPStatus.NOT_FOUND, "No upstream has this name."))
        if asked.method not in upstream.methods:
            raise RefusedError(
                Problem("bad_method", HTTPStatus.METHOD_NOT_ALLOWED, "The settings do not allow this method.")
            )
        path = slash + rest
        if not _is_plain(path):
            raise RefusedError(
                Problem("bad_path", HTTPStatus.BAD_REQUEST, "The path may be read as another one by whoever gets it.")
            )
        headers = tuple((each, asked.headers[each]) for each in upstream.headers if each in asked.headers)
        return upstream, WebMessage(
            method=asked.method,
            path=path,
            query=asked.query,
            headers=headers,
            body=asked.body,
            content_type=asked.headers.get("content-type", ""),
            content_encoding=asked.headers.get("content-encoding", ""),
        )

    def _letter(self, asked: Asked, upstream: Upstream, message: WebMessage, source: str, now: Instant) -> Letter:
        given = asked.headers.get("holdwatch-message-id", "")
        if given and not _ID.fullmatch(given):
            raise RefusedError(Problem("bad_message_id", HTTPStatus.BAD_REQUEST, "holdwatch-message-id is no id."))
        options = {
            "road": _ROAD,
            "upstream": upstream.name,
            "method": message.method,
            "path": message.path,
            "query": message.query,
            "headers": orjson.dumps(dict(message.headers)).decode(),
            "content_type": message.content_type,
            "content_encoding": message.content_encoding,
        }
        return Letter(
            mail_id=f"http-{sha256(orjson.dumps([source, given])).hexdigest()[:32]}" if given else new_mail_id(),
            channel=Channel.HTTP,
            source=source,
            received_at=now,
            raw=message.body,
            sender="",
            recipients=(upstream.url + message.path,),
            user=asked.user,
            options=options,
            booking=booking_of(asked.headers.get("holdwatch-booking", "")),
            message_ids=(self._desk.number(source, given),) if given else (),
        )

    async def _send(self, message_id: str) -> Response:
        begun = await asyncio.wrap_future(self._sending.begin(message_id))
        if begun is None:
            return problem_response(
                Problem("not_sent", HTTPStatus.CONFLICT, "It may not be sent any more; nothing was sent.")
            )
        carried = await self._carry(begun)
        if carried.answer is None:
            if carried.fault is HttpFault.LOST:
                return problem_response(UNKNOWN_OUTCOME)
            why = {"reasons": [carried.fault.value if carried.fault else "unreachable"]}
            return problem_response(
                Problem("unreachable", HTTPStatus.BAD_GATEWAY, "Nothing was sent: there is no connection.", why)
            )
        return _passed_back(carried.answer)

    async def _carry(self, begun: Begun, *, nobody_waits: bool = False) -> _Carried:
        """Send once, and record what became of it.

        Args:
            begun: the message.
            nobody_waits: it was approved since. Where there was no connection, nothing was sent: it is tried again.
        """
        options = begun.letter.options
        upstream = self._upstreams.get(options["upstream"])
        if upstream is None:  # The settings have changed since.
            await self._finish(begun, Outcome.REFUSED, "no_upstream")
            return _Carried(None, HttpFault.UNREACHABLE)
        headers: dict[str, str] = orjson.loads(options["headers"])
        headers |= {"user-agent": "holdwatch", "accept-encoding": "identity"}
        for name in ("content_type", "content_encoding"):
            if options[name]:
                headers[name.replace("_", "-")] = options[name]
        if upstream.name in self._secrets:
            headers["authorization"] = self._secrets[upstream.name]
        url = upstream.url + options["path"] + (f"?{options['query']}" if options["query"] else "")
        try:
            answer = await self._clients[upstream.name].carry(
                options["method"], url, body=begun.letter.raw, headers=headers, most=_ANSWER_MOST
            )
        except HttpError as error:
            lost = error.fault is HttpFault.LOST
            # Whoever asked hears of it and may ask again; an ordinary request is not tried again behind their back.
            outcome = Outcome.UNKNOWN if lost and begun.row.at_most_once else Outcome.REFUSED
            if error.fault is HttpFault.UNREACHABLE and nobody_waits:
                outcome = Outcome.PUT_OFF
            await self._finish(begun, outcome, error.fault.value)
            return _Carried(None, error.fault)
        await self._finish(begun, Outcome.SENT, str(answer.status))
        return _Carried(answer)

    async def _finish(self, begun: Begun, outcome: Outcome, why: str) -> None:
        try:
            await asyncio.wrap_future(self._sending.finish([begun.row], outcome, why))
        except (TransientError, FatalError) as error:
            # It stays "sending": at the next start it becomes one whose outcome nobody knows.
            _log.error("gate.outcome_unrecorded", message_id=begun.row.message_id, error=type(error).__name__)

    async def send_approved(self, limit: int = 20) -> int:
        """Send what was approved since, and close what nobody waits for; returns how many were sent or closed.

        Raises:
            TransientError: the store is not available.
        """
        done = 0
        for row in self._sending.ready(limit + len(self._stuck), [Channel.HTTP.value], not_of=ASKED):
            if row.message_id in self._mine | self._stuck:
                continue
            try:
                begun = await asyncio.wrap_future(self._sending.begin(row.message_id))
            except LogConflictError:
                raise
            except FatalError as error:
                # It cannot be opened. The others can.
                self._stuck.add(row.message_id)
                _log.error("gate.cannot_open", message_id=row.message_id, error=type(error).__name__)
                continue
            if begun is None:
                continue
            done += 1
            if begun.row.at_most_once:
                await self._carry(begun, nobody_waits=True)
            else:
                await self._finish(begun, Outcome.REFUSED, "nobody_waits")
        return done

    async def close(self) -> None:
        """Give the connections back."""
        for client in self._clients.values():
            await client.close()


def _is_plain(path: str) -> bool:
    """Tell whether everybody reads the same path: no dot or empty segments, no backslashes, no control characters."""
    if path and not path.startswith("/"):
        return False
    plain = unquote_to_bytes(unquote_to_bytes(path))
    segments = plain.split(b"/")
    hidden = any(sign in plain for sign in (b"\\", b"\0", b"\r", b"\n", b"?", b"#", b";"))
    dotted = any(each in {b".", b".."} for each in segments)
    doubled = b"" in segments[1:-1]
    return not (hidden or dotted or doubled) and plain.count(b"/") == path.count("/")


def _passed_back(answer: Answer) -> Response:
    if answer.status in _REDIRECTS and answer.status != _NOT_MODIFIED:
        return problem_response(
            Problem("redirected", HTTPStatus.BAD_GATEWAY, "The upstream redirects; the gate does not follow.")
        )
    headers = {name: value for name, value in answer.headers.items() if name in _PASSED_BACK}
    return Response(answer.body, answer.status, headers=headers)
