"""From the search to the mail, as a user sees it, with and without JavaScript (SPEC S31, S45)."""

import email
import time
from email import policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import build
from tests.navigateur.conftest import Serveur, contexte, se_connecter


def demander(page: Page, nom: str) -> None:
    """Search, « Envoyer par courriel », send."""
    page.goto("/etablissements/?ars=53")
    page.get_by_label("Nom de l’établissement").fill(nom)
    page.get_by_role("button", name="Rechercher").click()
    page.get_by_role("link", name="Envoyer par courriel").click()
    expect(page.get_by_role("region", name="Ce qui sera envoyé")).to_contain_text(nom)
    page.get_by_label("Message").fill("Bonne lecture")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("status")).to_contain_text("Votre envoi est dans la file")


def attendre_le_depart(page: Page) -> None:
    """« Mes envois », reloaded until the worker has sent it."""
    limite, dernier = time.monotonic() + 15, page.get_by_role("row").nth(1)
    while not dernier.get_by_text("fichier joint").count() and time.monotonic() < limite:
        page.reload()
    expect(dernier).to_contain_text("Envoyé")


def courriels(dossier: Path) -> list[EmailMessage]:
    lus = (email.message_from_bytes(fichier.read_bytes(), policy=policy.default) for fichier in dossier.glob("*.eml"))
    return [un for un in lus if isinstance(un, EmailMessage)]


@pytest.mark.parametrize("javascript", [True, False])
def test_a_list_leaves_by_mail(navigateur: Browser, serveur: Serveur, data_dir: Path, javascript: bool) -> None:
    nom = f"CH DE L’ÎLE AUX ŒUFS {time.monotonic_ns()}"
    serveur.preparer(partial(build.etablissement, raison_sociale=nom))

    with contexte(navigateur, base_url=serveur.url, java_script_enabled=javascript) as context:
        page = context.new_page()
        se_connecter(serveur, page, "gestionnaire-53")
        demander(page, nom)
        attendre_le_depart(page)

    [recu] = [un for un in courriels(data_dir / "courriels") if nom in un.get_body().get_content()]
    [fichier] = recu.iter_attachments()
    assert recu["To"] == "gestionnaire-53@exemple.fr"
    assert nom in fichier.get_payload(decode=True).decode("utf-8-sig")
