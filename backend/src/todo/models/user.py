"""User: an account, as the authentication service writes it."""

from datetime import datetime

from sqlalchemy import Column, DateTime, Text, text
from sqlmodel import Field

from todo.models.base import Base


class User(Base, table=True):
    """A row of ``users``. What is None here and NOT NULL there, the database fills in."""

    __tablename__ = "users"
    __table_args__ = {"comment": "Accounts; the authentication service writes them."}  # noqa: RUF012
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    id: str | None = Field(
        default=None,
        sa_column=Column(
            Text,
            primary_key=True,
            server_default=text("(gen_random_uuid())::text"),
            comment="Any text: the authentication service's own id, or else a UUID.",
        ),
    )
    email: str = Field(sa_column=Column(Text, unique=True, nullable=False))
    name: str | None = Field(default=None, sa_column=Column(Text))
    created_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )
