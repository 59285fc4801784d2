"""Builders: the smallest valid objects, with only what a test says about them."""

from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum import luhn

from app.scope import systeme
from app.unit_of_work import UnitOfWork
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.finess import FinessEj, FinessEt
from models.interne import Interne, Saison, Semestre, SemestreInternat
from models.terrain_de_stage import TerrainDeStage
from models.universite import ConventionUfr, UfrFormation

_rang = count(1)


def numero_finess(departement: str = "99") -> str:
    """A FINESS number never given before, with a valid key."""
    debut = f"{departement}{next(_rang):06d}"
    return debut + luhn.calc_check_digit(debut)


def _identite(prefixe: str) -> dict[str, Any]:
    adresse = {"adresse": "1 rue de l’Exemple", "code_postal": "35000", "ville": "RENNES", "code_insee": "35238"}
    return {"raison_sociale": f"{prefixe} {next(_rang)}", **adresse}


def entite_juridique(session: Session, **champs: Any) -> EntiteJuridique:
    """An EJ of Bretagne, Actif, without établissement."""
    valeurs = {"numero_finess": numero_finess(), "ars_code": "53", "statut": StatutEntiteJuridique.ACTIF}
    return _ajouter(session, EntiteJuridique(**_identite("EJ FICTIVE") | valeurs | champs))


def etablissement(session: Session, **champs: Any) -> Etablissement:
    """An ET of Bretagne, Actif, under an EJ of its own unless one is given."""
    valeurs = {"numero_finess": numero_finess(), "ars_code": "53", "statut": StatutEtablissement.ACTIF}
    if "entite_juridique" not in champs:
        valeurs["entite_juridique"] = entite_juridique(session)
    return _ajouter(session, Etablissement(**_identite("HOPITAL FICTIF") | valeurs | champs))


def terrain(session: Session, **champs: Any) -> TerrainDeStage:
    """A terrain hospitalier of Bretagne, Actif, on an établissement of its own unless one is given."""
    valeurs: dict[str, Any] = {
        "numero": f"53H{next(_rang):05d}",
        "type": TypeTerrain.HOSPITALIER,
        "statut": StatutTerrain.ACTIF,
        "nom": "Service fictif",
        "ars_code": "53",
        "subdivision_code": "RENNES",
    }
    if "etablissement" not in champs:
        valeurs["etablissement"] = etablissement(session)
    return _ajouter(session, TerrainDeStage(**valeurs | champs))


def finess_ej(session: Session, **champs: Any) -> FinessEj:
    """An open EJ of the mirror, in Rennes."""
    return _ajouter(session, FinessEj(**{"numero": numero_finess(), "ouvert": True} | _identite("EJ FICTIVE") | champs))


def finess_et(session: Session, **champs: Any) -> FinessEt:
    """An open ET of the mirror, in Rennes, under an open EJ of its own unless a number is given."""
    if "numero_ej" not in champs:
        champs["numero_ej"] = finess_ej(session).numero
    return _ajouter(
        session, FinessEt(**{"numero": numero_finess(), "ouvert": True} | _identite("HOPITAL FICTIF") | champs)
    )


def semestre(session: Session, **champs: Any) -> Semestre:
    """The summer semester of a year far from the calendar of the seeds."""
    dates = {"date_debut": date(1990, 5, 1), "date_fin": date(1990, 10, 31)}
    return _ajouter(session, Semestre(**{"annee": 1990, "saison": Saison.ETE} | dates | champs))


def semestre_internat(session: Session, terrain: TerrainDeStage) -> SemestreInternat:
    """An interne of Rennes, in general practice, posted on a terrain."""
    interne = Interne(
        identifiant=f"INT-{next(_rang)}",
        nom="FICTIF",
        prenom="Camille",
        subdivision_code="RENNES",
        specialite_code="DES28",
    )
    return _ajouter(session, SemestreInternat(interne=interne, terrain=terrain, semestre=semestre(session)))


def convention(session: Session, etablissement: Etablissement) -> ConventionUfr:
    """A convention with the first formation of the seeds that is given in Rennes."""
    ici = UfrFormation.circonscription.has(subdivision_code="RENNES")
    paire = session.scalars(select(UfrFormation).where(ici).order_by(UfrFormation.id)).first()
    return _ajouter(session, ConventionUfr(etablissement=etablissement, ufr_formation=paire))


def _ajouter(session: Session, objet: Any) -> Any:
    """Written as the system would, without leaving any event."""
    session.info["unit_of_work"] = UnitOfWork(session, systeme("test"), "TEST", "test")
    session.add(objet)
    session.commit()
    del session.info["unit_of_work"]
    return objet
