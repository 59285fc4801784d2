"""Accessibility of every page: WCAG A and AA by axe-core, in light and dark, zoomed and narrow (B-02)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.navigateur.conftest import Serveur, contexte, se_connecter
from tests.navigateur.visite import A_PART, Visite

Axe = Callable[..., list[str]]
LARGEURS = {"zoom 200 %": 683, "320 px": 320}
DEBORDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@contextmanager
def entree(navigateur: Browser, site: Serveur, login: str) -> Iterator[Page]:
    """A page of a user, where axe may be added."""
    with contexte(navigateur, base_url=site.url, bypass_csp=True, reduced_motion="reduce") as context:
        page = context.new_page()
        se_connecter(site, page, login)
        yield page


@pytest.fixture(scope="module")
def gestionnaire(navigateur: Browser, site: Serveur) -> Iterator[Page]:
    with entree(navigateur, site, "gestionnaire-53") as page:
        yield page


def defauts(page: Page, axe: Axe) -> list[str]:
    """What is wrong with the page as it is shown now."""
    page.emulate_media(color_scheme="dark")
    trouves = [f"dark: {violation}" for violation in axe(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    trouves += axe(page)
    for nom, largeur in LARGEURS.items():
        page.set_viewport_size({"width": largeur, "height": 600})
        trouves += [f"{nom}: scrolls sideways"] if page.evaluate(DEBORDE) else []
    page.set_viewport_size({"width": 1366, "height": 768})
    return trouves


def un_de_chaque(visite: Visite) -> Iterator[str]:
    """One address of each screen: the tables of reference share theirs."""
    ecrans = {re.sub(r"^/reference/[^/]+", "/reference", vue.regle): vue.adresse for vue in visite.vues if vue.regle}
    yield from ecrans.values()
    yield from A_PART


def test_every_screen(navigateur: Browser, site: Serveur, axe: Axe, visites: Callable[[str], Visite]) -> None:
    adresses = list(un_de_chaque(visites("national")))
    trouves = {}
    with entree(navigateur, site, "national") as page:
        for adresse in adresses:
            page.goto(adresse)
            trouves[adresse] = defauts(page, axe)

    assert {adresse: violations for adresse, violations in trouves.items() if violations} == {}


# --- What a screen shows only once it is used ---


def ouvrir_une_fiche(page: Page, nom: str) -> None:
    page.goto(f"/etablissements/?ars=53&nom={nom}")
    page.get_by_role("link", name="Consulter").first.click()


def secondaires(page: Page) -> Locator:
    return page.get_by_role("region", name="Coordonnées secondaires")


def triplet_incomplet(page: Page) -> None:
    ouvrir_une_fiche(page, "clinique")
    page.get_by_role("link", name="Modifier", exact=True).click()
    secondaires(page).get_by_label("Adresse", exact=True).fill("3 rue Neuve")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("Le formulaire n’a pas été enregistré").wait_for()


def commune_a_choisir(page: Page) -> None:
    triplet_incomplet(page)
    secondaires(page).get_by_label("Code postal").fill("35500")
    secondaires(page).get_by_label("Ville").fill("Le Bourg")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("combobox", name="Commune").wait_for()


def selection_ouverte(page: Page) -> None:
    page.goto("/etablissements/?ars=53")
    page.get_by_role("link", name="un numéro FINESS ET").click()
    page.get_by_role("dialog").get_by_role("button", name="CLINIQUE 01").wait_for()


def selection_vide(page: Page) -> None:
    selection_ouverte(page)
    page.get_by_role("searchbox").fill("introuvable")
    page.get_by_text("Aucun résultat.").wait_for()


def retrait_a_confirmer(page: Page) -> None:
    ouvrir_une_fiche(page, "pontchaillou")
    page.get_by_role("button", name="Retirer").first.click()
    page.get_by_role("dialog").wait_for()


def objets_hors_de_portee(page: Page) -> None:
    page.goto("/etablissements/?ars=93")
    page.get_by_role("link", name="Consulter").first.click()
    page.get_by_text("Historique").wait_for(state="detached")


def menu_ouvert(page: Page) -> None:
    page.goto("/")
    page.get_by_text("Terrain de stage", exact=True).click()


def tous_les_criteres(page: Page) -> None:
    page.goto("/entites-juridiques/?ars=53")
    page.get_by_text("Plus de critères").click()


def mot_de_passe_refuse(page: Page) -> None:
    page.goto("/mon-compte/")
    page.get_by_role("button", name="Changer le mot de passe").click()
    page.get_by_text("Le formulaire n’a pas été enregistré").wait_for()


def envoi_refuse(page: Page) -> None:
    page.goto("/etablissements/?ars=53")
    page.get_by_role("link", name="Envoyer par courriel").click()
    page.get_by_label("Destinataires").fill("nom@ailleurs.org")
    page.get_by_role("button", name="Envoyer").click()
    page.get_by_text("Le formulaire n’a pas été enregistré").wait_for()


@pytest.mark.parametrize(
    "usage",
    [
        triplet_incomplet,
        commune_a_choisir,
        selection_ouverte,
        selection_vide,
        retrait_a_confirmer,
        menu_ouvert,
        tous_les_criteres,
        mot_de_passe_refuse,
        envoi_refuse,
    ],
)
def test_what_shows_when_a_screen_is_used(gestionnaire: Page, axe: Axe, usage: Callable[[Page], None]) -> None:
    usage(gestionnaire)

    assert defauts(gestionnaire, axe) == []


def test_the_login_page_and_its_refusal(navigateur: Browser, site: Serveur, axe: Axe) -> None:
    with contexte(navigateur, base_url=site.url, bypass_csp=True, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto("/")

        assert defauts(page, axe) == []

        page.get_by_label("Identifiant").fill("inconnu")
        page.get_by_label("Mot de passe").fill("inconnu")
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("alert").wait_for()

        assert defauts(page, axe) == []
