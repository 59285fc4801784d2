"""Fusion and transfer as users do them, with the mouse and without it (manual §1.7; scenarios 1, 2, 4, 5, 15)."""

import time
from functools import partial

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain
from models.journal import Evenement
from models.terrain_de_stage import TerrainDeStage
from tests import build
from tests.navigateur.conftest import Serveur, contexte, se_connecter
from tests.navigateur.test_parcours_etablissement import Entrer, menu, tabuler

ACTIF, INACTIF, SUPPRIME = StatutEtablissement.ACTIF, StatutEtablissement.INACTIF, StatutEtablissement.SUPPRIME
FUSION, TRANSFERT = "/operations/fusion/", "/operations/transfert/"
ARRIVES = "tr.arrive"


def _deux(session: Session, mot: str, statut: StatutEtablissement, nombre: int) -> tuple[int, int]:
    """An origin with terrains, the last of them Inactif, and a destination; both are found by the word."""
    origine = build.etablissement(session, raison_sociale=f"CLINIQUE {mot}", statut=statut)
    destination = build.etablissement(session, raison_sociale=f"CENTRE HOSPITALIER {mot}", ville="BREST")
    for rang in range(nombre):
        dernier = rang == nombre - 1 and nombre > 1
        build.terrain(
            session,
            etablissement=origine,
            nom=f"Service {rang + 1} {mot}",
            statut=StatutTerrain.INACTIF if dernier else StatutTerrain.ACTIF,
        )
    return origine.id, destination.id


def deux(serveur: Serveur, statut: StatutEtablissement, nombre: int) -> tuple[str, int, int]:
    mot = f"PRES {time.monotonic_ns()}"
    return mot, *serveur.preparer(partial(_deux, mot=mot, statut=statut, nombre=nombre))


def etat(serveur: Serveur, origine: int) -> tuple[StatutEtablissement, StatutEntiteJuridique, int]:
    """Statut of the origin and of its EJ, and how many terrains it still has."""

    def lire(session: Session) -> tuple[StatutEtablissement, StatutEntiteJuridique, int]:
        et = session.get_one(Etablissement, origine)
        restants = session.scalars(select(TerrainDeStage.id).where(TerrainDeStage.etablissement_id == origine)).all()
        return et.statut, et.entite_juridique.statut, len(restants)

    return serveur.preparer(lire)


def ouvrir(page: Page, entree: str) -> None:
    menu(page).get_by_text("Terrain de stage", exact=True).click()
    menu(page).get_by_role("link", name=entree).click()


def valider(page: Page) -> None:
    """Enter, and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def chercher(page: Page, mot: str) -> None:
    page.get_by_label("Nom de l’établissement").fill(mot)
    page.get_by_role("button", name="Rechercher").click()


def choisir(page: Page, mot: str, nom: str) -> None:
    chercher(page, mot)
    page.get_by_role("row", name=nom).get_by_role("link", name="Choisir").click()


# --- With the mouse ---


def test_an_inactive_establishment_is_merged_and_disappears(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 1; S96, S98, S100–S102, N1."""
    mot, origine, _ = deux(serveur, INACTIF, 3)
    entrer(page, "gestionnaire-53")

    ouvrir(page, "Fusion d’établissements")
    expect(page.get_by_label("Inactif")).to_be_checked()
    expect(page.get_by_label("Actif", exact=True)).not_to_be_checked()
    choisir(page, mot, "CLINIQUE")
    expect(page.get_by_role("link", name=f"Service 1 {mot}").or_(page.get_by_text(f"Service 1 {mot}"))).to_be_visible()
    expect(page.get_by_label("Actif", exact=True)).to_be_checked()
    choisir(page, mot, "CENTRE HOSPITALIER")
    expect(page.get_by_role("region", name="Terrains avant et après").get_by_role("row")).to_have_count(4)
    expect(page.get_by_text("c’était son dernier établissement")).to_be_visible()
    page.get_by_role("button", name="Fusionner 3 terrains").click()

    expect(page.get_by_role("status").first).to_contain_text("3 terrains ont été rattachés")
    expect(page.get_by_text("L’établissement d’origine n’a plus aucun terrain.")).to_be_visible()
    expect(page.locator(ARRIVES)).to_have_count(3)
    assert etat(serveur, origine) == (SUPPRIME, StatutEntiteJuridique.SUPPRIME, 0)
    page.reload()
    expect(page.locator(ARRIVES)).to_have_count(3)
    page.get_by_role("link", name="Nouvelle fusion").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("établissement d’origine")


def test_a_fusion_from_a_card_is_undone_at_once(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 2: an origin that is Actif stays; B-08, N2."""
    mot, origine, _ = deux(serveur, ACTIF, 1)
    entrer(page, "gestionnaire-53")

    page.goto(f"/etablissements/{origine}")
    page.get_by_role("link", name="Fusionner vers…").click()
    choisir(page, mot, "CENTRE HOSPITALIER")
    page.get_by_role("button", name="Fusionner 1 terrain").click()
    expect(page.get_by_role("status").first).to_contain_text("L’établissement d’origine reste actif")
    assert etat(serveur, origine) == (ACTIF, StatutEntiteJuridique.ACTIF, 0)
    page.get_by_role("link", name="Annuler cette opération").click()
    page.get_by_role("button", name="Annuler cette opération").click()

    expect(page.get_by_role("status").first).to_contain_text("remis dans leur état précédent")
    assert etat(serveur, origine) == (ACTIF, StatutEntiteJuridique.ACTIF, 1)


def test_every_unit_of_a_closed_establishment_is_transferred(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 4; S103–S105, S107, S108, A15."""
    mot, origine, _ = deux(serveur, INACTIF, 2)
    entrer(page, "gestionnaire-53")

    ouvrir(page, "Transfert de service")
    choisir(page, mot, "CLINIQUE")
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un terrain")
    page.get_by_label("Tout sélectionner").check()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Tous les terrains de cet établissement sont choisis")).to_be_visible()
    choisir(page, mot, "CENTRE HOSPITALIER")
    page.get_by_role("button", name="Transférer 2 terrains").click()

    expect(page.locator(ARRIVES)).to_have_count(2)
    assert etat(serveur, origine) == (INACTIF, StatutEntiteJuridique.ACTIF, 0)
    expect(page.get_by_role("link", name="Nouveau transfert")).to_be_visible()


def test_an_establishment_of_another_ars_is_shown_but_not_chosen(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    """Scenario 5: greyed with its reason; the form forged with its number is refused, and journaled."""
    mot = f"PACA {time.monotonic_ns()}"
    paca = serveur.preparer(lambda session: build.etablissement(session, raison_sociale=mot, ars_code="93").id)
    _, origine, _ = deux(serveur, ACTIF, 1)
    entrer(page, "gestionnaire-53")

    page.goto(f"{FUSION}{origine}?statut=ACTIF")
    chercher(page, mot)
    ligne = page.get_by_role("row", name=mot)
    expect(ligne).to_contain_text("Hors de votre ARS de travail")
    expect(ligne.get_by_role("link")).to_have_count(0)
    page.goto(f"{FUSION}{origine}/{paca}")
    expect(page.get_by_role("alert")).to_contain_text("demandez-le à un administrateur national")
    jeton = page.locator("[name=csrf_token]").first.input_value()
    reponse = page.request.post(
        f"{FUSION}{origine}/{paca}",
        form={"csrf_token": jeton, "ars_affichee": "53"},
        headers={"Referer": page.url},
    )

    assert reponse.status == 409
    assert etat(serveur, origine) == (ACTIF, StatutEntiteJuridique.ACTIF, 1)
    refus = select(Evenement.details["destination"].as_string()).where(Evenement.operation == "ET.fusion_refusee")
    assert any(mot in un for un in serveur.preparer(lambda session: session.scalars(refus).all()))


def test_the_second_of_two_users_is_told_that_things_changed(
    page: Page, navigateur: Browser, serveur: Serveur, entrer: Entrer
) -> None:
    """Scenario 15: E-APERCU-PERIME, with the preview of what is there now."""
    _, origine, destination = deux(serveur, INACTIF, 2)
    entrer(page, "gestionnaire-53")
    with contexte(navigateur, base_url=serveur.url) as autre_contexte:
        autre = autre_contexte.new_page()
        se_connecter(serveur, autre, "national")
        for une in (page, autre):
            une.goto(f"{FUSION}{origine}/{destination}")
            expect(une.get_by_role("button", name="Fusionner 2 terrains")).to_be_visible()
        page.get_by_role("button", name="Fusionner 2 terrains").click()
        expect(page.locator(ARRIVES)).to_have_count(2)
        autre.get_by_role("button", name="Fusionner 2 terrains").click()

        expect(autre.get_by_role("alert").first).to_contain_text("Les données ont changé depuis l’aperçu")
        expect(autre.get_by_role("button", name="Fusionner")).to_have_count(0)


# --- Without the mouse, and without JavaScript ---


def test_a_transfer_with_the_keyboard_alone(page: Page, serveur: Serveur, entrer: Entrer) -> None:
    mot, origine, _ = deux(serveur, ACTIF, 2)
    entrer(page, "gestionnaire-53")

    page.goto(f"{TRANSFERT}?nom={mot}")
    tabuler(page, page.get_by_role("row", name="CLINIQUE").get_by_role("link", name="Choisir"))
    valider(page)
    tabuler(page, page.get_by_role("checkbox", name=f"Service 1 {mot}"))
    page.keyboard.press("Space")
    valider(page)
    tabuler(page, page.get_by_label("Nom de l’établissement"))
    page.keyboard.type(mot)
    valider(page)
    tabuler(page, page.get_by_role("row", name="CENTRE HOSPITALIER").get_by_role("link", name="Choisir"))
    valider(page)
    tabuler(page, page.get_by_role("button", name="Transférer 1 terrain"))
    valider(page)

    expect(page.locator(ARRIVES)).to_have_count(1)
    assert etat(serveur, origine) == (ACTIF, StatutEntiteJuridique.ACTIF, 1)


def test_a_fusion_without_javascript(navigateur: Browser, serveur: Serveur) -> None:
    mot, origine, _ = deux(serveur, INACTIF, 1)

    with contexte(navigateur, base_url=serveur.url, java_script_enabled=False) as sans_script:
        page = sans_script.new_page()
        se_connecter(serveur, page, "gestionnaire-53")
        page.goto(FUSION)
        choisir(page, mot, "CLINIQUE")
        choisir(page, mot, "CENTRE HOSPITALIER")
        page.get_by_role("button", name="Fusionner 1 terrain").click()
        expect(page.locator(ARRIVES)).to_have_count(1)

    assert etat(serveur, origine) == (SUPPRIME, StatutEntiteJuridique.SUPPRIME, 0)
