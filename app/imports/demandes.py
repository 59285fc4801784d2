"""Demandes d'agrément of the national system: one line each, its reference as key."""

from app.imports import objet as sql
from app.imports.lecture import Colonne
from app.imports.objet import Objet
from app.imports.valeurs import NUMERO_TERRAIN, jour, parmi, texte
from models.agrement import ETATS_OUVERTS, EtatDemande

_OUVERTS = ", ".join(f"'{un.name}'" for un in sorted(ETATS_OUVERTS))
_OUVRE = f"c.etat IN ({_OUVERTS}) AND (o.id IS NULL OR o.terrain_id <> t.id OR o.etat NOT IN ({_OUVERTS}))"

DEMANDES = Objet(
    nom="demandes",
    operation="DEM.importer",
    type_objet="DemandeAgrement",
    table="demande_agrement",
    colonnes=(
        Colonne("reference", texte(40)),
        Colonne("numero_terrain", NUMERO_TERRAIN),
        Colonne("specialite", texte(150)),
        Colonne("etat", parmi(EtatDemande)),
        Colonne("deposee_le", jour),
    ),
    cle=("reference",),
    champs=("reference", "terrain_id", "specialite_code", "etat", "deposee_le"),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id,
               coalesce(c.motif, CASE {sql.TERRAIN_INCONNU} {sql.SPECIALITE_D_UN_DES}
                   {sql.refus_terrain_inactif(_OUVRE)} END) AS motif,
               c.reference, t.id AS terrain_id, s.code AS specialite_code, c.etat,
               CAST(c.deposee_le AS date) AS deposee_le
        FROM copie c {sql.TERRAIN} {sql.SPECIALITE}
        LEFT JOIN demande_agrement o ON o.reference = c.reference
    """,
    libelle="o.reference",
    ars="(SELECT jsonb_build_array(x.ars_code) FROM terrain_de_stage x WHERE x.id = o.terrain_id)",
    lisibles={
        "terrain_id": sql.TERRAIN_LISIBLE,
        "specialite_code": sql.SPECIALITE_LISIBLE,
        "etat": sql.libelle_sql(EtatDemande, "{a}.etat"),
    },
    verrous=(sql.TERRAINS_DU_FICHIER, sql.verrouiller_table("demande_agrement")),
)
