"""Agréments decided by the national system: one line each, its reference as key (SPEC S2, issue of the imports)."""

from app.imports import objet as sql
from app.imports.lecture import Colonne
from app.imports.objet import Objet
from app.imports.valeurs import NUMERO_TERRAIN, jour, parmi, texte
from models.agrement import DecisionAgrement, TypeAgrement

# Where the terrain stands today.
_TERRITOIRE = {
    "ars_code": "t.ars_code",
    "subdivision_code": "t.subdivision_code",
    "departement_code": "t.departement_effectif",
    "bassin_de_vie_code": "b.bassin_de_vie_code",
    "numero_terrain": "t.numero",
}
_DECISION = "coalesce(c.decision, o.decision, 'AGREE')"
_OUVERT = f"({_DECISION} <> 'RETIRE' AND CAST(c.date_fin AS date) >= {sql.AUJOURD_HUI})"
_ETAIT_OUVERT = f"(o.decision <> 'RETIRE' AND o.date_fin >= {sql.AUJOURD_HUI})"
# On the same terrain an agrément keeps its territory: §1.8 makes an open one follow, and leaves alone one that is échu.
_OUVRE = f"{_OUVERT} AND (o.id IS NULL OR o.terrain_id <> t.id OR NOT {_ETAIT_OUVERT})"
_GARDE = f"o.id IS NOT NULL AND o.terrain_id = t.id AND NOT ({_OUVRE})"

AGREMENTS = Objet(
    nom="agrements",
    operation="AGR.importer",
    type_objet="Agrement",
    table="agrement",
    colonnes=(
        Colonne("reference", texte(40)),
        Colonne("numero_terrain", NUMERO_TERRAIN),
        Colonne("specialite", texte(150)),
        Colonne("type", parmi(TypeAgrement)),
        Colonne("decision", parmi(DecisionAgrement), exigee=False, remplie=False),
        Colonne("date_debut", jour),
        Colonne("date_fin", jour),
    ),
    cle=("reference",),
    champs=("reference", "terrain_id", "specialite_code", "type", "decision", "date_debut", "date_fin", *_TERRITOIRE),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id, coalesce(c.motif, CASE
                   {sql.TERRAIN_INCONNU} {sql.SPECIALITE_D_UN_DES} {sql.refus_terrain_inactif(_OUVRE)}
                   WHEN c.date_debut > c.date_fin THEN 'La date de fin précède la date de début.' END) AS motif,
               c.reference, t.id AS terrain_id, s.code AS specialite_code, c.type,
               {_DECISION} AS decision,
               CAST(c.date_debut AS date) AS date_debut, CAST(c.date_fin AS date) AS date_fin,
               {", ".join(f"CASE WHEN {_GARDE} THEN o.{un} ELSE {de} END AS {un}" for un, de in _TERRITOIRE.items())}
        FROM copie c {sql.TERRAIN} {sql.SPECIALITE}
        LEFT JOIN commune b ON b.code = t.code_insee_effectif
        LEFT JOIN agrement o ON o.reference = c.reference
    """,
    libelle="o.reference",
    ars="jsonb_build_array(o.ars_code)",
    lisibles={
        "terrain_id": sql.TERRAIN_LISIBLE,
        "specialite_code": sql.SPECIALITE_LISIBLE,
        "type": sql.libelle_sql(TypeAgrement, "{a}.type"),
        "decision": sql.libelle_sql(DecisionAgrement, "{a}.decision"),
    },
    constantes={"a_reexaminer": "false"},
    verrous=(sql.TERRAINS_DU_FICHIER, sql.verrouiller_table("agrement")),
)
