"""Communal changes: where an abolished code leads today, and what nobody can tell without looking (SPEC R15)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from models.commune import AliasCommune, Commune
from models.etablissement import Etablissement
from tests import build
from tests.fichier_insee import charger, comptes, ecrire_mouvements, fusion, mouvement

RENNES, BRUZ, CESSON = "35238", "35047", "35051"
ANCIEN, PLUS_ANCIEN = "35901", "35902"  # codes that no commune has


@pytest.fixture
def mvt(session: Session, tmp_path):
    def charger_lignes(*lignes, nom="v_mvt_commune_2026.csv"):
        return charger(session, "mouvements", ecrire_mouvements(tmp_path, list(lignes), nom=nom))

    return charger_lignes


def alias(session: Session, code: str) -> str | None:
    return session.scalar(select(AliasCommune.commune_code).where(AliasCommune.ancien_code == code))


@pytest.mark.parametrize("nature", ["31", "32", "33", "34", "41", "50"])
def test_an_abolished_code_leads_to_the_commune_that_took_it_over(session, mvt, nature):
    premier = mvt(mouvement(nature, "1990-01-01", ANCIEN, BRUZ))
    second = mvt(mouvement(nature, "1990-01-01", ANCIEN, BRUZ))

    assert alias(session, ANCIEN) == BRUZ
    assert comptes(premier) == {"crees": 1}
    assert comptes(second) == {"inchanges": 1}


def test_successors_are_followed_to_a_commune_of_today(session, mvt):
    lignes = [
        *fusion(ANCIEN, RENNES, "2016-01-01"),
        mouvement("41", "1968-01-01", PLUS_ANCIEN, ANCIEN),
    ]

    resultat = mvt(*lignes)

    assert (alias(session, ANCIEN), alias(session, PLUS_ANCIEN)) == (RENNES, RENNES)
    assert comptes(resultat) == {"crees": 2, "hors_champ": 2}


def test_two_codes_that_took_turns_lead_where_the_last_change_says(session, mvt):
    """Les Trois Lacs: 27058 from 2021 to 2023, 27676 before and since."""
    resultat = mvt(mouvement("50", "2023-01-01", ANCIEN, RENNES), mouvement("50", "2021-01-01", RENNES, ANCIEN))

    assert alias(session, ANCIEN) == RENNES
    assert session.get(Commune, RENNES) is not None
    assert comptes(resultat) == {"crees": 1, "hors_champ": 1}


def test_a_commune_that_was_re_established_stays(session, mvt):
    resultat = mvt(mouvement("33", "1973-01-01", BRUZ, RENNES), mouvement("21", "1985-01-01", BRUZ, BRUZ, "COMA COM"))

    assert session.get(Commune, BRUZ) is not None
    assert comptes(resultat) == {"hors_champ": 2}


def test_a_split_changes_nothing_and_is_told(session, mvt):
    """R15: nobody can tell from the file which addresses of Rennes are in Bruz."""
    et = build.etablissement(session, code_insee=RENNES)

    resultat = mvt(
        mouvement("21", "2026-01-01", RENNES, RENNES),
        mouvement("21", "2026-01-01", RENNES, BRUZ),
        mouvement("21", "2026-01-01", RENNES, CESSON),
    )

    assert comptes(resultat) == {"hors_champ": 1, "non_resolus": 2}
    assert resultat.a_verifier == (
        f"{RENNES} Nom {RENNES} s’est séparée de {BRUZ}, {CESSON} le 01/01/2026 :"
        " vérifiez la commune des adresses qui y sont restées.",
    )
    assert session.get_one(Etablissement, et.id).code_insee == RENNES


def test_a_code_whose_successor_was_split_since_is_told(session, mvt):
    """La Neuville-Garnier joined Les Hauts-Talican, which lost a part since: which one is it in?"""
    resultat = mvt(mouvement("32", "2019-01-01", ANCIEN, RENNES), mouvement("21", "2024-01-01", RENNES, BRUZ))

    assert alias(session, ANCIEN) is None
    assert resultat.a_verifier[0] == (
        f"{ANCIEN} Nom {ANCIEN}, disparue le 01/01/2019 : {RENNES}, qui l’a reprise, s’est séparée depuis de {BRUZ}."
    )


def test_a_code_shared_out_between_several_communes_is_told(session, mvt):
    resultat = mvt(mouvement("30", "1950-06-17", ANCIEN, RENNES), mouvement("30", "1950-06-17", ANCIEN, BRUZ))

    assert alias(session, ANCIEN) is None
    assert comptes(resultat) == {"non_resolus": 2}
    assert resultat.a_verifier == (
        f"{ANCIEN} Nom {ANCIEN}, disparue le 17/06/1950 : plusieurs communes se la sont partagée.",
    )


def test_a_successor_that_is_not_known_yet_asks_for_the_code_of_communes(session, mvt):
    resultat = mvt(mouvement("41", "2027-01-01", BRUZ, ANCIEN))

    assert session.get(Commune, BRUZ) is not None
    assert "chargez d’abord le code officiel" in resultat.a_verifier[0]


def test_an_old_file_does_not_abolish_what_a_newer_code_knows(session, mvt):
    """A commune re-established after the file was made: the more recent of the two has the last word."""
    ancien_fichier = mvt(*fusion(BRUZ, RENNES, "2017-01-01"), nom="v_mvt_commune_2024.csv")
    encore_la = session.get(Commune, BRUZ) is not None

    recent = mvt(*fusion(BRUZ, RENNES, "2017-01-01"))

    assert (encore_la, session.get(Commune, BRUZ)) == (True, None)
    assert "plus récent que ce fichier, la connaît encore" in ancien_fichier.a_verifier[0]
    assert comptes(recent) == {"crees": 1, "hors_champ": 2, "retires": 1}


def test_communes_merged_into_one_that_merges_in_its_turn_lead_to_the_last(session, mvt):
    mvt(mouvement("32", "1990-01-01", ANCIEN, BRUZ))

    resultat = mvt(*fusion(CESSON, BRUZ, "2026-01-01"), *fusion(BRUZ, RENNES, "2026-06-01"))

    assert [alias(session, code) for code in (ANCIEN, CESSON, BRUZ)] == [RENNES] * 3
    assert resultat.retires == 2


def test_lines_that_cannot_be_read_are_rejected_and_told(session, mvt):
    bonne = mouvement("32", "1990-01-01", ANCIEN, BRUZ)

    resultat = mvt(
        bonne,
        bonne,
        mouvement("32", "1990-13-45", ANCIEN, BRUZ),
        mouvement("32", "01/01/1990", ANCIEN, BRUZ),
        mouvement("XX", "1990-01-01", ANCIEN, BRUZ),
        mouvement("32", "1990-01-01", "3590", BRUZ),
        mouvement("32", "1990-01-01", ANCIEN, BRUZ, "COM XXX"),
        mouvement("20", "1943-02-19", "", BRUZ),
    )

    assert comptes(resultat) == {"crees": 1, "doublons": 1, "hors_champ": 1, "rejetes": 5}
    assert [un.ligne for un in resultat.rejets] == [4, 5, 6, 7, 8]


def test_a_file_without_one_line_that_can_be_read_is_refused(session, mvt):
    with pytest.raises(FichierRefuse, match="Aucune ligne"):
        mvt(mouvement("32", "hier", ANCIEN, BRUZ))

    assert alias(session, ANCIEN) is None
