"""Table of the statuts of an entité juridique at each synchronisation (SPEC §3.2), through a real one, line by line.

`aucun`: every ET of the EJ is Supprimé. `inactif`, `actif`: it has one ET, of that statut before the night.
"""

import pytest

from models.etats import EtatRegistre, StatutEntiteJuridique, StatutEtablissement, statut_entite_juridique
from tests.etats.tables import application, cette_nuit, hier

ACTIF, INACTIF, SUPPRIME = StatutEntiteJuridique
OUVERT, FERME, ABSENT = EtatRegistre
A, X = "350000022", "350000741"
ETS = dict(zip(("actif", "inactif", "aucun"), StatutEtablissement, strict=True))

TABLE = [
    ("EJ-01", ACTIF, OUVERT, "aucun", SUPPRIME),
    ("EJ-02", ACTIF, OUVERT, "inactif", ACTIF),
    ("EJ-03", ACTIF, OUVERT, "actif", ACTIF),
    ("EJ-04", ACTIF, FERME, "aucun", SUPPRIME),
    ("EJ-05", ACTIF, FERME, "inactif", INACTIF),
    ("EJ-06", ACTIF, FERME, "actif", INACTIF),  # the ET step has just made its ET Inactif
    ("EJ-07", INACTIF, OUVERT, "aucun", SUPPRIME),
    ("EJ-08", INACTIF, OUVERT, "inactif", INACTIF),
    ("EJ-09", INACTIF, OUVERT, "actif", ACTIF),
    ("EJ-10", INACTIF, FERME, "aucun", SUPPRIME),
    ("EJ-11", INACTIF, FERME, "inactif", INACTIF),
    ("EJ-12", INACTIF, FERME, "actif", INACTIF),
    ("EJ-13", SUPPRIME, OUVERT, "aucun", SUPPRIME),
    ("EJ-14", SUPPRIME, OUVERT, "inactif", SUPPRIME),  # impossible (I4): no change, for the coherence page to tell
    ("EJ-15", SUPPRIME, OUVERT, "actif", SUPPRIME),
    ("EJ-16", SUPPRIME, FERME, "aucun", SUPPRIME),
    ("EJ-17", SUPPRIME, FERME, "inactif", SUPPRIME),
    ("EJ-18", SUPPRIME, FERME, "actif", SUPPRIME),
    ("EJ-19", ACTIF, ABSENT, "aucun", ACTIF),
    ("EJ-19", ACTIF, ABSENT, "actif", ACTIF),
    ("EJ-19", INACTIF, ABSENT, "inactif", INACTIF),
    ("EJ-19", SUPPRIME, ABSENT, "aucun", SUPPRIME),
]


@pytest.mark.parametrize(("ligne", "local", "f_ej", "ets", "nouveau"), TABLE)
def test_line_of_the_table(session, tmp_path, ligne, local, f_ej, ets, nouveau):
    etat_et = ABSENT if f_ej is ABSENT else OUVERT
    entites = [(A, local, f_ej, [(X, ETS[ets], etat_et, 0)])]
    hier(tmp_path, entites)
    objets = application(session, entites)

    cette_nuit(tmp_path, entites)

    session.expire_all()
    actifs = int(objets[X].statut is StatutEtablissement.ACTIF)
    assert objets[A].statut is nouveau is statut_entite_juridique(local, f_ej, int(ets != "aucun"), actifs)
    assert (objets[A].rouvert_le is not None) == (ligne == "EJ-08")
