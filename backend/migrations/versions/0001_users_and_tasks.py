"""Users and the tasks they own."""

from alembic import op

from todo.sql_files import migrate

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the file in sql/migrations that has this one's name."""
    migrate(op.get_context(), __file__, "up")


def downgrade() -> None:
    """Run the file that takes it back."""
    migrate(op.get_context(), __file__, "down")
