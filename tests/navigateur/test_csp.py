"""The content security policy, on every page, as the browser enforces it (A-80)."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.navigateur.visite import Plan, Visite

UTILISATEURS = ("national", "gestionnaire-53")


@pytest.mark.parametrize("login", UTILISATEURS)
def test_no_page_breaks_the_policy_fails_in_a_script_or_calls_another_machine(
    visites: Callable[[str], Visite], login: str
) -> None:
    assert visites(login).plaintes == ()


def test_the_visit_sees_every_page(visites: Callable[[str], Visite], application: Flask) -> None:
    """A new screen without a link to it, or without an object to show, would escape these tests."""
    vues = {vue.regle for vue in visites("national").vues}

    assert Plan(application).pages() - vues == {"/connexion"}  # seen before the login


@pytest.mark.parametrize("login", UTILISATEURS)
def test_every_link_leads_somewhere(visites: Callable[[str], Visite], login: str) -> None:
    assert [vue.adresse for vue in visites(login).vues if vue.regle and vue.statut != 200] == []
