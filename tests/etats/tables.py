"""Registry and application built for one line of the tables of SPEC §3, and one night over them."""

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from models.etats import EtatRegistre, StatutEntiteJuridique, StatutEtablissement
from tests import build
from tests.fichier_finess import JOUR_2, charger, ecrire, ej, et

TEMOIN = "980000004"  # an EJ that no line is about: a file is never empty

Et = tuple[str, StatutEtablissement, EtatRegistre, int]
Ej = tuple[str, StatutEntiteJuridique, EtatRegistre, list[Et]]


def hier(dossier: Path, entites: list[Ej]) -> None:
    """Everything is in the registry of the first day, open."""
    charger(ecrire(dossier, *(ej(numero, *(et(un[0]) for un in ets)) for numero, _, _, ets in entites), ej(TEMOIN)))


def application(session: Session, entites: list[Ej]) -> dict[str, Any]:
    """The same EJ and ET in the application, with their statuts and terrains."""
    objets: dict[str, Any] = {}
    for numero, statut, _, ets in entites:
        objets[numero] = build.entite_juridique(session, numero_finess=numero, statut=statut)
        for numero_et, statut_et, _, n_ts in ets:
            champs = {"numero_finess": numero_et, "entite_juridique": objets[numero], "statut": statut_et}
            objets[numero_et] = build.etablissement(session, **champs)
            for _ in range(n_ts):
                build.terrain(session, etablissement=objets[numero_et])
    return objets


def cette_nuit(dossier: Path, entites: list[Ej]) -> None:
    """The file of the second day: open, closed, or not listed."""
    listees = [
        ej(
            numero,
            *(et(un[0], ouvert=_ouvert(un[2])) for un in ets if un[2] is not EtatRegistre.ABSENT),
            ouvert=_ouvert(etat),
        )
        for numero, _, etat, ets in entites
        if etat is not EtatRegistre.ABSENT
    ]
    charger(ecrire(dossier, *listees, ej(TEMOIN), genere_le=JOUR_2))


def _ouvert(etat: EtatRegistre) -> bool:
    return etat is EtatRegistre.OUVERT
