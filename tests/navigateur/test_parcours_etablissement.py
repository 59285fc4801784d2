"""The day of an ARS user on the établissements, with the mouse and without it (manual §1.4, §1.5)."""

import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import unit_of_work
from jobs.journal import tout_journaliser
from models.etablissement import Etablissement
from models.journal import Evenement
from tests import build
from tests.navigateur.conftest import Serveur

Entrer = Callable[[Page, str], None]
BREST = {"adresse_secondaire": "1 quai Neuf", "code_postal_secondaire": "29200", "ville_secondaire": "Brest"}


@pytest.fixture
def hopital(serveur: Serveur) -> Etablissement:
    """An établissement of Rennes that no other test touches."""
    return serveur.preparer(partial(build.etablissement, raison_sociale=f"CH DE L’ÎLE {time.monotonic_ns()}"))


def menu(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Menu principal")


def secondaires(page: Page) -> Locator:
    return page.get_by_role("region", name="Coordonnées secondaires")


def modifier(page: Page, etablissement: Etablissement) -> None:
    page.goto(f"/etablissements/{etablissement.id}")
    page.get_by_role("link", name="Modifier", exact=True).click()


def attendre_le_journal(serveur: Serveur) -> None:
    """Until no event is pending, whether the worker of the server takes it or this test does."""
    unit_of_work.configure(serveur.engine)
    en_attente = select(exists().where(Evenement.traite_le.is_(None)))
    limite = time.monotonic() + 10
    with Session(serveur.engine) as session:
        while session.scalar(en_attente) and time.monotonic() < limite:
            session.rollback()
            tout_journaliser()


# --- With the mouse ---


def test_from_the_search_to_the_history_with_the_mouse(
    page: Page, serveur: Serveur, entrer: Entrer, hopital: Etablissement
) -> None:
    """S27, S28, S34–S38, B-18."""
    entrer(page, "gestionnaire-53")
    menu(page).get_by_text("Terrain de stage", exact=True).click()
    menu(page).get_by_role("link", name="Rechercher un établissement").click()

    page.get_by_role("link", name="Sélectionner un numéro FINESS ET").click()
    page.get_by_label("Numéro ou nom").fill(hopital.raison_sociale.lower())
    page.get_by_role("dialog").get_by_role("button", name=hopital.numero_finess).click()
    expect(page.get_by_label("Numéro FINESS ET", exact=True)).to_have_value(hopital.numero_finess)
    expect(page.get_by_label("Nom de l’établissement")).to_have_value(hopital.raison_sociale)
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_role("status")).to_have_text("1 établissement")

    page.get_by_role("link", name=f"Consulter {hopital.numero_finess}").click()
    page.get_by_role("link", name="Modifier", exact=True).click()
    secondaires(page).get_by_label("Adresse", exact=True).fill("2 place Neuve")
    secondaires(page).get_by_label("Téléphone").fill("02 99 22 22 22")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Indiquez le code postal")
    expect(page.get_by_role("alert")).to_contain_text("Indiquez la ville")
    expect(secondaires(page).get_by_label("Adresse", exact=True)).to_have_value("2 place Neuve")
    expect(secondaires(page).get_by_label("Téléphone")).to_have_value("02 99 22 22 22")

    page.get_by_role("link", name="un code commune INSEE").click()
    page.get_by_role("searchbox").fill("fougères")
    page.get_by_role("dialog").get_by_role("button", name="Fougères (35115)").click()
    expect(secondaires(page).get_by_label("Ville")).to_have_value("Fougères")
    expect(secondaires(page).get_by_label("Code postal")).to_have_value("35300")
    page.get_by_label("FINESS erroné").check()
    page.get_by_label("Commentaire pour le correspondant FINESS").fill("L’adresse a changé.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_have_text("Les modifications sont enregistrées.")
    expect(page.get_by_text("L’adresse a changé.")).to_be_visible()
    expect(page.get_by_role("row", name="Ville")).to_contain_text("Fougères retenu")

    attendre_le_journal(serveur)
    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_role("row", name="2 place Neuve")).to_contain_text("gestionnaire-53")


def test_the_search_matches_the_town_in_force_and_the_export_is_its_result(
    page: Page, serveur: Serveur, entrer: Entrer, tmp_path: Path
) -> None:
    """S30, S44, A23; scenario 13: the secondary town hides that of FINESS."""
    decrire = {"raison_sociale": "CLINIQUE DES ÎLES DU PONANT", "ville": "QUIMPER", "code_postal": "29000"}
    et = serveur.preparer(partial(build.etablissement, **decrire, **BREST))
    entrer(page, "gestionnaire-53")
    page.goto("/etablissements/?ars=53")

    page.get_by_label("Nom de l’établissement").fill("*iles*ponant")
    page.get_by_label("Ville").fill("quimper")
    page.get_by_role("button", name="Rechercher").click()
    expect(page.get_by_text("Aucun établissement ne correspond")).to_be_visible()
    page.get_by_label("Ville").fill("brest")
    page.get_by_role("button", name="Rechercher").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter en CSV").click()

    fichier = tmp_path / "export.csv"
    download.value.save_as(fichier)
    [ligne] = csv.DictReader(fichier.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert et.numero_finess in ligne.values()
    assert "Brest" in ligne.values()
    page.get_by_role("link", name="Ville : brest").click()
    expect(page.get_by_label("Ville")).to_have_value("")


def test_an_ambiguous_town_is_chosen_from_a_list(page: Page, entrer: Entrer, hopital: Etablissement) -> None:
    """S55, A20; scenario 14."""
    entrer(page, "gestionnaire-53")
    modifier(page, hopital)

    secondaires(page).get_by_label("Adresse", exact=True).fill("4 rue du Four")
    secondaires(page).get_by_label("Code postal").fill("35500")
    secondaires(page).get_by_label("Ville").fill("Le Bourg")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Plusieurs communes correspondent")
    page.get_by_label("Commune", exact=True).select_option(label="Vitré (35360)")
    page.get_by_role("button", name="Enregistrer").click()

    expect(page.get_by_role("row", name="Code commune INSEE")).to_contain_text("35360")


def test_an_etablissement_is_created_by_its_number(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S47–S52."""
    finess = serveur.preparer(partial(build.finess_et, raison_sociale="CH DE REDON"))
    entrer(page, "gestionnaire-53")
    page.goto("/etablissements/?ars=53")

    page.get_by_role("link", name="Créer", exact=True).click()
    page.get_by_label("Numéro FINESS de l’établissement").fill("123456789")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas dans le référentiel FINESS")
    page.get_by_label("Numéro FINESS de l’établissement").fill(finess.numero)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("CH DE REDON").first).to_be_visible()
    page.get_by_role("button", name="Créer l’établissement").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CH DE REDON")

    page.goto(f"/etablissements/creer?numero_finess={finess.numero}")
    expect(page.get_by_role("alert")).to_contain_text("déjà actif")
    page.get_by_role("link", name="Voir la fiche").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CH DE REDON")


def test_a_user_of_two_ars_modifies_in_the_one_he_chose(
    page: Page, serveur: Serveur, entrer: Entrer, hopital: Etablissement
) -> None:
    """S141, N18; scenario 5."""
    entrer(page, "gestionnaire-53-84")
    page.get_by_label("Auvergne-Rhône-Alpes").check()
    page.get_by_role("button", name="Travailler dans cette ARS").click()

    page.goto(f"/etablissements/?ars=&numero={hopital.numero_finess}")
    expect(page.get_by_title("Hors de votre ARS de travail : consultation seulement.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Modifier {hopital.numero_finess}")).to_be_hidden()
    page.get_by_role("link", name="ARS de travail").click()
    page.get_by_label("Bretagne").check()
    page.get_by_role("button", name="Travailler dans cette ARS").click()

    expect(page.get_by_role("banner")).to_contain_text("Bretagne")
    page.goto(f"/etablissements/?ars=&numero={hopital.numero_finess}")
    expect(page.get_by_role("link", name=f"Modifier {hopital.numero_finess}")).to_be_visible()


def test_two_tabs_never_overwrite_one_another(page: Page, entrer: Entrer, hopital: Etablissement) -> None:
    """A-53: the second one sees both versions, and keeps what it typed."""
    entrer(page, "gestionnaire-53")
    autre = page.context.new_page()
    for onglet, telephone in ((page, "0299111111"), (autre, "0299222222")):
        modifier(onglet, hopital)
        secondaires(onglet).get_by_label("Téléphone").fill(telephone)

    page.get_by_role("button", name="Enregistrer").click()
    autre.get_by_role("button", name="Enregistrer").click()

    conflit = autre.get_by_role("region", name="Votre saisie et la version enregistrée")
    expect(conflit.get_by_role("row", name="Téléphone")).to_contain_text("0299222222")
    expect(conflit.get_by_role("row", name="Téléphone")).to_contain_text("0299111111")
    expect(secondaires(autre).get_by_label("Téléphone")).to_have_value("0299222222")
    autre.get_by_role("button", name="Enregistrer").click()
    expect(autre.get_by_role("row", name="Téléphone")).to_contain_text("0299222222 retenu")


# --- With the keyboard alone ---


def tabuler(page: Page, cible: Locator, touche: str = "Tab") -> None:
    """Press Tab until `cible` has the focus; wherever it goes, the focus shows."""
    for _ in range(80):
        page.keyboard.press(touche)
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        if cible.evaluate("un => un === document.activeElement"):
            return
    pytest.fail(f"{cible} is out of reach of the keyboard")


def test_from_the_login_to_the_export_with_the_keyboard(
    page: Page, serveur: Serveur, entrer: Entrer, hopital: Etablissement
) -> None:
    """B-02, B-10, B-15: no click at all."""
    entrer(page, "gestionnaire-53")
    rubrique = menu(page).get_by_text("Terrain de stage", exact=True)
    tabuler(page, rubrique)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(rubrique).to_be_focused()
    page.keyboard.press("Enter")
    tabuler(page, menu(page).get_by_role("link", name="Rechercher un établissement"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/etablissements/?ars=53")

    page.keyboard.press("/")
    expect(page.get_by_label("Nom de l’établissement")).to_be_focused()
    page.keyboard.type(hopital.raison_sociale.replace("CH DE ", "*"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("1 établissement")
    with page.expect_download():
        tabuler(page, page.get_by_role("link", name="Exporter en CSV"))
        page.keyboard.press("Enter")
    tabuler(page, page.get_by_role("link", name=f"Modifier {hopital.numero_finess}"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/modifier")

    tabuler(page, secondaires(page).get_by_label("Adresse", exact=True))
    page.keyboard.type("7 impasse du Clavier")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    tabuler(page, page.get_by_role("alert").get_by_role("link", name="Ville"))
    page.keyboard.press("Enter")
    expect(secondaires(page).get_by_label("Ville")).to_be_focused()
    aide = page.get_by_role("link", name="un code commune INSEE")
    tabuler(page, aide)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(aide).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("35300")
    proposition = page.get_by_role("dialog").get_by_role("button", name="Fougères (35115)")
    expect(proposition).to_be_visible()
    tabuler(page, proposition)
    page.keyboard.press("Enter")
    expect(secondaires(page).get_by_label("Code commune INSEE")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_have_text("Les modifications sont enregistrées.")
    expect(page.get_by_role("row", name="Ville")).to_contain_text("Fougères retenu")


# --- On paper ---


def test_a_card_prints_its_data_without_the_menu(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """B-16."""
    et = serveur.preparer(partial(build.etablissement, raison_sociale="CH IMPRIME", **BREST))
    entrer(page, "gestionnaire-53")
    page.goto(f"/etablissements/{et.id}")

    page.emulate_media(media="print")

    for cache in (
        page.get_by_role("banner"),
        page.get_by_role("contentinfo"),
        page.get_by_role("link", name="Modifier"),
    ):
        expect(cache).to_be_hidden()
    for donnee in (et.numero_finess, "1 rue de l’Exemple", "1 quai Neuf", "Brest"):
        expect(page.get_by_text(donnee).first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
