"""A run of RPPS in the background: the worker finds its steps by the type of the run."""

from sqlalchemy import select

from app.referentiels import suivi
from jobs import synchro
from models.etats import TypeTerrain
from models.journal import EntreeJournal
from models.praticien import Praticien
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build
from tests.fichier_rpps import ecrire, ligne

A = "10000000011"


def test_a_run_is_applied_and_journaled(session, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "depot").mkdir()
    fichier = ecrire(tmp_path / "depot", ligne(A))
    praticien = {"type": TypeTerrain.PRATICIEN, "etablissement": None, "rpps": A}
    build.terrain(session, numero="53P00001", **praticien)
    numero = suivi.demander(TypeTraitement.RPPS, fichier.name, demandeur="test")

    synchro.synchroniser(numero)

    session.expire_all()
    assert session.get_one(Traitement, numero).etat is EtatTraitement.APPLIQUE
    assert session.get(Praticien, A) is not None
    assert session.scalars(select(EntreeJournal.objet_type)).all() == ["TerrainDeStage"]
