"""Screen « Synchronisations »: deposit, launch, follow-up, changes and rejects (SPEC §4 M25)."""

import gzip
import json
import os
import re

import pytest
from sqlalchemy import event, func, select, text

from app.referentiels import suivi
from jobs import queue
from models.finess import FinessEj
from models.journal import Evenement
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build
from tests.fichier_finess import JOUR_1, JOUR_2, charger, ecrire, ej, et
from tests.views.pages import Page
from tests.views.salle import dit, envoi, lignes_csv

A, B, X, Y, Z = "350000022", "350000030", "350000741", "350000758", "350000766"
ECRAN = "/referentiels/"


def etats(session) -> list[EtatTraitement]:
    return list(session.scalars(select(Traitement.etat).order_by(Traitement.id)))


# --- Deposit ---


def test_a_file_is_sent_launched_and_followed_to_its_end(salle, session):
    """Issue « Socle », 5: from an upload to a mirror."""
    octets = ecrire(salle.depot, ej(A, et(X), et("faux")), nom="modele.json").read_bytes()

    recu = salle.deposer("Finess été.JSON", octets)
    page = salle.executer("finess-ete.json")

    assert "« finess-ete.json » est dans le dossier de dépôt" in recu.text
    assert (salle.depot / "finess-ete.json").read_bytes() == octets
    assert etats(session) == [EtatTraitement.APPLIQUE]
    assert dit(page, "= 2 créées + 0 modifiées + 0 inchangées + 1 rejetées")
    assert session.get(FinessEj, A) is not None
    assert not list(salle.depot.glob(".*"))


@pytest.mark.parametrize(
    ("nom", "phrase"),
    [
        ("", "Choisissez d’abord le fichier"),
        ("notes.txt", "doit finir par"),
        ("../../etc/cron.json.sh", "doit finir par"),
        ("connu.json", "est déjà dans le dossier de dépôt"),
        ("CONNU.JSON", "est déjà dans le dossier de dépôt"),
    ],
)
def test_a_file_that_cannot_be_deposited_is_refused_with_a_sentence(salle, nom, phrase):
    (salle.depot / "connu.json").write_bytes(b"ancien")

    assert phrase in salle.deposer(nom, b"nouveau").text
    assert [chemin.name for chemin in salle.depot.iterdir()] == ["connu.json"]
    assert (salle.depot / "connu.json").read_bytes() == b"ancien"


def test_the_file_just_sent_comes_first_and_old_ones_are_folded(salle):
    for rang in range(5):
        chemin = ecrire(salle.depot, ej(A), nom=f"z{rang}.json")
        os.utime(chemin, (rang, rang))

    page = salle.deposer("a.json", b"{}").text

    assert re.findall(r"<td>(\w+\.json)<small>", page) == [
        "a.json",
        "z4.json",
        "z3.json",
        "z2.json",
        "z1.json",
        "z0.json",
    ]
    assert page.index("z3.json") < page.index("Les fichiers précédents (3)") < page.index("z2.json")


@pytest.mark.parametrize("nom", ["../dehors.json", "/tmp/dehors.json", r"..\..\dehors.json", "...dehors.json"])
def test_no_name_leads_out_of_the_deposit_folder(salle, nom):
    salle.deposer(nom, b"{}")

    assert [chemin.name for chemin in salle.depot.iterdir()] == ["dehors.json"]


def test_the_size_of_a_file_is_capped(salle, app, monkeypatch):
    reglages = app.extensions["settings"].model_copy(update={"taille_max_fichier": 2 * 1024**2})
    monkeypatch.setitem(app.extensions, "settings", reglages)

    permis = salle.deposer("permis.json", b" " * 2 * 1024**2)
    depasse = salle.deposer("depasse.json", b" " * (2 * 1024**2 + 1))
    enorme = salle.deposer("enorme.json", b" " * 4 * 1024**2)

    assert (permis.status_code, depasse.status_code, enorme.status_code) == (200, 200, 413)
    assert "dépasse la taille permise" in depasse.text
    assert [chemin.name for chemin in salle.depot.iterdir()] == ["permis.json"]


@pytest.mark.parametrize("login", [None, "gestionnaire-53", "lecture-53"])
def test_nobody_else_may_send_a_large_request(app, connexion, login):
    """A request that is not allowed to be large is refused before it is read."""
    client = connexion(login) if login else app.test_client()

    reponse = client.post("/referentiels/depot", **envoi("a.json", b" " * 2 * 1024**2))

    assert reponse.status_code in (302, 403, 413)


# --- Launch ---


def test_a_launch_is_journaled(salle, session):
    """M25: who launched which file."""
    ecrire(salle.depot, ej(A), nom="un.json")
    salle.lancer("un.json", simulation="oui")

    evenement = session.scalars(select(Evenement).where(Evenement.operation == "SYN.lancer")).one()
    numero = session.scalar(select(Traitement.id))
    assert evenement.acteur == "national"
    assert evenement.details == {"traitement": numero, "fichier": "un.json", "simulation": "oui"}


def test_a_simulation_changes_nothing_and_offers_the_launch(salle, session):
    ecrire(salle.depot, ej(A), nom="un.json")

    page = salle.executer("un.json", simulation="oui")

    assert etats(session) == [EtatTraitement.SIMULE]
    assert dit(page, "Simulation : rien n’a été modifié")
    assert ("fichier", "un.json") in page.champs
    assert session.get(FinessEj, A) is None


def test_a_run_asked_for_twice_at_once_is_refused_with_a_sentence(salle, session):
    for nom in ("un.json", "deux.json"):
        ecrire(salle.depot, ej(A), nom=nom)
    salle.lancer("un.json")

    seconde = salle.client.get(salle.lancer("deux.json").location)

    assert "déjà en attente ou en cours" in seconde.text
    assert etats(session) == [EtatTraitement.EN_ATTENTE]
    lances = select(func.count()).select_from(Evenement).where(Evenement.operation == "SYN.lancer")
    assert session.scalar(lances) == 1
    assert "aria-disabled" in seconde.text


def test_with_redis_down_the_run_waits_and_nothing_is_lost(salle, session):
    """The page answers at once with a clear sentence; the sweep of the clock carries the run out later."""
    queue.configure("redis://127.0.0.1:1/0")
    ecrire(salle.depot, ej(A), nom="un.json")

    page = Page(salle.client.get(salle.lancer("un.json").location).text)

    assert dit(page, "La demande est enregistrée")
    assert ("section", "data-suivre", "2") in page.attributs
    assert etats(session) == [EtatTraitement.EN_ATTENTE]


@pytest.mark.parametrize("nom", ["absent.json", "../depot/un.json", "un.txt", ""])
def test_only_a_file_of_the_deposit_folder_can_be_launched(salle, session, nom):
    ecrire(salle.depot, ej(A), nom="un.json")
    (salle.depot / "un.txt").touch()

    reponse = salle.client.get(salle.lancer(nom).location)

    assert "pas dans le dossier de dépôt" in reponse.text
    assert etats(session) == []


# --- Outcomes ---

COMPLET = gzip.compress(json.dumps({"schemaVersion": "v1.0.0", "generatedAt": JOUR_2, "pmej": [ej(A)]}).encode())


@pytest.mark.parametrize(
    ("nom", "octets", "phrase", "conseil"),
    [
        ("tronque.json.gz", COMPLET[:-20], "est tronqué", "recommencez-le"),
        ("page.json.gz", b"<!DOCTYPE html><html></html>", "page", "plus tard"),
        ("vide.json", b"", "vide", "de nouveau"),
    ],
)
def test_a_damaged_file_gets_a_named_outcome_and_changes_nothing(salle, session, nom, octets, phrase, conseil):
    """Issue « Socle », 5: through the screen, from the upload to the reason."""
    salle.deposer(nom, octets)

    page = salle.executer(nom)

    assert etats(session) == [EtatTraitement.REFUSE]
    assert all(dit(page, une) for une in (phrase, conseil, "Rien n’a été modifié"))
    assert session.get(FinessEj, A) is None


def test_an_older_file_is_refused(salle, session):
    ecrire(salle.depot, ej(A), genere_le=JOUR_2, nom="recent.json")
    ecrire(salle.depot, ej(A), ej(B), genere_le=JOUR_1, nom="ancien.json")
    salle.executer("recent.json")

    page = salle.executer("ancien.json")

    assert etats(session) == [EtatTraitement.APPLIQUE, EtatTraitement.REFUSE]
    assert dit(page, "plus ancien que le dernier fichier appliqué")
    assert session.get(FinessEj, B) is None


def test_the_same_file_again_is_already_integrated(salle, session):
    ecrire(salle.depot, ej(A), nom="un.json")
    salle.executer("un.json")

    page = salle.executer("un.json")

    assert etats(session) == [EtatTraitement.APPLIQUE, EtatTraitement.DEJA_INTEGRE]
    assert dit(page, "Ce fichier est celui de la dernière synchronisation appliquée")


# --- Follow-up ---


def test_a_run_shows_how_far_it_is(salle, session):
    """Whatever happens to the browser: the page is made of the row of the run."""
    numero = suivi.demander(TypeTraitement.FINESS, "un.json", demandeur="national")
    session.execute(
        text(
            "UPDATE traitement SET etat = 'EN_COURS', etape = 'Lecture du fichier', octets_lus = 64,"
            " octets_total = 100, battement_le = now() - interval '3 seconds', debut_le = now() - interval '9 seconds'"
        )
    )

    page = Page(salle.client.get(f"/referentiels/{numero}").text)

    assert ("progress", "value", "64") in page.attributs
    assert ("section", "data-suivre", "2") in page.attributs
    assert all(dit(page, une) for une in ("Lecture du fichier", "Fichier lu à 64 %", "il y a 3 s"))


def test_the_end_of_a_run_is_not_refreshed(salle):
    ecrire(salle.depot, ej(A), nom="un.json")
    page = salle.executer("un.json")

    assert "data-suivre" not in page.source
    assert "http-equiv" not in page.source


def test_the_list_tells_the_age_of_the_data_and_each_run(salle):
    ecrire(salle.depot, ej(A), nom="un.json")
    salle.executer("un.json")

    page = Page(salle.client.get(ECRAN).text)

    assert dit(page, "Données du 20/11/2026 à 05:00, il y a ")
    assert all(dit(page, un) for un in ("Appliqué", "national", "un.json"))


def test_the_page_of_a_run_that_does_not_exist_is_not_found(salle):
    for adresse in ("0", "2147483647", "2147483648", "zzz", "1/changements", "1/rejets.csv"):
        assert salle.client.get(ECRAN + adresse).status_code == 404


# --- Changes and rejects ---


@pytest.fixture
def lendemain(salle, session) -> str:
    """Address of a run that closed an ET of the application, renamed another and rejected a third."""
    charger(ecrire(salle.depot, ej(A, et(X), et(Y)), genere_le=JOUR_1))
    entite = build.entite_juridique(session, numero_finess=A)
    for numero in (X, Y):
        build.etablissement(session, numero_finess=numero, entite_juridique=entite)
    session.commit()
    ecrire(
        salle.depot,
        ej(A, et(X, ouvert=False), et(Y, nomEgeCourt="=NOUVEAU NOM"), et(Z), et("faux"), maj=JOUR_2),
        genere_le=JOUR_2,
        nom="demain.json",
    )
    adresse = salle.lancer("demain.json").location
    salle.travailler()
    return adresse


def test_changes_are_listed_by_nature_with_what_was_and_what_is(salle, lendemain):
    toutes = Page(salle.client.get(f"{lendemain}/changements").text)
    fermees = Page(salle.client.get(f"{lendemain}/changements?nature=FERME").text)

    assert dit(toutes, "Tous (3)")
    assert dit(toutes, f"Raison sociale : HOPITAL {Y} → =NOUVEAU NOM")
    assert dit(fermees, "Ouvert : Oui → Non")
    assert dit(fermees, "Date de fermeture : – → 19/11/2026")
    assert not dit(fermees, "=NOUVEAU NOM")


def test_a_changed_object_of_the_application_leads_to_its_card(salle, lendemain):
    page = salle.client.get(f"{lendemain}/changements")

    liens = re.findall(r'href="(/etablissements/\d+)" aria-label="Fiche de (\d+)"', page.text)
    assert {numero for _, numero in liens} == {X, Y}
    assert all(numero in salle.client.get(adresse).text for adresse, numero in liens)
    assert "pas dans l’application" in page.text  # Z is in FINESS only


def test_changes_are_exported_field_by_field(salle, lendemain, session):
    lignes = lignes_csv(salle.client.get(f"{lendemain}/changements.csv?nature=MODIFIE"))

    assert lignes[0] == ["Changement", "Objet", "Numéro FINESS", "Nom", "Champ", "Avant", "Après"]
    champ = ["Raison sociale", f"HOPITAL {Y}", "'=NOUVEAU NOM"]
    assert lignes[1:] == [["Modifié", "Établissement", Y, "'=NOUVEAU NOM", *champ]]
    evenement = session.scalars(select(Evenement).where(Evenement.operation == "SYN.exporter")).one()
    assert evenement.details["liste"] == "changements"


def test_rejects_tell_where_and_why_and_are_exported(salle, lendemain):
    page = Page(salle.client.get(f"{lendemain}/rejets").text)
    lignes = lignes_csv(salle.client.get(f"{lendemain}/rejets.csv"))

    assert {"1.4", "faux"} <= set(page.textes)
    assert lignes[0] == ["Position dans le fichier", "Objet", "Numéro lu", "Motif"]
    assert lignes[1][:3] == ["1.4", "Établissement", "faux"]
    assert lignes[1][3].endswith(".")


def test_the_first_load_is_counted_not_listed(salle):
    ecrire(salle.depot, ej(A), nom="un.json")
    adresse = salle.lancer("un.json").location
    salle.travailler()

    assert "Premier chargement" in salle.client.get(f"{adresse}/changements").text


@pytest.mark.parametrize("suite", ["", "/changements", "/changements?nature=zzz&page=abc", "/rejets?page=9"])
def test_a_page_takes_few_statements(salle, lendemain, connection, suite):
    """Issue « Socle »: at most 8 SQL statements and 40 KiB a page."""
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    for adresse in (ECRAN, lendemain + suite):
        ordres.clear()
        page = salle.client.get(adresse)
        assert page.status_code == 200
        assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 8
        assert len(page.data) <= 40 * 1024


@pytest.mark.parametrize("login", ["lecture-53", "gestionnaire-53"])
def test_the_screen_is_for_national_administrators(connexion, session, depot, login):
    """M25: neither open, nor in the menu."""
    client = connexion(login)
    ecrire(depot, ej(A), nom="un.json")

    assert client.get(ECRAN).status_code == 403
    assert client.post("/referentiels/lancer", data={"fichier": "un.json"}).status_code == 403
    assert "Synchronisations" not in client.get("/").text
    assert etats(session) == []
