"""Loading of the demonstration: each step goes through the operation that a user or the night would run (N19)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.demonstration import rpps_fichier
from app.demonstration.agrements import charger_donnees_nationales
from app.demonstration.comptes import COMPTES, MOT_DE_PASSE, creer_comptes
from app.demonstration.finess_synthetique import SERIE_FICTIVE, EjSynthetique, EtSynthetique
from app.demonstration.registre import BASSINS, PREMIER_JOUR, ecrire_fichiers, entites, territoires_du_registre
from app.demonstration.terrains import creer_terrains
from app.errors import OperationRefused, Refus
from app.geographie import code_departement
from app.operations import conventions
from app.operations.coordonnees import BlocSecondaire
from app.operations.creation import creer_etablissement
from app.operations.modification import Saisie, modifier
from app.referentiels import suivi
from app.referentiels.bassins_de_vie import charger_bassins_de_vie
from app.referentiels.graines import chemin_graine, lire_graine
from app.referentiels.rpps_synchro import synchroniser_rpps
from app.referentiels.synchro import synchroniser_finess
from app.roles import GESTIONNAIRE
from app.scope import Actor
from app.unit_of_work import committed, transaction, unit_of_work
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.finess import FinessEt
from models.praticien import Praticien
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from models.utilisateur import Utilisateur

_SOURCE = "démonstration"


@dataclass(frozen=True)
class Bilan:
    """What a load of the demonstration added."""

    comptes: int
    etablissements: int
    terrains: int
    second_fichier: str


def charger_une_fois(depot: Path, hacher: Callable[[str], str]) -> None:
    """Load the demonstration into a database that nobody has used yet; leave any other as it is."""
    if _base_vierge():
        charger(depot, hacher)


def charger(depot: Path, hacher: Callable[[str], str]) -> Bilan:
    """Load what is missing of the demonstration; `hacher` gives the hash of the password of its accounts."""
    if _registre_reel():
        message = "Le référentiel FINESS contient des données réelles : la démonstration ne s’y mélange pas."
        raise OperationRefused(Refus("E-DONNEES-REELLES", message))
    with transaction() as session:
        charger_bassins_de_vie(session, chemin_graine(BASSINS))
    premier, second = ecrire_fichiers(depot)
    with committed.muted():  # hundreds of messages for nothing: the sweep of the journal takes these events in batches
        _synchroniser(premier)
        etablissements = _creer_etablissements()
        _synchroniser_rpps(depot)
        terrains = creer_terrains(_acteurs())
        charger_donnees_nationales()
        comptes = creer_comptes(hacher(MOT_DE_PASSE))
    return Bilan(comptes, etablissements, terrains, second.name)


def _registre_reel() -> bool:
    """Whether the mirror holds numbers that are not of the demonstration's series."""
    with transaction() as session:
        reels = select(FinessEt.numero).where(func.substr(FinessEt.numero, 3, 1) != SERIE_FICTIVE)
        return session.scalar(reels.limit(1)) is not None


def _base_vierge() -> bool:
    """Whether nobody has used this database yet: no account, nothing from FINESS."""
    with transaction() as session:
        return not any(session.scalar(select(table).limit(1)) for table in (Utilisateur.id, FinessEt.numero))


def _synchroniser(chemin: Path) -> None:
    with transaction() as session:
        if session.scalar(select(FinessEt.numero).limit(1)) is not None:
            return
    _appliquer(TypeTraitement.FINESS, synchroniser_finess, chemin)


def _synchroniser_rpps(depot: Path) -> None:
    """The first of two days; the second one is left in the deposit folder, for the user to launch."""
    veille = rpps_fichier.praticiens(territoires_du_registre())
    premier = rpps_fichier.ecrire(depot, PREMIER_JOUR, veille)
    rpps_fichier.ecrire(depot, PREMIER_JOUR + timedelta(days=1), rpps_fichier.lendemain(veille))
    with transaction() as session:
        if session.scalar(select(Praticien.rpps).limit(1)) is not None:
            return
    _appliquer(TypeTraitement.RPPS, synchroniser_rpps, premier)


def _appliquer(type_: TypeTraitement, synchroniser: Callable[[int, Path], Traitement], chemin: Path) -> None:
    numero = suivi.demander(type_, chemin.name, demandeur=_SOURCE)
    traitement = synchroniser(numero, chemin)
    if traitement.etat is not EtatTraitement.APPLIQUE:
        raise RuntimeError(f"the demonstration file was not applied: {traitement.motif}")


def _acteurs() -> dict[str, Actor]:
    """Who works in each ARS that has an account of its own."""
    gestionnaires = (compte for compte in COMPTES if compte.role == GESTIONNAIRE and len(compte.ars_codes) == 1)
    return {compte.ars_codes[0]: Actor(compte.login, compte.ars_codes[0]) for compte in gestionnaires}


def _creer_etablissements() -> int:
    """Take into the application the CHU and two établissements out of three; the others are left to « Créer »."""
    ars = {ligne["code"]: ligne["ars_code"] for ligne in lire_graine("departements")}
    acteurs = _acteurs()
    with transaction() as session:
        connus = set(session.scalars(select(Etablissement.numero_finess)))
        ouverts = set(session.scalars(select(FinessEt.numero).where(FinessEt.ouvert)))
    crees = 0
    for rang, et in enumerate(_retenus(entites())):
        if et.numero in ouverts - connus:
            code_ars = ars[code_departement(et.adresse.code_insee)]
            _creer(acteurs.get(code_ars, Actor(_SOURCE, code_ars)), et, rang)
            crees += 1
    return crees


def _retenus(ejs: Iterable[EjSynthetique]) -> list[EtSynthetique]:
    ouvertes = [ej for ej in ejs if not ej.date_fermeture]
    return [
        et
        for ej in ouvertes
        for rang, et in enumerate(ej.ets)
        if not et.date_fermeture and (et.categorie == "101" or rang % 3 != 2)
    ]


def _creer(actor: Actor, et: EtSynthetique, rang: int) -> None:
    """One établissement; some get secondary coordinates, the « FINESS erroné » flag, a convention with a UFR."""
    with unit_of_work(actor, "ET.creer", source=_SOURCE) as uow:
        etablissement = creer_etablissement(uow, et.numero, _bloc_secondaire(et) if rang % 5 == 1 else None)
    if rang % 20 == 7:
        _signaler(actor, Etablissement, etablissement.id)
    if rang % 50 == 7:
        _signaler(actor, EntiteJuridique, etablissement.entite_juridique_id)
    if et.categorie == "101":
        _convenir(actor, etablissement.id)


def _bloc_secondaire(et: EtSynthetique) -> BlocSecondaire:
    """The address where interns are really welcomed, in the same town."""
    return BlocSecondaire(
        adresse=f"{et.adresse.numero_voie} bis, quai de l’Internat",
        code_postal=et.adresse.code_postal,
        ville=et.adresse.acheminement,
        courriel=f"internat.{et.numero.lower()}@sante.example",
    )


def _signaler(actor: Actor, modele: type[Etablissement] | type[EntiteJuridique], objet_id: int) -> None:
    operation = "ET.signaler" if modele is Etablissement else "EJ.signaler"
    with unit_of_work(actor, operation, source=_SOURCE) as uow:
        [objet] = uow.lock(modele, objet_id)
        commentaire = "Le téléphone de FINESS n’est pas attribué (donnée de démonstration)."
        saisie = Saisie(objet.version, BlocSecondaire.de(objet), finess_errone=True, commentaire=commentaire)
        modifier(uow, modele, objet_id, saisie)


def _convenir(actor: Actor, etablissement_id: int) -> None:
    with unit_of_work(actor, "ET.convention", source=_SOURCE) as uow:
        etablissement = uow.session.get_one(Etablissement, etablissement_id)
        if offertes := conventions.paires_offertes(uow.session, etablissement):
            conventions.ajouter(uow, etablissement_id, offertes[0].id)
