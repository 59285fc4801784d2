"""EJ and ET of the former application: number and statut kept, the registry's fields wherever FINESS knows it (S25)."""

from functools import partial

from app.imports import lieux
from app.imports import objet as sql
from app.imports.lecture import Colonne
from app.imports.objet import Objet
from app.imports.valeurs import Lecteur, code, parmi, texte
from models.coordonnees import CHAMPS_COORDONNEES, departement_sql
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.registre import CHAMPS_REGISTRE_EJ, CHAMPS_REGISTRE_ET, NUMERO_FINESS

OPERATION = "REP.importer"
NUMERO = code(NUMERO_FINESS, "numéro FINESS", "010000024")
_NEUF = {"finess_errone": "false", "version": "1"}
_ARS = "CASE WHEN o.ars_code IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(o.ars_code) END"
# What the file says of a field of the registry, for a number that FINESS does not know.
_DU_FICHIER = {
    **{champ: f"c.{champ}" for champ in ("raison_sociale", "raison_sociale_longue", *CHAMPS_COORDONNEES)},
    "siren": "c.siren",
    "siret": "c.siret",
    "statut_juridique_code": "c.statut_juridique",
    "categorie_code": "c.categorie",
    "code_insee": lieux.CODE_INSEE,
    "date_ouverture": "CAST(NULL AS date)",
    "date_fermeture": "CAST(NULL AS date)",
}


def _facultative(nom: str, lire: Lecteur) -> Colonne:
    return Colonne(nom, lire, exigee=False, remplie=False)


def _copies(champs: tuple[str, ...]) -> str:
    return ", ".join(f"CASE WHEN m.numero IS NULL THEN {_DU_FICHIER[un]} ELSE m.{un} END AS {un}" for un in champs)


_COMMUNES = (
    Colonne("numero_finess", NUMERO),
    Colonne("raison_sociale", texte(255)),
    _facultative("raison_sociale_longue", texte(255)),
)
_SUIVI = f"""
    d.ars_code, c.statut, CASE WHEN m.numero IS NULL THEN {sql.AUJOURD_HUI} ELSE m.absent_depuis END AS absent_depuis,
    {", ".join(f"{valeur} AS {un}" for un, valeur in lieux.VALEURS_SECONDAIRES.items())}
"""
_DEPARTEMENT = f"""
    LEFT JOIN departement d ON d.code =
        {departement_sql(f"(CASE WHEN m.numero IS NULL THEN {lieux.CODE_INSEE} ELSE m.code_insee END)")}
"""
_CHAMPS_SUIVI = ("ars_code", "statut", "absent_depuis", *lieux.SECONDAIRES)

ENTITES_JURIDIQUES = Objet(
    nom="ej",
    operation=OPERATION,
    type_objet="EntiteJuridique",
    table="entite_juridique",
    colonnes=(
        *_COMMUNES,
        Colonne("statut", parmi(StatutEntiteJuridique)),
        _facultative("siren", code(r"\d{9}", "SIREN", "130012345")),
        _facultative("statut_juridique", code(r"\d\d", "code de statut juridique", "13")),
        *lieux.colonnes(),
    ),
    cle=("numero_finess",),
    champs=("numero_finess", *CHAMPS_REGISTRE_EJ, *_CHAMPS_SUIVI),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id, coalesce(c.motif, CASE {lieux.REFUS} END) AS motif,
               c.numero_finess, {_copies(CHAMPS_REGISTRE_EJ)}, {_SUIVI}
        FROM copie c {lieux.JOINTURES}
        LEFT JOIN finess_ej m ON m.numero = c.numero_finess
        {_DEPARTEMENT}
        LEFT JOIN entite_juridique o ON o.numero_finess = c.numero_finess
    """,
    libelle="o.numero_finess || ' – ' || o.raison_sociale",
    ars=_ARS,
    lisibles={"statut": sql.libelle_sql(StatutEntiteJuridique, "{a}.statut")},
    constantes=_NEUF,
    modifiable=False,
    preparer=partial(
        lieux.localiser,
        principaux="NOT EXISTS (SELECT FROM finess_ej m WHERE m.numero = c.numero_finess)",
    ),
)

ETABLISSEMENTS = Objet(
    nom="et",
    operation=OPERATION,
    type_objet="Etablissement",
    table="etablissement",
    colonnes=(
        *_COMMUNES,
        Colonne("numero_finess_ej", NUMERO),
        Colonne("statut", parmi(StatutEtablissement)),
        _facultative("siret", code(r"\d{14}", "SIRET", "13001234500017")),
        _facultative("categorie", code(r"\d{3}", "code de catégorie FINESS", "355")),
        *lieux.colonnes(),
    ),
    cle=("numero_finess",),
    champs=("numero_finess", "entite_juridique_id", *CHAMPS_REGISTRE_ET, *_CHAMPS_SUIVI),
    resolution=f"""
        SELECT CAST(c.ligne AS int) AS ligne, c.cle, o.id, coalesce(c.motif, CASE
                   WHEN ej.id IS NULL THEN 'L’entité juridique « ' || c.numero_finess_ej
                       || ' » n’est pas dans l’application : reprenez-la d’abord.'
                   {lieux.REFUS} END) AS motif,
               c.numero_finess, ej.id AS entite_juridique_id, {_copies(CHAMPS_REGISTRE_ET)}, {_SUIVI}
        FROM copie c {lieux.JOINTURES}
        LEFT JOIN finess_et m ON m.numero = c.numero_finess
        {_DEPARTEMENT}
        LEFT JOIN entite_juridique ej ON ej.numero_finess = c.numero_finess_ej
        LEFT JOIN etablissement o ON o.numero_finess = c.numero_finess
    """,
    libelle="o.numero_finess || ' – ' || o.raison_sociale",
    ars=_ARS,
    lisibles={
        "statut": sql.libelle_sql(StatutEtablissement, "{a}.statut"),
        "entite_juridique_id": sql.designation_sql(
            "entite_juridique", "entite_juridique_id", "x.numero_finess || ' – ' || x.raison_sociale"
        ),
    },
    constantes=_NEUF,
    modifiable=False,
    preparer=partial(
        lieux.localiser,
        principaux="NOT EXISTS (SELECT FROM finess_et m WHERE m.numero = c.numero_finess)",
    ),
)
