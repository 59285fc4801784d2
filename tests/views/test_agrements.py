"""Screens of national data: agréments, demandes, internes and their semestres (manual §1.5 S61, §1.11, N7)."""

import csv
import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.calendrier import aujourd_hui
from models.agrement import Agrement, AgrementHistorique, DecisionAgrement, DemandeAgrement, EtatDemande
from models.interne import Interne, SemestreInternat
from models.journal import Evenement
from models.nomenclature import Specialite
from tests import build
from tests.views.pages import Page

pytestmark = pytest.mark.usefixtures("sans_calendrier")

ECRANS = ("agrements", "demandes", "internes", "semestres-internat")
JOUR = aujourd_hui()
SAISIE = {
    "reference": "AGR-NEUF", "specialite": "DES28", "type": "COMPLEMENTAIRE", "decision": "AGREE",
    "date_debut": "2026-11-02", "date_fin": "2031-10-31",
}  # fmt: skip


def references(page) -> list[str]:
    return re.findall(r'<td class="numero"><a[^>]*>([^<]+)</a>', page.text)


def semestre_en_cours(session, **champs):
    dates = {"date_debut": JOUR - timedelta(days=20), "date_fin": JOUR + timedelta(days=20)}
    return build.semestre(session, **dates | champs)


def un_de_chaque(session) -> dict[str, object]:
    terrain = build.terrain(session)
    poste = build.semestre_internat(session, terrain)
    agrement, demande = build.agrement(session, terrain), build.demande(session, terrain)
    return dict(zip(ECRANS, (agrement, demande, poste.interne, poste), strict=True))


# --- Search ---


@pytest.mark.parametrize("ecran", ECRANS)
def test_a_screen_opens_on_the_ars_de_travail_but_a_link_with_criteria_is_followed_as_it_is(connexion, session, ecran):
    """S27, S61, S135: an access from a terrain is national."""
    client = connexion("gestionnaire-53")

    assert client.get(f"/{ecran}/").location == f"/{ecran}/?ars=53"
    assert client.get(f"/{ecran}/?specialite=DES28").status_code == 200


def test_the_agrements_of_a_terrain_of_another_ars_show_in_any_statut(connexion, session):
    """S135: the link of the terrain."""
    terrain = build.terrain(session, ars_code="93")
    passe = {"date_debut": JOUR - timedelta(days=9), "date_fin": JOUR - timedelta(days=1)}
    siens = {build.agrement(session, terrain, **dates).reference for dates in ({}, passe)}
    build.agrement(session, build.terrain(session))

    page = connexion("lecture-53").get(f"/agrements/?terrain={terrain.numero}")

    assert set(references(page)) == siens
    assert {"Échu", "Agrément en cours", f"Terrain de stage : {terrain.numero}"} <= set(Page(page.text).textes)


@pytest.mark.parametrize("lien", ["etablissement={finess}", "terrain={numero}"])
def test_the_internes_of_the_semestre_en_cours_are_those_of_the_link(connexion, session, lien):
    """S61, S134, A41."""
    terrain = build.terrain(session)
    poste = build.semestre_internat(session, terrain, semestre=semestre_en_cours(session))
    build.semestre_internat(
        session, terrain, semestre=build.semestre(session, annee=1980, date_debut="1980-05-01", date_fin="1980-10-31")
    )
    criteres = lien.format(finess=terrain.etablissement.numero_finess, numero=terrain.numero)

    page = connexion("lecture-93").get(f"/semestres-internat/?{criteres}&semestre=en-cours").text

    assert re.search(r'role="status"><b>1</b>', page)
    assert poste.interne.identifiant in page


def test_an_empty_semestre_en_cours_says_which_one_it_is(connexion, session):
    """A41: the calendar may be what is wrong."""
    semestre = semestre_en_cours(session)

    page = " ".join(Page(connexion("lecture-53").get("/semestres-internat/?semestre=en-cours").text).textes)

    assert f"semestre en cours : Été 1990, du {semestre.date_debut:%d/%m/%Y} au {semestre.date_fin:%d/%m/%Y}" in page


def test_without_any_semestre_to_come_the_page_says_that_the_calendar_is_over(connexion, session):
    page = connexion("lecture-53").get("/semestres-internat/?semestre=en-cours").text

    assert "n’a aucun semestre en cours ni à venir" in page


@pytest.mark.parametrize("ecran", ECRANS)
def test_a_list_takes_few_statements_and_stays_light(connexion, session, connection, ecran):
    """A page of SPEC §9 sizes: at most 8 SQL statements and 40 KiB, whatever the number of rows."""
    semestre = semestre_en_cours(session)
    for _ in range(30):
        terrain = build.terrain(session)
        build.agrement(session, terrain)
        build.demande(session, terrain)
        build.semestre_internat(session, terrain, semestre=semestre)
    client = connexion("national")
    ordres: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: ordres.append(args[2]))

    page = client.get(f"/{ecran}/?ars=53")

    assert len([ordre for ordre in ordres if "SAVEPOINT" not in ordre]) <= 8
    assert len(page.data) <= 40 * 1024
    assert all(un.count("<option") <= 200 for un in page.text.split("<select")[1:])


@pytest.mark.parametrize("ecran", ECRANS)
def test_the_export_is_the_result_and_is_journaled(connexion, session, ecran):
    """S30, A-74."""
    un_de_chaque(session)

    contenu = connexion("lecture-53").get(f"/{ecran}/export.csv?ars=53").data.decode("utf-8-sig")

    lignes = list(csv.reader(io.StringIO(contenu), delimiter=";"))
    evenement = session.scalars(select(Evenement)).one()
    assert len(lignes) == 2
    assert evenement.details == {"lignes": 1, "format": "csv", "ars": "53"}
    assert re.fullmatch(r"(AGR|DEM|INT|SEM)\.exporter", evenement.operation)


# --- Cards ---


@pytest.mark.parametrize("login", ["lecture-93", "gestionnaire-53", "national"])
def test_every_card_is_consulted_from_everywhere_and_written_by_national_administrators_only(connexion, session, login):
    """M1; rights of the national data."""
    objets = un_de_chaque(session)
    client = connexion(login)

    for ecran, objet in objets.items():
        page = client.get(f"/{ecran}/{objet.id}")
        assert page.status_code == 200
        assert ("/modifier" in page.text) is (login == "national"), ecran
        assert ("/supprimer" in page.text) is (login == "national"), ecran


def test_the_card_of_an_agrement_shows_its_statut_its_territory_and_its_geographic_history(connexion, session):
    """§1.8."""
    agrement = build.agrement(
        session, build.terrain(session), decision=DecisionAgrement.SUSPENDU, departement_code="35"
    )
    session.add(
        AgrementHistorique(
            agrement_id=agrement.id,
            jusqu_au=build.datetime(2026, 3, 14, 12, tzinfo=build.UTC),
            auteur="agent",
            ars_code="01",
            numero_terrain="01H00001",
        )
    )
    session.commit()

    textes = Page(connexion("lecture-53").get(f"/agrements/{agrement.id}").text).textes

    assert {"Agrément en cours", "Suspendu", "35 – Ille-et-Vilaine", "01H00001", "14/03/2026 à 13:00"} <= set(textes)


def test_the_card_of_an_interne_shows_his_semestres(connexion, session):
    poste = build.semestre_internat(session, build.terrain(session))

    page = Page(connexion("lecture-53").get(f"/internes/{poste.interne_id}").text)

    assert {"Été 1990", poste.terrain.numero} <= set(page.textes)
    assert f"/semestres-internat/{poste.id}" in page.adresses


# --- Forms ---


def test_a_national_administrator_creates_modifies_and_deletes_an_agrement(connexion, session):
    terrain = build.terrain(session)
    client = connexion("national")

    creation = client.post("/agrements/nouveau", data={**SAISIE, "terrain": terrain.numero})
    formulaire = Page(client.get(f"{creation.location}/modifier").text).formulaire
    modification = client.post(f"{creation.location}/modifier", data={**formulaire, "a_reexaminer": "y"})

    agrement = session.scalars(select(Agrement)).one()
    assert (creation.status_code, modification.status_code) == (302, 302)
    assert (agrement.terrain_id, agrement.numero_terrain, agrement.a_reexaminer) == (terrain.id, terrain.numero, True)

    client.post(f"{creation.location}/supprimer")

    assert session.scalar(select(func.count()).select_from(Agrement)) == 0
    operations = session.scalars(select(Evenement.operation).order_by(Evenement.id)).all()
    assert operations == ["AGR.creer", "AGR.modifier", "AGR.supprimer"]


def test_a_national_administrator_creates_a_demande_an_interne_and_a_semestre(connexion, session):
    terrain, semestre = build.terrain(session), build.semestre(session)
    client = connexion("national")
    demande = {"reference": "dem 1", "terrain": terrain.numero, "specialite": "DES28", "etat": "EN_RECOURS"}
    interne = {"identifiant": "int 1", "nom": "FICTIF", "prenom": "Camille", "subdivision": "RENNES"}

    client.post("/demandes/nouveau", data={**demande, "deposee_le": "2026-11-02"})
    client.post("/internes/nouveau", data={**interne, "specialite": "DES28"})
    client.post(
        "/semestres-internat/nouveau", data={"interne": "int 1", "terrain": terrain.numero, "semestre": semestre.id}
    )

    assert session.scalars(select(DemandeAgrement.etat)).all() == [EtatDemande.EN_RECOURS]
    assert session.scalars(select(Interne.identifiant)).all() == ["int 1"]
    poste = session.scalars(select(SemestreInternat)).one()
    assert (poste.interne.identifiant, poste.terrain_id, poste.semestre_id) == ("int 1", terrain.id, semestre.id)


def test_no_speciality_is_chosen_before_the_user_chooses(connexion, session):
    """B-09: the first of a list, saved without a look, would be a decision that nobody took."""
    terrain, client = build.terrain(session), connexion("national")

    ouverte = Page(client.get("/agrements/nouveau").text).formulaire
    reponse = client.post("/agrements/nouveau", data={**SAISIE, "terrain": terrain.numero, "specialite": ""})

    assert ouverte["specialite"] == [""]
    assert reponse.status_code == 422
    assert "Choisissez" in reponse.text
    assert session.scalar(select(func.count()).select_from(Agrement)) == 0


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"terrain": "53H99999"}, "Aucun terrain de stage n’a le numéro « 53H99999 »"),
        ({"terrain": ""}, "Ce champ est obligatoire."),
        ({"date_fin": "2020-01-01"}, "La fin précède le début"),
        ({"reference": "DEJA"}, "Cette valeur est déjà utilisée"),
        ({"specialite": "SM54"}, "Spécialité : Ce champ est obligatoire."),
        ({"type": "AUTRE"}, "Choisissez une valeur de la liste."),
    ],
)
def test_a_refused_form_says_why_on_the_field_and_keeps_what_was_typed(connexion, session, champs, phrase):
    """B-09."""
    terrain = build.terrain(session)
    build.agrement(session, terrain, reference="DEJA")
    assert session.get(Specialite, "SM54").nature != "DES"

    reponse = connexion("national").post("/agrements/nouveau", data={**SAISIE, "terrain": terrain.numero, **champs})

    page = Page(reponse.text)
    assert reponse.status_code == 422
    assert phrase in " ".join(page.textes).replace(" :", " :").replace("  ", " ")
    assert page.formulaire["date_debut"] == [SAISIE["date_debut"]]
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


@pytest.mark.parametrize("ecran", ECRANS)
def test_a_stale_save_shows_both_versions_and_the_next_one_replaces(connexion, session, ecran):
    """A-53: nothing typed is lost."""
    objet = un_de_chaque(session)[ecran]
    champ, premiere, seconde = {
        "agrements": ("reference", "PREMIERE", "SECONDE"),
        "demandes": ("reference", "PREMIERE", "SECONDE"),
        "internes": ("prenom", "PREMIERE", "SECONDE"),
        "semestres-internat": ("terrain", build.terrain(session).numero, build.terrain(session).numero),
    }[ecran]
    client, adresse = connexion("national"), f"/{ecran}/{objet.id}/modifier"
    formulaire = Page(client.get(adresse).text).formulaire

    client.post(adresse, data={**formulaire, champ: premiere})
    conflit = client.post(adresse, data={**formulaire, champ: seconde})
    suite = client.post(adresse, data=Page(conflit.text).formulaire)

    assert conflit.status_code == 409
    assert {premiere, seconde, "Version enregistrée"} <= set(Page(conflit.text).textes)
    assert suite.status_code == 302
    session.expire_all()
    valeur = getattr(objet, champ)
    assert getattr(valeur, "numero", valeur) == seconde


def test_an_interne_with_semestres_is_not_deleted(connexion, session):
    poste = build.semestre_internat(session, build.terrain(session))

    reponse = connexion("national").post(f"/internes/{poste.interne_id}/supprimer", follow_redirects=True)

    assert "Suppression impossible" in reponse.text
    assert session.get(Interne, poste.interne_id) is not None


def test_forms_hold_no_long_list_and_their_pickers_answer(connexion, session):
    """A terrain or an interne is chosen among thousands."""
    build.semestre_internat(session, build.terrain(session))
    client = connexion("national")

    page = client.get("/semestres-internat/nouveau")
    terrains, internes = (
        client.get(f"/selection/{nom}?q=fictif", headers={"Accept": "application/json"}).json
        for nom in ("terrains", "internes")
    )

    assert all(un.count("<option") <= 60 for un in page.text.split("<select")[1:])
    assert {"/selection/terrains", "/selection/internes"} <= set(Page(page.text).adresses)
    assert [len(un["resultats"]) for un in (terrains, internes)] == [1, 1]


# --- Calendar ---


@pytest.mark.parametrize(
    ("dates", "phrase"),
    [
        ({"date_debut": "1990-10-31", "date_fin": "1991-04-30"}, "Ces dates en chevauchent d’autres"),
        ({"date_debut": "1995-05-01", "date_fin": "1995-05-01"}, "La fin doit être après le début"),
        ({"annee": "1990", "saison": "ETE", "date_debut": "1995-05-01", "date_fin": "1995-10-31"}, "déjà utilisée"),
    ],
)
def test_the_calendar_refuses_dates_that_overlap_or_are_not_in_order(connexion, session, dates, phrase):
    """N26."""
    build.semestre(session)

    reponse = connexion("national").post(
        "/reference/semestres/nouveau", data={"annee": "1991", "saison": "HIVER", **dates}
    )

    assert reponse.status_code == 422
    assert phrase in reponse.text


def test_exceptional_dates_of_a_semestre_are_typed_without_changing_the_code(connexion, session):
    """N26."""
    semestre = build.semestre(session)
    adresse = f"/reference/semestres/{semestre.id}/modifier"
    client = connexion("national")

    client.post(adresse, data={**Page(client.get(adresse).text).formulaire, "date_fin": "1990-12-31"})

    session.expire_all()
    assert f"{semestre.date_fin}" == "1990-12-31"
