"""RPPS: mirror of the practitioners, its runs, and what it raises on the terrains."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Enums whose values grow: table, column, name of the CHECK, values before and after.
ENUMS = (
    ("traitement", "type", "ck_traitement_typetraitement", ("FINESS",), ("FINESS", "RPPS")),
    ("traitement_rejet", "objet", "ck_traitement_rejet_objetfinesstraite", ("EJ", "ET"), ("EJ", "ET", "PRATICIEN")),
    (
        "traitement_changement",
        "objet",
        "ck_traitement_changement_objetfinesstraite",
        ("EJ", "ET"),
        ("EJ", "ET", "PRATICIEN"),
    ),
)
TEXTES_ACTIVITE = (
    "structure",
    "mode",
    "secteur_code",
    "siret",
    "numero_finess",
    "raison_sociale",
    "adresse",
    "complement",
    "code_postal",
    "ville",
    "code_insee",
    "telephone",
    "telecopie",
    "courriel",
    "departement",
)


def upgrade() -> None:
    op.create_table(
        "praticien",
        sa.Column("rpps", sa.String(length=11), nullable=False),
        sa.Column("nom", sa.Text(), nullable=False),
        sa.Column("prenom", sa.Text(), nullable=True),
        sa.Column("civilite", sa.Text(), nullable=True),
        sa.Column("profession_code", sa.String(length=2), nullable=False),
        sa.Column("savoirs_faire", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("absent_depuis", sa.Date(), nullable=True),
        sa.Column("empreinte", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("rpps", name=op.f("pk_praticien")),
    )
    op.create_table(
        "activite_praticien",
        sa.Column("rpps", sa.String(length=11), nullable=False),
        sa.Column("cle", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(nom, sa.Text(), nullable=True) for nom in TEXTES_ACTIVITE),
        sa.PrimaryKeyConstraint("rpps", "cle", name=op.f("pk_activite_praticien")),
    )
    for nom in ("hors_champ", "praticiens"):
        op.add_column("traitement", sa.Column(nom, sa.Integer(), nullable=False, server_default="0"))
        op.alter_column("traitement", nom, server_default=None)
    op.alter_column("traitement_changement", "numero", type_=sa.String(length=11))
    op.add_column("terrain_de_stage", sa.Column("rpps_hors_ars_depuis", sa.Date(), nullable=True))
    for table, colonne, contrainte, _avant, apres in ENUMS:
        _permettre(table, colonne, contrainte, apres)


def downgrade() -> None:
    op.execute(
        "UPDATE evenement SET traitement_id = NULL WHERE traitement_id IN (SELECT id FROM traitement WHERE type = 'RPPS')"
    )
    op.execute("DELETE FROM traitement WHERE type = 'RPPS'")
    for table, colonne, contrainte, avant, _apres in ENUMS:
        _permettre(table, colonne, contrainte, avant)
    op.drop_column("terrain_de_stage", "rpps_hors_ars_depuis")
    op.alter_column("traitement_changement", "numero", type_=sa.String(length=9))
    for nom in ("praticiens", "hors_champ"):
        op.drop_column("traitement", nom)
    op.drop_table("activite_praticien")
    op.drop_table("praticien")


def _permettre(table: str, colonne: str, contrainte: str, valeurs: tuple[str, ...]) -> None:
    op.drop_constraint(op.f(contrainte), table)
    liste = ", ".join(f"'{valeur}'" for valeur in valeurs)
    op.create_check_constraint(op.f(contrainte), table, f"{colonne} IN ({liste})")
