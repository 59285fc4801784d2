"""ARS de travail: chosen, switched, journaled, and never mistaken from one tab to another (SPEC S141, M28)."""

import pytest
from sqlalchemy import select

from models.journal import Evenement
from models.territoire import Interregion
from tests.views.pages import Page


def test_a_user_with_several_ars_chooses_before_anything_else(connexion):
    client = connexion("gestionnaire-53-84")
    with client.session_transaction() as cookie:
        del cookie["ars"]

    reponse = client.get("/etablissements/")

    assert reponse.location == "/ars-de-travail/?next=/etablissements/"
    page = Page(client.get(reponse.location).text)
    assert {"Bretagne", "Auvergne-Rhône-Alpes"} <= set(page.textes)
    assert "Corse" not in page.textes


def test_switching_shows_in_the_header_and_in_the_journal(connexion, session):
    client = connexion("gestionnaire-53-84")

    reponse = client.post("/ars-de-travail/?next=/mon-compte/", data={"ars": "84"})

    assert reponse.location == "/mon-compte/"
    assert "Auvergne-Rhône-Alpes" in client.get("/").text
    evenement = session.scalars(select(Evenement)).one()
    assert (evenement.operation, evenement.details) == ("ARS.travail", {"avant": "53", "apres": "84"})


@pytest.mark.parametrize(
    ("login", "code", "statut"),
    [
        ("gestionnaire-53-84", "11", 403),
        ("gestionnaire-53-84", "toutes", 403),
        ("gestionnaire-53-84", "", 400),
        ("national", "99", 403),
        ("national", "11", 302),
        ("national", "toutes", 302),
    ],
)
def test_only_an_ars_that_one_holds_can_be_chosen(connexion, login, code, statut):
    """M28: own grants; any, or all, for a national administrator."""
    assert connexion(login).post("/ars-de-travail/", data={"ars": code}).status_code == statut


def test_a_withdrawn_grant_counts_at_the_next_request(connexion):
    """A-07: the cookie says 11, the account no longer holds it."""
    client = connexion("gestionnaire-53-84", ars="11")

    assert client.get("/").location.startswith("/ars-de-travail/")


def test_a_form_shown_under_another_ars_is_not_executed_and_loses_nothing(connexion, session):
    """The ARS was switched in another tab: 409, and the form comes back whole with the choice of the ARS."""
    client = connexion("national", ars="53")
    formulaire = {**Page(client.get("/reference/interregions/nouveau").text).formulaire, "code": "IR", "nom": "Île"}
    client.post("/ars-de-travail/", data={"ars": "84"})

    refusee = client.post("/reference/interregions/nouveau", data=formulaire)

    assert refusee.status_code == 409
    assert session.get(Interregion, "IR") is None
    gardee = Page(refusee.text).formulaire
    assert (gardee["code"], gardee["nom"]) == (["IR"], ["Île"])

    reprise = client.post("/reference/interregions/nouveau", data={**gardee, "ars_reprise": "53"})

    assert reprise.status_code == 302
    assert session.get(Interregion, "IR").nom == "Île"
    evenement = session.scalars(select(Evenement).where(Evenement.operation == "REF.creer")).one()
    assert evenement.ars_travail_code == "53"


def test_going_on_under_another_ars_needs_its_grant(connexion):
    client = connexion("gestionnaire-53-84")

    reponse = client.post("/mon-compte/", data={"ars_reprise": "11"})

    assert reponse.status_code == 403
