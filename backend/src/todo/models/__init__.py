"""One model per table; ``Base.metadata`` is what Alembic compares with the database."""

from todo.models.base import Base
from todo.models.task import Task
from todo.models.user import User

__all__ = ["Base", "Task", "User"]
