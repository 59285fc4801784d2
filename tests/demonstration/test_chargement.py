"""Demonstration data: loaded by the real operations, once, and never beside real data (N19)."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import demonstration
from app.calendrier import aujourd_hui
from app.demonstration.comptes import COMPTES, MOT_DE_PASSE, presentation
from app.errors import OperationRefused
from app.mots_de_passe import refus_mot_de_passe
from app.referentiels import suivi
from app.referentiels.rpps_synchro import synchroniser_rpps
from app.referentiels.synchro import synchroniser_finess
from models.agrement import Agrement, StatutAgrement
from models.commune import BassinDeVie, Commune
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.interne import Semestre, SemestreInternat
from models.terrain_de_stage import TerrainDeStage
from models.traitement import EtatTraitement, TypeTraitement
from models.universite import ConventionUfr
from models.utilisateur import Utilisateur
from tests import build


def _sans_hachage(mot_de_passe: str) -> str:
    return f"hash of {mot_de_passe}"


def test_a_new_database_becomes_a_country_to_explore(base_propre: Engine, tmp_path: Path):
    bilan = demonstration.charger(tmp_path, _sans_hachage)

    with Session(base_propre) as session:
        ets = session.scalars(select(Etablissement)).all()
        assert len(ets) == bilan.etablissements > 300
        assert {et.statut for et in ets} == {StatutEtablissement.ACTIF}
        assert len({et.ars_code for et in ets}) == 18
        assert any(et.est_chu for et in ets)
        assert any(et.adresse_secondaire for et in ets)
        assert any(et.finess_errone for et in ets)
        assert session.scalar(select(func.count()).select_from(ConventionUfr)) > 18
        terrains = session.scalars(select(TerrainDeStage)).all()
        assert len(terrains) == bilan.terrains > 400
        assert len({un.ars_code for un in terrains}) == 18
        assert {un.type for un in terrains} == set(TypeTerrain)
        assert {un.statut for un in terrains} == set(StatutTerrain)
        statuts = {un.statut_au(aujourd_hui()) for un in session.scalars(select(Agrement))}
        assert statuts == set(StatutAgrement)
        postes = select(func.count()).select_from(SemestreInternat).join(Semestre)
        assert session.scalar(postes.where(Semestre.date_fin >= aujourd_hui())) > 200
        bassins = select(BassinDeVie.nom).join(Commune).where(Commune.code.in_({et.code_insee for et in ets}))
        assert len(session.scalars(bassins).all()) == len({et.code_insee for et in ets})
        assert session.scalar(select(func.count()).select_from(Utilisateur)) == len(COMPTES)

    assert demonstration.charger(tmp_path, _sans_hachage) == replace(bilan, comptes=0, etablissements=0, terrains=0)

    numero = suivi.demander(TypeTraitement.FINESS, bilan.second_fichier, demandeur="national")
    traitement = synchroniser_finess(numero, tmp_path / bilan.second_fichier)
    assert traitement.etat is EtatTraitement.APPLIQUE
    with Session(base_propre) as session:
        ets = session.scalars(select(Etablissement)).all()
        assert {et.statut for et in ets} == set(StatutEtablissement)
        assert StatutEntiteJuridique.INACTIF in {et.entite_juridique.statut for et in ets}


def test_the_second_day_of_rpps_is_applied_and_shows_who_left_and_who_moved(base_propre: Engine, tmp_path: Path):
    """TS-30, TS-31: the brake does not hold back what the user is invited to launch."""
    demonstration.charger(tmp_path, _sans_hachage)
    second = max(tmp_path.glob("PS_LibreAcces*"))

    traitement = synchroniser_rpps(suivi.demander(TypeTraitement.RPPS, second.name, demandeur="national"), second)

    assert (traitement.etat, traitement.motif) == (EtatTraitement.APPLIQUE, None)
    with Session(base_propre) as session:
        actifs = session.scalars(select(TerrainDeStage).where(TerrainDeStage.statut == StatutTerrain.ACTIF)).all()
        assert any(un.rpps_invalide_depuis for un in actifs)
        assert any(un.rpps_hors_ars_depuis for un in actifs)


def test_real_data_are_never_mixed_with_the_demonstration(session: Session, tmp_path: Path):
    build.finess_et(session, numero="350000022")

    with pytest.raises(OperationRefused) as refus:
        demonstration.charger(tmp_path, _sans_hachage)

    assert refus.value.codes == ["E-DONNEES-REELLES"]
    assert list(tmp_path.iterdir()) == []


def test_the_first_start_loads_nothing_into_a_database_in_use(session: Session, utilisateur, tmp_path: Path):
    utilisateur("national")

    demonstration.charger_une_fois(tmp_path, _sans_hachage)

    assert list(tmp_path.iterdir()) == []


def test_the_password_obeys_the_rules_and_is_shown_with_the_accounts():
    assert not any(refus_mot_de_passe(MOT_DE_PASSE, compte.login) for compte in COMPTES)
    assert MOT_DE_PASSE in "".join(presentation())


def test_production_refuses_the_demonstration(app: Flask, monkeypatch):
    production = app.extensions["settings"].model_copy(update={"environnement": "production"})
    monkeypatch.setitem(app.extensions, "settings", production)

    resultat = app.test_cli_runner().invoke(args=["demo"])

    assert resultat.exit_code == 5
    assert "E-PRODUCTION" in resultat.output
