"""What a user types of a terrain, at its creation and afterwards, and what it must satisfy (manual §1.6)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.fr import siret as cle_siret

from app.errors import Refus
from app.operations import coordonnees
from app.operations.coordonnees import BlocPrincipal, BlocSecondaire
from models.etats import TypeTerrain
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage, TypeOrganisme

POSTES_MAX = 9_999
BLOC_VIDE, PRINCIPAL_VIDE = BlocSecondaire(), BlocPrincipal()


@dataclass(frozen=True, kw_only=True)
class SaisieTerrain:
    """Fields of the form; those that the type of the terrain does not have are left as they are."""

    nom: str | None = None
    specialite_code: str | None = None
    specialites_complementaires: tuple[str, ...] = ()
    nombre_de_postes: int | None = None  # empty is not zero (S82)
    responsable_nom: str | None = None
    responsable_prenom: str | None = None
    bloc: BlocSecondaire = BLOC_VIDE

    # Hospitalier
    stage_chu: bool | None = None

    # Praticien: local value beside that of RPPS (A27)
    nature_exercice_locale: str | None = None
    rpps_errone: bool = False
    rpps_errone_commentaire: str | None = None

    # Autre organisme: no registry owns its principal block (A21)
    type_organisme: TypeOrganisme | None = None
    organisme_nom: str | None = None
    siret: str | None = None
    autre_numero: str | None = None
    autre_numero_nature: str | None = None
    principal: BlocPrincipal = PRINCIPAL_VIDE

    def __post_init__(self) -> None:
        """Blank is empty, whichever screen, command or file it comes from (S36)."""
        for champ in fields(self):
            valeur = getattr(self, champ.name)
            if type(valeur) is str:  # not an enumeration
                object.__setattr__(self, champ.name, valeur.strip() or None)


def saisie_de(terrain: TerrainDeStage) -> SaisieTerrain:
    """What the form of a terrain would show: sent back as it is, it changes nothing."""
    connus = {
        champ.name: getattr(terrain, champ.name) for champ in fields(SaisieTerrain) if hasattr(terrain, champ.name)
    }
    complementaires = tuple(sorted(une.code for une in terrain.specialites_complementaires))
    blocs = {"bloc": BlocSecondaire.de(terrain), "principal": BlocPrincipal.de(terrain)}
    return SaisieTerrain(**connus | {"specialites_complementaires": complementaires} | blocs)


def refus_saisie(session: Session, terrain: TerrainDeStage, saisie: SaisieTerrain) -> list[Refus]:
    """Every reason to refuse what was typed for this terrain, which may be one that does not exist yet."""
    principales = {saisie.specialite_code, terrain.specialite_exercice_code} - {None}
    raisons = [*_refus_presence(terrain.type, saisie), *_refus_specialites(session, saisie, principales)]
    if saisie.nombre_de_postes is not None and not 0 <= saisie.nombre_de_postes <= POSTES_MAX:
        message = f"Indiquez un nombre de postes entier, de 0 à {POSTES_MAX}, ou laissez vide."
        raisons.append(Refus("E-POSTES", message, "nombre_de_postes"))
    raisons += coordonnees.refus_bloc(session, saisie.bloc, BlocSecondaire.de(terrain))
    if terrain.type is TypeTerrain.AUTRE:
        raisons += _refus_identifiant(saisie)
        raisons += coordonnees.refus_bloc(session, saisie.principal, BlocPrincipal.de(terrain))
    return raisons


def appliquer(session: Session, terrain: TerrainDeStage, saisie: SaisieTerrain) -> None:
    """Write a checked form on a terrain, whose type says which fields it has."""
    terrain.nom = saisie.nom or terrain.nom
    terrain.specialite_code = saisie.specialite_code
    terrain.specialites_complementaires = _specialites(session, saisie.specialites_complementaires)
    terrain.nombre_de_postes = saisie.nombre_de_postes
    terrain.responsable_nom, terrain.responsable_prenom = saisie.responsable_nom, saisie.responsable_prenom
    if terrain.type is TypeTerrain.PRATICIEN:
        terrain.nature_exercice_locale = saisie.nature_exercice_locale
    if terrain.type is TypeTerrain.AUTRE:
        _appliquer_organisme(session, terrain, saisie)
    _appliquer_bloc(session, terrain, saisie.bloc)


def siret_propre(saisie: str) -> str:
    """A SIRET as typed, without spaces."""
    return "".join(saisie.split())


def _appliquer_organisme(session: Session, terrain: TerrainDeStage, saisie: SaisieTerrain) -> None:
    terrain.type_organisme, terrain.organisme_nom = saisie.type_organisme, saisie.organisme_nom
    terrain.siret = siret_propre(saisie.siret) if saisie.siret else None
    terrain.autre_numero, terrain.autre_numero_nature = saisie.autre_numero, saisie.autre_numero_nature
    _appliquer_bloc(session, terrain, saisie.principal)


def _appliquer_bloc(session: Session, terrain: TerrainDeStage, bloc: BlocSecondaire) -> None:
    lieu = coordonnees.localiser(session, bloc, type(bloc).de(terrain))
    coordonnees.appliquer(terrain, bloc, lieu.code_insee)


def _refus_presence(type_: TypeTerrain, saisie: SaisieTerrain) -> Iterator[Refus]:
    if not saisie.nom:
        yield Refus("E-INCOMPLET", "Indiquez le nom du terrain de stage : c’est lui que les listes montrent.", "nom")
    if type_ is not TypeTerrain.AUTRE:
        return
    if saisie.type_organisme is None:
        yield Refus("E-INCOMPLET", "Choisissez le type de l’organisme.", "type_organisme")
    if not saisie.organisme_nom:
        yield Refus("E-INCOMPLET", "Indiquez le nom de l’organisme.", "organisme_nom")


def _refus_specialites(session: Session, saisie: SaisieTerrain, principales: set[str | None]) -> Iterator[Refus]:
    """Known spécialités, each once, and never a principal one among the complementary ones (S86)."""
    complementaires = saisie.specialites_complementaires
    demandees = {*complementaires, *([saisie.specialite_code] if saisie.specialite_code else [])}
    connues = {une.code for une in _specialites(session, demandees)}
    if inconnues := demandees - connues:
        champ = "specialite_code" if saisie.specialite_code in inconnues else "specialites_complementaires"
        message = f"Spécialité inconnue : {', '.join(sorted(inconnues))}. Choisissez-la dans la liste."
        yield Refus("E-SPECIALITE", message, champ)
    if len(set(complementaires)) < len(complementaires) or principales & set(complementaires):
        message = "Une spécialité complémentaire ne se choisit qu’une fois, et n’est jamais la spécialité principale."
        yield Refus("E-SPECIALITE-DOUBLE", message, "specialites_complementaires")


def _specialites(session: Session, codes: Collection[str]) -> list[Specialite]:
    return list(session.scalars(select(Specialite).where(Specialite.code.in_(codes)))) if codes else []


def _refus_identifiant(saisie: SaisieTerrain) -> Iterator[Refus]:
    """SIRET with its key (La Poste included), or another number with its kind (S89)."""
    if saisie.siret and not cle_siret.is_valid(siret_propre(saisie.siret)):
        message = "Ce SIRET n’est pas valide : il a 14 chiffres, et sa clé de contrôle doit être juste."
        yield Refus("E-SIRET", message, "siret")
    if bool(saisie.autre_numero) != bool(saisie.autre_numero_nature):
        champ = "autre_numero_nature" if saisie.autre_numero else "autre_numero"
        message = "Indiquez à la fois l’autre numéro et sa nature (par exemple « numéro d’association »), ou aucun."
        yield Refus("E-AUTRE-NUMERO", message, champ)
