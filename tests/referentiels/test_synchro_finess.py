"""The mirror after a synchronisation is what the file says, whatever the file of the day before and its order (I13)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from app.referentiels import arrivee
from models.finess import FinessEj, FinessEt
from models.journal import Evenement
from models.traitement import EtatTraitement, NatureChangement, TraitementChangement, TraitementRejet
from tests.fichier_finess import JOUR_1, JOUR_2, JOUR_3, charger, comptes, ecrire, ej, et

DONNEES = Path(__file__).parents[3] / "shared" / "data"
A, B, C = "350000022", "350000030", "350000048"
X, Y, Z = "350000741", "350000758", "350000766"


def miroir(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the mirror says, but the hashes."""
    requetes = {"EJ": "SELECT * FROM finess_ej ORDER BY numero", "ET": "SELECT * FROM finess_et ORDER BY numero"}
    lignes = {nom: session.execute(text(requete)).mappings() for nom, requete in requetes.items()}
    return {nom: [_sans_empreinte(un) for un in lots] for nom, lots in lignes.items()}


def _sans_empreinte(ligne: Any) -> tuple[Any, ...]:
    return tuple(valeur for nom, valeur in sorted(ligne.items()) if nom != "empreinte")


def changements(session: Session, traitement_id: int) -> set[tuple[str, NatureChangement]]:
    requete = select(TraitementChangement.numero, TraitementChangement.nature)
    return set(session.execute(requete.where(TraitementChangement.traitement_id == traitement_id)))


def test_the_first_load_is_a_silent_baseline(session, tmp_path):
    """DATA-FORMATS §8.6: counted, not listed."""
    traitement = charger(ecrire(tmp_path, ej(A, et(X), et(Y)), ej(B, ouvert=False)))

    assert traitement.etat is EtatTraitement.APPLIQUE
    assert comptes(traitement) == {"lus": 4, "crees": 4}
    assert (traitement.ej_lues, traitement.et_lus) == (2, 2)
    assert (traitement.progression, len(traitement.somme_controle), traitement.memoire_max > 0) == (100, 64, True)
    assert changements(session, traitement.id) == set()
    assert session.get(FinessEt, X).numero_ej == A
    assert session.get(FinessEj, B).ouvert is False


def test_each_change_is_named_and_told(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X), et(Y)), ej(B, et(Z, ouvert=False)), ej(C)))
    demain = ecrire(
        tmp_path,
        ej(A, et(X, nomEgeCourt="NOUVEAU NOM"), maj="2026-11-21T00:00:00Z"),
        ej(B, et(Y), et(Z), et("350000774")),
        ej(C, ouvert=False),
        genere_le=JOUR_2,
    )

    traitement = charger(demain)

    assert comptes(traitement) == {"lus": 7, "crees": 1, "modifies": 4, "inchanges": 2, "fermes": 1}
    assert changements(session, traitement.id) == {
        (X, NatureChangement.MODIFIE),
        (Y, NatureChangement.RATTACHE),
        (Z, NatureChangement.ROUVERT),
        ("350000774", NatureChangement.CREE),
        (C, NatureChangement.FERME),
    }
    renomme = session.scalar(select(TraitementChangement).where(TraitementChangement.numero == X))
    assert (renomme.avant, renomme.apres) == (
        {"raison_sociale": f"HOPITAL {X}"},
        {"raison_sociale": "NOUVEAU NOM"},
    )
    assert renomme.libelle == "NOUVEAU NOM"


def test_the_same_file_again_changes_nothing(session, tmp_path):
    fichier = ecrire(tmp_path, ej(A, et(X), et("mal formé")))
    premier, avant = charger(fichier), miroir(session)

    second = charger(fichier)

    assert second.etat is EtatTraitement.DEJA_INTEGRE
    assert comptes(second) == {"lus": 3, "inchanges": 2, "rejetes": 1}
    assert (second.somme_controle, second.donnees_du) == (premier.somme_controle, premier.donnees_du)
    assert miroir(session) == avant
    assert session.scalar(select(func.count()).select_from(Evenement)) == 0


@pytest.mark.parametrize("indent", [1, 4, None])
def test_another_layout_of_the_same_data_changes_nothing(session, tmp_path, indent):
    entites = [ej(A, et(X), et(Y)), ej(B, et(Z))]
    charger(ecrire(tmp_path, *entites))
    avant = miroir(session)

    traitement = charger(ecrire(tmp_path, *reversed(entites), indent=indent, nom="autre.json.gz"))

    assert traitement.etat is EtatTraitement.APPLIQUE
    assert comptes(traitement) == {"lus": 5, "inchanges": 5}
    assert miroir(session) == avant


def test_a_new_timestamp_alone_is_no_change(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X))))

    traitement = charger(ecrire(tmp_path, ej(A, et(X), maj="2026-11-21T00:00:00Z"), genere_le=JOUR_2))

    assert comptes(traitement) == {"lus": 2, "inchanges": 2}


def test_a_record_seen_the_day_before_is_not_parsed_again(session, tmp_path, monkeypatch):
    charger(ecrire(tmp_path, ej(A, et(X)), ej(B, et(Y))))
    lus: list[str] = []
    ajouter = arrivee._Lots.ajouter

    def espion(self: Any, enregistrement: Any) -> int:
        lus.append(enregistrement.ej.numero)
        return ajouter(self, enregistrement)

    monkeypatch.setattr(arrivee._Lots, "ajouter", espion)
    charger(ecrire(tmp_path, ej(A, et(X)), ej(B, et(Y, ouvert=False)), genere_le=JOUR_2))

    assert lus == [B]


def test_absent_is_flagged_and_never_closed(session, tmp_path):
    """A7, and ET-25 to ET-27: an ET, then an EJ with its ET."""
    charger(ecrire(tmp_path, ej(A, et(X), et(Y)), ej(B, et(Z)), ej(C)))

    traitement = charger(ecrire(tmp_path, ej(A, et(X)), ej(C), genere_le=JOUR_2))

    assert comptes(traitement) == {"lus": 3, "inchanges": 3, "absents": 3}
    absents = {un for un in changements(session, traitement.id) if un[1] is NatureChangement.ABSENT}
    assert {numero for numero, _ in absents} == {Y, B, Z}
    for ligne in (session.get(FinessEt, Y), session.get(FinessEj, B), session.get(FinessEt, Z)):
        assert (ligne.ouvert, ligne.absent_depuis) == (True, date(2026, 11, 21))


def test_what_comes_back_is_no_longer_absent(session, tmp_path):
    hier = [ej(A, et(X), et(Y)), ej(B, et(Z)), ej(C)]
    charger(ecrire(tmp_path, *hier))
    charger(ecrire(tmp_path, ej(A, et(X)), ej(C), genere_le=JOUR_2))

    traitement = charger(ecrire(tmp_path, *hier, genere_le=JOUR_3))

    assert comptes(traitement) == {"lus": 6, "modifies": 3, "inchanges": 3}
    assert changements(session, traitement.id) == {(un, NatureChangement.REVENU) for un in (Y, B, Z)}
    assert session.get(FinessEt, Y).absent_depuis is None


def test_an_absence_that_lasts_keeps_its_date_and_is_told_once(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X), et(Y)), ej(B)))
    charger(ecrire(tmp_path, ej(A, et(X)), ej(B), genere_le=JOUR_2))

    traitement = charger(ecrire(tmp_path, ej(A, et(X)), ej(B, ouvert=False), genere_le=JOUR_3))

    assert comptes(traitement) == {"lus": 3, "modifies": 1, "inchanges": 2, "fermes": 1}
    assert session.get(FinessEt, Y).absent_depuis == date(2026, 11, 21)


def test_rejects_are_counted_kept_and_told_again_the_next_day(session, tmp_path):
    for jour in (JOUR_1, JOUR_2):
        entites = [ej(A, et(X), et("sans clé")), ej("FAUX", et(Y)), "n’importe quoi", ej(B)]
        traitement = charger(ecrire(tmp_path, *entites, genere_le=jour))

        assert (traitement.lus, traitement.rejetes, traitement.crees + traitement.inchanges) == (7, 4, 3)
        requete = select(TraitementRejet.position, TraitementRejet.numero).order_by(TraitementRejet.id)
        rejets = session.execute(requete.where(TraitementRejet.traitement_id == traitement.id)).all()
        assert rejets == [("1.2", "sans clé"), ("2", "FAUX"), ("2.1", Y), ("3", None)]


def test_a_rejected_row_is_not_absent(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X), et(Y)), ej(B, et(Z))))

    entites = [ej(A, et(X, nomEgeCourt=None, nomEgeLong=None), et(Y)), ej(B, et(Z), denominationPm=3)]
    traitement = charger(ecrire(tmp_path, *entites, genere_le=JOUR_2))

    assert comptes(traitement) == {"lus": 5, "inchanges": 2, "rejetes": 3}
    assert session.get(FinessEt, X).absent_depuis is None


@pytest.mark.parametrize("ordre", [1, -1])
@pytest.mark.parametrize(
    ("gagnant", "perdant"),
    [
        (ej(B, et(X)), ej(A, et(X, ouvert=False, maj="2026-10-01T00:00:00Z"))),
        (ej(B, et(X, maj="2026-10-01T00:00:00Z")), ej(A, et(X))),
        (ej(A, et(X)), ej(B, et(X))),
    ],
    ids=["open first", "then the latest change", "then the smallest EJ"],
)
def test_an_et_claimed_twice_goes_to_the_same_ej_in_any_order(session, tmp_path, gagnant, perdant, ordre):
    traitement = charger(ecrire(tmp_path, *[gagnant, perdant][::ordre]))

    retenu = gagnant["informationsGeneralesPMEJ"]["numFinessPm"]
    assert session.get(FinessEt, X).numero_ej == retenu
    assert comptes(traitement) == {"lus": 4, "crees": 3, "rejetes": 1}
    assert retenu in session.scalar(select(TraitementRejet.motif))


def test_an_ej_listed_twice_keeps_one_row_and_all_its_et(session, tmp_path):
    traitement = charger(ecrire(tmp_path, ej(A, et(X), ouvert=False), ej(A, et(Y)), ej(B), ej(B)))

    assert comptes(traitement) == {"lus": 6, "crees": 4, "rejetes": 2}
    assert session.get(FinessEj, A).ouvert is True
    assert {session.get(FinessEt, un).numero_ej for un in (X, Y)} == {A}


def test_an_et_that_an_unchanged_record_also_claims_is_settled_as_by_a_full_reading(session, tmp_path):
    """The record of A is the one of the day before; that of B now claims its ET, and loses, wins, then gives it up."""
    stable = ej(A, et(X), et(Y))
    charger(ecrire(tmp_path, stable, ej(B)))

    perd = charger(ecrire(tmp_path, stable, ej(B, et(X)), genere_le=JOUR_2))
    assert (session.get(FinessEt, X).numero_ej, comptes(perd)["rejetes"]) == (A, 1)

    gagne = charger(ecrire(tmp_path, stable, ej(B, et(X, maj="2026-10-01T00:00:00Z")), genere_le=JOUR_3))
    session.expire_all()
    assert (session.get(FinessEt, X).numero_ej, comptes(gagne)["rejetes"]) == (B, 1)

    rendu = charger(ecrire(tmp_path, stable, ej(B), genere_le="2026-11-23T04:00:00Z"))
    session.expire_all()
    assert (session.get(FinessEt, X).numero_ej, comptes(rendu)) == (A, {"lus": 4, "modifies": 1, "inchanges": 3})


def test_a_simulation_tells_everything_and_writes_nothing(session, tmp_path):
    charger(ecrire(tmp_path, ej(A, et(X)), ej(B)))
    avant = miroir(session)

    traitement = charger(ecrire(tmp_path, ej(A, et(X, ouvert=False)), genere_le=JOUR_2), simulation=True)

    assert traitement.etat is EtatTraitement.SIMULE
    assert comptes(traitement) == {"lus": 2, "modifies": 1, "inchanges": 1, "fermes": 1, "absents": 1}
    assert changements(session, traitement.id) == {(X, NatureChangement.FERME), (B, NatureChangement.ABSENT)}
    assert miroir(session) == avant


NUMEROS_EJ, NUMEROS_ET = [A, B, C], [X, Y, Z, "mal formé"]
MAJS, NOMS = st.sampled_from([JOUR_1, JOUR_2]), st.sampled_from(["P", "Q"])
ETS = st.builds(et, st.sampled_from(NUMEROS_ET), ouvert=st.booleans(), maj=MAJS, nomEgeCourt=NOMS)
EJS = st.lists(ETS, max_size=3).flatmap(
    lambda ets: st.builds(lambda n, o: ej(n, *ets, ouvert=o), st.sampled_from(NUMEROS_EJ), st.booleans())
)
JOURS = st.lists(st.lists(EJS, min_size=1, max_size=4), min_size=1, max_size=3)


@given(jours=JOURS, hasard=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_delta_and_order_never_change_the_result(connection: Connection, tmp_path, jours, hasard):
    """I13: after any days, the mirror says of every listed number what a single reading of the last file says."""
    with connection.begin_nested() as point:
        for rang, jour in enumerate(jours):
            dernier = charger(ecrire(tmp_path, *jour, genere_le=f"2026-11-{20 + rang}T04:00:00Z"))
        suivi = _presents(connection)
        point.rollback()
    with connection.begin_nested() as point:
        melange = hasard.sample(jours[-1], len(jours[-1]))
        seul = charger(ecrire(tmp_path, *melange, genere_le=JOUR_3, indent=hasard.choice([None, 2])))
        direct = _presents(connection)
        point.rollback()

    assert dernier.etat is seul.etat
    assert (dernier.lus, dernier.rejetes) == (seul.lus, seul.rejetes)
    rejetes_connus = {un for un in suivi if un not in direct}
    assert {cle: suivi[cle] for cle in direct} == direct
    assert all(numero in str(jours[-1]) for _, numero in rejetes_connus)


def _presents(connection: Connection) -> dict[tuple[str, str], tuple[Any, ...]]:
    requete = """
        SELECT 'EJ', numero, raison_sociale, ouvert, '' FROM finess_ej WHERE absent_depuis IS NULL
        UNION ALL SELECT 'ET', numero, raison_sociale, ouvert, numero_ej FROM finess_et WHERE absent_depuis IS NULL
    """
    return {(objet, numero): tuple(reste) for objet, numero, *reste in connection.execute(text(requete))}


@pytest.mark.skipif(not DONNEES.exists(), reason="sample files are not distributed with the project")
def test_two_days_of_samples(session):
    """A closure, a telephone, an ET moved to another EJ."""
    hier, demain = sorted((DONNEES / "samples").glob("finess-*.json.gz"))
    charger(hier)

    traitement = charger(demain)

    assert traitement.etat is EtatTraitement.APPLIQUE
    assert traitement.lus == traitement.crees + traitement.modifies + traitement.inchanges + traitement.rejetes
    natures = {nature for _, nature in changements(session, traitement.id)}
    assert natures == {NatureChangement.FERME, NatureChangement.MODIFIE, NatureChangement.RATTACHE}
