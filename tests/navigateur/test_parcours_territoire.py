"""Changes of territory and transfers of practitioners, with the mouse and without it (§1.8–§1.10; scenarios 6 to 9)."""

from datetime import timedelta
from functools import partial

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from models.agrement import EtatDemande
from models.etats import TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.navigateur.conftest import Serveur
from tests.navigateur.test_parcours_etablissement import Entrer, attendre_le_journal, menu, tabuler
from tests.navigateur.test_parcours_terrain import unique

JOUR = aujourd_hui()
CHANGER_ARS, CHANGER_SUBDIVISION = "Modifier l’ARS du terrain de stage", "Modifier la subdivision"


def un_service_des_antilles(session: Session) -> tuple[TerrainDeStage, list[str]]:
    """With an agrément en cours, one to come and one échu."""
    terrain = build.terrain(session, ars_code="01", subdivision_code="ANTILLESGUYANE")
    dates = ({}, {"date_debut": JOUR + timedelta(days=9)}, {"date_fin": JOUR - timedelta(days=1)})
    return terrain, [build.agrement(session, terrain, **une).reference for une in dates]


def un_praticien_de_nice(session: Session, nom: str) -> TerrainDeStage:
    """Who now also practises in Rennes."""
    rpps = build.praticien(session, nom=nom).rpps
    build.activite(session, rpps, raison="CABINET DU PORT")
    return build.terrain(
        session,
        type=TypeTerrain.PRATICIEN,
        rpps=rpps,
        praticien_nom=nom,
        ars_code="93",
        subdivision_code="NICE",
        ville="NICE",
        code_postal="06000",
        code_insee="06088",
        adresse_secondaire="9 quai du Port",
        code_postal_secondaire="06000",
        ville_secondaire="Nice",
        code_insee_secondaire="06088",
    )


def un_terrain_de_marseille(session: Session) -> TerrainDeStage:
    return build.terrain(session, ars_code="93", subdivision_code="MARSEILLE")


@pytest.fixture
def cabinet(serveur: Serveur) -> TerrainDeStage:
    return serveur.preparer(partial(un_praticien_de_nice, nom=unique("KERVELLA")))


def avant_apres(page: Page, ligne: str) -> str:
    region = page.get_by_role("region", name="Avant et après")
    return region.get_by_role("row", name=ligne, exact=False).first.inner_text()


def transferer(page: Page, cabinet: TerrainDeStage, vers: str) -> None:
    page.goto(f"/terrains/{cabinet.id}")
    page.get_by_role("link", name="Modifier", exact=True).click()
    page.get_by_role("link", name="Transférer le praticien").click()
    page.get_by_label("ARS qui reçoit le praticien").select_option(vers)
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Transférer le praticien").click()
    expect(page.get_by_role("status")).to_contain_text("Transfert de praticien : c’est fait")


# --- With the mouse ---


def test_a_service_of_guadeloupe_goes_to_guyane_and_back(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 6; N2."""
    terrain, (en_cours, prochain, echu) = serveur.preparer(un_service_des_antilles)
    entrer(page, "gestionnaire-01")
    page.goto(f"/terrains/{terrain.id}")

    page.get_by_role("link", name=CHANGER_ARS).click()
    expect(page.get_by_role("radio")).to_have_count(2)
    page.get_by_label("ARS Guyane").check()
    page.get_by_role("button", name="Voir l’aperçu").click()
    for reference in (en_cours, prochain):
        expect(page.get_by_role("link", name=reference)).to_be_visible()
    expect(page.get_by_text(echu)).to_be_hidden()
    nouveau = avant_apres(page, "Numéro").split()[-1]
    page.get_by_role("button", name=CHANGER_ARS).click()

    expect(page.get_by_role("status")).to_contain_text("Changement d’ARS : c’est fait")
    page.get_by_role("link", name=en_cours).click()
    expect(page.get_by_role("region", name="Historique géographique").first).to_contain_text(terrain.numero)
    page.goto(f"/terrains/?ars=&numero_terrain={terrain.numero}")
    expect(page.get_by_role("row", name=nouveau)).to_contain_text(f"ancien {terrain.numero}")

    page.goto(f"/terrains/{terrain.id}")
    expect(page.get_by_role("link", name=CHANGER_ARS)).to_be_hidden()
    page.go_back()
    page.go_back()
    page.go_back()
    page.get_by_role("link", name="Annuler cette opération").click()
    page.get_by_role("button", name="Annuler cette opération").click()
    expect(page.get_by_role("status").first).to_contain_text("remis dans leur état précédent")
    page.goto(f"/terrains/{terrain.id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(terrain.numero)
    expect(page.get_by_role("link", name=CHANGER_ARS)).to_be_visible()


def test_a_preview_that_became_stale_is_shown_afresh(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """N1, E-APERCU-PERIME."""
    terrain = serveur.preparer(un_terrain_de_marseille)
    entrer(page, "gestionnaire-93")
    page.goto(f"/terrains/{terrain.id}/subdivision?vers=NICE")
    agrement = serveur.preparer(lambda session: build.agrement(session, session.get(TerrainDeStage, terrain.id)))

    page.get_by_role("button", name=CHANGER_SUBDIVISION).click()
    expect(page.get_by_role("alert")).to_contain_text("Les données ont changé depuis l’aperçu")
    expect(page.get_by_role("link", name=agrement.reference)).to_be_visible()
    page.get_by_role("button", name=CHANGER_SUBDIVISION).click()

    expect(page.get_by_role("status")).to_contain_text("Changement de subdivision : c’est fait")


def test_a_practitioner_of_nice_goes_to_bretagne(
    page: Page, serveur: Serveur, entrer: Entrer, cabinet: TerrainDeStage
) -> None:
    """Scenario 8: not to Corse; then completed there, and no longer modified from here."""
    entrer(page, "gestionnaire-93")
    page.goto(f"/terrains/{cabinet.id}/transferer?vers=94")
    expect(page.get_by_role("alert")).to_contain_text("utilisez « Modifier l’ARS du terrain de stage »")
    transferer(page, cabinet, "ARS Bretagne")
    page.get_by_role("link", name="Voir la fiche").click()
    expect(page.get_by_role("link", name="Modifier", exact=True)).to_be_hidden()
    page.goto("/transferts-de-praticien/")
    envoye = page.get_by_role("row", name=cabinet.praticien_nom)
    expect(envoye).to_contain_text("en attente de l’ARS Bretagne")
    page.context.clear_cookies()

    entrer(page, "gestionnaire-53")
    page.get_by_role("link", name="Terrains de stage transférés, à compléter").click()
    recu = page.get_by_role("row", name=cabinet.praticien_nom)
    expect(recu).to_contain_text("aujourd’hui")
    recu.get_by_role("link", name="Compléter").click()
    expect(page.get_by_label("Subdivision")).to_have_value("RENNES")
    page.get_by_label("Subdivision").select_option("")
    page.get_by_role("button", name="Compléter le transfert").click()
    expect(page.get_by_role("alert")).to_contain_text("subdivision")
    page.get_by_label("Subdivision").select_option("Brest")
    expect(page.get_by_label("Coordonnées secondaires de l’ancienne ARS")).to_have_value("vider")
    page.get_by_role("button", name="Compléter le transfert").click()
    expect(page.get_by_role("status")).to_contain_text("est actif dans l’ARS Bretagne")
    expect(page.get_by_role("row", name="Ville")).to_contain_text("Rennes retenu")
    expect(page.get_by_text("9 quai du Port")).to_be_hidden()
    page.context.clear_cookies()

    attendre_le_journal(serveur)
    entrer(page, "gestionnaire-93")
    page.goto("/transferts-de-praticien/")
    expect(page.get_by_role("row", name=cabinet.praticien_nom)).to_contain_text("Complété")


def test_a_demande_in_appeal_forbids_the_transfer_and_is_named(
    page: Page, serveur: Serveur, entrer: Entrer, cabinet: TerrainDeStage
) -> None:
    """Scenario 9."""
    demande = serveur.preparer(
        lambda session: build.demande(session, session.get(TerrainDeStage, cabinet.id), etat=EtatDemande.EN_RECOURS)
    )
    entrer(page, "gestionnaire-93")

    page.goto(f"/terrains/{cabinet.id}/modifier")

    grise = page.get_by_role("button", name="Transférer le praticien")
    expect(grise).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text(f"{demande.reference} (en recours)").first).to_be_visible()
    page.goto(f"/terrains/{cabinet.id}/transferer")
    expect(page.get_by_text(demande.reference)).to_be_visible()


def test_practitioners_are_transferred_together(
    page: Page, serveur: Serveur, entrer: Entrer, cabinet: TerrainDeStage
) -> None:
    """S145, N30."""
    nom = cabinet.praticien_nom
    serveur.preparer(partial(un_praticien_de_nice, nom=nom))
    entrer(page, "gestionnaire-93")
    page.goto(f"/terrains/?ars=93&nom={nom}")

    page.get_by_label("Tout sélectionner sur cette page").check()
    page.get_by_role("button", name="Transférer le praticien").click()
    page.get_by_role("button", name="Transférer 2 terrains").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choisissez l’ARS")
    page.get_by_label("ARS qui reçoit les praticiens").select_option("ARS Bretagne")
    page.get_by_role("button", name="Transférer 2 terrains").click()

    expect(page.get_by_role("status")).to_contain_text("2 terrains, 0 refus")


# --- With the keyboard alone ---


def test_a_subdivision_is_changed_with_the_keyboard(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 7, B-02: the number stays."""
    terrain = serveur.preparer(un_terrain_de_marseille)
    entrer(page, "gestionnaire-93")
    page.goto(f"/terrains/{terrain.id}")

    tabuler(page, page.get_by_role("link", name=CHANGER_SUBDIVISION))
    page.keyboard.press("Enter")
    page.wait_for_url("**/subdivision")
    tabuler(page, page.get_by_label("Nice"))
    tabuler(page, page.get_by_role("button", name="Voir l’aperçu"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/subdivision?vers=NICE")
    assert avant_apres(page, "Numéro").split()[-2:] == [terrain.numero, terrain.numero]
    tabuler(page, page.get_by_role("button", name=CHANGER_SUBDIVISION))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Changement de subdivision : c’est fait")
    tabuler(page, page.get_by_role("link", name="Voir la fiche"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/terrains/{terrain.id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(terrain.numero)


def test_a_transfer_is_completed_from_the_menu_with_the_keyboard(
    page: Page, entrer: Entrer, cabinet: TerrainDeStage
) -> None:
    """S129, S130, B-02."""
    entrer(page, "gestionnaire-93")
    transferer(page, cabinet, "ARS Bretagne")
    page.context.clear_cookies()
    entrer(page, "gestionnaire-53")

    tabuler(page, menu(page).get_by_text("Terrain de stage", exact=True))
    page.keyboard.press("Enter")
    tabuler(page, menu(page).get_by_role("link", name="Transfert de praticien"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/transferts-de-praticien/")
    tabuler(page, page.get_by_role("row", name=cabinet.praticien_nom).get_by_role("link", name="Compléter"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/completer")
    tabuler(page, page.get_by_label("Coordonnées secondaires de l’ancienne ARS"))
    page.keyboard.press("ArrowDown")
    tabuler(page, page.get_by_role("button", name="Compléter le transfert"))
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("est actif dans l’ARS Bretagne")
    expect(page.get_by_text("9 quai du Port").first).to_be_visible()


# --- On a narrow screen ---


@pytest.mark.parametrize("largeur", [1366, 683, 320])
@pytest.mark.parametrize("adresse", ["/terrains/{}/transferer", "/terrains/{}/transferer?vers=53", "/terrains/{}"])
def test_the_pages_fit(page: Page, entrer: Entrer, cabinet: TerrainDeStage, largeur: int, adresse: str) -> None:
    entrer(page, "gestionnaire-93")
    page.set_viewport_size({"width": largeur, "height": 768})
    page.goto(adresse.format(cabinet.id))

    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
