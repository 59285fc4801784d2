"""RPPS: fields of the activities as in the file, put together by PostgreSQL; hashes of blocks of lines, without WAL."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = "activite_praticien"
ADRESSE = """substr(coalesce(' ' || numero_voie, '') || coalesce(' ' || indice_voie, '')
    || coalesce(' ' || type_voie, '') || coalesce(' ' || voie, ''), 2)"""
COMPLEMENT = """substr(coalesce(', ' || destinataire, '') || coalesce(', ' || point_geographique, '')
    || coalesce(', ' || mention, ''), 3)"""
VILLE = "coalesce(commune, regexp_replace(cedex, '[0-9]{5} +(?=.)', ''))"
# Of the commune, or of the postal code for want of it; none abroad.
DEPARTEMENT = """CASE
    WHEN left(code_insee, 2) IN ('97', '98') THEN left(code_insee, 3)
    WHEN code_insee IS NOT NULL THEN left(code_insee, 2)
    WHEN (code_postal ~ '^[0-9]{5}$') IS NOT TRUE THEN NULL
    WHEN left(code_postal, 2) IN ('97', '98') THEN left(code_postal, 3)
    WHEN left(code_postal, 2) <> '20' THEN left(code_postal, 2)
    WHEN substr(code_postal, 3, 1) IN ('0', '1') THEN '2A'
    ELSE '2B' END"""
CLE = """hash_record_extended(ROW(structure, mode, secteur_code, siret, numero_finess, raison, enseigne, numero_voie,
    indice_voie, type_voie, voie, destinataire, point_geographique, mention, cedex, code_postal, code_insee, commune,
    telephone, telecopie, courriel), 0)"""
# Fields of the file that the mirror did not keep apart, and the column that tells what was made of them until now.
AJOUTEES = {
    "raison": "raison_sociale",
    "enseigne": None,
    "numero_voie": None,
    "indice_voie": None,
    "type_voie": None,
    "voie": "adresse",
    "destinataire": "complement",
    "point_geographique": None,
    "mention": None,
    "cedex": None,
    "commune": "ville",
}
CALCULEES = {
    "raison_sociale": "coalesce(raison, enseigne)",
    "adresse": f"nullif({ADRESSE}, '')",
    "complement": f"nullif({COMPLEMENT}, '')",
    "ville": VILLE,
    "departement": DEPARTEMENT,
}
ANCIENNE_CLE = """hash_record_extended(ROW(structure, mode, secteur_code, siret, numero_finess, raison_sociale, adresse,
    complement, code_postal, ville, code_insee, telephone, telecopie, courriel, departement), 0)"""


def upgrade() -> None:
    """The mirror says what it said; the next file brings the fields apart."""
    _retirer_cle()
    for nom, source in AJOUTEES.items():
        op.add_column(TABLE, sa.Column(nom, sa.Text()))
        if source:
            op.execute(f"UPDATE {TABLE} SET {nom} = {source}")
    for nom, calcul in CALCULEES.items():
        op.drop_column(TABLE, nom)
        op.add_column(TABLE, sa.Column(nom, sa.Text(), sa.Computed(calcul, persisted=True)))
    _poser_cle(CLE)
    op.drop_column("praticien", "empreinte")
    op.create_table(
        "bloc_rpps",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("prefixe", sa.Text()),
        sa.Column("empreinte", sa.LargeBinary()),
        sa.Column("lignes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bloc_rpps")),
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("bloc_rpps")
    op.add_column("praticien", sa.Column("empreinte", sa.LargeBinary()))
    _retirer_cle()
    for nom in CALCULEES:
        op.execute(f"ALTER TABLE {TABLE} ALTER COLUMN {nom} DROP EXPRESSION")
    for nom in AJOUTEES:
        op.drop_column(TABLE, nom)
    _poser_cle(ANCIENNE_CLE)


def _retirer_cle() -> None:
    op.drop_constraint(op.f("pk_activite_praticien"), TABLE)
    op.drop_column(TABLE, "cle")


def _poser_cle(calcul: str) -> None:
    op.add_column(TABLE, sa.Column("cle", sa.BigInteger(), sa.Computed(calcul, persisted=True), nullable=False))
    op.create_primary_key(op.f("pk_activite_praticien"), TABLE, ["rpps", "cle"])
