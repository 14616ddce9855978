"""${message}."""

from alembic import op

from todo.sql_files import migrate

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Run the file in sql/migrations that has this one's name."""
    migrate(op.get_context(), __file__, "up")


def downgrade() -> None:
    """Run the file that takes it back."""
    migrate(op.get_context(), __file__, "down")
