"""Task: what a user has to do."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    text,
)
from sqlmodel import Field

from todo.models.base import Base


class Task(Base, table=True):
    """A row of ``tasks``. What is None here and NOT NULL there, the database fills in."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index("idx_tasks_user_id", "user_id"),
        {"comment": "Each belongs to one user and goes when that user goes."},
    )
    # Reads back what the database sets, updated_at after an UPDATE included.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012

    id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger,
            Identity(always=True),
            primary_key=True,
            comment="Never handed out twice; gaps are normal.",
        ),
    )
    user_id: str = Field(
        sa_column=Column(Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    )
    title: str = Field(max_length=200, sa_column=Column(String(200), nullable=False))
    description: str | None = Field(default=None, sa_column=Column(Text))
    completed: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    created_at: datetime | None = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )
    updated_at: datetime | None = Field(
        default=None,
        sa_column=Column(
            DateTime(timezone=True),
            nullable=False,
            server_default=text("now()"),
            server_onupdate=FetchedValue(),
            comment="Time of the last UPDATE, set by the database alone.",
        ),
    )
