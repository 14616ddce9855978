"""What the models have in common."""

from sqlalchemy import MetaData
from sqlmodel import SQLModel

# PostgreSQL's own names, written out: SQLAlchemy would compare constraints without theirs.
NAMES = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_name)s_key",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
}


class Base(SQLModel):
    """A model with a table among ours; other packages' SQLModel tables are none of them."""

    metadata = MetaData(naming_convention=NAMES)
