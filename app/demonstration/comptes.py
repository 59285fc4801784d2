"""Demonstration accounts. They exist only where the demonstration was loaded, which production refuses."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.operations.comptes import NouveauCompte, creer
from app.roles import GESTIONNAIRE, LECTURE, NATIONAL
from app.scope import systeme
from app.unit_of_work import unit_of_work
from models.utilisateur import Utilisateur

MOT_DE_PASSE = "demonstration-locale-2026"


@dataclass(frozen=True)
class Compte:
    login: str
    nom: str
    role: str
    ars_codes: tuple[str, ...] = ()


COMPTES = (
    Compte("national", "Administration nationale", NATIONAL),
    Compte("ara", "Gestion Auvergne-Rhône-Alpes", GESTIONNAIRE, ("84",)),
    Compte("bretagne", "Gestion Bretagne", GESTIONNAIRE, ("53",)),
    Compte("guadeloupe", "Gestion Guadeloupe", GESTIONNAIRE, ("01",)),
    Compte("idf", "Gestion Île-de-France", GESTIONNAIRE, ("11",)),
    Compte("paca", "Gestion Provence-Alpes-Côte d’Azur", GESTIONNAIRE, ("93",)),
    Compte("sud", "Gestion PACA et Corse", GESTIONNAIRE, ("93", "94")),
    Compte("lecture", "Consultation Auvergne-Rhône-Alpes", LECTURE, ("84",)),
)


def creer_comptes(empreinte: str) -> int:
    """Create the accounts that are missing, all with the password of which `empreinte` is the hash."""
    crees = 0
    for compte in COMPTES:
        with unit_of_work(systeme("démonstration"), "UTI.creer", source="démonstration") as uow:
            if uow.session.scalar(select(Utilisateur.id).where(Utilisateur.username == compte.login)) is None:
                courriel = f"{compte.login}@demonstration.example"
                nouveau = NouveauCompte(compte.login, compte.role, compte.ars_codes, "Compte", compte.nom, courriel)
                creer(uow, nouveau, MOT_DE_PASSE, empreinte)
                crees += 1
    return crees


def presentation() -> Iterator[str]:
    """Lines that introduce the accounts to whoever starts the application."""
    yield f"Comptes de démonstration (mot de passe : {MOT_DE_PASSE})"
    for compte in COMPTES:
        ars = f", ARS {' et '.join(compte.ars_codes)}" if compte.ars_codes else ""
        yield f"  {compte.login:<12}{compte.nom} ({compte.role}{ars})"
