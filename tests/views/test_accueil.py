"""Home page: what awaits in the ARS de travail (QUALITY B-12)."""

import re
from datetime import date

from models.etats import StatutEtablissement, StatutTerrain, TypeTerrain
from tests import build


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
    for champs in (*avis, avis[1], {"rpps_errone": True}, {"statut": StatutTerrain.TRANSFERE}):
        build.terrain(session, type=TypeTerrain.PRATICIEN, **champs)
    build.terrain(session, type=TypeTerrain.PRATICIEN, ars_code="93", **avis[0])
    client = connexion("gestionnaire-53")

    compteurs = re.findall(r'<li><a href="([^"]+)"[^>]*><b>(\d+)</b>', client.get("/").text)

    assert [int(total) for _, total in compteurs] == [1, 1, 1, 2, 1, 1, 1, 2, 1, 1]
    for adresse, total in compteurs:
        liste = client.get(adresse.replace("&amp;", "&")).text
        assert re.search(r'role="status"><b>(\d+)</b>', liste)[1] == total, adresse


def test_without_any_synchronisation_the_page_says_so(connexion):
    assert "Jamais" in connexion("lecture-53").get("/").text
