"""Table of the statuts of an établissement at each synchronisation (SPEC §3.1), through a real one, line by line."""

import pytest
from sqlalchemy import select

from models.etablissement import Etablissement
from models.etats import EtatRegistre, StatutEntiteJuridique, StatutEtablissement, statut_etablissement
from tests.etats.tables import application, cette_nuit, hier

ACTIF, INACTIF, SUPPRIME = StatutEtablissement
OUVERT, FERME, ABSENT = EtatRegistre
A, X = "350000022", "350000741"

TABLE = [
    ("ET-01", ACTIF, OUVERT, OUVERT, 0, ACTIF),
    ("ET-02", ACTIF, OUVERT, OUVERT, 1, ACTIF),
    ("ET-03", ACTIF, OUVERT, FERME, 0, INACTIF),
    ("ET-04", ACTIF, OUVERT, FERME, 1, INACTIF),
    ("ET-05", ACTIF, FERME, OUVERT, 0, SUPPRIME),
    ("ET-06", ACTIF, FERME, OUVERT, 1, INACTIF),
    ("ET-07", ACTIF, FERME, FERME, 0, SUPPRIME),
    ("ET-08", ACTIF, FERME, FERME, 1, INACTIF),
    ("ET-09", INACTIF, OUVERT, OUVERT, 0, INACTIF),
    ("ET-10", INACTIF, OUVERT, OUVERT, 1, INACTIF),
    ("ET-11", INACTIF, OUVERT, FERME, 0, INACTIF),
    ("ET-12", INACTIF, OUVERT, FERME, 1, INACTIF),
    ("ET-13", INACTIF, FERME, OUVERT, 0, SUPPRIME),
    ("ET-14", INACTIF, FERME, OUVERT, 1, INACTIF),
    ("ET-15", INACTIF, FERME, FERME, 0, SUPPRIME),
    ("ET-16", INACTIF, FERME, FERME, 1, INACTIF),
    ("ET-17", SUPPRIME, OUVERT, OUVERT, 0, SUPPRIME),
    ("ET-18", SUPPRIME, OUVERT, OUVERT, 1, SUPPRIME),
    ("ET-19", SUPPRIME, OUVERT, FERME, 0, SUPPRIME),
    ("ET-20", SUPPRIME, OUVERT, FERME, 1, SUPPRIME),
    ("ET-21", SUPPRIME, FERME, OUVERT, 0, SUPPRIME),
    ("ET-22", SUPPRIME, FERME, OUVERT, 1, SUPPRIME),
    ("ET-23", SUPPRIME, FERME, FERME, 0, SUPPRIME),
    ("ET-24", SUPPRIME, FERME, FERME, 1, SUPPRIME),
    ("ET-25", ACTIF, ABSENT, OUVERT, 0, ACTIF),
    ("ET-25", ACTIF, ABSENT, FERME, 1, ACTIF),
    ("ET-26", INACTIF, ABSENT, OUVERT, 0, INACTIF),
    ("ET-26", INACTIF, ABSENT, FERME, 1, INACTIF),
    ("ET-27", ACTIF, ABSENT, ABSENT, 0, ACTIF),
    ("ET-27", INACTIF, ABSENT, ABSENT, 1, INACTIF),
]
NOTICES = {"ET-09", "ET-10", "ET-17", "ET-18"}


@pytest.mark.parametrize(("ligne", "local", "f_et", "f_ej", "n_ts", "nouveau"), TABLE)
def test_line_of_the_table(session, tmp_path, ligne, local, f_et, f_ej, n_ts, nouveau):
    entites = [(A, StatutEntiteJuridique.ACTIF, f_ej, [(X, local, f_et, n_ts)])]
    hier(tmp_path, entites)
    objets = application(session, entites)

    cette_nuit(tmp_path, entites)

    session.expire_all()
    assert objets[X].statut is nouveau is statut_etablissement(local, f_et, f_ej, n_ts)
    assert (objets[X].rouvert_le is not None) == (ligne in NOTICES)
    assert (objets[X].absent_depuis is not None) == (f_et is ABSENT)
    assert (objets[A].absent_depuis is not None) == (f_ej is ABSENT)


def test_et_28_the_synchronisation_never_creates_an_et(session, tmp_path):
    entites = [(A, StatutEntiteJuridique.ACTIF, OUVERT, [(X, ACTIF, OUVERT, 0)])]

    hier(tmp_path, entites)

    assert session.scalars(select(Etablissement)).all() == []
