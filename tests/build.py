"""Builders: the smallest valid objects, with only what a test says about them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Delete, Update, delete, select, text, update
from sqlalchemy.orm import Session
from stdnum import luhn

from app.scope import systeme
from app.unit_of_work import UnitOfWork
from models.agrement import Agrement, DecisionAgrement, DemandeAgrement, EtatDemande, TypeAgrement
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.finess import FinessEj, FinessEt
from models.interne import Interne, Saison, Semestre, SemestreInternat
from models.journal import Evenement
from models.praticien import ActivitePraticien, Praticien
from models.terrain_de_stage import TerrainDeStage, TypeOrganisme
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


SUBDIVISIONS = {"53": "RENNES", "52": "NANTES", "84": "LYON", "93": "MARSEILLE", "94": "MARSEILLE", "11": "IDF"}


def terrain(session: Session, **champs: Any) -> TerrainDeStage:
    """A terrain of Bretagne, Actif; hospitalier unless a type is given, on an établissement of its own unless given.

    Elsewhere than in Bretagne, `ars_code` is enough for number and subdivision to follow.
    """
    type_ = champs.get("type", TypeTerrain.HOSPITALIER)
    ars_code = champs.get("ars_code", "53")
    valeurs: dict[str, Any] = {
        "numero": f"{ars_code}{type_.name[0]}{next(_rang):05d}",
        "type": type_,
        "statut": StatutTerrain.ACTIF,
        "nom": "Service fictif",
        "ars_code": ars_code,
        "subdivision_code": SUBDIVISIONS.get(ars_code),
        **_PROPRE_AU_TYPE[type_](session, ars_code, champs),
    }
    return _ajouter(session, TerrainDeStage(**valeurs | champs))


def _hospitalier(session: Session, ars_code: str, champs: dict[str, Any]) -> dict[str, Any]:
    if "etablissement" in champs or "etablissement_id" in champs:
        return {}
    return {"etablissement": etablissement(session, ars_code=ars_code)}


def _praticien(session: Session, ars_code: str, champs: dict[str, Any]) -> dict[str, Any]:
    return {"rpps": rpps(), "praticien_nom": "FICTIVE", "praticien_prenom": "Camille"}


def _autre(session: Session, ars_code: str, champs: dict[str, Any]) -> dict[str, Any]:
    return {"type_organisme": TypeOrganisme.ASSOCIATION, "organisme_nom": "Association fictive"}


_PROPRE_AU_TYPE = {TypeTerrain.HOSPITALIER: _hospitalier, TypeTerrain.PRATICIEN: _praticien, TypeTerrain.AUTRE: _autre}


def rpps() -> str:
    """A number with a valid key, of nobody."""
    debut = f"1099{next(_rang):06d}"
    return debut + luhn.calc_check_digit(debut)


def praticien(session: Session, **champs: Any) -> Praticien:
    """A valid practitioner of the mirror, in general practice, without activity."""
    valeurs = {"rpps": rpps(), "nom": "FICTIVE", "prenom": "Camille", "profession_code": "10"}
    return _ajouter(session, Praticien(**valeurs | {"savoirs_faire": ["S:SM54"]} | champs))


def activite(session: Session, rpps: str, **champs: Any) -> ActivitePraticien:
    """A private practice in Rennes."""
    lieu = {"voie": "1 rue de l’Exemple", "code_postal": "35000", "commune": "Rennes", "code_insee": "35238"}
    valeurs = {"structure": f"R{next(_rang)}", "mode": "L", **lieu}
    return _ajouter(session, ActivitePraticien(**{"rpps": rpps} | valeurs | champs))


def agrement(session: Session, terrain: TerrainDeStage, **champs: Any) -> Agrement:
    """An agrément of the terrain, written."""
    return _ajouter(session, agrement_de(terrain, **champs))


def agrement_de(terrain: TerrainDeStage, **champs: Any) -> Agrement:
    """An agrément of the terrain in general practice, en cours today unless dates are given; not written yet."""
    aujourd_hui = datetime.now(UTC).date()
    valeurs: dict[str, Any] = {
        "reference": f"AGR-{next(_rang)}",
        "specialite_code": "DES28",
        "type": TypeAgrement.PRINCIPAL,
        "decision": DecisionAgrement.AGREE,
        "date_debut": aujourd_hui - timedelta(days=100),
        "date_fin": aujourd_hui + timedelta(days=100),
        "ars_code": terrain.ars_code,
        "subdivision_code": terrain.subdivision_code,
        "numero_terrain": terrain.numero,
    }
    return Agrement(terrain_id=terrain.id, **valeurs | champs)


def demande(session: Session, terrain: TerrainDeStage, **champs: Any) -> DemandeAgrement:
    """A demande of the terrain in general practice, en instruction unless another state is given."""
    valeurs: dict[str, Any] = {
        "reference": f"DEM-{next(_rang)}",
        "specialite_code": "DES28",
        "etat": EtatDemande.EN_INSTRUCTION,
        "deposee_le": datetime.now(UTC).date(),
    }
    return _ajouter(session, DemandeAgrement(terrain=terrain, **valeurs | champs))


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


def interne(session: Session, **champs: Any) -> Interne:
    """An interne of Rennes, in general practice."""
    valeurs = {"identifiant": f"INT-{next(_rang)}", "nom": "FICTIF", "prenom": "Camille"}
    territoire = {"subdivision_code": "RENNES", "specialite_code": "DES28"}
    return _ajouter(session, Interne(**valeurs | territoire | champs))


def semestre_internat(session: Session, terrain: TerrainDeStage, **champs: Any) -> SemestreInternat:
    """An interne posted on a terrain, for a semester of its own unless one is given."""
    valeurs = {nom: champs.get(nom) or construire(session) for nom, construire in _POSTE.items()}
    return _ajouter(session, SemestreInternat(terrain=terrain, **valeurs))


_POSTE = {"interne": interne, "semestre": semestre}


def convention(session: Session, etablissement: Etablissement) -> ConventionUfr:
    """A convention with the first formation of the seeds that is given in Rennes."""
    ici = UfrFormation.circonscription.has(subdivision_code="RENNES")
    paire = session.scalars(select(UfrFormation).where(ici).order_by(UfrFormation.id)).first()
    return _ajouter(session, ConventionUfr(etablissement=etablissement, ufr_formation=paire))


def vider_le_journal(session: Session) -> None:
    """Forget the events of a preparation, which the database refuses to delete; for tests that roll back."""
    _malgre_les_gardes(session, delete(Evenement))


def vieillir(session: Session, evenement: Evenement, jours: int) -> None:
    """Say that an event is that many days older, which the database refuses too; for tests that roll back."""
    _malgre_les_gardes(
        session, update(Evenement).where(Evenement.id == evenement.id).values(le=evenement.le - timedelta(jours))
    )


def _malgre_les_gardes(session: Session, instruction: Delete | Update) -> None:
    session.execute(text("ALTER TABLE evenement DISABLE TRIGGER USER"))
    session.execute(instruction)
    session.execute(text("ALTER TABLE evenement ENABLE TRIGGER USER"))


def _ajouter(session: Session, objet: Any) -> Any:
    """Written as the system would, without leaving any event."""
    session.info["unit_of_work"] = UnitOfWork(session, systeme("test"), "TEST", "test")
    session.add(objet)
    session.commit()
    del session.info["unit_of_work"]
    return objet
