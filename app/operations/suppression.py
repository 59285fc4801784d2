"""« Supprimer » a terrain: Actif → Inactif, never a row less (manual §1.12, S137–S139; SPEC TS-05 to TS-08, A12, A13).

Agréments échus and past semestres are not touched (I10): they stay visible from the terrain.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calendrier import aujourd_hui
from app.errors import Refus
from app.operations.lot import Ligne, Rapport, exiger_la_portee, parmi, verrouiller
from app.scope import Actor
from app.unit_of_work import Ecriture, UnitOfWork
from models.agrement import ETATS_OUVERTS, Agrement, DemandeAgrement, agrement_ouvert_sql
from models.etats import StatutTerrain
from models.interne import Semestre, SemestreInternat
from models.nomenclature import Specialite
from models.terrain_de_stage import TerrainDeStage

_CITES = 5  # blocking objects that a message names


def examiner(session: Session, actor: Actor, ids: Sequence[int]) -> Rapport:
    """What deleting these terrains would do, row by row; changes nothing. For greyed buttons and the preview."""
    lignes = session.execute(_terrains(ids)).all()
    agrements, demandes, internes = _agrements(session, ids), _demandes(session, ids), _internes(session, ids)
    return Rapport(
        tuple(
            Ligne(
                une.id,
                f"{une.numero} – {une.nom}",
                tuple(_refus(actor, une, agrements[une.id], demandes[une.id])),
                _avertissements(internes.get(une.id, 0)),
            )
            for une in lignes
        )
    )


def supprimer(uow: UnitOfWork, ids: Sequence[int]) -> Rapport:
    """Make Inactifs the terrains that nothing blocks; the others are reported with their reasons."""
    verrouiller(uow, ids)
    lignes = {une.id: une for une in uow.session.execute(_terrains(ids))}
    exiger_la_portee(uow.actor, lignes.values(), "supprimé")
    rapport = examiner(uow.session, uow.actor, ids)
    avant, apres = {"statut": StatutTerrain.ACTIF}, {"statut": StatutTerrain.INACTIF}
    ecritures = [Ecriture(une.id, une.libelle, (lignes[une.id].ars_code,), avant, apres) for une in rapport.faites]
    uow.ecrire_en_lot(TerrainDeStage, ecritures)
    return rapport


def bloquants(session: Session, terrain_id: int, *, agrement: str, demande: str) -> list[Refus]:
    """What forbids to delete or to transfer one terrain (A13), under the codes of the operation."""
    agrements, demandes = _agrements(session, [terrain_id]), _demandes(session, [terrain_id])
    return list(_refus_bloquants(agrements[terrain_id], demandes[terrain_id], agrement=agrement, demande=demande))


def _refus(actor: Actor, terrain: Any, agrements: list[str], demandes: list[str]) -> Iterable[Refus]:
    if terrain.statut is StatutTerrain.INACTIF:
        yield Refus("E-STATUT", "Ce terrain est déjà inactif : il n’y a rien à supprimer.")
    if terrain.statut is StatutTerrain.TRANSFERE:
        yield Refus("E-STATUT", "Ce terrain est en cours de transfert : complétez-le avant de le supprimer.")
    if not actor.covers_ars({terrain.ars_code}):
        yield Refus("E-HORS-ARS", "Ce terrain n’est pas dans votre ARS de travail.")
    yield from _refus_bloquants(agrements, demandes, agrement="E-TS-SUPPR-AGR", demande="E-TS-SUPPR-DEM")


def _refus_bloquants(agrements: list[str], demandes: list[str], *, agrement: str, demande: str) -> Iterable[Refus]:
    if agrements:
        message = f"Un agrément n’est pas échu : {_citer(agrements)}. Attendez sa fin, ou demandez son retrait."
        yield Refus(agrement, message)
    if demandes:
        message = f"Une demande d’agrément est ouverte : {_citer(demandes)}. Attendez sa décision ou son retrait."
        yield Refus(demande, message)


def _avertissements(internes: int) -> tuple[str, ...]:
    if not internes:
        return ()
    return (f"{internes} interne{'s y sont affectés' if internes > 1 else ' y est affecté'} ce semestre ou ensuite.",)


def _citer(cites: list[str]) -> str:
    suite = f" et {len(cites) - _CITES} de plus" if len(cites) > _CITES else ""
    return ", ".join(cites[:_CITES]) + suite


def _terrains(ids: Sequence[int]) -> Any:
    colonnes = (TerrainDeStage.id, TerrainDeStage.numero, TerrainDeStage.nom, TerrainDeStage.statut)
    return parmi(ids).with_only_columns(*colonnes, TerrainDeStage.ars_code)


def _agrements(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """Open agréments by terrain, as the message names them."""
    jour = aujourd_hui()
    ouverts = (
        select(Agrement.terrain_id, Agrement.reference, Specialite.nom, Agrement.date_debut, Agrement.date_fin)
        .join(Specialite, Specialite.code == Agrement.specialite_code)
        .where(Agrement.terrain_id.in_(parmi(ids).with_only_columns(TerrainDeStage.id)), agrement_ouvert_sql(jour))
        .order_by(Agrement.date_fin, Agrement.reference)
    )
    resultat: dict[int, list[str]] = defaultdict(list)
    for terrain_id, reference, specialite, debut, fin in session.execute(ouverts):
        etat = "agréé prochainement" if debut > jour else "en cours"
        resultat[terrain_id].append(f"{reference} ({specialite}, {etat}, jusqu’au {fin:%d/%m/%Y})")
    return resultat


def _demandes(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    ouvertes = (
        select(DemandeAgrement.terrain_id, DemandeAgrement.reference, DemandeAgrement.etat)
        .where(
            DemandeAgrement.terrain_id.in_(parmi(ids).with_only_columns(TerrainDeStage.id)),
            DemandeAgrement.etat.in_(ETATS_OUVERTS),
        )
        .order_by(DemandeAgrement.reference)
    )
    resultat: dict[int, list[str]] = defaultdict(list)
    for terrain_id, reference, etat in session.execute(ouvertes):
        resultat[terrain_id].append(f"{reference} ({etat.value.lower()})")
    return resultat


def _internes(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """How many internes are posted now or later on each terrain: a warning, not a refusal."""
    comptes = (
        select(SemestreInternat.terrain_id, func.count())
        .join(Semestre, Semestre.id == SemestreInternat.semestre_id)
        .where(
            SemestreInternat.terrain_id.in_(parmi(ids).with_only_columns(TerrainDeStage.id)),
            Semestre.date_fin >= aujourd_hui(),
        )
        .group_by(SemestreInternat.terrain_id)
    )
    return {terrain_id: nombre for terrain_id, nombre in session.execute(comptes)}
