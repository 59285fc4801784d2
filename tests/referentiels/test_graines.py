"""Seeds: complete, coherent, loaded once, never over the work of an administrator."""

import shutil

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.referentiels import graines
from app.referentiels.graines import charger_graines
from models.commune import AliasCommune, CodePostal, Commune
from models.graine import Graine
from models.nomenclature import CategorieFiness, Chu, Specialite, StatutJuridique
from models.territoire import Ars, Departement, Interregion, Subdivision, SubdivisionArs
from models.universite import Circonscription, Formation, Ufr, UfrFormation


@pytest.fixture
def dossier(tmp_path, monkeypatch):
    """A copy of the seeds, to change at will."""
    copie = shutil.copytree(graines.DOSSIER, tmp_path / "seeds")
    monkeypatch.setattr(graines, "DOSSIER", copie)
    return copie


@pytest.mark.parametrize(
    ("modele", "nombre"),
    [
        (Ars, 18),
        (Interregion, 8),
        (Subdivision, 28),
        (SubdivisionArs, 33),
        (Departement, 109),
        (Commune, 34_969 + 45),
        (Circonscription, 28 + 8),
        (Ufr, 84),
        (Formation, 3),
        (UfrFormation, 84),
        (Specialite, 50 + 107),
        (CategorieFiness, 312),
        (StatutJuridique, 69),
        (Chu, 32),
    ],
)
def test_every_row_of_the_seeds_is_there(session: Session, modele, nombre):
    assert session.scalar(select(func.count()).select_from(modele)) == nombre


@pytest.mark.parametrize(
    ("departement", "ars"),
    [("2A", "94"), ("971", "01"), ("977", "01"), ("978", "01"), ("974", "04"), ("976", "06"), ("975", None)],
)
def test_the_ars_of_a_departement(session: Session, departement, ars):
    assert session.get_one(Departement, departement).ars_code == ars


@pytest.mark.parametrize(
    ("subdivision", "ars"),
    [
        ("LYON", {"84"}),
        ("MARSEILLE", {"93", "94"}),
        ("NICE", {"93", "94"}),
        ("OCEANINDIEN", {"04", "06"}),
        ("ANTILLESGUYANE", {"01", "02", "03"}),
    ],
)
def test_subdivisions_and_ars_are_many_to_many(session: Session, subdivision, ars):
    assert {une.code for une in session.get_one(Subdivision, subdivision).ars} == ars


def test_every_ars_has_a_subdivision_and_every_departement_of_an_ars_has_communes(session: Session):
    sans_subdivision = select(Ars.code).where(~Ars.subdivisions.any())
    peuples = select(Commune.departement_code)
    vides = select(Departement.code).where(Departement.ars_code.is_not(None), Departement.code.not_in(peuples))

    assert session.scalars(sans_subdivision).all() == []
    assert session.scalars(vides).all() == []


def test_metz_is_a_chr_without_university(session: Session):
    assert session.scalars(select(Chu.numero_finess_ej).where(~Chu.universitaire)).all() == ["570005165"]


def test_abolished_codes_lead_to_a_commune_of_today(session: Session):
    assert session.get_one(AliasCommune, "97127").commune_code == "97801"
    assert session.get_one(AliasCommune, "97123").commune_code == "97701"
    assert session.scalar(select(AliasCommune).where(AliasCommune.ancien_code.in_(select(Commune.code)))) is None


def test_formations_follow_the_filiere_of_the_ufr(session: Session):
    """A40: subdivision in médecine, interrégion in pharmacie and odontologie."""
    paires = session.scalars(select(UfrFormation)).all()

    assert all((un.formation.nom == "Médecine") == (un.circonscription.subdivision is not None) for un in paires)
    assert all(un.ufr.filiere is un.formation.filiere and un.ufr.a_verifier for un in paires)


def test_unchanged_seeds_are_not_read_again(session: Session):
    assert charger_graines(session) == {}


def test_reading_the_same_rows_again_writes_nothing(session: Session):
    session.execute(delete(Graine))

    assert set(charger_graines(session).values()) == {0}


def test_the_work_of_an_administrator_survives_a_new_seed(session: Session, dossier):
    session.execute(update(Chu).where(Chu.numero_finess_ej == "060785011").values(nom="CHU renommé"))
    with (dossier / "chu.csv").open("a", encoding="utf-8") as fichier:
        fichier.write("999999999,CHU nouveau,NICE,true\n")

    assert charger_graines(session) == {"chu": 1}

    assert session.get_one(Chu, "060785011").nom == "CHU renommé"
    assert session.get_one(Chu, "999999999").universitaire


def test_a_new_official_code_adds_updates_and_removes_communes(session: Session, dossier):
    fichier = dossier / "communes.csv"
    lignes = [une for une in fichier.read_text(encoding="utf-8").splitlines() if not une.startswith("01001,")]
    lignes = [une.replace("01002,L'Abergement-de-Varey,,01640", "01002,Abergement,,01640 01641") for une in lignes]
    fichier.write_text("\n".join([*lignes, "01999,Commune-Nouvelle,,01999", ""]), encoding="utf-8")

    ecrites = charger_graines(session)

    assert ecrites == {"commune": 3, "code_postal": 3}
    assert session.get(Commune, "01001") is None
    assert session.get_one(Commune, "01002").nom_postal == "abergement"
    codes = select(CodePostal.code_postal).where(CodePostal.commune_code.in_(("01001", "01002", "01999")))
    assert sorted(session.scalars(codes)) == ["01640", "01641", "01999"]
