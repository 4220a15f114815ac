"""A report as a tagged PDF (PDF/UA-1, ISO 14289-1): the HTML page, laid out by WeasyPrint. An optional extra."""

from hashlib import sha256
from typing import Any

from integration.errors import UsageError


def pdf(page: bytes) -> bytes:
    """Lay a page out. The same page, program and fonts give the same bytes.

    Raises:
        UsageError: WeasyPrint or its system libraries (Pango) are not there.
    """
    try:
        from weasyprint import HTML, URLFetcher  # noqa: PLC0415  an optional extra that loads system libraries
    except (ImportError, OSError) as error:
        raise UsageError(
            "PDF needs the extra `reports` (pip install '.[reports]' in a checkout) and the system library Pango"
        ) from error
    # Pictures stand in the page itself; anything else fails.
    fetcher = URLFetcher(allowed_protocols={"data"}, fail_on_errors=True)
    made: Any = HTML(string=page.decode(), url_fetcher=fetcher).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=sha256(page).hexdigest()[:32].encode(), custom_metadata=False
    )
    return bytes(made)
