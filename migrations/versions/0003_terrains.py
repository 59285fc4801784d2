"""Terrains de stage: columns and indexes of their search, links of territory, one-use tokens of forms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TERRAIN = "terrain_de_stage"
NORMES = {
    "nom_norme": "normaliser(nom)",
    "titulaire_norme": "normaliser(coalesce(organisme_nom, praticien_nom || coalesce(' ' || praticien_prenom, '')))",
    "responsable_norme": "normaliser(responsable_nom || coalesce(' ' || responsable_prenom, ''))",
}
PREFIXES = {
    TERRAIN: ("numero", "rpps", "siret", "autre_numero_norme"),
    "ancien_numero": ("numero",),
    "agrement": ("reference",),
    "demande_agrement": ("reference",),
    "interne": ("identifiant",),
}
LISTES = {"liste": "numero", "nom_norme": "nom_norme"}
LIEN = "fk_terrain_de_stage_subdivision_code_ars_code"


def upgrade() -> None:
    _stage_chu(sa.Boolean(), "stage_chu IS NOT NULL")
    for nom, expression in NORMES.items():
        colonne = sa.Column(
            nom, sa.Text(collation="C"), sa.Computed(expression, persisted=True), nullable=nom != "nom_norme"
        )
        op.add_column(TERRAIN, colonne)
    numero = sa.Computed("upper(replace(autre_numero, ' ', ''))", persisted=True)
    op.add_column(TERRAIN, sa.Column("autre_numero_norme", sa.String(50), numero, nullable=True))
    nom = sa.Column(
        "nom_norme",
        sa.Text(collation="C"),
        sa.Computed("normaliser(nom || ' ' || prenom)", persisted=True),
        nullable=False,
    )
    op.add_column("interne", nom)
    for colonne in ("siret", "autre_numero"):
        op.drop_index(op.f(f"ix_terrain_de_stage_{colonne}"), TERRAIN)
    op.create_foreign_key(
        op.f(LIEN), TERRAIN, "subdivision_ars", ["subdivision_code", "ars_code"], ["subdivision_code", "ars_code"]
    )
    _creer_index()
    op.create_table(
        "soumission",
        sa.Column("jeton", sa.String(length=36), nullable=False),
        sa.Column("acteur", sa.String(length=128), nullable=False),
        sa.Column("resultat", sa.String(length=40), nullable=False),
        sa.Column("le", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("jeton", name=op.f("pk_soumission")),
    )
    op.create_index(op.f("ix_soumission_le"), "soumission", ["le"])


def downgrade() -> None:
    op.drop_table("soumission")
    for nom in (*(f"{un}_trgm" for un in NORMES), *LISTES, "notices"):
        op.drop_index(f"ix_terrain_de_stage_{nom}", TERRAIN)
    op.drop_index("ix_interne_nom_norme", "interne")
    for table, colonnes in PREFIXES.items():
        for colonne in colonnes:
            op.drop_index(f"ix_{table}_{colonne}_prefixe", table)
    op.drop_constraint(op.f(LIEN), TERRAIN)
    for colonne in ("siret", "autre_numero"):
        op.create_index(op.f(f"ix_terrain_de_stage_{colonne}"), TERRAIN, [colonne])
    op.drop_column("interne", "nom_norme")
    for nom in ("autre_numero_norme", *NORMES):
        op.drop_column(TERRAIN, nom)
    _stage_chu(sa.String(100), "CASE WHEN stage_chu THEN 'Oui' END")


def _stage_chu(type_: sa.types.TypeEngine[object], valeur: str) -> None:
    op.alter_column(TERRAIN, "stage_chu", type_=type_, postgresql_using=valeur)


def _creer_index() -> None:
    trigrammes = [(TERRAIN, f"ix_terrain_de_stage_{un}_trgm", un) for un in NORMES]
    for table, nom, colonne in (*trigrammes, ("interne", "ix_interne_nom_norme", "nom_norme")):
        op.create_index(nom, table, [colonne], postgresql_using="gin", postgresql_ops={colonne: "gin_trgm_ops"})
    for table, colonnes in PREFIXES.items():
        for colonne in colonnes:
            nom = f"ix_{table}_{colonne}_prefixe"
            op.create_index(nom, table, [colonne], postgresql_ops={colonne: "text_pattern_ops"})
    for nom, colonne in LISTES.items():
        contenu = ["ars_code", "statut", "type"]
        op.create_index(f"ix_terrain_de_stage_{nom}", TERRAIN, [colonne, "id"], postgresql_include=contenu)
    notices = "rpps_invalide_depuis IS NOT NULL OR rpps_hors_ars_depuis IS NOT NULL OR rpps_errone IS true"
    op.create_index("ix_terrain_de_stage_notices", TERRAIN, ["ars_code"], postgresql_where=sa.text(notices))
