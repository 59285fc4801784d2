"""Terrains of the former application: number, type and statut kept (S16, S17, S25, TS-04).

The number is « code of the ARS, letter of the type, five digits »; counters are raised past those taken over, so that
none is ever drawn again. A terrain that is already there is left as it is, whatever became of it since.
"""

from functools import partial

from app.imports import lieux
from app.imports import objet as sql
from app.imports.lecture import Colonne
from app.imports.objet import Objet
from app.imports.reprise_registre import NUMERO, OPERATION
from app.imports.valeurs import CODE_ARS, NUMERO_TERRAIN, Lecteur, code, entier, oui_non, parmi, texte
from models.coordonnees import CHAMPS_COORDONNEES, TRIPLET
from models.etats import StatutTerrain, TypeTerrain
from models.terrain_de_stage import TypeOrganisme

_FACULTATIVES: dict[str, Lecteur] = {
    "specialite": texte(150),
    "nombre_de_postes": entier(0, 9999),
    "responsable_nom": texte(100),
    "responsable_prenom": texte(100),
    "numero_finess_et": NUMERO,
    "stage_chu": oui_non,
    "rpps": code(r"\d{11}", "numéro RPPS", "10001234567"),
    "praticien_nom": texte(100),
    "praticien_prenom": texte(100),
    "nature_exercice": texte(60),
    "type_organisme": parmi(TypeOrganisme),
    "organisme_nom": texte(255),
    "siret": code(r"\d{14}", "SIRET", "13001234500017"),
    "autre_numero": texte(50),
    "autre_numero_nature": texte(50),
}
_DU_BLOC = (*TRIPLET, "complement", "code_insee")


def _de_l_etablissement(champ: str) -> str:
    """Coordinates that count of the ET `e`: secondary where filled, as at a creation (S73, A19)."""
    if champ in _DU_BLOC:
        return f"CASE WHEN e.adresse_secondaire IS NOT NULL THEN e.{champ}_secondaire ELSE e.{champ} END"
    return f"coalesce(e.{champ}_secondaire, e.{champ})"


def _du_fichier(champ: str) -> str:
    return lieux.CODE_INSEE if champ == "code_insee" else f"c.{champ}"


_PRINCIPALES = {
    un: f"CASE WHEN c.type = 'HOSPITALIER' THEN {_de_l_etablissement(un)} ELSE {_du_fichier(un)} END"
    for un in CHAMPS_COORDONNEES
}
_VALEURS = {
    **{un: f"c.{un}" for un in ("numero", "type", "statut", "nom", "responsable_nom", "responsable_prenom")},
    "ars_code": "c.ars",
    "subdivision_code": "sub.code",
    "specialite_code": "s.code",
    "nombre_de_postes": "CAST(c.nombre_de_postes AS int)",
    "etablissement_id": "e.id",
    "stage_chu": "CASE WHEN c.type = 'HOSPITALIER' THEN CAST(c.stage_chu AS boolean) END",
    "coordonnees_de_finess": "c.type = 'HOSPITALIER'"
    f" AND num_nonnulls({', '.join(f'e.{un}' for un in lieux.SECONDAIRES)}) = 0",
    **{un: f"c.{un}" for un in ("rpps", "praticien_nom", "praticien_prenom", "nature_exercice")},
    "rpps_invalide_depuis": f"CASE WHEN c.rpps IS NOT NULL AND m.rpps IS NULL THEN {sql.AUJOURD_HUI} END",
    **{un: f"c.{un}" for un in ("type_organisme", "organisme_nom", "siret", "autre_numero", "autre_numero_nature")},
    **_PRINCIPALES,
    **lieux.VALEURS_SECONDAIRES,
}
# Whether the terrain `o` that has this number is the one of the file: others may have drawn numbers since.
_LE_MEME = """
    o.type = c.type AND CASE c.type WHEN 'PRATICIEN' THEN o.rpps = c.rpps
        WHEN 'HOSPITALIER' THEN o.etablissement_id = e.id OR o.nom_norme = normaliser(c.nom)
        ELSE o.nom_norme = normaliser(c.nom) OR normaliser(o.organisme_nom) = normaliser(c.organisme_nom) END
"""
_REFUS_NUMERO = f"""
    WHEN left(c.numero, 2) <> c.ars THEN 'Le numéro « ' || c.numero || ' » n’est pas de l’ARS « ' || c.ars || ' ».'
    WHEN substr(c.numero, 3, 1) <> left(c.type, 1)
    THEN 'La lettre du numéro « ' || c.numero || ' » n’est pas celle d’un terrain '
        || {sql.libelle_sql(TypeTerrain, "c.type")} || '.'
    WHEN o.id IS NOT NULL AND ({_LE_MEME}) IS NOT TRUE
    THEN 'Le numéro « ' || c.numero || ' » est déjà celui d’un autre terrain, « ' || o.nom || ' ».'
"""
_REFUS_TERRITOIRE = f"""
    WHEN ars.code IS NULL THEN 'L’ARS « ' || c.ars || ' » est inconnue.'
    {sql.SUBDIVISION_INCONNUE} {sql.SPECIALITE_INCONNUE}
    WHEN lien.ars_code IS NULL THEN 'La subdivision « ' || sub.nom || ' » n’est pas liée à l’' || ars.nom || '.'
"""
_REFUS_TYPE = """
    WHEN c.type <> 'HOSPITALIER' AND c.numero_finess_et IS NOT NULL
    THEN 'Seul un terrain Hospitalier est sur un établissement : videz numero_finess_et.'
    WHEN c.type <> 'PRATICIEN' AND c.rpps IS NOT NULL THEN 'Seul un terrain Praticien a un numéro RPPS : videz rpps.'
    WHEN c.type <> 'AUTRE' AND num_nonnulls(c.type_organisme, c.organisme_nom, c.siret, c.autre_numero) > 0
    THEN 'Seul un terrain Autre organisme a un organisme : videz ses colonnes.'
    WHEN c.type = 'HOSPITALIER' AND c.numero_finess_et IS NULL THEN 'La colonne « numero_finess_et » est vide.'
    WHEN c.type = 'HOSPITALIER' AND e.id IS NULL THEN 'L’établissement « ' || c.numero_finess_et
        || ' » n’est pas dans l’application : reprenez-le d’abord.'
    WHEN c.type = 'PRATICIEN' AND num_nulls(c.rpps, c.praticien_nom) > 0
    THEN 'Un terrain Praticien a besoin des colonnes « rpps » et « praticien_nom ».'
    WHEN r.id <> coalesce(o.id, a.terrain_id, 0)
    THEN 'Le RPPS « ' || c.rpps || ' » est déjà celui du terrain ' || r.numero || '.'
    WHEN c.type = 'AUTRE' AND num_nulls(c.type_organisme, c.organisme_nom) > 0
    THEN 'Un terrain Autre organisme a besoin des colonnes « type_organisme » et « organisme_nom ».'
    WHEN num_nonnulls(c.autre_numero, c.autre_numero_nature) = 1
    THEN 'L’autre numéro et sa nature se remplissent ensemble.'
    WHEN c.type_organisme IS DISTINCT FROM 'HOPITAL_FRONTALIER' AND c.code_postal !~ '^[0-9]{5}$'
    THEN 'code_postal : « ' || c.code_postal || ' » n’est pas un code postal ; son zéro initial s’est peut-être perdu.'
"""

TERRAINS = Objet(
    nom="ts",
    operation=OPERATION,
    type_objet="TerrainDeStage",
    table="terrain_de_stage",
    colonnes=(
        Colonne("numero", NUMERO_TERRAIN),
        Colonne("type", parmi(TypeTerrain)),
        Colonne("statut", parmi(StatutTerrain, (StatutTerrain.ACTIF, StatutTerrain.INACTIF))),
        Colonne("nom", texte(255)),
        Colonne("ars", CODE_ARS),
        Colonne("subdivision", texte(100)),
        *(Colonne(nom, lire, exigee=False, remplie=False) for nom, lire in _FACULTATIVES.items()),
        *lieux.colonnes(code_postal=texte(10)),
    ),
    cle=("numero",),
    champs=tuple(_VALEURS),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, coalesce(o.id, a.terrain_id) AS id, coalesce(c.motif, CASE
                   {_REFUS_NUMERO} {_REFUS_TERRITOIRE} {_REFUS_TYPE} {lieux.REFUS} END) AS motif,
               {", ".join(f"{valeur} AS {un}" for un, valeur in _VALEURS.items())}
        FROM copie c {lieux.JOINTURES} {sql.SPECIALITE} {sql.SUBDIVISION}
        LEFT JOIN ars ON ars.code = c.ars
        LEFT JOIN subdivision_ars lien ON lien.subdivision_code = sub.code AND lien.ars_code = c.ars
        LEFT JOIN etablissement e ON e.numero_finess = c.numero_finess_et
        LEFT JOIN praticien m ON m.rpps = c.rpps
        LEFT JOIN terrain_de_stage r ON r.rpps = c.rpps
        LEFT JOIN terrain_de_stage o ON o.numero = c.numero
        LEFT JOIN ancien_numero a ON a.numero = c.numero
    """,
    libelle="o.numero || ' – ' || o.nom",
    ars="jsonb_build_array(o.ars_code)",
    lisibles={
        "type": sql.libelle_sql(TypeTerrain, "{a}.type"),
        "statut": sql.libelle_sql(StatutTerrain, "{a}.statut"),
        "type_organisme": sql.libelle_sql(TypeOrganisme, "{a}.type_organisme"),
        "subdivision_code": sql.SUBDIVISION_LISIBLE,
        "specialite_code": sql.SPECIALITE_LISIBLE,
        "etablissement_id": sql.designation_sql(
            "etablissement", "etablissement_id", "x.numero_finess || ' – ' || x.raison_sociale"
        ),
    },
    constantes={"rpps_errone": "false", "version": "1"},
    modifiable=False,
    unique="rpps",
    preparer=partial(
        lieux.localiser, principaux="c.type = 'AUTRE' OR NOT EXISTS (SELECT FROM praticien m WHERE m.rpps = c.rpps)"
    ),
    avant_ecriture=(
        """
        INSERT INTO compteur_numero AS n (ars_code, type, dernier)
        SELECT ars_code, type, max(CAST(right(numero, 5) AS int)) FROM plan WHERE motif IS NULL GROUP BY 1, 2
        ON CONFLICT (ars_code, type) DO UPDATE SET dernier = excluded.dernier WHERE n.dernier < excluded.dernier
        """,
    ),
)
