"""The todo application's data layer.

The tables themselves are defined in ``sql/``; the models here follow them.
"""

from todo.config import DatabaseSettings, Settings, SettingsError
from todo.database import create_engine, session
from todo.models import Task, User

__all__ = [
    "DatabaseSettings",
    "Settings",
    "SettingsError",
    "Task",
    "User",
    "create_engine",
    "session",
]
