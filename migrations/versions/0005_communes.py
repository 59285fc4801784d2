"""Communes: those that left the official code, and the files that an operator loaded in place of the seeds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("commune", sa.Column("absente_depuis", sa.Date(), nullable=True))
    op.add_column("graine", sa.Column("fichier", sa.String(length=255), nullable=True))
    op.add_column("graine", sa.Column("millesime", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("graine", "millesime")
    op.drop_column("graine", "fichier")
    op.drop_column("commune", "absente_depuis")
