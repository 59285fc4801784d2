"""RPPS gives the code of a commune that was merged: the terrain has that of today (SPEC R15)."""

from sqlalchemy import select, text

from models.etats import TypeTerrain
from models.praticien import ActivitePraticien
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.fichier_rpps import JOUR_1, JOUR_2, charger, ecrire, ligne

A, ANCIEN, NANTES = "10000000011", "44999", "44109"


def test_a_terrain_has_the_commune_of_today_night_after_night(session, tmp_path):
    session.execute(text("INSERT INTO alias_commune VALUES (:ancien, :nouveau)"), {"ancien": ANCIEN, "nouveau": NANTES})
    champs = {"type": TypeTerrain.PRATICIEN, "etablissement": None, "subdivision_code": "NANTES"}
    terrain = build.terrain(session, numero="52P00001", ars_code="52", rpps=A, **champs)

    nuits = [charger(ecrire(tmp_path, ligne(A, code_insee=ANCIEN), jour=jour)) for jour in (JOUR_1, JOUR_2)]

    session.expire_all()
    assert session.get_one(TerrainDeStage, terrain.id).code_insee == NANTES
    assert session.scalars(select(ActivitePraticien.code_insee)).all() == [ANCIEN]
    assert [un.objets_modifies for un in nuits] == [1, 0]
