"""Screen « Synchronisations », for RPPS: recognised by the name, launched, simulated, and read right (SPEC M25, S6)."""

import gzip
import io
import re
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from models.etats import TypeTerrain
from models.praticien import Praticien
from models.terrain_de_stage import TerrainDeStage
from models.traitement import EtatTraitement, Traitement, TypeTraitement
from tests import build, fichier_finess
from tests.fichier_rpps import COLONNES, JOUR_1, JOUR_2, ecrire, ligne, nom_du_jour
from tests.views.pages import Page
from tests.views.salle import dit, lignes_csv

ECRAN = "/referentiels/"
A, B, C = "10000000011", "10000000029", "10000000037"
ECHANTILLONS = sorted(Path("../shared/data/samples").glob("PS_LibreAcces_*.txt"))


def extrait(*lignes: str) -> bytes:
    return "".join(f"{une}\n" for une in ("|".join(COLONNES), *lignes)).encode()


def archive(octets: bytes, jour: str = JOUR_1) -> bytes:
    """The zip of the publisher."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as zip_:
        zip_.writestr(nom_du_jour(jour), octets)
        zip_.writestr(f"PS_LibreAcces_SavoirFaire_{jour}.txt", b"a|b\n")
    return tampon.getvalue()


def praticien(session, rpps: str) -> TerrainDeStage:
    return build.terrain(session, numero="53P00001", type=TypeTerrain.PRATICIEN, etablissement=None, rpps=rpps)


@pytest.mark.parametrize(
    ("envoye", "depose", "octets"),
    [
        (nom_du_jour(), "ps_libreacces_personne_activite_202611200730.txt", extrait(ligne(A))),
        (
            f"{nom_du_jour()}.gz",
            "ps_libreacces_personne_activite_202611200730.txt.gz",
            gzip.compress(extrait(ligne(A))),
        ),
        (f"PS_LibreAcces_{JOUR_1}.zip", "ps_libreacces_202611200730.zip", archive(extrait(ligne(A)))),
        (f"PS_LibreAcces_{JOUR_1} (1).zip", "ps_libreacces_202611200730-1-.zip", archive(extrait(ligne(A)))),
        ("ps-libreacces-personne-activite.txt", "ps-libreacces-personne-activite.txt", extrait(ligne(A))),
    ],
)
def test_an_extract_is_sent_recognised_by_its_name_and_applied(salle, session, envoye, depose, octets):
    """Manual §1.2: the names of the publisher and of its mirror (DATA-FORMATS §2.1)."""
    recu = salle.deposer(envoye, octets)
    liste = Page(salle.client.get(ECRAN).text)

    page = salle.executer(depose)

    assert f"« {depose} » est dans le dossier de dépôt, comme fichier RPPS" in recu.text
    assert f"Appliquer « {depose} » au référentiel RPPS et aux terrains de stage" in liste.source
    assert session.scalars(select(Traitement.type)).all() == [TypeTraitement.RPPS]
    assert dit(page, "1 lignes lues = 1 créées")
    assert session.get(Praticien, A) is not None


@pytest.mark.parametrize(
    "nom",
    [
        "rpps.txt",
        "PS_LibreAcces_SavoirFaire_202611200730.txt",
        "PS_LibreAcces_Dipl_AutExerc_202611200730.txt",
        "PS_LibreAcces_Personne_activite_202611200730.csv",
        "archive.zip",
        ".zip",
    ],
)
def test_a_name_that_announces_no_registry_tells_which_names_do(salle, nom):
    page = salle.deposer(nom, extrait(ligne(A)))

    assert "ne dit pas de quel référentiel il vient" in page.text
    assert "PS_LibreAcces_Personne_activite_AAAAMMJJHHMM.txt" in page.text
    assert list(salle.depot.iterdir()) == []


def test_a_file_brought_to_the_folder_under_another_name_is_told(salle):
    (salle.depot / "rpps.txt").write_bytes(extrait(ligne(A)))

    assert dit(Page(salle.client.get(ECRAN).text), "leur nom n’étant celui d’aucun référentiel : rpps.txt.")


def test_a_simulation_changes_nothing_and_offers_the_launch(salle, session):
    ecrire(salle.depot, ligne(A))

    page = salle.executer(nom_du_jour(), simulation="oui")

    assert session.scalars(select(Traitement.etat)).all() == [EtatTraitement.SIMULE]
    assert ("fichier", nom_du_jour()) in page.champs
    assert session.get(Praticien, A) is None


def test_both_registries_tell_their_last_update_on_both_pages(salle):
    """QUALITY B-12: how old is what I read?"""
    fichier_finess.ecrire(salle.depot, fichier_finess.ej("350000022"), nom="un.json")
    ecrire(salle.depot, ligne(A), ligne(B))
    for nom in ("un.json", nom_du_jour()):
        salle.executer(nom)

    liste, accueil = (Page(salle.client.get(adresse).text) for adresse in (ECRAN, "/"))

    for page in (liste, accueil):
        assert all(dit(page, f"Référentiel {type_}") for type_ in ("FINESS", "RPPS"))
        assert page.textes.count("Dernière mise à jour") == 2
        assert "Jamais" not in page.textes
    assert dit(liste, "Praticiens valides 2")
    assert [un for un in liste.textes if un.startswith("Synchronisation ")] == [
        "Synchronisation RPPS",
        "Synchronisation FINESS",
    ]


def test_a_run_of_a_registry_greys_only_its_own_files(salle):
    """N18: one run of a registry at a time; the other one may be asked for, and waits for its turn."""
    fichier_finess.ecrire(salle.depot, fichier_finess.ej("350000022"), nom="un.json")
    ecrire(salle.depot, ligne(A))
    salle.lancer("un.json")

    page = salle.client.get(ECRAN).text

    assert re.findall(r'aria-label="(Lancer [^":]+)', page) == [f"Lancer {nom_du_jour()}", "Lancer un.json "]
    assert page.count("aria-disabled") == 1
    assert salle.client.get(salle.lancer(nom_du_jour()).location).status_code == 200


# --- Changes and rejects ---


@pytest.fixture
def lendemain(salle, session) -> str:
    """Address of a run that changed a practitioner with a terrain, lost one, met a new one and rejected a line."""
    ecrire(salle.depot, ligne(A), ligne(B))
    salle.executer(nom_du_jour())
    praticien(session, A)
    session.commit()
    ecrire(
        salle.depot,
        ligne(A, nom="MARIEE", profession="21", savoir="SM04"),
        ligne("x"),
        ligne(C),
        jour=JOUR_2,
    )
    adresse = salle.lancer(nom_du_jour(JOUR_2)).location
    salle.travailler()
    return adresse


def test_the_changes_of_a_practitioner_are_told_in_words(salle, lendemain):
    page = Page(salle.client.get(f"{lendemain}/changements").text)

    assert dit(page, "N° RPPS")
    assert dit(page, "Nom : EXEMPLE → MARIEE")
    assert dit(page, "Profession : Médecin → Pharmacien")
    assert re.search(r"Savoir-faire : .*énérale.* → .*ardio", page.source)
    assert dit(page, "Praticien, sans terrain de stage")


def test_a_practitioner_leads_to_the_terrain_that_holds_this_number(salle, lendemain, session):
    page = salle.client.get(f"{lendemain}/changements").text

    liens = re.findall(r'href="([^"]+)" aria-label="Terrain de stage de (\d+)"', page)
    assert [numero for _, numero in liens] == [A]
    assert "53P00001" in salle.client.get(liens[0][0]).text


def test_changes_and_rejects_of_practitioners_are_exported(salle, lendemain):
    changements = lignes_csv(salle.client.get(f"{lendemain}/changements.csv?nature=MODIFIE"))
    rejets = lignes_csv(salle.client.get(f"{lendemain}/rejets.csv"))

    assert changements[0][2] == "Numéro RPPS"
    assert ["Modifié", "Praticien", A, "MARIEE ALICE", "Profession", "Médecin", "Pharmacien"] in changements
    assert rejets[1][:2] == ["3", "Praticien"]
    assert salle.client.get(f"{lendemain}/changements.xlsx").data.startswith(b"PK")


@pytest.mark.parametrize(
    ("nom", "octets", "phrase", "conseil"),
    [
        (f"ps_libreacces_{JOUR_1}.zip", b"PK\x03\x04", "archive zip est endommagée", "Téléchargez l’archive"),
        (f"ps_libreacces_{JOUR_1}.zip", archive(b"")[:-30], "archive zip est endommagée", "Téléchargez l’archive"),
        ("ps-libreacces-personne-activite.txt", b"a|b\n1|2\n", "n’a pas la colonne", "Personne_activite"),
        ("ps-libreacces-personne-activite.txt", b"<html></html>", "page HTML", "plus tard"),
        ("ps-libreacces-personne-activite.txt", b'{"pmej": []}', "n’a pas la colonne", "Personne_activite"),
        ("finess-structures-journalier-20261120.json", extrait(ligne(A)), "FINESS", "Rien n’a été modifié"),
    ],
)
def test_a_damaged_file_gets_a_named_outcome_and_an_advice(salle, session, nom, octets, phrase, conseil):
    """QUALITY A-36, through the screen: a file of one registry given for the other included."""
    salle.deposer(nom, octets)

    page = salle.executer(nom)

    assert session.scalars(select(Traitement.etat)).all() == [EtatTraitement.REFUSE]
    assert all(dit(page, une) for une in (phrase, conseil, "Rien n’a été modifié"))
    assert session.scalars(select(Praticien)).all() == []


@pytest.mark.skipif(not ECHANTILLONS, reason="the samples are not on this machine")
def test_the_samples_are_loaded_from_the_screen_one_after_the_other(salle, session):
    for chemin in ECHANTILLONS:
        salle.deposer(chemin.name, chemin.read_bytes())
        salle.executer(chemin.name.lower())

    runs = session.scalars(select(Traitement).order_by(Traitement.id)).all()
    assert [un.etat for un in runs] == [EtatTraitement.APPLIQUE] * len(ECHANTILLONS)
    assert all(un.praticiens > 0 for un in runs)
