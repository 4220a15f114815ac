"""Settings of an SMS provider: which request it takes, and how its answer is read."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.common import ChannelSettings, Name, Url
from connectors.sms.template import Form, checked

Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""E.164: a plus, the country, the number, without spaces."""


class Outcome(BaseModel):
    """Where a provider that answers 200 to everything says what it did."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    path: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")]
    """Into its JSON: names and positions, such as ``messages.0.status``."""
    taken: Annotated[list[str], Field(min_length=1)]
    """Values that mean yes."""
    passing: list[str] = []
    """Values that mean not now. Any other value means no."""


class SmsSettings(ChannelSettings):
    """A provider, its request, and whose telephones."""

    name: Name = "sms"
    url: Url
    method: Literal["POST", "GET"] = "POST"
    form: Form = Form.JSON
    """How the body is written, and how values are put into it."""
    template: str
    """The body (with ``GET``, the query) with ``{to}``, ``{from}``, ``{text}`` and ``{id}``."""
    sender: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11}|)$")] = ""
    recipients: Annotated[list[Number], Field(min_length=1)]
    auth_header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")] = "Authorization"
    auth_scheme: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$")] = "Bearer"
    """What stands before the secret. ``Basic``: user and secret as RFC 7617 has it. Empty: the secret alone."""
    user: str = ""
    secret_file: Path
    most_segments: Annotated[int, Field(ge=1, le=10)] = 2
    """How many messages one notice may take; what is longer is cut."""
    outcome: Outcome | None = None

    @model_validator(mode="after")
    def _template_is_whole(self) -> Self:
        checked(self.template, self.form)
        if self.method == "GET" and self.form is not Form.QUERY:
            raise ValueError('method "GET" needs form = "query"')
        if "{from}" in self.template and not self.sender:
            raise ValueError("the template has {from}, and there is no sender")
        if bool(self.user) != (self.auth_scheme == "Basic"):
            raise ValueError('user and auth_scheme = "Basic" go together')
        return self
