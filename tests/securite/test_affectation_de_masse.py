"""Mass assignment (QUALITY A-06): a form changes the fields it shows, whatever else is posted with them."""

from typing import Any

import pytest
from flask_appbuilder import Model
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from tests import build
from tests.views.pages import Page
from views.base import RegistreView

POISONS = ("1", "84", "ACTIF", "SUPPRIME", "2020-01-01", "x", "")
SUIVI = {"modifie_le", "version", "changed_on", "finess_errone_le", "finess_errone_par"}


@pytest.mark.parametrize("poison", POISONS)
def test_no_column_outside_the_form_changes(app, session, connexion, poison):
    """Every generated form, posted with every column of its table on top of its own fields."""
    build.etablissement(session)
    terrain = build.terrain(session)
    build.agrement(session, terrain)
    build.demande(session, terrain)
    build.semestre_internat(session, terrain)
    client = connexion("national")
    vues = [vue for vue in app.appbuilder.baseviews if isinstance(vue, RegistreView) and _modifiable(vue)]

    for vue in vues:
        objet = session.scalars(select(vue.datamodel.obj).limit(1)).one()
        adresse = f"{vue.route_base}/{inspect(objet).identity[0]}/modifier"
        page = Page(client.get(adresse).text)
        avant = _valeurs(session, objet)
        etrangers = [colonne for colonne in avant if colonne not in page.noms]

        reponse = client.post(adresse, data={**page.formulaire, **dict.fromkeys(etrangers, poison)})

        assert reponse.status_code == 302, (adresse, Page(reponse.text).textes)
        apres = _valeurs(session, objet)
        changes = {colonne for colonne in etrangers if apres[colonne] != avant[colonne]}
        assert changes <= SUIVI | _deduites(vue), (adresse, changes)
    assert len(vues) >= 12


def _modifiable(vue: RegistreView) -> bool:
    """Completing a transfer has another address, for terrains of one statut: the matrix forges its form."""
    return "edit" not in vue.exclude_route_methods and any("modifier" in adresse for adresse, _ in vue.edit._urls)


def _deduites(vue: RegistreView) -> set[str]:
    """Columns behind the relations that the form shows."""
    relations = inspect(vue.datamodel.obj).relationships
    return {colonne.key for nom in vue.edit_columns if nom in relations for colonne in relations[nom].local_columns} - {
        "id",
        "code",
    }


def _valeurs(session: Session, objet: Model) -> dict[str, Any]:
    session.expire_all()
    return {colonne.key: getattr(objet, colonne.key) for colonne in inspect(type(objet)).columns}
