"""Internes, and the semestres where they are posted: by identifiant, then by semester of the calendar (§1.11)."""

from app.imports import objet as sql
from app.imports.lecture import Colonne
from app.imports.objet import Objet
from app.imports.valeurs import NUMERO_TERRAIN, entier, parmi, texte
from models.interne import Saison

INTERNES = Objet(
    nom="internes",
    operation="INT.importer",
    type_objet="Interne",
    table="interne",
    colonnes=(
        Colonne("identifiant", texte(30)),
        Colonne("nom", texte(100)),
        Colonne("prenom", texte(100)),
        Colonne("subdivision", texte(100)),
        Colonne("specialite", texte(150)),
    ),
    cle=("identifiant",),
    champs=("identifiant", "nom", "prenom", "subdivision_code", "specialite_code"),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id,
               coalesce(c.motif, CASE {sql.SUBDIVISION_INCONNUE} {sql.SPECIALITE_D_UN_DES} END) AS motif,
               c.identifiant, c.nom, c.prenom, sub.code AS subdivision_code, s.code AS specialite_code
        FROM copie c {sql.SUBDIVISION} {sql.SPECIALITE}
        LEFT JOIN interne o ON o.identifiant = c.identifiant
    """,
    libelle="o.nom || ' ' || o.prenom",
    ars="'[]'::jsonb",
    lisibles={"subdivision_code": sql.SUBDIVISION_LISIBLE, "specialite_code": sql.SPECIALITE_LISIBLE},
    horodate=False,
    verrous=(sql.verrouiller_table("interne"),),
)

_INTERNE = "x.nom || ' ' || x.prenom"
_SEMESTRE = f"{sql.libelle_sql(Saison, 'x.saison')} || ' ' || x.annee"
_INTERNE_LISIBLE = sql.designation_sql("interne", "interne_id", _INTERNE)
_SEMESTRE_LISIBLE = sql.designation_sql("semestre", "semestre_id", _SEMESTRE)

SEMESTRES = Objet(
    nom="semestres",
    operation="SEM.importer",
    type_objet="SemestreInternat",
    table="semestre_internat",
    colonnes=(
        Colonne("identifiant", texte(30)),
        Colonne("annee", entier(1990, 2100)),
        Colonne("saison", parmi(Saison)),
        Colonne("numero_terrain", NUMERO_TERRAIN),
    ),
    cle=("identifiant", "annee", "saison"),
    champs=("interne_id", "semestre_id", "terrain_id"),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id, coalesce(c.motif, CASE
                   WHEN i.id IS NULL
                   THEN 'L’interne « ' || c.identifiant || ' » est inconnu : importez d’abord les internes.'
                   WHEN sem.id IS NULL
                   THEN 'Le semestre « ' || {sql.libelle_sql(Saison, "c.saison")} || ' ' || c.annee
                        || ' » n’est pas au calendrier des semestres : ajoutez-le d’abord.'
                   {sql.TERRAIN_INCONNU} END) AS motif,
               i.id AS interne_id, sem.id AS semestre_id, t.id AS terrain_id
        FROM copie c {sql.TERRAIN}
        LEFT JOIN interne i ON i.identifiant = c.identifiant
        LEFT JOIN semestre sem ON sem.annee = CAST(c.annee AS int) AND sem.saison = c.saison
        LEFT JOIN semestre_internat o ON o.interne_id = i.id AND o.semestre_id = sem.id
    """,
    libelle=f"{_INTERNE_LISIBLE.replace('{a}', 'o')} || ' – ' || {_SEMESTRE_LISIBLE.replace('{a}', 'o')}",
    ars="'[]'::jsonb",
    lisibles={
        "interne_id": _INTERNE_LISIBLE,
        "semestre_id": _SEMESTRE_LISIBLE,
        "terrain_id": sql.TERRAIN_LISIBLE,
    },
    horodate=False,
    verrous=(sql.TERRAINS_DU_FICHIER, sql.verrouiller_table("semestre_internat")),
)
