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
IDENTITE = ("Nom d'exercice", "Prénom d'exercice", "Code civilité", PROFESSION)
SAVOIR_FAIRE = ("Code type savoir-faire", "Code savoir-faire")
ACTIVITE = (
    "Identifiant technique de la structure",
    "Code mode exercice",
    "Code secteur d'activité",
    "Numéro SIRET site",
    "Numéro FINESS site",
    "Raison sociale site",
    "Enseigne commerciale site",
    "Numéro Voie (coord. structure)",
    "Indice répétition voie (coord. structure)",
    "Libellé type de voie (coord. structure)",
    "Libellé Voie (coord. structure)",
    "Complément destinataire (coord. structure)",
    "Complément point géographique (coord. structure)",
    "Mention distribution (coord. structure)",
    "Bureau cedex (coord. structure)",
    "Code postal (coord. structure)",
    "Libellé commune (coord. structure)",
    "Code commune (coord. structure)",
    "Téléphone (coord. structure)",
    "Télécopie (coord. structure)",
    "Adresse e-mail (coord. structure)",
)
PAYS = "Code pays (coord. structure)"
_LUES = (TYPE, RPPS, CATEGORIE, *IDENTITE, *SAVOIR_FAIRE, *ACTIVITE, PAYS)
_BOM = "\ufeff"


@dataclass(frozen=True)
class Colonnes:
    """Where the columns are, and how many there are."""

    nombre: int
    rangs: dict[str, int]

    def de(self, *noms: str) -> list[int]:
        return [self.rangs[nom] for nom in noms]


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
