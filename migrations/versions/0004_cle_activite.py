"""RPPS: the key of an activity is computed by PostgreSQL, from all its fields; a changed practitioner stays in place."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CLE = """hash_record_extended(ROW(structure, mode, secteur_code, siret, numero_finess, raison_sociale, adresse,
    complement, code_postal, ville, code_insee, telephone, telecopie, courriel, departement), 0)"""


def upgrade() -> None:
    _remplacer(sa.Computed(CLE, persisted=True))
    # Room for the rows that a night changes: updated on their page, they need no new entry in the index.
    op.execute("ALTER TABLE praticien SET (fillfactor = 95)")


def downgrade() -> None:
    # The former key was computed outside: the registry is loaded again.
    op.execute("TRUNCATE activite_praticien")
    op.execute("DELETE FROM praticien")
    _remplacer()
    op.execute("ALTER TABLE praticien RESET (fillfactor)")


def _remplacer(*calcul: sa.Computed) -> None:
    op.drop_constraint(op.f("pk_activite_praticien"), "activite_praticien")
    op.drop_column("activite_praticien", "cle")
    op.add_column("activite_praticien", sa.Column("cle", sa.BigInteger(), *calcul, nullable=False))
    op.create_primary_key(op.f("pk_activite_praticien"), "activite_praticien", ["rpps", "cle"])
