"""Accounts, roles and ARS grants (SPEC §4 M27, QUALITY A-08, A-13)."""

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.roles import GESTIONNAIRE, NATIONAL, TECHNIQUE
from models.journal import Evenement
from models.utilisateur import Utilisateur
from tests.views.pages import Page

MOT_DE_PASSE = "sept goélands sur le port"
SAISIE = {
    "username": "camille.morvan",
    "mot_de_passe": MOT_DE_PASSE,
    "last_name": "Morvan",
    "first_name": "Camille",
    "email": "camille.morvan@exemple.fr",
    "ars": ["53", "28"],
    "active": "y",
}


def _role(session, nom):
    return str(session.scalars(select(Role.id).where(Role.name == nom)).one())


def test_an_account_is_created_with_its_role_and_its_ars(connexion, session):
    client = connexion("national")

    reponse = client.post("/utilisateurs/nouveau", data={**SAISIE, "roles": _role(session, GESTIONNAIRE)})

    compte = session.scalars(select(Utilisateur).where(Utilisateur.username == "camille.morvan")).one()
    assert reponse.location == f"/utilisateurs/{compte.id}"
    assert {ars.code for ars in compte.ars} == {"53", "28"}
    assert [role.name for role in compte.roles] == [GESTIONNAIRE]
    assert check_password_hash(compte.password, MOT_DE_PASSE)
    evenement = session.scalars(select(Evenement)).one()
    assert evenement.operation == "UTI.creer"
    assert "scrypt" not in str(evenement.changements)


@pytest.mark.parametrize(
    ("saisie", "phrase"),
    [
        ({"mot_de_passe": "court"}, "au moins 14 caractères"),
        ({"ars": []}, "Choisissez au moins une ARS pour ce rôle."),
        ({"email": "pas une adresse"}, "adresse de courriel complète"),
        ({"username": "avec espace"}, "Lettres sans accent"),
        ({"username": "NATIONAL"}, "déjà celui d’un autre compte"),
        ({"email": "national@exemple.fr"}, "déjà utilisée"),
    ],
)
def test_an_incomplete_account_is_refused_with_its_reason(connexion, session, saisie, phrase):
    client = connexion("national")

    reponse = client.post("/utilisateurs/nouveau", data={**SAISIE, "roles": _role(session, GESTIONNAIRE), **saisie})

    assert reponse.status_code == 422
    assert phrase in reponse.text


def test_the_technical_role_is_not_given_here(connexion, session):
    """A-08: a national administrator cannot raise anybody above himself."""
    client = connexion("national")

    reponse = client.post("/utilisateurs/nouveau", data={**SAISIE, "roles": _role(session, TECHNIQUE)})

    assert reponse.status_code == 422
    assert session.scalars(select(Utilisateur).where(Utilisateur.username == "camille.morvan")).all() == []


@pytest.mark.parametrize("suite", ["modifier", "mot-de-passe"])
def test_a_technical_account_is_out_of_reach(connexion, session, utilisateur, suite):
    """A-08: else its password could be reset, and its rights taken."""
    technique = utilisateur("admin")
    client = connexion("national")

    assert client.get(f"/utilisateurs/{technique.id}/{suite}").status_code == 404
    assert client.post(f"/utilisateurs/{technique.id}/{suite}", data=SAISIE).status_code == 404


def test_nobody_locks_himself_out(connexion, session, utilisateur):
    compte = utilisateur("national")
    client = connexion("national")
    formulaire = Page(client.get(f"/utilisateurs/{compte.id}/modifier").text).formulaire

    reponse = client.post(f"/utilisateurs/{compte.id}/modifier", data={**formulaire, "active": []})

    assert reponse.status_code == 422
    assert "votre propre compte" in reponse.text


def test_a_password_is_reset_and_the_sessions_of_the_account_end(app, connexion, session, utilisateur):
    """A-21."""
    compte = utilisateur("gestionnaire-53")
    avant = compte.session_version
    client = connexion("national")

    client.post(f"/utilisateurs/{compte.id}/mot-de-passe", data={"mot_de_passe": MOT_DE_PASSE})

    session.expire_all()
    assert check_password_hash(compte.password, MOT_DE_PASSE)
    assert compte.session_version == avant + 1
    assert client.get("/").status_code == 200


def test_the_roles_are_shown_with_their_rights(connexion):
    page = Page(connexion("national").get("/roles/").text)

    assert {NATIONAL, GESTIONNAIRE, "Lancer", "Synchronisation des référentiels"} <= set(page.textes)
    assert TECHNIQUE not in page.textes
