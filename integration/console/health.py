"""Whether engine, sources, log and disk are well."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from integration.console.common import pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.vital import health_of

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(request: Request) -> Response:
    """Show it."""
    parts, caller = parts_of(request), caller_of(request)
    seen = health_of(parts, caller.sources)
    behind = request.app.state.live.behind
    return pages_of(request).page(request, "health.html", health=seen, search=parts.search.size, behind=behind)
