"""Envois: lists sent by e-mail, and their outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ETATS = ("EN_ATTENTE", "ENVOYE", "ECHEC")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "envoi",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("jeton", sa.String(length=36), nullable=False),
        sa.Column("demandeur", sa.String(length=128), nullable=False),
        sa.Column("demandeur_nom", sa.String(length=130), nullable=False),
        sa.Column("demandeur_courriel", sa.String(length=254), nullable=False),
        sa.Column("demande_le", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("liste", sa.String(length=40), nullable=False),
        sa.Column("criteres", JSONB(), nullable=False),
        sa.Column("archives", sa.Boolean(), nullable=False),
        sa.Column("criteres_affiches", JSONB(), nullable=False),
        sa.Column("tri", sa.String(length=40), nullable=False),
        sa.Column("descendant", sa.Boolean(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("lien", sa.Text(), nullable=False),
        sa.Column("lignes", sa.Integer(), nullable=False),
        sa.Column("destinataires", JSONB(), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column(
            "etat",
            sa.Enum(*ETATS, name="etatenvoi", native_enum=False, length=30, create_constraint=True),
            nullable=False,
        ),
        sa.Column("tentatives", sa.Integer(), nullable=False),
        sa.Column("prochaine_le", instant, server_default=sa.text("now()"), nullable=False),
        sa.Column("derniere_erreur", sa.Text(), nullable=True),
        sa.Column("servis", JSONB(), server_default="[]", nullable=False),
        sa.Column("refuses", JSONB(), server_default="{}", nullable=False),
        sa.Column("joint", sa.Boolean(), nullable=True),
        sa.Column("envoye_le", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envoi")),
        sa.UniqueConstraint("jeton", name=op.f("uq_envoi_jeton")),
    )
    attente = sa.text("etat = 'EN_ATTENTE'")
    op.create_index("ix_envoi_en_attente", "envoi", ["prochaine_le"], postgresql_where=attente)
    op.create_index("ix_envoi_demandeur", "envoi", ["demandeur", "id"])


def downgrade() -> None:
    op.drop_table("envoi")
