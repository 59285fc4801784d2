"""`flask utilisateur creer` (SPEC M27)."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash

from models.utilisateur import Utilisateur

MOT_DE_PASSE = "tortue-brouette-lampe"


@pytest.fixture
def creer(app: Flask) -> Callable[..., Result]:
    def run(*arguments: str, mot_de_passe: str = MOT_DE_PASSE) -> Result:
        command = ["utilisateur", "creer", *arguments, "--mot-de-passe-stdin"]
        return app.test_cli_runner().invoke(args=command, input=f"{mot_de_passe}\n")

    return run


def test_an_account_is_created_with_its_role_and_its_ars(creer: Callable[..., Result], session: Session) -> None:
    outcome = creer("camille", "--role", "Gestionnaire ARS", "--ars", "53", "84")

    assert (outcome.exit_code, outcome.stdout) == (0, "Compte « camille » créé.\n")
    compte = session.scalars(select(Utilisateur).where(Utilisateur.username == "camille")).one()
    assert [role.name for role in compte.roles] == ["Gestionnaire ARS"]
    assert {ars.code for ars in compte.ars} == {"53", "84"}
    assert check_password_hash(compte.password, MOT_DE_PASSE)


@pytest.mark.parametrize(
    ("arguments", "mot_de_passe", "code"),
    [
        (["--role", "Chef"], MOT_DE_PASSE, "E-ROLE"),
        (["--role", "Lecture"], MOT_DE_PASSE, "E-ARS"),
        (["--role", "Lecture", "--ars", "53", "--ars", "99"], MOT_DE_PASSE, "E-ARS"),
        (["--role", "Administrateur national"], "trop court", "E-MDP-COURT"),
    ],
)
def test_a_refusal_says_why(creer: Callable[..., Result], arguments: list[str], mot_de_passe: str, code: str) -> None:
    outcome = creer("camille", *arguments, mot_de_passe=mot_de_passe)

    assert outcome.exit_code == 5
    assert outcome.stderr.startswith(f"{code} : ")


def test_a_login_is_taken_once_whatever_its_case(creer: Callable[..., Result]) -> None:
    creer("camille", "--role", "Administrateur national")

    outcome = creer("Camille", "--role", "Administrateur national")

    assert outcome.exit_code == 5
    assert "E-LOGIN" in outcome.stderr


def test_bad_usage_is_another_exit_code(creer: Callable[..., Result]) -> None:
    assert creer("camille").exit_code == 2
