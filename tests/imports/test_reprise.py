"""Reprise of the former application: numbers and statuts kept, registries and rules on top (S16 to S25, TS-04)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import FichierRefuse, OperationRefused
from app.imports.reprise import BilanReprise, reprendre
from app.scope import Actor, systeme
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain, TypeTerrain
from models.journal import Evenement
from models.terrain_de_stage import AncienNumero, CompteurNumero, TerrainDeStage, TypeOrganisme
from tests import build

EXEMPLES = Path(__file__).resolve().parents[2] / "docs" / "exemples" / "reprise"
SYSTEME = systeme("commande")
AUJOURD_HUI = datetime.now(UTC).date()
EJ = "numero_finess;raison_sociale;statut"
ET = "numero_finess;numero_finess_ej;raison_sociale;statut"
TS = "numero;type;statut;nom;ars;subdivision;numero_finess_et;rpps;praticien_nom;type_organisme;organisme_nom"
BLOC = ";adresse_secondaire;code_postal_secondaire;ville_secondaire;code_insee_secondaire"
A, B, X, Y = "359000015", "359000023", "359000031", "359000049"
RPPS = "10990000019"


def reprise(dossier: Path, *, simuler: bool = False, **fichiers: list[str]) -> BilanReprise:
    """Take over files written from their lines, header first."""
    chemins = {}
    for nom, lignes in fichiers.items():
        chemins[nom] = dossier / f"{nom}.csv"
        chemins[nom].write_text("\n".join([*lignes, ""]), encoding="utf-8")
    return reprendre(SYSTEME, chemins, simuler=simuler)


def lire(session: Session, modele: type[Any], **criteres: Any) -> Any:
    session.expire_all()
    return session.scalars(select(modele).filter_by(**criteres)).one()


def statuts(session: Session) -> dict[str, str]:
    """Statut of every EJ and ET by number."""
    session.expire_all()
    objets = [*session.scalars(select(EntiteJuridique)), *session.scalars(select(Etablissement))]
    return {un.numero_finess: un.statut.value for un in objets}


def hospitalier(numero: str, et: str, *, statut: str = "Actif", ars: str = "53", subdivision: str = "RENNES") -> str:
    return f"{numero};Hospitalier;{statut};Service {numero};{ars};{subdivision};{et};;;;"


def motifs(bilan: BilanReprise, nom: str) -> list[tuple[int, str]]:
    return [(un.ligne, un.motif) for un in bilan.fichiers[nom].rejets]


# --- The documented example ---


def test_the_files_of_the_documentation_are_taken_over_whole(session):
    """docs/reprise.md; FINESS and RPPS know none of these numbers."""
    bilan = reprendre(SYSTEME, {nom: EXEMPLES / f"{nom}.csv" for nom in ("ej", "et", "ts")})

    assert {nom: un.comptes.crees for nom, un in bilan.fichiers.items()} == {"ej": 2, "et": 2, "ts": 4}
    assert (bilan.total.lus, bilan.total.rejetes) == (8, 0)
    assert not any(un.colonnes_ignorees for un in bilan.fichiers.values())
    assert statuts(session) == {A: "Actif", B: "Inactif", X: "Actif", Y: "Inactif"}
    terrains = session.scalars(select(TerrainDeStage).order_by(TerrainDeStage.numero)).all()
    assert [(un.numero, un.statut.value) for un in terrains] == [
        ("53A00002", "Actif"),
        ("53H00012", "Actif"),
        ("53H00013", "Inactif"),
        ("53P00004", "Actif"),
    ]
    autre, ch, clinique, cabinet = terrains
    assert (autre.type_organisme, autre.code_insee, autre.autre_numero) == (
        TypeOrganisme.LABORATOIRE,
        "29019",
        "FR-0001",
    )
    assert (ch.ville, ch.coordonnees_de_finess, ch.nombre_de_postes) == ("Rennes", True, 3)
    assert (clinique.adresse, clinique.code_insee, clinique.coordonnees_de_finess) == (
        "4 quai de l’Internat",
        "29019",
        False,
    )
    assert (cabinet.rpps, cabinet.rpps_invalide_depuis, cabinet.code_insee) == (RPPS, AUJOURD_HUI, "35238")
    hopital = lire(session, Etablissement, numero_finess=X)
    assert (hopital.absent_depuis, hopital.ars_code, hopital.telephone) == (AUJOURD_HUI, "53", "0200000000")


def test_the_same_files_again_change_nothing(session):
    fichiers = {nom: EXEMPLES / f"{nom}.csv" for nom in ("ej", "et", "ts")}
    reprendre(SYSTEME, fichiers)
    avant = session.scalar(select(func.count()).select_from(Evenement))

    bilan = reprendre(SYSTEME, fichiers)

    assert (bilan.total.crees, bilan.total.inchanges, bilan.objets_revus) == (0, 8, 0)
    assert session.scalar(select(func.count()).select_from(Evenement)) == avant


def test_what_users_changed_since_is_left_to_them(session, tmp_path):
    fichiers = {nom: EXEMPLES / f"{nom}.csv" for nom in ("ej", "et", "ts")}
    reprendre(SYSTEME, fichiers)
    terrain = lire(session, TerrainDeStage, numero="53H00012")
    session.execute(
        TerrainDeStage.__table__.update().values(nom="Renommé", statut="INACTIF").where(TerrainDeStage.id == terrain.id)
    )
    session.commit()

    bilan = reprendre(SYSTEME, fichiers)

    assert bilan.total.inchanges == 8
    terrain = lire(session, TerrainDeStage, numero="53H00012")
    assert (terrain.nom, terrain.statut) == ("Renommé", StatutTerrain.INACTIF)


def test_a_simulation_writes_nothing(session):
    avant = session.scalar(select(func.count()).select_from(Evenement))

    bilan = reprendre(SYSTEME, {nom: EXEMPLES / f"{nom}.csv" for nom in ("ej", "et", "ts")}, simuler=True)

    assert (bilan.etat, bilan.total.crees) == ("simule", 8)
    assert {un.etat for un in bilan.fichiers.values()} == {"simule"}
    assert statuts(session) == {}
    assert session.scalars(select(CompteurNumero)).all() == []
    assert session.scalar(select(func.count()).select_from(Evenement)) == avant


# --- Registries ---


def test_the_registry_wins_over_the_file(session, tmp_path):
    """S10: fields that FINESS and RPPS know are theirs."""
    build.finess_ej(session, numero=A, raison_sociale="EJ DU REGISTRE")
    build.finess_et(session, numero=X, numero_ej=A, raison_sociale="ET DU REGISTRE", code_insee="29019")
    build.praticien(session, rpps=RPPS, nom="REGISTRE")
    build.activite(session, RPPS)

    reprise(
        tmp_path,
        ej=[EJ, f"{A};Ancien nom;Actif"],
        et=[ET, f"{X};{A};Ancien nom;Actif"],
        ts=[TS, hospitalier("53H00001", X), f"53P00001;Praticien;Actif;Cabinet;53;RENNES;;{RPPS};FICHIER;;"],
    )

    ej, et = lire(session, EntiteJuridique, numero_finess=A), lire(session, Etablissement, numero_finess=X)
    assert (ej.raison_sociale, et.raison_sociale, et.absent_depuis) == ("EJ DU REGISTRE", "ET DU REGISTRE", None)
    assert (et.ars_code, et.departement_effectif) == ("53", "29")
    praticien = lire(session, TerrainDeStage, rpps=RPPS)
    assert (praticien.praticien_nom, praticien.rpps_invalide_depuis, praticien.ville) == ("REGISTRE", None, "Rennes")


@pytest.mark.parametrize(
    ("statut", "et_ouvert", "ej_ouverte", "n_ts", "attendu"),
    [
        ("Actif", True, True, 0, ("Actif", "Actif")),
        ("Actif", True, True, 1, ("Actif", "Actif")),
        ("Inactif", True, True, 1, ("Inactif", "Actif")),
        ("Actif", True, False, 1, ("Inactif", "Inactif")),
        ("Actif", False, True, 1, ("Inactif", "Actif")),
        ("Actif", False, True, 0, ("Supprimé", "Supprimé")),
        ("Inactif", False, False, 0, ("Supprimé", "Supprimé")),
        ("Supprimé", True, True, 1, ("Inactif", "Actif")),
    ],
)
def test_the_rules_of_statut_follow(session, tmp_path, statut, et_ouvert, ej_ouverte, n_ts, attendu):
    """S19 to S24, I1, I2, I4, I5: whatever the former application thought."""
    build.finess_ej(session, numero=A, ouvert=ej_ouverte)
    build.finess_et(session, numero=X, numero_ej=A, ouvert=et_ouvert)

    reprise(
        tmp_path,
        ej=[EJ, f"{A};EJ;Actif"],
        et=[ET, f"{X};{A};ET;{statut}"],
        ts=[TS, *[hospitalier("53H00001", X)] * n_ts],
    )

    assert statuts(session) == {X: attendu[0], A: attendu[1]}


def test_files_given_one_after_the_other_end_alike(session, tmp_path):
    """An EJ that waits for its ET, an ET closed that waits for its terrains, are not lost in between."""
    build.finess_ej(session, numero=A)
    build.finess_et(session, numero=X, numero_ej=A, ouvert=False)
    reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"])
    reprise(tmp_path, et=[ET, f"{X};{A};ET;Inactif"])
    assert statuts(session) == {A: "Supprimé", X: "Supprimé"}

    reprise(tmp_path, ts=[TS, hospitalier("53H00001", X)])

    assert statuts(session) == {A: "Actif", X: "Inactif"}


def test_an_ej_absent_from_finess_lives_through_its_active_et(session, tmp_path):
    """S22."""
    reprise(tmp_path, ej=[EJ, f"{A};EJ;Inactif"], et=[ET, f"{X};{A};ET;Actif"])

    assert statuts(session) == {A: "Actif", X: "Actif"}


def test_an_et_that_changed_ej_follows_the_registry(session, tmp_path):
    """R5, A6: the EJ of today is created, the former one goes."""
    build.finess_ej(session, numero=A)
    build.finess_ej(session, numero=B)
    build.finess_et(session, numero=X, numero_ej=B)

    reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"], et=[ET, f"{X};{A};ET;Actif"])

    assert statuts(session) == {A: "Supprimé", B: "Actif", X: "Actif"}


def test_the_journal_names_the_reprise_and_its_author(session, tmp_path):
    """I12: one creation per object, then what the rules changed, then the run."""
    build.finess_ej(session, numero=A)
    build.finess_et(session, numero=X, numero_ej=A, ouvert=False)

    reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"], et=[ET, f"{X};{A};ET;Actif"], ts=[TS, hospitalier("53H00001", X)])

    faits = [
        (un.operation, un.acteur, un.source, [fait["apres"].get("statut") for fait in un.changements])
        for un in session.scalars(select(Evenement).order_by(Evenement.id))
    ]
    assert faits == [
        ("REP.importer", "commande", "reprise", ["Actif"]),
        ("REP.importer", "commande", "reprise", ["Actif"]),
        ("REP.importer", "commande", "reprise", ["Actif"]),
        ("ET.synchroniser", "commande", "reprise", ["Inactif"]),
        ("REP.importer", "commande", "reprise", []),
    ]


# --- Numbers ---


def test_counters_go_past_the_numbers_taken_over(session, tmp_path):
    """S75: no number is ever drawn twice."""
    session.add(CompteurNumero(ars_code="53", type=TypeTerrain.AUTRE, dernier=500))
    session.commit()
    autre = "53A00007;Autre organisme;Actif;Labo;53;RENNES;;;;Laboratoire;Institut"
    ts = [
        TS,
        hospitalier("53H00041", X),
        hospitalier("53H00009", X),
        hospitalier("01H00003", X, ars="01", subdivision="ANTILLESGUYANE"),
        autre,
    ]

    reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"], et=[ET, f"{X};{A};ET;Actif"], ts=ts)

    session.expire_all()
    compteurs = {(un.ars_code, un.type.name): un.dernier for un in session.scalars(select(CompteurNumero))}
    assert compteurs == {("53", "HOSPITALIER"): 41, ("01", "HOSPITALIER"): 3, ("53", "AUTRE"): 500}


def test_a_terrain_that_left_its_ars_is_not_taken_over_again(session, tmp_path):
    """N21: its former number still designates it."""
    terrain = build.terrain(session, ars_code="84")
    session.add(AncienNumero(terrain_id=terrain.id, numero="53H00001", jusqu_au=datetime.now(UTC)))
    session.commit()

    bilan = reprise(tmp_path, ts=[TS, hospitalier("53H00001", terrain.etablissement.numero_finess)])

    assert (bilan.total.crees, bilan.total.inchanges) == (0, 1)


@pytest.mark.parametrize(
    ("ligne", "motif"),
    [
        ("84H00001;Hospitalier;Actif;S;53;RENNES;{x};;;;", "Le numéro « 84H00001 » n’est pas de l’ARS « 53 »."),
        ("53A00001;Hospitalier;Actif;S;53;RENNES;{x};;;;", "La lettre du numéro « 53A00001 » n’est pas celle"),
        ("3H00001;Hospitalier;Actif;S;03;RENNES;{x};;;;", "numero : « 3H00001 » a perdu son zéro initial"),
        ("53H00001;Hospitalier;Actif;S;3;RENNES;{x};;;;", "ars : « 3 » a perdu son zéro initial"),
        ("99H00001;Hospitalier;Actif;S;99;RENNES;{x};;;;", "L’ARS « 99 » est inconnue."),
        ("53H00001;Hospitalier;Actif;S;53;LYON;{x};;;;", "La subdivision « Lyon » n’est pas liée à l’ARS Bretagne."),
        ("53H00001;Hospitalier;Actif;S;53;Nulle part;{x};;;;", "La subdivision « Nulle part » est inconnue"),
        ("53H00001;Hospitalier;Transféré;S;53;RENNES;{x};;;;", "statut : « Transféré » ne convient pas"),
        ("53H00001;Hospitalier;Actif;S;53;RENNES;;;;;", "La colonne « numero_finess_et » est vide."),
        ("53H00001;Hospitalier;Actif;S;53;RENNES;359000056;;;;", "L’établissement « 359000056 » n’est pas dans"),
        ("53H00001;Hospitalier;Actif;S;53;RENNES;{x};{libre};;;", "Seul un terrain Praticien a un numéro RPPS"),
        ("53P00001;Praticien;Actif;C;53;RENNES;;;NOM;;", "Un terrain Praticien a besoin des colonnes « rpps »"),
        (
            "53P00001;Praticien;Actif;C;53;RENNES;{x};{libre};NOM;;",
            "Seul un terrain Hospitalier est sur un ét",
        ),
        ("53P00001;Praticien;Actif;C;53;RENNES;;{pris};NOM;;", "Le RPPS « {pris} » est déjà celui du terrain"),
        ("53A00001;Autre organisme;Actif;L;53;RENNES;;;;;Institut", "Un terrain Autre organisme a besoin"),
        ("{existant};Hospitalier;Actif;Autre;53;RENNES;{x};;;;", "Le numéro « {existant} » est déjà celui d’un autre"),
    ],
)
def test_a_terrain_that_cannot_be_taken_is_rejected_by_a_sentence(session, tmp_path, ligne, motif):
    """S5, S75, I3, I7, I9."""
    valeurs = {
        "x": build.etablissement(session).numero_finess,
        "pris": build.terrain(session, type=TypeTerrain.PRATICIEN).rpps,
        "existant": build.terrain(session).numero,
        "libre": build.rpps(),
    }

    bilan = reprise(tmp_path, ts=[TS, ligne.format(**valeurs)])

    [(numero, obtenu)] = motifs(bilan, "ts")
    assert (numero, bilan.total.crees) == (2, 0)
    assert obtenu.startswith(motif.format(**valeurs))


def test_two_lines_share_neither_number_nor_rpps(session, tmp_path):
    cabinet = "53P0000{n};Praticien;Actif;C;53;RENNES;;{rpps};NOM;;"
    autre = build.rpps()

    bilan = reprise(
        tmp_path,
        ts=[TS, *(cabinet.format(n=n, rpps=rpps) for n, rpps in ((1, RPPS), (1, autre), (2, RPPS), (3, autre)))],
    )

    assert motifs(bilan, "ts") == [
        (3, "« 53P00001 » est déjà à la ligne 2 de ce fichier."),
        (4, f"« {RPPS} » est déjà à la ligne 2 de ce fichier."),
        (5, f"« {autre} » est déjà à la ligne 3 de ce fichier."),
    ]


def test_an_et_without_its_ej_and_its_terrains_are_rejected(session, tmp_path):
    bilan = reprise(tmp_path, et=[ET, f"{X};{A};ET;Actif"], ts=[TS, hospitalier("53H00001", X)])

    assert motifs(bilan, "et") == [
        (2, f"L’entité juridique « {A} » n’est pas dans l’application : reprenez-la d’abord.")
    ]
    assert bilan.fichiers["ts"].comptes.rejetes == 1


# --- Secondary coordinates ---


@pytest.mark.parametrize(
    ("bloc", "attendu"),
    [
        ("1 rue;35000;Rennes;", "35238"),
        ("1 rue;35000;RENNES CEDEX 7;", "35238"),
        ("1 rue;35000;;", "Adresse, code postal et ville secondaires se remplissent ensemble, ou pas du tout."),
        ("1 rue;35500;Nulle-Part;", "Plusieurs communes correspondent à « 35500 Nulle-Part »"),
        ("1 rue;35999;Nulle-Part;", "Aucune commune ne correspond à « 35999 Nulle-Part »"),
        ("1 rue;35999;Nulle-Part;35238", "35238"),
        ("1 rue;1000;Bourg-en-Bresse;", "code_postal_secondaire : « 1000 » a perdu son zéro initial"),
        (";;;", None),
    ],
)
def test_a_secondary_block_is_whole_and_its_commune_deduced(session, tmp_path, bloc, attendu):
    """I6, S36, S55, A20."""
    bilan = reprise(tmp_path, ej=[EJ + BLOC, f"{A};EJ;Actif;{bloc}"])

    rejetes = [motif for _, motif in motifs(bilan, "ej")]
    codes = session.scalars(select(EntiteJuridique.code_insee_secondaire)).all()
    if attendu is None or attendu.isdigit():
        assert (rejetes, codes) == ([], [attendu])
    else:
        assert codes == []
        assert rejetes[0].startswith(attendu)


# --- Refusals ---


def test_a_refused_file_is_named_and_undoes_the_others(session, tmp_path):
    with pytest.raises(FichierRefuse, match=r"^et\.csv : Il manque à ce fichier la colonne « statut »\.$"):
        reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"], et=[ET.removesuffix(";statut"), f"{X};{A};ET"])

    assert statuts(session) == {}


def test_only_a_national_administrator_takes_over(session, tmp_path):
    with pytest.raises(OperationRefused) as refus:
        reprendre(Actor("agent", "53"), {"ej": EXEMPLES / "ej.csv"})

    assert refus.value.codes == ["E-NATIONAL"]


def test_an_active_terrain_stays_so_when_its_et_is_closed(session, tmp_path):
    """TS-28: FINESS never changes the statut of a terrain."""
    build.finess_ej(session, numero=A)
    build.finess_et(session, numero=X, numero_ej=A, ouvert=False)

    reprise(tmp_path, ej=[EJ, f"{A};EJ;Actif"], et=[ET, f"{X};{A};ET;Actif"], ts=[TS, hospitalier("53H00001", X)])

    assert lire(session, TerrainDeStage, numero="53H00001").statut is StatutTerrain.ACTIF
    assert lire(session, Etablissement, numero_finess=X).statut is StatutEtablissement.INACTIF
    assert lire(session, EntiteJuridique, numero_finess=A).statut is StatutEntiteJuridique.ACTIF
