"""Users are kept apart by the database."""

from alembic import op

from todo.sql_files import migrate

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file in sql/migrations that has this one's name."""
    migrate(op.get_context(), __file__, "up")


def downgrade() -> None:
    """Run the file that takes it back."""
    migrate(op.get_context(), __file__, "down")
