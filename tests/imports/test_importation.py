"""Imports of the national system, from the file to the tables and the journal (docs/imports.md)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.orm import Session

from app.errors import FichierRefuse, OperationRefused
from app.imports import moteur
from app.imports.agrements import AGREMENTS
from app.imports.demandes import DEMANDES
from app.imports.importation import Bilan, importer
from app.imports.internes import INTERNES, SEMESTRES
from app.imports.moteur import Comptes
from app.scope import Actor, systeme
from jobs.journal import tout_journaliser
from models.agrement import Agrement, DecisionAgrement, DemandeAgrement, EtatDemande, TypeAgrement
from models.etats import StatutTerrain, TypeTerrain
from models.interne import Interne, SemestreInternat
from models.journal import EntreeJournal, Evenement
from models.terrain_de_stage import AncienNumero, TerrainDeStage
from tests import build

ENTETE = "reference;numero_terrain;specialite;type;decision;date_debut;date_fin"
AUJOURD_HUI = datetime.now(UTC).date()
OUVERT = (AUJOURD_HUI - timedelta(days=30), AUJOURD_HUI + timedelta(days=300))
ECHU = (AUJOURD_HUI - timedelta(days=900), AUJOURD_HUI - timedelta(days=400))
SYSTEME = systeme("commande")


def ecrire(dossier: Path, entete: str, *lignes: str) -> Path:
    chemin = dossier / "fichier.csv"
    chemin.write_text("\n".join([entete, *lignes, ""]), encoding="utf-8")
    return chemin


def agrement(
    reference: str, terrain: TerrainDeStage | str, *, periode: tuple[date, date] = OUVERT, **champs: str
) -> str:
    numero = terrain if isinstance(terrain, str) else terrain.numero
    valeurs = {"specialite": "DES28", "type": "Principal", "decision": "Agréé"} | champs
    return ";".join([reference, numero, *valeurs.values(), *(un.isoformat() for un in periode)])


def comptes(bilan: Bilan) -> tuple[int, ...]:
    """(lus, crees, modifies, inchanges, rejetes)."""
    return tuple(vars(bilan.comptes).values())


def evenements(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Evenement)) or 0


def relire(session: Session, modele: type[Any]) -> Any:
    session.expire_all()
    return session.scalars(select(modele)).one()


# --- Agréments ---


def test_an_agrement_is_created_where_its_terrain_stands(session, tmp_path):
    """S2; the copy of the territory is that of the terrain."""
    terrain = build.terrain(session, code_postal="35000", ville="Rennes", code_insee="35238", adresse="1 rue")

    bilan = importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, agrement("AGR-1", terrain)))

    cree = relire(session, Agrement)
    assert comptes(bilan) == (1, 1, 0, 0, 0)
    assert (cree.terrain_id, cree.specialite_code, cree.type) == (terrain.id, "DES28", TypeAgrement.PRINCIPAL)
    assert (cree.decision, cree.date_debut, cree.date_fin) == (DecisionAgrement.AGREE, *OUVERT)
    assert (cree.ars_code, cree.subdivision_code, cree.departement_code) == ("53", "RENNES", "35")
    assert (cree.numero_terrain, cree.a_reexaminer) == (terrain.numero, False)


def test_the_same_file_again_changes_nothing(session, tmp_path):
    fichier = ecrire(tmp_path, ENTETE, *(agrement(f"AGR-{n}", build.terrain(session)) for n in range(3)))
    importer(SYSTEME, AGREMENTS, fichier)
    avant = evenements(session)

    bilan = importer(SYSTEME, AGREMENTS, fichier)

    assert comptes(bilan) == (3, 0, 0, 3, 0)
    assert evenements(session) == avant


def test_a_change_is_written_and_told_field_by_field(session, tmp_path):
    """I12, S143."""
    terrain = build.terrain(session)
    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, agrement("AGR-1", terrain), agrement("AGR-2", terrain)))

    change = agrement("AGR-1", terrain, decision="Suspendu")
    bilan = importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, change, agrement("AGR-2", terrain)))

    assert comptes(bilan) == (2, 0, 1, 1, 0)
    [evenement] = session.scalars(
        select(Evenement).order_by(Evenement.id.desc()).where(Evenement.details.is_(None)).limit(1)
    )
    [change] = evenement.changements
    assert (change["type"], change["libelle"], change["ars"]) == ("Agrement", "AGR-1", ["53"])
    assert (change["avant"], change["apres"]) == ({"decision": "Agréé"}, {"decision": "Suspendu"})


def test_each_object_has_one_entry_in_the_journal_and_the_run_one_more(session, tmp_path):
    """I12: as many entries as objects, however events are grouped."""
    terrain = build.terrain(session)
    lignes = [agrement(f"AGR-{n}", terrain) for n in range(45)]

    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, *lignes, "AGR-X;;;;;;"))

    tout_journaliser()
    entrees = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id)).all()
    assert sorted(un.objet_libelle or "" for un in entrees) == sorted(["", *(f"AGR-{n}" for n in range(45))])
    [course] = [un.phrase for un in entrees if un.objet_type is None]
    assert course == (
        "Import d’agréments – Créés : 45, Fichier : fichier.csv, Inchangés : 0, Lignes lues : 46, Modifiés : 0,"
        " Lignes rejetées : 1"
    )
    creation = session.scalars(select(Evenement).where(Evenement.details.is_(None))).first()
    assert creation.changements[0]["avant"] == {}
    assert creation.changements[0]["apres"]["specialite_code"] == "Médecine générale"
    assert creation.changements[0]["apres"]["terrain_id"] == str(terrain)


def test_a_former_number_designates_the_terrain_that_had_it(session, tmp_path):
    """N21; the copy holds the number of today."""
    terrain = build.terrain(session)
    session.add(AncienNumero(terrain_id=terrain.id, numero="52H99999", jusqu_au=datetime.now(UTC)))
    session.commit()

    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, agrement("AGR-1", "52H99999")))

    cree = relire(session, Agrement)
    assert (cree.terrain_id, cree.numero_terrain) == (terrain.id, terrain.numero)


@pytest.mark.parametrize(
    ("avant", "apres", "meme_terrain", "attendu"),
    [
        pytest.param(ECHU, ECHU, True, "53", id="échu: kept"),
        pytest.param(OUVERT, ECHU, True, "53", id="that ends: kept"),
        pytest.param(ECHU, OUVERT, True, "84", id="that opens again: where its terrain is now"),
        pytest.param(OUVERT, OUVERT, False, "52", id="on another terrain"),
        pytest.param(ECHU, ECHU, False, "52", id="échu, on another terrain"),
    ],
)
def test_the_territory_of_a_known_agrement(session, tmp_path, avant, apres, meme_terrain, attendu):
    """§1.8: what is past keeps the territory that it had. Here the terrain has since moved from 53 to 84."""
    terrain, ailleurs = build.terrain(session, ars_code="84"), build.terrain(session, ars_code="52")
    periode = {"date_debut": avant[0], "date_fin": avant[1]}
    build.agrement(session, terrain, reference="AGR-1", ars_code="53", subdivision_code="RENNES", **periode)

    ligne = agrement("AGR-1", terrain if meme_terrain else ailleurs, periode=apres, type="Fonctionnel")
    bilan = importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, ligne))

    assert (comptes(bilan), relire(session, Agrement).ars_code) == ((1, 0, 1, 0, 0), attendu)


def test_nothing_is_opened_on_a_terrain_that_is_not_actif(session, tmp_path):
    """S138, A13: it could not have been deleted. What is past stays on it, what was open there too."""
    terrain = build.terrain(session, statut=StatutTerrain.INACTIF)
    build.agrement(session, terrain, reference="AGR-3", date_debut=OUVERT[0], date_fin=OUVERT[1])
    lignes = [agrement("AGR-1", terrain), agrement("AGR-2", terrain, periode=ECHU), agrement("AGR-3", terrain)]

    agrements = importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, *lignes))
    demandes = importer(
        SYSTEME,
        DEMANDES,
        ecrire(
            tmp_path,
            "reference;numero_terrain;specialite;etat;deposee_le",
            f"DEM-1;{terrain.numero};DES28;En recours;2026-09-01",
            f"DEM-2;{terrain.numero};DES28;Refusée;2026-09-01",
        ),
    )

    assert (comptes(agrements), comptes(demandes)) == ((3, 1, 0, 1, 1), (2, 1, 0, 0, 1))
    assert {un.motif for un in (*agrements.rejets, *demandes.rejets)} == {
        f"Le terrain « {terrain.numero} » n’est pas actif : il ne porte que des agréments échus et des demandes closes."
    }


def test_without_the_column_a_decision_is_kept_and_a_new_one_is_agree(session, tmp_path):
    """A file that knows nothing of decisions never gives back a withdrawn agrément."""
    terrain = build.terrain(session)
    build.agrement(session, terrain, reference="AGR-1", decision=DecisionAgrement.RETIRE)
    sans = ENTETE.replace("decision;", "")
    lignes = [agrement(un, terrain).replace(";Agréé", "") for un in ("AGR-1", "AGR-2")]

    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, sans, *lignes))

    session.expire_all()
    decisions = session.scalars(select(Agrement.decision).order_by(Agrement.reference)).all()
    assert decisions == [DecisionAgrement.RETIRE, DecisionAgrement.AGREE]


def test_a_specialite_is_known_by_its_code_or_by_the_name_of_a_des(session, tmp_path):
    terrain = build.terrain(session)
    noms = ["DES28", "Médecine générale", "SM54", "Médecine imaginaire"]
    lignes = [agrement(f"AGR-{rang}", terrain, specialite=nom) for rang, nom in enumerate(noms)]

    bilan = importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, *lignes))

    codes = session.scalars(select(Agrement.specialite_code).order_by(Agrement.reference)).all()
    assert codes == ["DES28", "DES28"]
    assert [(un.ligne, un.motif.split(" :")[0]) for un in bilan.rejets] == [
        (4, "La spécialité « SM54 » n’est pas celle d’un DES."),
        (5, "La spécialité « Médecine imaginaire » est inconnue"),
    ]


@pytest.mark.parametrize(
    ("ligne", "motif"),
    [
        ("AGR-9;53H99999;DES28;Principal;Agréé;2026-01-01;2026-02-01", "Le terrain « 53H99999 » est inconnu"),
        ("AGR-9;{0};DES28;Principal;Agréé;2026-03-01;2026-02-01", "La date de fin précède"),
        ("AGR-9;{0};DES28;Autre;Agréé;2026-01-01;2026-02-01", "type : « Autre » ne convient pas"),
        ("AGR-9;{0};DES28;Principal;Agréé;2026-02-30;2026-03-01", "date_debut : « 2026-02-30 » n’est pas"),
        ("AGR-1;{0};DES28;Principal;Agréé;2026-01-01;2026-02-01", "« AGR-1 » est déjà à la ligne 2"),
    ],
)
def test_a_wrong_line_is_rejected_with_its_reason_and_the_others_pass(session, tmp_path, ligne, motif):
    terrain = build.terrain(session)
    fichier = ecrire(
        tmp_path, ENTETE, agrement("AGR-1", terrain), ligne.format(terrain.numero), agrement("AGR-2", terrain)
    )

    bilan = importer(SYSTEME, AGREMENTS, fichier)

    assert (comptes(bilan), [un.ligne for un in bilan.rejets]) == ((3, 2, 0, 0, 1), [3])
    assert bilan.rejets[0].motif.startswith(motif)


def test_counts_that_do_not_add_up_stop_everything(session):
    with pytest.raises(RuntimeError, match="do not add up"):
        Comptes(lus=3, crees=1, modifies=0, inchanges=0, rejetes=1).verifier()


def test_a_large_file_is_written_in_several_events(session, tmp_path, monkeypatch):
    monkeypatch.setattr(moteur, "_PAR_EVENEMENT", 2)
    terrain = build.terrain(session)

    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, *(agrement(f"AGR-{n}", terrain) for n in range(5))))

    lots = session.scalars(select(Evenement).where(Evenement.details.is_(None)).order_by(Evenement.id))
    tailles = [len(un.changements) for un in lots]
    assert tailles == [2, 2, 1]


# --- Simulation, strict, rejects ---


@pytest.mark.parametrize(("option", "etat"), [("simuler", "simule"), ("strict", "refuse")])
def test_what_must_not_be_written_is_not(session, tmp_path, option, etat):
    terrain = build.terrain(session)
    avant = evenements(session)

    bilan = importer(
        SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, agrement("AGR-1", terrain), "AGR-2;;;;;;"), **{option: True}
    )

    assert (bilan.etat, comptes(bilan)) == (etat, (2, 1, 0, 0, 1))
    assert session.scalar(select(func.count()).select_from(Agrement)) == 0
    assert evenements(session) == avant


def test_strict_lets_a_sound_file_pass(session, tmp_path):
    fichier = ecrire(tmp_path, ENTETE, agrement("AGR-1", build.terrain(session)))

    assert importer(SYSTEME, AGREMENTS, fichier, strict=True).etat == "applique"


def test_the_file_of_rejects_can_be_corrected_and_imported(session, tmp_path):
    terrain = build.terrain(session)
    rejets = tmp_path / "rejets.csv"
    lignes = [agrement("AGR-1", terrain), agrement("AGR-2", "53H99999"), "AGR-3;incomplète", agrement("AGR-1", terrain)]
    importer(SYSTEME, AGREMENTS, ecrire(tmp_path, ENTETE, *lignes), fichier_rejets=rejets)

    [entete, *lues] = rejets.read_text(encoding="utf-8-sig").splitlines()
    rejets.write_text(entete + "\n" + lues[0].replace("53H99999", terrain.numero) + "\n", encoding="utf-8")
    bilan = importer(SYSTEME, AGREMENTS, rejets)

    assert [une.split(";")[0] for une in lues] == ["3", "4", "5"]
    assert lues[0].startswith("3;AGR-2;Le terrain « 53H99999 » est inconnu")
    assert (bilan.colonnes_ignorees, comptes(bilan)) == (
        ("Ligne rejetée", "Clé du rejet", "Motif du rejet"),
        (1, 1, 0, 0, 0),
    )


def test_rejects_that_cannot_be_written_stop_the_import(session, tmp_path):
    fichier = ecrire(tmp_path, ENTETE, agrement("AGR-1", build.terrain(session)))

    for destination in (tmp_path / "absent" / "rejets.csv", fichier):
        with pytest.raises(FichierRefuse) as refus:
            importer(SYSTEME, AGREMENTS, fichier, fichier_rejets=destination)

        assert refus.value.code == "E-REJETS"
    assert session.scalar(select(func.count()).select_from(Agrement)) == 0


@pytest.mark.parametrize("actor", [Actor("agent", "53"), Actor("lecteur", None, national=True, ecriture=False)])
def test_only_a_national_administrator_imports(session, tmp_path, actor):
    with pytest.raises(OperationRefused) as refus:
        importer(actor, INTERNES, ecrire(tmp_path, "x"))

    assert refus.value.codes == ["E-NATIONAL"]


def test_two_imports_at_once_create_each_object_once(base_propre, tmp_path):
    """One at a time: the second finds what the first has committed."""
    with Session(base_propre) as session:
        numero = build.terrain(session).numero
    fichier = ecrire(tmp_path, ENTETE, *(agrement(f"AGR-{n}", numero) for n in range(50)))

    with ThreadPoolExecutor(3) as fils:
        bilans = list(fils.map(lambda _: importer(SYSTEME, AGREMENTS, fichier), range(3)))

    assert sorted(comptes(un) for un in bilans) == [(50, 0, 0, 50, 0), (50, 0, 0, 50, 0), (50, 50, 0, 0, 0)]


def test_a_terrain_that_moves_meanwhile_is_copied_where_it_arrives(base_propre, tmp_path):
    """§1.8: the import waits for whoever holds the terrain, then reads it again."""
    with Session(base_propre) as session:
        numero = build.terrain(session).numero
    fichier = ecrire(tmp_path, ENTETE, agrement("AGR-1", numero))

    with ThreadPoolExecutor(1) as fil, Session(base_propre) as session:
        session.execute(update(TerrainDeStage).values(numero="52H99999", ars_code="52", subdivision_code="NANTES"))
        session.execute(
            insert(AncienNumero).from_select(
                ["terrain_id", "numero", "jusqu_au"], select(TerrainDeStage.id, literal(numero), func.now())
            )
        )
        attente = fil.submit(importer, SYSTEME, AGREMENTS, fichier)
        with pytest.raises(TimeoutError):
            attente.result(timeout=1)
        session.commit()
        bilan = attente.result(timeout=30)

    with Session(base_propre) as session:
        lu = session.scalars(select(Agrement)).one()
        assert (comptes(bilan), lu.ars_code, lu.numero_terrain) == ((1, 1, 0, 0, 0), "52", "52H99999")


def test_a_file_of_another_kind_is_refused_and_leaves_nothing(session, tmp_path):
    avant = evenements(session)

    with pytest.raises(FichierRefuse) as refus:
        importer(
            SYSTEME, AGREMENTS, ecrire(tmp_path, "identifiant;annee;saison;numero_terrain", "I;2026;Hiver;53H00001")
        )

    assert (refus.value.code, evenements(session)) == ("E-FICHIER-COLONNES", avant)
    assert "« reference »" in refus.value.message


def test_a_refusal_found_at_the_end_of_the_file_undoes_its_beginning(session, tmp_path):
    terrain = build.terrain(session)
    fichier = ecrire(tmp_path, ENTETE, agrement("AGR-1", terrain))
    fichier.write_bytes(fichier.read_bytes() + agrement("AGR-2", terrain).encode("cp1252") + b"\n")

    with pytest.raises(FichierRefuse):
        importer(SYSTEME, AGREMENTS, fichier)

    assert session.scalar(select(func.count()).select_from(Agrement)) == 0


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(coups=st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=3)), max_size=5))
def test_any_damage_is_refused_or_counted_to_the_last_line(session, tmp_path, coups):
    """A-37, database included: only FichierRefuse, and the counts add up."""
    octets = bytearray("\n".join([ENTETE, *(agrement(f"AGR-{n}", "53H99999") for n in range(3)), ""]).encode())
    for position, remplacant in coups:
        octets[position : position + len(remplacant)] = remplacant
    (tmp_path / "abime.csv").write_bytes(octets)

    try:
        bilan = importer(SYSTEME, AGREMENTS, tmp_path / "abime.csv", fichier_rejets=tmp_path / "rejets.csv")
    except FichierRefuse:
        return

    rejetes = (tmp_path / "rejets.csv").read_bytes().count(b"\r\n") - 1  # a field may keep a CR of its own
    assert rejetes == bilan.comptes.rejetes == bilan.comptes.lus


# --- Demandes, internes, semestres ---


def test_demandes_are_created_then_follow_their_state(session, tmp_path):
    terrain = build.terrain(session, type=TypeTerrain.PRATICIEN)
    entete, ligne = (
        "reference,numero_terrain,specialite,etat,deposee_le",
        f"DEM-1,{terrain.numero},DES28,{{}},01/09/2026",
    )
    importer(SYSTEME, DEMANDES, ecrire(tmp_path, entete, ligne.format("En cours d'instruction")))

    bilan = importer(SYSTEME, DEMANDES, ecrire(tmp_path, entete, ligne.format("Accordée")))

    demande = relire(session, DemandeAgrement)
    assert (comptes(bilan), demande.etat, demande.deposee_le) == (
        (1, 0, 1, 0, 0),
        EtatDemande.ACCORDEE,
        date(2026, 9, 1),
    )


def test_internes_are_known_by_their_identifiant(session, tmp_path):
    entete = "identifiant;nom;prenom;subdivision;specialite"
    importer(SYSTEME, INTERNES, ecrire(tmp_path, entete, "I1;FICTIF;Alix;Rennes;DES28", "I2;FICTIVE;Lou;LYON;DES01"))

    bilan = importer(
        SYSTEME,
        INTERNES,
        ecrire(
            tmp_path,
            entete,
            "I1;MARIÉ;Alix;RENNES;Médecine générale",
            "I2;FICTIVE;Lou;LYON;DES01",
            "I3;X;Y;Nulle part;DES01",
        ),
    )

    assert comptes(bilan) == (3, 0, 1, 1, 1)
    assert bilan.rejets[0].motif.startswith("La subdivision « Nulle part » est inconnue")
    session.expire_all()
    lus = session.execute(select(Interne.nom, Interne.subdivision_code).order_by(Interne.identifiant)).all()
    assert [tuple(un) for un in lus] == [("MARIÉ", "RENNES"), ("FICTIVE", "LYON")]


def test_a_semestre_moves_an_interne_and_needs_what_it_names(session, tmp_path):
    """Key: interne and semester; one interne is on one terrain at a time."""
    ici, ailleurs = build.terrain(session), build.terrain(session)
    poste = build.semestre_internat(session, ici)
    identifiant, annee = poste.interne.identifiant, poste.semestre.annee
    entete = "identifiant;annee;saison;numero_terrain"

    bilan = importer(
        SYSTEME,
        SEMESTRES,
        ecrire(
            tmp_path,
            entete,
            f"{identifiant};{annee};été;{ailleurs.numero}",
            f"{identifiant};{annee};ETE;{ici.numero}",
            f"{identifiant};1999;Hiver;{ici.numero}",
            f"INCONNU;{annee};Été;{ici.numero}",
        ),
    )

    assert comptes(bilan) == (4, 0, 1, 0, 3)
    assert relire(session, SemestreInternat).terrain_id == ailleurs.id
    assert [un.motif.split(" :")[0] for un in bilan.rejets] == [
        f"« {identifiant} / {annee} / ETE » est déjà à la ligne 2 de ce fichier.",
        "Le semestre « Hiver 1999 » n’est pas au calendrier des semestres",
        "L’interne « INCONNU » est inconnu",
    ]
