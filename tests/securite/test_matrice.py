"""Who may do what to which object (SPEC §4, QUALITY A-02): each line of `droits_metier.csv` as real requests.

After a wanted change: `ECRIRE_DROITS=1 .venv/bin/pytest tests/securite/test_matrice.py`, then read the difference.
"""

import csv
import os
import re

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from models.journal import Evenement
from models.territoire import Subdivision
from models.universite import Ufr
from tests.securite.matrice import ANONYME, ROLES, TABLE, Ligne, lire
from tests.securite.routes import routes
from tests.views.pages import Page
from views.base import ReferentielView

LIGNES = lire()
REPRESENTANTE = "/reference/interregions/"  # of all the reference tables, which share one class
COMPTE_PROPRE = {"Changer mon mot de passe", "Se déconnecter"}
NATIONALES = (
    *("/reference/", "/referentiels/", "/utilisateurs/", "/roles/"),
    *("/agrements/", "/demandes/", "/internes/", "/semestres-internat/"),
)
SANS_DONNEES = {"static", "theme"}


@pytest.mark.parametrize("ligne", LIGNES, ids=str)
def test_each_role_gets_what_the_table_says_and_changes_nothing_else(banc, ligne):
    obtenu = banc.jouer(ligne, [ANONYME, *ROLES])

    if os.environ.get("ECRIRE_DROITS"):
        _recrire(ligne, obtenu)
    else:
        assert obtenu == ligne.attendu


def test_the_table_itself_follows_the_specification():
    """SPEC §4 in five sentences, so that recording the table again cannot hide a hole."""
    ailleurs = {"autre ARS", "hors ARS", "ancienne", "inexistant", "d’un autre ET", "parti"}
    for ligne in LIGNES:
        ecrit = {role for role, cellule in ligne.attendu.items() if cellule.endswith("modifie")}
        national_seul = ligne.adresse.startswith(NATIONALES)

        assert not any(cellule.startswith("5") for cellule in ligne.attendu.values())
        assert ANONYME not in ecrit or ligne.action == "Se connecter"
        if ligne.action in COMPTE_PROPRE or ANONYME in ecrit:
            continue
        assert ecrit <= {"gestionnaire", "national", "admin"}
        assert "gestionnaire" not in ecrit or not (ligne.situation in ailleurs or national_seul)
        assert ligne.methode == "POST" or not ecrit


def test_every_route_is_in_the_table(app):
    """A new screen or button enters the matrix, or this test fails."""
    couvertes = {_route(app, ligne) for ligne in LIGNES}

    manquantes = {
        f"{route.methode} {route.regle}"
        for route in routes(app)
        if (route.endpoint, route.methode) not in couvertes
        and route.endpoint not in SANS_DONNEES
        and (not route.regle.startswith("/reference/") or route.regle.startswith(REPRESENTANTE))
    }
    assert manquantes == set()


def test_a_link_changed_alone_leaves_its_line_in_the_journal(connexion, session):
    """A-70: forms set relations, whose columns only change at the flush."""
    [ufr] = session.scalars(select(Ufr).limit(1)).all()
    autre = session.scalars(select(Subdivision).where(Subdivision.code != ufr.subdivision_code).limit(1)).one()
    client = connexion("national")
    formulaire = Page(client.get(f"/reference/ufr/{ufr.id}/modifier").text).formulaire
    avant = str(ufr.subdivision)

    client.post(f"/reference/ufr/{ufr.id}/modifier", data={**formulaire, "subdivision": autre.code})

    [evenement] = session.scalars(select(Evenement)).all()
    [changement] = evenement.changements
    assert (changement["avant"], changement["apres"]) == (
        {"subdivision_code": avant},
        {"subdivision_code": str(autre)},
    )


def test_reference_tables_share_one_class_and_one_permission(app):
    """So that one of them stands for all in the matrix (M26)."""
    vues = [vue for vue in app.appbuilder.baseviews if (vue.route_base or "").startswith("/reference/")]

    assert len(vues) >= 12
    for vue in vues:
        assert isinstance(vue, ReferentielView)
        assert vue.class_permission_name == "Referentiel"
        propres = vars(type(vue)).keys() & {"add", "edit", "delete", "show", "list", "objet", "exiger_portee", "action"}
        assert propres == set(), f"{type(vue).__name__} has screens of its own: give it lines in the matrix"


def _route(app, ligne: Ligne) -> tuple[str, str] | None:
    adresse = re.sub(r"\{\w+\}", "1", ligne.adresse.partition("?")[0])
    try:
        endpoint, _ = app.url_map.bind("localhost").match(adresse, method=ligne.methode)
    except HTTPException:
        return None
    return endpoint, ligne.methode


def _recrire(ligne: Ligne, obtenu: dict[str, str]) -> None:
    with TABLE.open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier, delimiter=";"))
    for une in lignes:
        if all(une[nom] == getattr(ligne, nom) for nom in ("action", "methode", "adresse", "corps", "situation")):
            une.update(obtenu)
    with TABLE.open("w", encoding="utf-8", newline="") as fichier:
        ecrivain = csv.DictWriter(fichier, lignes[0].keys(), delimiter=";", lineterminator="\n")
        ecrivain.writeheader()
        ecrivain.writerows(lignes)
