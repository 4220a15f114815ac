"""What all tables belong to."""

from typing import Final

from sqlalchemy import MetaData

metadata: Final = MetaData()
