"""The mirror of RPPS after a synchronisation is what the file says, whatever its order and the day before (R12)."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from app.referentiels.rpps_lignes import Analyse
from models.praticien import ActivitePraticien, Praticien
from models.traitement import EtatTraitement, NatureChangement, TraitementChangement, TraitementRejet
from tests.fichier_rpps import JOUR_1, JOUR_2, JOUR_3, charger, comptes, ecrire, ligne

DONNEES = Path(__file__).parents[3] / "shared" / "data"
A, B, C = "10000000011", "10000000029", "10000000037"
LOIN, VOISIN, PLUS_LOIN = "10000055017", "10000055025", "10000077011"  # their blocks are other ones


def miroir(session: Session) -> list[Any]:
    """Everything the mirror says, but the hashes."""
    praticiens = text("""
        SELECT rpps, nom, prenom, civilite, profession_code, savoirs_faire, absent_depuis FROM praticien ORDER BY 1
    """)
    activites = text("SELECT * FROM activite_praticien ORDER BY rpps, cle")
    return [*session.execute(praticiens), *session.execute(activites)]


def activites(session: Session, rpps: str) -> list[ActivitePraticien]:
    requete = select(ActivitePraticien).where(ActivitePraticien.rpps == rpps).order_by(ActivitePraticien.structure)
    return list(session.scalars(requete.execution_options(populate_existing=True)))


def test_a_practitioner_is_a_group_of_lines(session, tmp_path):
    """Cartesian product of savoir-faire and activities (DATA-FORMATS §2.3)."""
    hopital = {"mode": "S", "structure": "F440000271", "raison": "CHU", "code_insee": "", "code_postal": "44093",
               "ville": "", "cedex": "44093 NANTES CEDEX 1"}  # fmt: skip
    fichier = ecrire(
        tmp_path,
        ligne(A),
        ligne(A, **hopital),
        ligne(A, type_savoir="CAPA", savoir="CAPA06"),
        ligne(A, type_savoir="CAPA", savoir="CAPA06", **hopital),
    )

    traitement = charger(fichier)

    assert traitement.etat is EtatTraitement.APPLIQUE
    assert (comptes(traitement), traitement.praticiens) == ({"lus": 4, "crees": 4}, 1)
    praticien = session.get(Praticien, A)
    assert praticien.savoirs_faire == ["CAPA:CAPA06", "S:SM54"]
    assert (str(praticien), praticien.valide) == (f"{A} – EXEMPLE ALICE", True)
    chu, cabinet = activites(session, A)
    assert (cabinet.adresse, cabinet.ville, cabinet.departement) == ("12 Rue DE STRASBOURG", "Nantes", "44")
    assert (chu.mode, chu.ville, chu.departement) == ("S", "NANTES CEDEX 1", "44")


@pytest.mark.parametrize(
    "champs",
    [{"profession": "60"}, {"categorie": "E"}, {"categorie": "M"}, {"type": "0"}],
)
def test_who_cannot_hold_a_terrain_is_out_of_the_field(session, tmp_path, champs):
    traitement = charger(ecrire(tmp_path, ligne(A), ligne(B, **champs)))

    assert comptes(traitement) == {"lus": 2, "crees": 1, "hors_champ": 1}
    assert session.scalars(select(Praticien.rpps)).all() == [A]


def test_a_practitioner_without_activity_is_kept(session, tmp_path):
    vides = dict.fromkeys(("mode", "structure", "raison", "numero_voie", "type_voie", "voie", "code_postal",
                           "code_insee", "ville", "telephone"), "")  # fmt: skip

    charger(ecrire(tmp_path, ligne(A, **vides)))

    assert session.get(Praticien, A).nom == "EXEMPLE"
    assert activites(session, A) == []


def test_each_change_is_named_and_told(session, tmp_path):
    charger(ecrire(tmp_path, ligne(A), ligne(B), ligne(C)))

    traitement = charger(
        ecrire(tmp_path, ligne(A, nom="NOUVEAU"), ligne(B, voie="D’EN FACE"), ligne("10000000045"), jour=JOUR_2)
    )

    assert comptes(traitement) == {"lus": 3, "crees": 1, "modifies": 2, "absents": 1}
    changements = {
        un.numero: un
        for un in session.scalars(
            select(TraitementChangement).where(TraitementChangement.traitement_id == traitement.id)
        )
    }
    assert {numero: un.nature for numero, un in changements.items()} == {
        A: NatureChangement.MODIFIE,
        B: NatureChangement.MODIFIE,
        C: NatureChangement.ABSENT,
        "10000000045": NatureChangement.CREE,
    }
    assert (changements[A].avant, changements[A].apres) == ({"nom": "EXEMPLE"}, {"nom": "NOUVEAU"})
    assert "D’EN FACE" in changements[B].apres["activites"]
    assert session.get(Praticien, C).absent_depuis == date(2026, 11, 21)
    assert len(activites(session, B)) == 1


def test_who_comes_back_is_valid_again(session, tmp_path):
    charger(ecrire(tmp_path, ligne(A), ligne(B)))
    charger(ecrire(tmp_path, ligne(A), jour=JOUR_2))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(B), jour=JOUR_3))

    assert comptes(traitement) == {"lus": 2, "modifies": 1, "inchanges": 1}
    assert session.get(Praticien, B, populate_existing=True).valide


def test_the_same_file_again_changes_nothing(session, tmp_path):
    fichier = ecrire(tmp_path, ligne(A), ligne("mal formé"), ligne(B, profession="60"))
    charger(fichier)
    avant = miroir(session)

    second = charger(fichier)

    assert second.etat is EtatTraitement.DEJA_INTEGRE
    assert comptes(second) == {"lus": 3, "inchanges": 1, "rejetes": 1, "hors_champ": 1}
    assert miroir(session) == avant


def test_a_simulation_changes_nothing(session, tmp_path):
    charger(ecrire(tmp_path, ligne(A), ligne(B)))
    avant = miroir(session)

    traitement = charger(ecrire(tmp_path, ligne(A, nom="AUTRE"), jour=JOUR_2), simulation=True)

    assert traitement.etat is EtatTraitement.SIMULE
    assert comptes(traitement) == {"lus": 1, "modifies": 1, "absents": 1}
    assert miroir(session) == avant


def test_unchanged_lines_are_not_parsed_again(session, tmp_path, monkeypatch):
    """Blocks are persons whose numbers begin alike; LOIN and VOISIN are in the same one."""
    charger(ecrire(tmp_path, ligne(A), ligne(LOIN), ligne(VOISIN), ligne(PLUS_LOIN)))
    analyses: list[bytes] = []
    analyser = Analyse.analyser
    monkeypatch.setattr(
        Analyse,
        "analyser",
        lambda self, blocs: (analyses.extend(un.prefixe for un in blocs), analyser(self, blocs))[1],
    )

    traitement = charger(
        ecrire(tmp_path, ligne(A), ligne(LOIN), ligne(VOISIN, nom="AUTRE"), ligne(PLUS_LOIN), jour=JOUR_2)
    )

    assert analyses == [LOIN[:9].encode()]
    assert comptes(traitement) == {"lus": 4, "modifies": 1, "inchanges": 3}


def test_blocks_that_are_not_known_any_more_are_read_again(session, tmp_path):
    """Their table does not survive a crash of the server: nothing else may be lost with it."""
    charger(ecrire(tmp_path, ligne(A), ligne(B), ligne(LOIN)))
    avant = miroir(session)
    session.execute(text("DELETE FROM bloc_rpps"))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(B), ligne(LOIN), jour=JOUR_2))

    assert (comptes(traitement), miroir(session)) == ({"lus": 3, "inchanges": 3}, avant)
    session.execute(text("DELETE FROM bloc_rpps"))
    assert comptes(charger(ecrire(tmp_path, ligne(A), ligne(B), jour=JOUR_3))) == {
        "lus": 2,
        "inchanges": 2,
        "absents": 1,
    }


def test_who_is_missing_from_a_block_found_apart_is_absent(session, tmp_path):
    """The other block of the same numbers did not change, and says nothing about who was in this one."""
    charger(ecrire(tmp_path, ligne(A), ligne(LOIN), ligne(B)))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(LOIN), jour=JOUR_2))

    assert comptes(traitement) == {"lus": 2, "inchanges": 2, "absents": 1}
    assert not session.get(Praticien, B, populate_existing=True).valide


def test_a_block_met_twice_counts_twice(session, tmp_path):
    for jour in (JOUR_1, JOUR_2):
        traitement = charger(ecrire(tmp_path, ligne(A), ligne(LOIN), ligne(A), jour=jour))

        assert traitement.lus == 3
    assert comptes(traitement) == {"lus": 3, "inchanges": 3}
    assert comptes(charger(ecrire(tmp_path, ligne(A), ligne(LOIN), jour=JOUR_3))) == {"lus": 2, "inchanges": 2}


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"type_voie": "", "ville": "", "cedex": "44093 NANTES CEDEX 1"}, ("12 DE STRASBOURG", "NANTES CEDEX 1", "44")),
        ({"numero_voie": "", "voie": "", "type_voie": "", "ville": ""}, (None, None, "44")),
        ({"code_insee": "97801", "ville": "Saint-Martin"}, ("12 Rue DE STRASBOURG", "Saint-Martin", "978")),
        ({"code_insee": "", "code_postal": "20090"}, ("12 Rue DE STRASBOURG", "Nantes", "2A")),
        ({"code_insee": "", "code_postal": "20200"}, ("12 Rue DE STRASBOURG", "Nantes", "2B")),
        ({"code_insee": "", "code_postal": "97400"}, ("12 Rue DE STRASBOURG", "Nantes", "974")),
        ({"code_insee": "", "code_postal": "1000", "pays": "99131"}, ("12 Rue DE STRASBOURG", "Nantes", None)),
        ({"code_insee": "", "code_postal": ""}, ("12 Rue DE STRASBOURG", "Nantes", None)),
    ],
)
def test_an_address_is_put_together_from_its_parts(session, tmp_path, champs, attendu):
    """DATA-FORMATS §2.3: the commune may be empty with a CEDEX, the département derives from it or the postal code."""
    charger(ecrire(tmp_path, ligne(A, **champs)))

    [activite] = activites(session, A)
    assert (activite.adresse, activite.ville, activite.departement) == attendu


def test_only_changed_rows_are_written(session, tmp_path):
    charger(ecrire(tmp_path, ligne(A), ligne(B)))
    versions = text("SELECT xmin::text, ctid::text FROM praticien WHERE rpps = :rpps UNION ALL"
                    " SELECT xmin::text, ctid::text FROM activite_praticien WHERE rpps = :rpps")  # fmt: skip
    avant = session.execute(versions, {"rpps": A}).all()

    charger(ecrire(tmp_path, ligne(A), ligne(B, telephone="0240000002"), jour=JOUR_2))

    assert session.execute(versions, {"rpps": A}).all() == avant


@pytest.mark.parametrize("graine", range(5))
def test_the_order_of_the_lines_does_not_matter(session, tmp_path, graine):
    lignes = [ligne(rpps, structure=f"R{n}", savoir=f"SM0{n}") for rpps in (A, B, C) for n in range(4)]
    charger(ecrire(tmp_path, *lignes))
    avant = miroir(session)
    random.Random(graine).shuffle(lignes)

    traitement = charger(ecrire(tmp_path, *lignes, lignes[0], jour=JOUR_2))

    assert comptes(traitement) == {"lus": 13, "inchanges": 13}
    assert miroir(session) == avant


def test_a_line_found_apart_belongs_to_its_practitioner(session, tmp_path):
    """The group that follows is the one of the day before: not parsed, it would hide the new activity."""
    charger(ecrire(tmp_path, ligne(A), ligne(B)))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(B), ligne(A, structure="R2"), jour=JOUR_2))

    assert comptes(traitement) == {"lus": 3, "modifies": 2, "inchanges": 1}
    assert [un.structure for un in activites(session, A)] == ["R10000000000001", "R2"]


def test_scattered_lines_of_a_first_load_are_one_practitioner(session, tmp_path):
    """Written straight into the mirror, whoever comes back later in the file is taken out of it and merged."""
    lignes = [
        ligne(A, nom="ZED"),
        ligne(B),
        ligne(A, nom="ABC", structure="R2", savoir="SM01"),
        ligne(C),
        ligne(A, nom="ZED"),
        ligne(C, structure="R3")[:-1],
    ]

    traitement = charger(ecrire(tmp_path, *lignes))

    assert (comptes(traitement), traitement.praticiens) == ({"lus": 6, "crees": 5, "rejetes": 1}, 3)
    praticien = session.get(Praticien, A)
    assert (praticien.nom, praticien.savoirs_faire) == ("ABC", ["S:SM01", "S:SM54"])
    assert [un.structure for un in activites(session, A)] == ["R10000000000001", "R2"]
    assert [len(activites(session, rpps)) for rpps in (B, C)] == [1, 1]


def test_a_simulated_first_load_leaves_the_mirror_empty(session, tmp_path):
    fichier = ecrire(tmp_path, ligne(A), ligne(B))

    simule = charger(fichier, simulation=True)

    assert (simule.etat, comptes(simule), miroir(session)) == (EtatTraitement.SIMULE, {"lus": 2, "crees": 2}, [])
    assert comptes(charger(fichier)) == {"lus": 2, "crees": 2}


def test_a_refused_first_load_leaves_the_mirror_empty(session, tmp_path):
    """The brake comes after the rows are written: they go with the transaction."""
    lignes = [ligne(f"1000000{n:04}") for n in range(10)]

    traitement = charger(ecrire(tmp_path, *lignes, *[une[:-1] for une in lignes]))

    assert (traitement.etat, traitement.motif_code) == (EtatTraitement.QUARANTAINE, "E-FREIN-REJETS")
    assert miroir(session) == []


def test_a_rejected_line_takes_nothing_away(session, tmp_path):
    """A damaged line tells nothing: what it said yesterday stays, and it is read again the next night."""
    charger(ecrire(tmp_path, ligne(A), ligne(A, structure="R2"), ligne(B)))

    traitement = charger(ecrire(tmp_path, ligne(A), ligne(A, structure="R2")[:-1], ligne(B)[:-1], jour=JOUR_2))

    assert comptes(traitement) == {"lus": 3, "inchanges": 1, "rejetes": 2}
    assert [len(activites(session, rpps)) for rpps in (A, B)] == [2, 1]
    assert session.get(Praticien, B, populate_existing=True).valide
    rejets = session.execute(select(TraitementRejet.position, TraitementRejet.numero, TraitementRejet.motif)).all()
    assert rejets == [(n, rpps, "Cette ligne a 55 champs au lieu de 56.") for n, rpps in (("3", A), ("4", B))]


_LIGNES = st.lists(
    st.builds(
        lambda rpps, structure, savoir, nom, profession: ligne(
            rpps, structure=structure, savoir=savoir, nom=nom, profession=profession
        ),
        st.sampled_from([A, B, C]),
        st.sampled_from(["", "R1", "R2"]),
        st.sampled_from(["SM01", "SM02"]),
        st.sampled_from(["NOM", "N\\OM", "ÉLAN", "\rNOM"]),
        st.sampled_from(["10", "40", "60"]),
    ),
    min_size=1,
    max_size=6,  # a day may lose five lines before the brake stops it
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hier=_LIGNES, demain=_LIGNES)
def test_the_outcome_does_not_depend_on_the_day_before(connection: Connection, tmp_path, hier, demain):
    """I13: two days in turn leave what the second one alone would, but for who disappeared."""
    resultats = []
    for jours in ([hier, demain], [demain]):
        point = connection.begin_nested()
        session = Session(connection, join_transaction_mode="create_savepoint")
        for jour, lignes in zip((JOUR_1, JOUR_2), jours, strict=False):
            comptes(charger(ecrire(tmp_path, *lignes, jour=jour)))
        presents = session.scalars(select(Praticien.rpps).where(Praticien.absent_depuis.is_(None))).all()
        resultats.append([un for un in miroir(session) if un.rpps in presents])
        session.close()
        point.rollback()

    if any(un.split("|")[9] != "60" for un in demain):
        assert resultats[0] == resultats[1]


@pytest.mark.skipif(not DONNEES.exists(), reason="samples are not part of the project")
def test_the_samples_of_two_days(session):
    jours = sorted((DONNEES / "samples").glob("PS_LibreAcces_Personne_activite_*.txt"))

    premier, second = (charger(jour) for jour in jours)

    assert comptes(premier) == {"lus": 11, "crees": 10, "hors_champ": 1}
    assert second.etat is EtatTraitement.APPLIQUE
    assert session.scalar(select(func.count()).select_from(Praticien)) == 8
