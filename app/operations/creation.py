"""« Créer » an établissement by its FINESS number, with its entité juridique (manual §1.5, S47–S52, C0).

The same verb creates, revives a Supprimé and reactivates an Inactif: the secondary block and the terrains are kept.
"""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from app.errors import OperationRefused, Refus
from app.geographie import code_actuel, code_departement
from app.operations import coordonnees
from app.operations.coordonnees import BlocSecondaire
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.finess import FinessEj, FinessEt
from models.registre import CHAMPS_REGISTRE_EJ, CHAMPS_REGISTRE_ET, NUMERO_FINESS
from models.territoire import Departement


@dataclass(frozen=True)
class Candidat:
    """What the registry and the application know of a FINESS number; `ars_code` is the ARS of its commune (A17)."""

    numero_finess: str
    finess: FinessEt | None
    finess_ej: FinessEj | None
    etablissement: Etablissement | None
    ars_code: str | None


def numero_propre(saisie: str) -> str:
    """A FINESS number as typed, without spaces, in capitals."""
    return "".join(saisie.split()).upper()


def candidat(session: Session, numero_finess: str) -> Candidat:
    """Everything there is to know of an ET number before creating it; read only."""
    numero = numero_propre(numero_finess)
    finess = session.get(FinessEt, numero)
    return Candidat(
        numero,
        finess,
        session.get(FinessEj, finess.numero_ej) if finess else None,
        session.scalar(select(Etablissement).where(Etablissement.numero_finess == numero)),
        ars_de_la_commune(session, code_actuel(session, finess.code_insee)) if finess else None,
    )


def refus(actor: Actor, cible: Candidat) -> list[Refus]:
    """Every reason to refuse the creation: number, registry, application, scope, in the order a user would check."""
    if raison := _refus_registre(cible):
        return [raison]
    if cible.etablissement is not None and cible.etablissement.statut is StatutEtablissement.ACTIF:
        return [Refus("E-DEJA-ACTIF", f"L’établissement {cible.numero_finess} est déjà actif dans l’application.")]
    if not actor.covers_ars({cible.ars_code} if cible.ars_code else set()):
        message = f"L’établissement {cible.numero_finess} n’est pas situé dans votre ARS de travail."
        return [Refus("E-HORS-ARS", message)]
    return []


def creer_etablissement(uow: UnitOfWork, numero_finess: str, bloc: BlocSecondaire | None = None) -> Etablissement:
    """Create or reactivate an ET, and its EJ with it, from the registry; both are Actifs afterwards."""
    uow.serialiser(f"creer {numero_propre(numero_finess)}")
    uow.session.expire_all()  # whoever was first may have changed what the screen read
    cible = candidat(uow.session, numero_finess)
    if raisons := refus(uow.actor, cible):
        raise OperationRefused(*raisons)
    with uow.session.no_autoflush:  # an EJ is in the ARS of its ET: both must be there when the scope is checked
        etablissement = _etablissement(uow, cible)
        if bloc is not None:
            _ecrire_bloc(uow, etablissement, bloc)
    if cible.etablissement is not None:
        uow.operation = "ET.reactiver"
    return etablissement


def ars_de_la_commune(session: Session, code_insee: str | None) -> str | None:
    """ARS of a commune, through its département; None for the territories that have none."""
    if code_insee is None:
        return None
    departement = session.get(Departement, code_departement(code_insee))
    return departement.ars_code if departement else None


def _refus_registre(cible: Candidat) -> Refus | None:
    numero = cible.numero_finess
    if not re.fullmatch(NUMERO_FINESS, numero):
        message = f"« {numero} » n’est pas un numéro FINESS : il a 9 caractères, par exemple 010000024."
        return Refus("E-FINESS-FORMAT", message, "numero_finess")
    if cible.finess is None or cible.finess.absent_depuis is not None:
        indice = "" if cle_valide(numero) else " Sa clé de contrôle est fausse : vérifiez la saisie."
        message = f"Le numéro {numero} n’est pas dans le référentiel FINESS des établissements.{indice}"
        return Refus("E-FINESS-INCONNU", message, "numero_finess")
    if not cible.finess.ouvert:
        return Refus("E-ET-FERME", f"L’établissement {numero} est fermé dans FINESS : il ne peut pas être créé.")
    if cible.finess_ej is None or not cible.finess_ej.ouvert:
        message = f"L’entité juridique {cible.finess.numero_ej} de l’établissement {numero} est fermée dans FINESS."
        return Refus("E-EJ-FERMEE", message)
    return None


def cle_valide(numero_finess: str) -> bool:
    """Check digit of a FINESS number: Luhn, where the letters of Corsica count 1 (A) and 2 (B)."""
    return luhn.is_valid(numero_finess.translate(str.maketrans("AB", "12")))


def _etablissement(uow: UnitOfWork, cible: Candidat) -> Etablissement:
    """The ET of the application, new or revived, with its registry fields and its EJ."""
    assert cible.finess is not None
    assert cible.finess_ej is not None  # `refus` has just checked both
    if cible.etablissement is None:
        etablissement = Etablissement(numero_finess=cible.numero_finess, finess_errone=False)
        uow.session.add(etablissement)
    else:
        [etablissement] = uow.lock(Etablissement, cible.etablissement.id)
    _copier(uow.session, cible.finess, etablissement, CHAMPS_REGISTRE_ET)
    etablissement.entite_juridique = _entite_juridique(uow, cible.finess_ej)
    etablissement.ars_code = cible.ars_code
    etablissement.statut = StatutEtablissement.ACTIF
    return etablissement


def _entite_juridique(uow: UnitOfWork, finess: FinessEj) -> EntiteJuridique:
    """The EJ of the application, created or revived Actif in the same transaction (S50)."""
    uow.serialiser(f"creer {finess.numero}")
    requete = select(EntiteJuridique).where(EntiteJuridique.numero_finess == finess.numero).with_for_update()
    entite = uow.session.scalar(requete)
    if entite is None:
        entite = EntiteJuridique(numero_finess=finess.numero, finess_errone=False)
        uow.session.add(entite)
    _copier(uow.session, finess, entite, CHAMPS_REGISTRE_EJ)
    entite.ars_code = ars_de_la_commune(uow.session, entite.code_insee)
    entite.statut = StatutEntiteJuridique.ACTIF
    return entite


def _copier(
    session: Session, finess: FinessEj | FinessEt, objet: EntiteJuridique | Etablissement, champs: tuple[str, ...]
) -> None:
    for champ in champs:
        setattr(objet, champ, getattr(finess, champ))
    objet.code_insee = code_actuel(session, finess.code_insee)
    objet.absent_depuis = objet.rouvert_le = None


def _ecrire_bloc(uow: UnitOfWork, etablissement: Etablissement, bloc: BlocSecondaire) -> None:
    connu = BlocSecondaire.de(etablissement)
    if raisons := coordonnees.refus_bloc(uow.session, bloc, connu):
        raise OperationRefused(*raisons)
    coordonnees.appliquer(etablissement, bloc, coordonnees.localiser(uow.session, bloc, connu).code_insee)
