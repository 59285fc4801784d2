"""Home page: what awaits in the ARS de travail (QUALITY B-12)."""

import re
from datetime import date, timedelta

import pytest

from app.calendrier import aujourd_hui
from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from tests import build


@pytest.mark.usefixtures("sans_calendrier")
def test_each_number_is_that_of_the_list_it_leads_to(connexion, session):
    """B-12: for the ARS de travail, in one look."""
    inactif = build.etablissement(session, statut=StatutEtablissement.INACTIF)
    build.terrain(session, etablissement=inactif)
    build.etablissement(session, rouvert_le=date(2026, 11, 1), statut=StatutEtablissement.INACTIF)
    build.etablissement(session, absent_depuis=date(2026, 11, 1))
    for _ in range(2):
        build.etablissement(session, finess_errone=True)
    build.entite_juridique(session, absent_depuis=date(2026, 11, 1))
    build.entite_juridique(session, finess_errone=True)
    build.etablissement(session, finess_errone=True, ars_code="93")
    avis = ({"rpps_invalide_depuis": date(2026, 11, 1)}, {"rpps_hors_ars_depuis": date(2026, 11, 1)})
    for champs in (*avis, avis[1], {"rpps_errone": True}, {"statut": StatutTerrain.TRANSFERE, **avis[1]}):
        build.terrain(session, type=TypeTerrain.PRATICIEN, **champs)
    build.terrain(session, type=TypeTerrain.PRATICIEN, ars_code="93", **avis[0])
    _echeances(session)
    client = connexion("gestionnaire-53")

    compteurs = re.findall(r'<li><a href="([^"]+)"[^>]*><b>(\d+)</b>', client.get("/").text)

    assert [int(total) for _, total in compteurs] == [1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 3]
    for adresse, total in compteurs:
        liste = client.get(adresse.replace("&amp;", "&")).text
        assert re.search(r'role="status"><b>(\d+)</b>', liste)[1] == total, adresse


def _echeances(session) -> None:
    """Of ours: one that ends in the semestre en cours, two in the next one, three to be examined again."""
    jour = aujourd_hui()
    fin, suite = jour + timedelta(days=30), jour + timedelta(days=31)
    build.semestre(session, date_debut=jour - timedelta(days=150), date_fin=fin)
    build.semestre(session, annee=1991, date_debut=suite, date_fin=suite + timedelta(days=180))
    terrain = build.terrain(session)
    for date_fin in (fin, suite, suite + timedelta(days=180)):
        build.agrement(session, terrain, date_fin=date_fin)
    for rang in range(3):
        build.agrement(session, terrain, a_reexaminer=True, date_fin=suite + timedelta(days=300 + rang))
    build.agrement(session, build.terrain(session, ars_code="93"), date_fin=fin, a_reexaminer=True)
    passe = {"date_debut": jour - timedelta(days=9), "date_fin": jour - timedelta(days=1)}
    build.agrement(session, terrain, a_reexaminer=True, **passe)


def test_without_any_synchronisation_the_page_says_so(connexion):
    assert "Jamais" in connexion("lecture-53").get("/").text
