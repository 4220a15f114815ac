"""The connectors' settings together: ``[[sources]]``, told apart by their kind."""

from typing import Annotated, TypeAlias

from pydantic import Field

from connectors.jms_csv.config import CsvSource
from connectors.jms_debezium.config import DebeziumSource
from connectors.jms_sftp.config import SftpSource
from connectors.jms_sql.config import SqlSource
from connectors.jms_webhook.config import WebhookSource

Source: TypeAlias = Annotated[
    CsvSource | WebhookSource | SqlSource | SftpSource | DebeziumSource, Field(discriminator="kind")
]
