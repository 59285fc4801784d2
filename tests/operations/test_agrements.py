"""Agréments, demandes and semestres d'internat written by a national administrator (manual §1.8, §1.11, A13, A34)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.errors import OperationRefused
from app.operations import agrements, demandes, semestres_internat
from app.operations.agrements import SaisieAgrement
from app.operations.demandes import SaisieDemande
from app.operations.donnees_nationales import version_de
from app.operations.semestres_internat import SaisieSemestreInternat
from app.scope import Actor
from app.unit_of_work import unit_of_work
from models.agrement import Agrement, AgrementHistorique, DecisionAgrement, DemandeAgrement, EtatDemande, TypeAgrement
from models.commune import BassinDeVie, Commune
from models.etats import StatutTerrain
from models.interne import SemestreInternat
from models.journal import Evenement
from models.nomenclature import Specialite
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from tests import build

NATIONAL = Actor("national", national=True)
JOUR = date(2026, 11, 25)
ECHU = {"date_debut": JOUR - timedelta(days=20), "date_fin": JOUR - timedelta(days=1)}


def saisie(session: Session, terrain: TerrainDeStage | None = None, **champs: Any) -> SaisieAgrement:
    valeurs = {
        "reference": " agr 1 ",
        "terrain": terrain.numero if terrain else "",
        "specialite": session.get(Specialite, "DES28"),
        "type": TypeAgrement.PRINCIPAL,
        "decision": DecisionAgrement.AGREE,
        "date_debut": JOUR - timedelta(days=10),
        "date_fin": JOUR + timedelta(days=10),
    }
    return SaisieAgrement(**valeurs | champs)


def creer(session: Session, voulu: SaisieAgrement, actor: Actor = NATIONAL) -> Agrement:
    with unit_of_work(actor, "AGR.creer", session=session) as uow:
        return agrements.creer(uow, voulu, JOUR)


def modifier(session: Session, agrement: Agrement, voulu: SaisieAgrement, actor: Actor = NATIONAL) -> Agrement:
    a_jour = voulu if voulu.version else replace(voulu, version=version_de(agrement))
    with unit_of_work(actor, "AGR.modifier", session=session) as uow:
        return agrements.modifier(uow, agrement.id, a_jour, JOUR)


def territoire(agrement: Agrement) -> tuple[str | None, ...]:
    lieu = (agrement.ars_code, agrement.subdivision_code, agrement.departement_code, agrement.bassin_de_vie_code)
    return (*lieu, agrement.numero_terrain)


def dans_un_bassin(session: Session) -> TerrainDeStage:
    """A terrain of Rennes, in the bassin de vie of Rennes."""
    session.execute(insert(BassinDeVie).values(code="35238", nom="Rennes"))
    session.execute(Commune.__table__.update().where(Commune.code == "35238").values(bassin_de_vie_code="35238"))
    return build.terrain(session, code_insee="35238")


def test_a_new_agrement_copies_the_territory_of_its_terrain_and_is_journaled(session):
    """§1.8: what later changes of ARS or subdivision will follow."""
    terrain = dans_un_bassin(session)

    agrement = creer(session, saisie(session, terrain))

    assert agrement.reference == "agr 1"
    assert territoire(agrement) == ("53", "RENNES", "35", "35238", terrain.numero)
    [evenement] = session.scalars(select(Evenement)).all()
    assert (evenement.operation, evenement.changements[0]["apres"]["reference"]) == ("AGR.creer", "agr 1")


def test_a_terrain_is_designated_by_a_former_number_too(session):
    """N21."""
    terrain = build.terrain(session)
    session.add(AncienNumero(terrain_id=terrain.id, numero="24H99999", jusqu_au=build.datetime.now(build.UTC)))
    session.flush()

    assert creer(session, replace(saisie(session), terrain="24h99999")).terrain_id == terrain.id


@pytest.mark.parametrize(
    ("champs", "code"),
    [
        ({"terrain": "53H99999"}, "E-TERRAIN-INCONNU"),
        ({"terrain": ""}, "E-TERRAIN-INCONNU"),
        ({"reference": "  "}, "E-REFERENCE"),
        ({"date_fin": JOUR - timedelta(days=11)}, "E-DATES"),
    ],
)
def test_what_is_wrong_is_refused_and_nothing_is_written(session, champs, code):
    terrain = build.terrain(session)

    with pytest.raises(OperationRefused) as refuse:
        creer(session, replace(saisie(session, terrain), **champs))

    assert refuse.value.codes == [code]
    assert session.scalar(select(func.count()).select_from(Agrement)) == 0
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


def test_a_specialite_of_the_order_is_not_a_des(session):
    terrain = build.terrain(session)
    ordinale = session.scalars(select(Specialite).where(Specialite.nature == "R38").limit(1)).one()

    with pytest.raises(OperationRefused, match="DES"):
        creer(session, saisie(session, terrain, specialite=ordinale))


@pytest.mark.parametrize("actor", [Actor("agent", "53"), Actor("lecteur", None, ecriture=False)])
def test_an_ars_does_not_write_agrements_not_even_its_own(session, actor):
    """Rights of the national data: the routes refuse it too."""
    agrement = build.agrement(session, build.terrain(session))

    for geste in (
        lambda: creer(session, saisie(session, agrement.terrain), actor),
        lambda: modifier(session, agrement, saisie(session, agrement.terrain), actor),
        lambda: supprimer(session, agrement, actor),
    ):
        with pytest.raises(OperationRefused) as refuse:
            geste()
        assert refuse.value.codes == ["E-NATIONAL"]


@pytest.mark.parametrize("statut", [StatutTerrain.INACTIF, StatutTerrain.TRANSFERE])
def test_a_terrain_that_is_not_actif_holds_echus_only(session, statut):
    """S138, A13: an open agrément would have forbidden to delete or transfer it."""
    terrain = build.terrain(session, type=build.TypeTerrain.PRATICIEN, statut=statut)

    with pytest.raises(OperationRefused) as refuse:
        creer(session, saisie(session, terrain))

    assert refuse.value.codes == ["E-TERRAIN-INACTIF"]
    assert creer(session, saisie(session, terrain, **ECHU)).terrain is terrain
    assert creer(session, saisie(session, terrain, reference="R", decision=DecisionAgrement.RETIRE)).id


def test_an_open_agrement_follows_its_terrain_when_modified_an_echu_one_does_not(session):
    """§1.8, I10."""
    terrain = build.terrain(session, code_insee="35238")
    ailleurs = {"ars_code": "24", "subdivision_code": None, "numero_terrain": "24H00001"}
    ouvert = build.agrement(session, terrain, **ailleurs)
    echu = build.agrement(session, terrain, **ailleurs, **ECHU)

    modifier(session, ouvert, saisie(session, terrain, reference="OUVERT"))
    modifier(session, echu, saisie(session, terrain, reference="ECHU", **ECHU))

    assert territoire(ouvert) == ("53", "RENNES", "35", None, terrain.numero)
    assert territoire(echu) == ("24", None, None, None, "24H00001")


def test_an_echu_agrement_moved_to_another_terrain_takes_its_territory(session):
    """A mistake of the national system corrected: the place of the former terrain would be false."""
    agrement = build.agrement(session, build.terrain(session), **ECHU)
    juste = build.terrain(session, ars_code="93")

    modifier(session, agrement, saisie(session, juste, **ECHU))

    assert (agrement.ars_code, agrement.numero_terrain) == ("93", juste.numero)


def test_a_stale_save_is_refused(session):
    """A-53."""
    agrement = build.agrement(session, build.terrain(session))
    perimee = version_de(agrement)
    modifier(session, agrement, saisie(session, agrement.terrain, reference="PREMIER"))

    with pytest.raises(OperationRefused) as refuse:
        modifier(session, agrement, saisie(session, agrement.terrain, reference="SECOND", version=perimee))

    assert refuse.value.codes == ["E-CONFLIT"]
    session.expire_all()
    assert agrement.reference == "PREMIER"


def supprimer(session: Session, agrement: Agrement, actor: Actor = NATIONAL) -> None:
    with unit_of_work(actor, "AGR.supprimer", session=session) as uow:
        agrements.supprimer(uow, agrement.id)


def test_a_deletion_takes_the_geographic_history_along_and_the_journal_keeps_both(session):
    agrement = build.agrement(session, build.terrain(session))
    session.add(
        AgrementHistorique(
            agrement_id=agrement.id,
            jusqu_au=build.datetime.now(build.UTC),
            auteur="agent",
            ars_code="24",
            numero_terrain="24H00001",
        )
    )
    session.commit()

    supprimer(session, agrement)

    assert session.scalar(select(func.count()).select_from(Agrement)) == 0
    assert session.scalar(select(func.count()).select_from(AgrementHistorique)) == 0
    [evenement] = session.scalars(select(Evenement)).all()
    avant = evenement.changements[0]["avant"]
    assert (avant["reference"], avant["date_fin"]) == (agrement.reference, agrement.date_fin.isoformat())
    assert evenement.details == {"ancien_numero": ["24H00001 (ARS 24)"]}


# --- Demandes ---


def saisie_demande(session: Session, terrain: str, **champs: Any) -> SaisieDemande:
    valeurs = {
        "reference": "dem 1",
        "terrain": terrain,
        "specialite": session.get(Specialite, "DES28"),
        "etat": EtatDemande.EN_INSTRUCTION,
        "deposee_le": JOUR,
    }
    return SaisieDemande(**valeurs | champs)


def ecrire_demande(session: Session, voulu: SaisieDemande, demande: DemandeAgrement | None = None) -> DemandeAgrement:
    with unit_of_work(NATIONAL, "DEM.creer", session=session) as uow:
        return demandes.modifier(uow, demande.id, voulu) if demande else demandes.creer(uow, voulu)


def test_a_demande_is_created_then_decided_and_a_stale_save_is_refused(session):
    terrain = build.terrain(session)
    demande = ecrire_demande(session, saisie_demande(session, terrain.numero))
    version = version_de(demande)
    accordee = saisie_demande(session, terrain.numero, etat=EtatDemande.ACCORDEE, version=version)

    ecrire_demande(session, accordee, demande)

    assert (demande.reference, demande.etat) == ("dem 1", EtatDemande.ACCORDEE)
    with pytest.raises(OperationRefused, match="entre-temps"):
        ecrire_demande(session, replace(accordee, etat=EtatDemande.REFUSEE), demande)


@pytest.mark.parametrize(("etat", "permis"), [("EN_RECOURS", False), ("EN_INSTRUCTION", False), ("REFUSEE", True)])
def test_an_open_demande_needs_an_active_terrain(session, etat, permis):
    """A13: an open demande forbids to delete the terrain."""
    voulu = saisie_demande(session, build.terrain(session, statut=StatutTerrain.INACTIF).numero, etat=EtatDemande[etat])

    if permis:
        assert ecrire_demande(session, voulu).etat is EtatDemande.REFUSEE
    else:
        with pytest.raises(OperationRefused, match="n’est pas actif"):
            ecrire_demande(session, voulu)


# --- Semestres d'internat ---


def poster(session: Session, voulu: SaisieSemestreInternat, poste: SemestreInternat | None = None) -> SemestreInternat:
    with unit_of_work(NATIONAL, "SEM.creer", session=session) as uow:
        if poste is None:
            return semestres_internat.creer(uow, voulu)
        return semestres_internat.modifier(uow, poste.id, voulu)


def test_an_interne_is_posted_once_a_semestre(session):
    """On a terrain of any statut: semestres of the past stay on terrains now Inactifs (S139)."""
    ferme, ouvert = build.terrain(session, statut=StatutTerrain.INACTIF), build.terrain(session)
    interne, semestre = build.interne(session), build.semestre(session)
    voulu = SaisieSemestreInternat(interne=interne.identifiant, terrain=ferme.numero, semestre=semestre)

    poste = poster(session, voulu)

    with pytest.raises(OperationRefused) as refuse:
        poster(session, replace(voulu, terrain=ouvert.numero))
    assert refuse.value.codes == ["E-DEJA-POSTE"]
    deplace = poster(session, replace(voulu, terrain=ouvert.numero, version=version_de(poste)), poste)
    assert deplace.terrain_id == ouvert.id


@pytest.mark.parametrize(
    ("champs", "code"), [({"interne": "X"}, "E-INTERNE-INCONNU"), ({"terrain": "X"}, "E-TERRAIN-INCONNU")]
)
def test_an_unknown_interne_or_terrain_is_refused(session, champs, code):
    voulu = SaisieSemestreInternat(
        interne=build.interne(session).identifiant,
        terrain=build.terrain(session).numero,
        semestre=build.semestre(session),
    )

    with pytest.raises(OperationRefused) as refuse:
        poster(session, replace(voulu, **champs))

    assert refuse.value.codes == [code]
