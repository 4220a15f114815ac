"""Accounts and roles, for administrators."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from integration.console.access import Role
from integration.console.common import field, fields, pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.people import enrolment, grants_given, random_password
from integration.errors import UsageError

router = APIRouter(include_in_schema=False)


@router.get("/users")
def users(request: Request) -> Response:
    """List accounts."""
    return _listed(request)


def _listed(request: Request, *, status: int = 200, wrong: str = "") -> Response:
    parts = parts_of(request)
    rows = [(row, parts.accounts.grants(row.name)) for row in parts.accounts.accounts()]
    return pages_of(request).page(
        request,
        "users.html",
        status=status,
        rows=rows,
        roles=list(Role),
        sources=_sources(request),
        passwords=parts.people.passwords,
        wrong=wrong,
        name=field(request, "name") if wrong else "",
        ticked=fields(request, "grant") if wrong else (),
    )


def _sources(request: Request) -> list[str]:
    return [each.source for each in parts_of(request).settings.facilities]


@router.post("/users")
def add(request: Request) -> Response:
    """Add an account, and show its first password and secret once."""
    parts, caller = parts_of(request), caller_of(request)
    name, password = field(request, "name").strip(), random_password()
    try:
        secret = parts.people.add(name, password, grants_given(fields(request, "grant")), by=caller.actor)
    except UsageError as error:
        return _listed(request, status=400, wrong=str(error))
    address = enrolment(name, secret) if secret else ""
    return pages_of(request).page(
        request, "user_added.html", name=name, password=password, secret=secret, address=address
    )


@router.get("/users/{name}")
def user(request: Request, name: str) -> Response:
    """Show one account."""
    parts = parts_of(request)
    row = parts.accounts.account(name)
    if row is None:
        raise HTTPException(404)
    return pages_of(request).page(
        request,
        "user.html",
        row=row,
        grants=parts.accounts.grants(name),
        tokens=parts.accounts.tokens(name),
        sessions=parts.accounts.open_sessions(name),
        roles=list(Role),
        sources=_sources(request),
    )


def _back(name: str) -> Response:
    return RedirectResponse(f"/users/{name}", 303)


@router.post("/users/{name}/roles")
def roles(request: Request, name: str) -> Response:
    """Give an account other roles."""
    parts_of(request).people.set_roles(name, grants_given(fields(request, "grant")), by=caller_of(request).actor)
    return _back(name)


@router.post("/users/{name}/unlock")
def unlock(request: Request, name: str) -> Response:
    """Let somebody try again."""
    parts_of(request).people.unlock(name, by=caller_of(request).actor)
    return _back(name)


@router.post("/users/{name}/disable")
def disable(request: Request, name: str) -> Response:
    """Close an account."""
    parts_of(request).people.disable(name, by=caller_of(request).actor)
    return _back(name)


@router.post("/users/{name}/enable")
def enable(request: Request, name: str) -> Response:
    """Open an account again."""
    parts_of(request).people.enable(name, by=caller_of(request).actor)
    return _back(name)


@router.post("/users/{name}/logout")
def log_out(request: Request, name: str) -> Response:
    """End every session of an account."""
    parts_of(request).people.log_out_everywhere(name, by=caller_of(request).actor)
    return _back(name)
