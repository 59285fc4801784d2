"""Postal codes of La Poste: both layouts, duplicates, arrondissements, old codes (DATA-FORMATS §4)."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from models.commune import CodePostal
from tests.fichier_insee import charger, comptes, ecrire, ecrire_poste, poste, texte

BRUZ = "35047"


def codes_de(session: Session, *communes: str) -> list[str]:
    requete = select(CodePostal.code_postal).where(CodePostal.commune_code.in_(communes))
    return sorted(session.scalars(requete))


def test_a_file_that_says_what_is_known_changes_nothing(session: Session, tmp_path):
    """Arrondissements alone are enough for Paris, Lyon and Marseille: « 75101 » says as much as « 75056 »."""
    resultat = charger(session, "codes", ecrire_poste(tmp_path, poste()))

    assert comptes(resultat) == {"inchanges": len(poste())}


def test_new_codes_come_lost_ones_go_and_a_second_load_changes_nothing(session: Session, tmp_path):
    bruz = [[BRUZ, "BRUZ", "35171", "BRUZ", ""], [BRUZ, "BRUZ", "35171", "BRUZ", "LE HAMEAU"]]
    fichier = ecrire_poste(tmp_path, poste(sans=[BRUZ], avec=bruz))

    premier, second = charger(session, "codes", fichier), charger(session, "codes", fichier)

    assert comptes(premier) == {"crees": 1, "inchanges": len(poste()) - 1, "doublons": 1, "retires": 1}
    assert comptes(second) == {"inchanges": len(poste()), "doublons": 1}
    assert codes_de(session, BRUZ) == ["35171"]


def test_the_older_layout_and_utf8_are_read_as_well(session: Session, tmp_path):
    """`Nom_commune` at another place, `coordonnees_gps` at the end, no #."""
    entete = [
        *["Code_commune_INSEE", "Nom_commune", "Code_postal", "Ligne_5", "Libellé_d_acheminement"],
        "coordonnees_gps",
    ]
    lignes = [[*ligne, "48.1,-1.6"] for ligne in poste()]

    resultat = charger(session, "codes", ecrire(tmp_path / "a.csv", texte(entete, lignes, separateur=";", fin="\n")))

    assert comptes(resultat) == {"inchanges": len(poste())}


def test_paris_by_commune_also_gives_its_arrondissements(session: Session, tmp_path):
    session.query(CodePostal).where(CodePostal.commune_code.like("75%")).delete()
    parisiennes = [["75056", "PARIS", f"750{rang:02}", "PARIS", ""] for rang in range(1, 21)]
    sans_paris = [ligne for ligne in poste() if not ligne[0].startswith("75")]

    resultat = charger(session, "codes", ecrire_poste(tmp_path, [*sans_paris, *parisiennes]))

    assert resultat.crees == 20
    assert codes_de(session, "75112") == ["75012"]
    assert len(codes_de(session, "75056")) == 20


def test_an_old_code_goes_to_its_commune_and_monaco_is_none_of_ours(session: Session, tmp_path):
    """97127 is the code that Saint-Martin had inside Guadeloupe."""
    autres = [["97127", "SAINT MARTIN", "97150", "SAINT MARTIN", ""], ["99138", "MONACO", "98000", "MONACO", ""]]

    resultat = charger(session, "codes", ecrire_poste(tmp_path, poste(sans=["97801"], avec=autres)))

    assert comptes(resultat) == {"inchanges": len(poste()), "hors_champ": 1}


def test_a_line_that_cannot_be_taken_is_told_and_costs_no_code(session: Session, tmp_path):
    """No silent loss: while a line is unreadable, nothing is taken away."""
    mauvaises = [["3504", "BRUZ", "35170", "", ""], [BRUZ, "BRUZ", "3517", "", ""], ["35998", "X", "35170", "", ""]]
    seconde = [[BRUZ, "BRUZ", "35171", "BRUZ", ""]]

    resultat = charger(session, "codes", ecrire_poste(tmp_path, [*mauvaises, *poste(sans=[BRUZ], avec=seconde)]))

    assert [(un.ligne, un.valeur) for un in resultat.rejets] == [(2, "3504 35170"), (3, f"{BRUZ} 3517"), (4, "35998")]
    assert all(un.motif.endswith(".") for un in resultat.rejets)
    assert codes_de(session, BRUZ) == ["35170", "35171"]


@pytest.mark.parametrize(
    ("lignes", "code"),
    [
        (lambda: [une for une in poste() if not une[0].startswith("2A")], "E-FREIN-DEPARTEMENT"),
        (lambda: [une for rang, une in enumerate(poste()) if rang % 10 > 2 or une[0] > "95"], "E-FREIN-VOLUME"),
        (lambda: [[une[0].lstrip("0"), *une[1:]] for une in poste()], "E-FREIN-REJETS"),
    ],
    ids=["departement", "sparse", "zeros"],
)
def test_a_file_that_is_not_whole_is_refused(session: Session, tmp_path, lignes, code):
    """QUALITY A-36."""
    avant = session.scalar(select(func.count()).select_from(CodePostal))

    with pytest.raises(FichierRefuse) as refus:
        charger(session, "codes", ecrire_poste(tmp_path, lignes()))

    assert refus.value.code == code
    assert session.scalar(select(func.count()).select_from(CodePostal)) == avant
