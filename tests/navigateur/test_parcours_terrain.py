"""The day of an ARS user on the terrains de stage, with the mouse and without it (manual §1.6, §1.12)."""

import re
import time
from functools import partial

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from models.etats import StatutTerrain, TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.navigateur.conftest import Serveur
from tests.navigateur.test_parcours_etablissement import Entrer, attendre_le_journal, menu, secondaires, tabuler


def unique(mot: str) -> str:
    return f"{mot} {time.monotonic_ns()}"


def un_praticien(session: Session) -> str:
    """The number of a practitioner of two places in Bretagne."""
    rpps = build.praticien(session, nom="KERVELLA", prenom="Yann").rpps
    build.activite(session, rpps, raison="CABINET DU PORT")
    build.activite(session, rpps, raison="CH DE MORLAIX", mode="S")
    return rpps


def des_terrains(session: Session, nom: str, nombre: int, statut: StatutTerrain) -> list[TerrainDeStage]:
    et = build.etablissement(session)
    return [build.terrain(session, etablissement=et, nom=nom, statut=statut) for _ in range(nombre)]


def liste(page: Page, nom: str) -> None:
    page.goto(f"/terrains/?ars=53&nom_terrain={nom}")


def creer(page: Page, type_: str) -> None:
    page.goto("/terrains/?ars=53")
    page.get_by_role("link", name="Créer", exact=True).click()
    page.get_by_role("link", name=type_).click()


def ajouter(page: Page, specialite: str) -> None:
    page.get_by_role("button", name="Ajouter une spécialité").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill(specialite[:5].lower())
    page.get_by_role("dialog").get_by_role("button", name=specialite, exact=True).click()


def choisies(page: Page) -> Locator:
    return page.get_by_role("list", name="Spécialités choisies").get_by_role("listitem")


# --- With the mouse ---


def test_a_hospitalier_from_its_creation_to_its_history(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S71–S75, S81, S86, S87, S137, S140."""
    et = serveur.preparer(partial(build.etablissement, raison_sociale=unique("CH DES MONTS")))
    entrer(page, "gestionnaire-53")
    creer(page, "Hospitalier")

    page.get_by_role("link", name="Choix établissement").click()
    page.get_by_role("searchbox").fill(et.raison_sociale)
    page.get_by_role("dialog").get_by_role("button", name=et.numero_finess).click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_label("Subdivision")).to_have_value("RENNES")
    ajouter(page, "Pédiatrie")
    ajouter(page, "Gériatrie")
    choisies(page).filter(has_text="Pédiatrie").dblclick()
    expect(choisies(page)).to_have_count(1)
    page.get_by_role("button", name="Créer le terrain").click()
    expect(page.get_by_role("alert")).to_contain_text("Indiquez le nom du terrain de stage")
    expect(choisies(page)).to_have_text(["Gériatrie×"])
    page.get_by_label("Nom du service ou de l’unité").fill("Gériatrie aiguë")
    page.get_by_role("button", name="Créer le terrain").click()
    expect(page.get_by_role("status")).to_contain_text("Terrain créé")
    expect(page.get_by_text("1 rue de l’Exemple")).to_be_visible()

    page.get_by_role("link", name="Modifier", exact=True).click()
    page.get_by_role("button", name="Retirer Gériatrie").click()
    page.get_by_label("Nombre de postes").fill("4")
    secondaires(page).get_by_label("Téléphone").fill("02 99 33 33 33")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_have_text("Les modifications sont enregistrées.")
    expect(page.get_by_role("row", name="Téléphone")).to_contain_text("02 99 33 33 33 retenu")

    attendre_le_journal(serveur)
    page.get_by_role("link", name="Historique").click()
    expect(page.get_by_role("row", name="Création")).to_contain_text("gestionnaire-53")


def test_a_praticien_from_each_refusal_to_its_card(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S77–S79, S88; A27."""
    rpps = serveur.preparer(un_praticien)
    entrer(page, "gestionnaire-53")
    creer(page, "Praticien")

    page.get_by_label("Numéro RPPS du praticien").fill("123")
    page.get_by_role("button", name="Rechercher praticien").click()
    expect(page.get_by_role("alert")).to_contain_text("il a 11 chiffres")
    page.get_by_label("Numéro RPPS du praticien").fill(rpps)
    page.get_by_role("button", name="Rechercher praticien").click()
    page.get_by_label("CH DE MORLAIX").check()
    page.get_by_label("Nom du responsable", exact=True).fill("MORVAN")
    page.get_by_role("button", name="Créer le terrain").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("CH DE MORLAIX")
    expect(page.get_by_role("row", name="Responsable")).to_contain_text("MORVAN retenu")
    expect(page.get_by_role("row", name="Nature d’exercice")).to_contain_text("Salarié retenu")
    page.goto(f"/terrains/creer/praticien?rpps={rpps}")
    expect(page.get_by_role("alert")).to_contain_text("actif dans l’ARS Bretagne")
    page.get_by_role("link", name="Voir la fiche").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CH DE MORLAIX")


def test_the_practitioner_of_another_ars_is_refused_with_who_holds_him(
    page: Page, serveur: Serveur, entrer: Entrer
) -> None:
    """Scenario 12."""
    rpps = serveur.preparer(un_praticien)
    inactif = {"type": TypeTerrain.PRATICIEN, "statut": StatutTerrain.INACTIF, "ars_code": "93"}
    terrain = serveur.preparer(partial(build.terrain, rpps=rpps, **inactif))
    entrer(page, "gestionnaire-53")

    page.goto("/terrains/creer/praticien")
    page.get_by_label("Numéro RPPS du praticien").fill(rpps)
    page.get_by_role("button", name="Rechercher praticien").click()

    expect(page.get_by_role("alert")).to_contain_text(
        f"{terrain.numero} – Service fictif, inactif, dans l’ARS Provence"
    )
    expect(page.get_by_role("alert")).to_contain_text("demandez-lui de l’activer, puis de le transférer")
    expect(page.get_by_role("link", name="Activer ce terrain")).to_be_hidden()


def test_an_organisme_that_exists_already_is_created_knowingly(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S80, S89, N9; nothing typed is lost."""
    nom = unique("Maison de santé")
    connu = serveur.preparer(partial(build.terrain, type=TypeTerrain.AUTRE, organisme_nom=nom))
    entrer(page, "gestionnaire-53")
    creer(page, "Autre organisme")

    page.get_by_label("Type d’organisme").select_option("Association")
    page.get_by_label("Nom de l’organisme").fill(nom.upper())
    page.get_by_label("Subdivision").select_option("Brest")
    principales = page.get_by_role("region", name="Coordonnées principales")
    principales.get_by_label("Adresse", exact=True).fill("1 quai Neuf")
    page.get_by_role("link", name="un code commune INSEE").first.click()
    page.get_by_role("searchbox").fill("fougères")
    page.get_by_role("dialog").get_by_role("button", name="Fougères (35115)").click()
    expect(principales.get_by_label("Code postal")).to_have_value("35300")
    page.get_by_role("button", name="Créer le terrain").click()
    expect(page.get_by_role("region", name="Terrains qui lui ressemblent")).to_contain_text(connu.numero)
    page.get_by_role("button", name="Créer quand même").click()

    expect(page.get_by_role("status")).to_contain_text("Terrain créé")
    expect(page.get_by_role("row", name="Ville")).to_contain_text("Fougères retenu")


def test_two_tabs_never_overwrite_one_another(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """A-53."""
    [terrain] = serveur.preparer(partial(des_terrains, nom="Urgences", nombre=1, statut=StatutTerrain.ACTIF))
    entrer(page, "gestionnaire-53")
    autre = page.context.new_page()
    for onglet, nom in ((page, "Urgences A"), (autre, "Urgences B")):
        onglet.goto(f"/terrains/{terrain.id}/modifier")
        onglet.get_by_label("Nom du service ou de l’unité").fill(nom)

    page.get_by_role("button", name="Enregistrer").click()
    autre.get_by_role("button", name="Enregistrer").click()

    conflit = autre.get_by_role("region", name="Votre saisie et la version enregistrée")
    expect(conflit.get_by_role("row", name="Nom du service")).to_contain_text("Urgences B")
    expect(conflit.get_by_role("row", name="Nom du service")).to_contain_text("Urgences A")
    autre.get_by_role("button", name="Enregistrer").click()
    expect(autre.get_by_role("heading", level=1)).to_contain_text("Urgences B")


def test_rows_are_deleted_then_activated_together(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S137–S140, S145, N30: preview, report, file, and back to the same list."""
    nom = unique("Unité")
    *libres, bloque = serveur.preparer(partial(des_terrains, nom=nom, nombre=4, statut=StatutTerrain.ACTIF))
    agrement = serveur.preparer(lambda session: build.agrement(session, session.get(TerrainDeStage, bloque.id)))
    entrer(page, "gestionnaire-53")
    liste(page, nom)

    page.get_by_label("Tout sélectionner sur cette page").check()
    page.get_by_role("button", name="Supprimer", exact=True).click()
    expect(page.get_by_role("row", name=bloque.numero)).to_contain_text(agrement.reference)
    page.get_by_role("button", name="Supprimer 3 terrains").click()
    expect(page.get_by_role("status")).to_contain_text("3 terrains, 1 refus")
    with page.expect_download():
        page.get_by_role("link", name="Exporter en CSV").click()
    page.get_by_role("link", name="Revenir à la liste").click()
    expect(page.get_by_label("Nom de terrain de stage")).to_have_value(nom)

    for terrain in libres[:2]:
        page.get_by_label(f"Choisir {terrain.numero}").check()
    page.get_by_role("button", name="Activer", exact=True).click()
    page.get_by_role("button", name="Activer 2 terrains").click()
    expect(page.get_by_role("status")).to_contain_text("2 terrains, 0 refus")


def test_finess_is_reported_on_ticked_etablissements(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """S145."""
    nom = unique("CLINIQUE")
    for _ in range(2):
        serveur.preparer(partial(build.etablissement, raison_sociale=nom))
    entrer(page, "gestionnaire-53")
    page.goto(f"/etablissements/?ars=53&nom={nom}")

    for case in page.get_by_role("checkbox", name="Choisir").all():
        case.check()
    page.get_by_role("button", name="Signaler FINESS erroné").click()
    page.get_by_label("Commentaire pour le correspondant").fill("Téléphone non attribué.")
    page.get_by_role("button", name="Signaler 2 établissements").click()
    page.get_by_role("link", name="Revenir à la liste").click()

    expect(page.get_by_role("table").get_by_text("FINESS erroné")).to_have_count(2)


# --- With the keyboard alone ---


def test_from_the_menu_to_a_terrain_deleted_and_activated_with_the_keyboard(
    page: Page, serveur: Serveur, entrer: Entrer
) -> None:
    """B-02, A44: no click at all."""
    et = serveur.preparer(partial(build.etablissement, raison_sociale=unique("CH DU CLAVIER")))
    entrer(page, "gestionnaire-53")
    tabuler(page, menu(page).get_by_text("Terrain de stage", exact=True))
    page.keyboard.press("Enter")
    tabuler(page, menu(page).get_by_role("link", name="Rechercher un terrain de stage"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/terrains/?ars=53")
    for lien, adresse in (("Créer", "**/creer"), ("Hospitalier", "**/creer/hospitalier")):
        tabuler(page, page.get_by_role("link", name=lien).first)
        page.keyboard.press("Enter")
        page.wait_for_url(adresse)

    expect(page.get_by_label("Numéro FINESS de l’établissement")).to_be_focused()
    page.keyboard.type(et.numero_finess)
    page.keyboard.press("Enter")
    page.wait_for_url("**/hospitalier?etablissement=*")
    expect(page.get_by_label("Nom du service ou de l’unité")).to_be_focused()
    page.keyboard.type("Service du clavier")
    tabuler(page, page.get_by_role("button", name="Ajouter une spécialité"))
    page.keyboard.press("Enter")
    page.keyboard.type("pediat")
    tabuler(page, page.get_by_role("dialog").get_by_role("button", name="Pédiatrie", exact=True))
    page.keyboard.press("Enter")
    retirer = page.get_by_role("button", name="Retirer Pédiatrie")
    expect(retirer).to_be_visible()
    tabuler(page, retirer, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ajouter une spécialité")).to_be_focused()
    tabuler(page, page.get_by_role("button", name="Créer le terrain"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Terrain créé")

    page.wait_for_url(re.compile(r"/terrains/\d+$"))
    fiche = page.url
    page.goto(f"{fiche}/supprimer")
    tabuler(page, page.get_by_role("button", name="Supprimer"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("c’est fait")
    page.goto(fiche)
    tabuler(page, page.get_by_role("link", name="Activer"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/activer")
    tabuler(page, page.get_by_role("button", name="Activer"))
    page.keyboard.press("Enter")
    page.wait_for_url(fiche)
    expect(page.get_by_text("Actif", exact=True).first).to_be_visible()


# --- Without JavaScript, on paper ---


@pytest.mark.parametrize("largeur", [1366, 683, 320])
def test_a_card_fits_and_prints_without_the_menu(page: Page, serveur: Serveur, entrer: Entrer, largeur: int) -> None:
    """B-16, B-02."""
    [terrain] = serveur.preparer(partial(des_terrains, nom="Imprimé", nombre=1, statut=StatutTerrain.ACTIF))
    entrer(page, "gestionnaire-53")
    page.set_viewport_size({"width": largeur, "height": 768})
    page.goto(f"/terrains/{terrain.id}")
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    page.emulate_media(media="print")

    for cache in (
        page.get_by_role("banner"),
        page.get_by_role("link", name="Modifier"),
        page.get_by_text("Historique"),
    ):
        expect(cache).to_be_hidden()
    expect(page.get_by_text(terrain.numero).first).to_be_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
