"""A synchronisation from the file on the administrator's desk to the card of a closed établissement (SPEC §4 M25)."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from models.etats import TypeTerrain
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build, fichier_rpps
from tests.fichier_finess import JOUR_1, JOUR_2, ecrire, ej, et
from tests.navigateur.conftest import Serveur

A, X, Y, PRATICIEN = "350000022", "350000741", "350000758", "10000000011"
FIN = 20_000  # milliseconds for a worker to begin and end


@pytest.fixture
def depot(data_dir: Path) -> Path:
    dossier = data_dir / "depot"
    dossier.mkdir(exist_ok=True)
    return dossier


def deposer(page: Page, fichier: Path) -> None:
    page.get_by_label("Fichier FINESS+").set_input_files(fichier)
    page.get_by_role("button", name="Déposer", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(f"« {fichier.name} » est dans le dossier de dépôt")


def lancer(page: Page, nom: str) -> None:
    page.get_by_role("button", name=f"Lancer {nom}").click()
    page.get_by_role("dialog").get_by_role("button", name="Lancer").click()


def etat(page: Page, attendu: str) -> None:
    """The page comes back by itself until the end."""
    expect(page.locator(".entete .pastille")).to_have_text(attendu, timeout=FIN)


def test_an_administrator_synchronises_and_reaches_the_closed_etablissement(
    page: Page, entrer: Callable[[Page, str], None], serveur: Serveur, depot: Path, tmp_path: Path
) -> None:
    entrer(page, "national")
    page.get_by_text("Référentiels", exact=True).click()
    page.get_by_role("link", name="Synchronisations", exact=True).click()

    deposer(page, ecrire(tmp_path, ej(A, et(X), et(Y)), genere_le=JOUR_1, nom="veille.json.gz"))
    lancer(page, "veille.json.gz")
    etat(page, "Appliqué")
    expect(page.get_by_text("3 lignes lues")).to_be_visible()

    serveur.preparer(_dans_l_application)
    ecrire(depot, ej(A, et(X, ouvert=False), et(Y), maj=JOUR_2), genere_le=JOUR_2, nom="jour.json")
    page.get_by_role("link", name="Synchronisations", exact=True).last.click()
    page.get_by_role("button", name="Simuler jour.json").click()
    etat(page, "Simulé")
    lancer(page, "jour.json")
    etat(page, "Appliqué")
    page.reload()
    etat(page, "Appliqué")

    page.get_by_role("link", name="Changements").click()
    page.get_by_role("link", name="Fermé (1)").click()
    expect(page.get_by_role("table")).to_contain_text("Date de fermeture : – → 19/11/2026")
    page.get_by_role("link", name=f"Fiche de {X}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(X)
    expect(page.locator(".entete .pastille").first).to_have_text("Supprimé")


def _dans_l_application(session: Session) -> None:
    entite = build.entite_juridique(session, numero_finess=A)
    for numero in (X, Y):
        build.etablissement(session, numero_finess=numero, entite_juridique=entite)


def test_an_administrator_brings_the_archive_of_rpps_and_reaches_the_terrain_of_a_practitioner(
    page: Page, entrer: Callable[[Page, str], None], serveur: Serveur, depot: Path, tmp_path: Path
) -> None:
    """S6, M25: the publisher's zip, then the extract of the day after; the registry is recognised by the name."""
    archive = tmp_path / f"ps_libreacces_{fichier_rpps.JOUR_1}.zip"
    veille = fichier_rpps.ecrire(tmp_path, fichier_rpps.ligne(PRATICIEN))
    with ZipFile(archive, "w") as zip_:
        zip_.write(veille, veille.name)
    serveur.preparer(_terrain_du_praticien)
    entrer(page, "national")
    page.goto("/referentiels/")

    deposer(page, archive)
    expect(page.get_by_role("row").filter(has_text=archive.name)).to_contain_text("RPPS")
    lancer(page, archive.name)
    etat(page, "Appliqué")

    jour = fichier_rpps.ecrire(depot, fichier_rpps.ligne(PRATICIEN, nom="MARIEE"), jour=fichier_rpps.JOUR_2)
    page.goto("/referentiels/")
    lancer(page, jour.name)
    etat(page, "Appliqué")
    page.get_by_role("link", name="Changements").click()
    expect(page.get_by_role("table")).to_contain_text("Nom : EXEMPLE → MARIEE")
    page.get_by_role("link", name=f"Terrain de stage de {PRATICIEN}").click()
    expect(page.get_by_text("53P00001").first).to_be_visible()


def _terrain_du_praticien(session: Session) -> None:
    champs = {"type": TypeTerrain.PRATICIEN, "etablissement": None, "rpps": PRATICIEN}
    build.terrain(session, numero="53P00001", **champs)


def test_a_web_page_in_the_place_of_the_file_is_named_for_what_it_is(
    page: Page, entrer: Callable[[Page, str], None], depot: Path, tmp_path: Path
) -> None:
    fichier = tmp_path / "page.json"
    fichier.write_text("<!DOCTYPE html><html></html>")
    entrer(page, "national")
    page.goto("/referentiels/")

    deposer(page, fichier)
    lancer(page, "page.json")

    etat(page, "Refusé")
    expect(page.get_by_text("page HTML")).to_be_visible()


def test_a_run_at_work_is_accessible_and_shows_how_far_it_is(
    page_axe: Page, entrer: Callable[[Page, str], None], axe: Callable[[Page], list[str]], serveur: Serveur
) -> None:
    traitement = serveur.preparer(_en_cours)
    entrer(page_axe, "national")

    page_axe.goto(f"/referentiels/{traitement.id}")
    page_axe.evaluate("for (let i = 1; i < 100; i++) clearTimeout(i)")  # no refresh under axe's feet

    expect(page_axe.get_by_label("Fichier lu à 40 %")).to_be_visible()
    assert axe(page_axe) == []


def _en_cours(session: Session) -> Traitement:
    maintenant = session.connection().exec_driver_sql("SELECT now()").scalar_one()
    traitement = Traitement(
        type=TypeTraitement.FINESS,
        etat=EtatTraitement.EN_COURS,
        demandeur="camille",
        source="finess.json.gz",
        etape="Lecture du fichier",
        octets_lus=40,
        octets_total=100,
        debut_le=maintenant,
        battement_le=maintenant,
    )
    session.add(traitement)
    return traitement
