"""Columns of Personne_activite: found by their normalised names, whatever their order (DATA-FORMATS §2.2)."""

from dataclasses import dataclass

from app.errors import FichierRefuse
from app.referentiels.lecture_csv import nom_de_colonne

TYPE, RPPS, PROFESSION, CATEGORIE = (
    "Type d'identifiant PP",
    "Identifiant PP",
    "Code profession",
    "Code catégorie professionnelle",
)
NOM = "Nom d'exercice"
IDENTITE = (NOM, "Prénom d'exercice", "Code civilité", PROFESSION)
SAVOIR_FAIRE = ("Code type savoir-faire", "Code savoir-faire")
CODE_POSTAL, CODE_INSEE = "Code postal (coord. structure)", "Code commune (coord. structure)"
# Column of the file → that of the mirror.
ACTIVITE = {
    "Identifiant technique de la structure": "structure",
    "Code mode exercice": "mode",
    "Code secteur d'activité": "secteur_code",
    "Numéro SIRET site": "siret",
    "Numéro FINESS site": "numero_finess",
    "Raison sociale site": "raison",
    "Enseigne commerciale site": "enseigne",
    "Numéro Voie (coord. structure)": "numero_voie",
    "Indice répétition voie (coord. structure)": "indice_voie",
    "Libellé type de voie (coord. structure)": "type_voie",
    "Libellé Voie (coord. structure)": "voie",
    "Complément destinataire (coord. structure)": "destinataire",
    "Complément point géographique (coord. structure)": "point_geographique",
    "Mention distribution (coord. structure)": "mention",
    "Bureau cedex (coord. structure)": "cedex",
    CODE_POSTAL: "code_postal",
    CODE_INSEE: "code_insee",
    "Libellé commune (coord. structure)": "commune",
    "Téléphone (coord. structure)": "telephone",
    "Télécopie (coord. structure)": "telecopie",
    "Adresse e-mail (coord. structure)": "courriel",
}
COLONNES_ACTIVITE = ("rpps", *ACTIVITE.values())
PAYS = "Code pays (coord. structure)"
_LUES = (TYPE, RPPS, CATEGORIE, *IDENTITE, *SAVOIR_FAIRE, *ACTIVITE, PAYS)
_BOM = "\ufeff"


@dataclass(frozen=True)
class Colonnes:
    """Where the columns are, and how many there are."""

    nombre: int
    rangs: dict[str, int]


def lire(entete: bytes) -> Colonnes:
    """Header line → columns; refuses a file that is something else."""
    if not entete:
        raise FichierRefuse("E-FICHIER-VIDE", "Le fichier est vide.")
    if entete.lstrip().startswith(b"<"):
        raise FichierRefuse("E-FICHIER-HTML", "Ce fichier est une page HTML ou un document XML, pas un extrait RPPS.")
    try:
        texte = entete.decode().removeprefix(_BOM)
    except UnicodeDecodeError as erreur:
        raise FichierRefuse("E-FICHIER-ENCODAGE", "Ce fichier n’est pas encodé en UTF-8.") from erreur
    noms = [nom_de_colonne(nom) for nom in texte.removesuffix("|").split("|")]
    rangs = {nom: noms.index(cle) for nom in _LUES if (cle := nom_de_colonne(nom)) in noms}
    if manquantes := [nom for nom in _LUES if nom not in rangs]:
        debut = ", ".join(f"« {nom} »" for nom in manquantes[:3])
        message = f"Ce fichier n’est pas un extrait RPPS « Personne_activite » : il n’a pas la colonne {debut}."
        raise FichierRefuse("E-FICHIER-COLONNES", message)
    if doubles := [nom for nom in _LUES if noms.count(nom_de_colonne(nom)) > 1]:
        raise FichierRefuse("E-FICHIER-COLONNES", f"La colonne « {doubles[0]} » figure deux fois dans ce fichier.")
    return Colonnes(len(noms), rangs)
