"""Transfer of a practitioner to an ARS of another subdivision, then its completion there (manual §1.10; TRP and CPL).

The terrain is Transféré from the moment its ARS lets it go until the receiving ARS completes it: subdivision,
mandatory data, coordinates taken again from RPPS. Its old secondary block is kept on record, to be confirmed (A29).
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import OperationRefused, Refus
from app.operations import bloc_principal, saisie_terrain, suppression
from app.operations.creation_terrain import refus_subdivision, subdivisions_de
from app.operations.deplacement import Plan, verrouiller
from app.operations.numerotation import Numeroter, numeroteur
from app.operations.saisie_terrain import SaisieTerrain
from app.operations.territoire import Apercu, executer, planifier
from app.scope import Actor
from app.unit_of_work import UnitOfWork
from models.etats import StatutTerrain, TypeTerrain
from models.praticien import Praticien
from models.terrain_de_stage import TerrainDeStage
from models.territoire import Ars, SubdivisionArs


def ars_possibles(session: Session, terrain: TerrainDeStage) -> Sequence[Ars]:
    """ARS that are not linked to the terrain's subdivision: the others are for « Modifier l’ARS » (A33)."""
    liees = select(SubdivisionArs.ars_code).where(SubdivisionArs.subdivision_code == terrain.subdivision_code)
    autres = select(Ars).where(Ars.code.not_in(liees), Ars.code != terrain.ars_code)
    return session.scalars(autres.order_by(Ars.nom)).all()


def refus(session: Session, actor: Actor, terrain: TerrainDeStage, ars_code: str | None = None) -> list[Refus]:
    """Every reason to refuse the transfer; without `ars_code`, what greys the button (S124)."""
    raisons = []
    if terrain.type is not TypeTerrain.PRATICIEN:
        message = f"{terrain} n’est pas un terrain praticien : seul un praticien se transfère."
        return [Refus("E-TYPE", message)]
    if terrain.statut is not StatutTerrain.ACTIF:
        message = f"{terrain} est {terrain.statut.value.lower()} : seul un terrain actif se transfère."
        raisons.append(Refus("E-STATUT", message))
    if not actor.covers(terrain):
        raisons.append(Refus("E-HORS-ARS", f"{terrain} n’est pas dans votre ARS de travail."))
    raisons += suppression.bloquants(session, terrain.id, agrement="E-TR-AGR", demande="E-TR-DEM")
    return raisons if ars_code is None else raisons + _refus_ars(session, terrain, ars_code)


def _refus_ars(session: Session, terrain: TerrainDeStage, ars_code: str) -> list[Refus]:
    if ars_code in {une.code for une in ars_possibles(session, terrain)}:
        return []
    if session.get(Ars, ars_code) is None:
        return [Refus("E-ARS-INCONNUE", f"« {ars_code} » n’est pas un code d’ARS : choisissez-la.", "ars_code")]
    if ars_code == terrain.ars_code:
        message = f"{terrain} est déjà dans cette ARS : choisissez-en une autre."
    else:
        message = "Cette ARS partage la subdivision du terrain : utilisez « Modifier l’ARS du terrain de stage »."
    return [Refus("E-ARS-MEME-SUBDIVISION", message, "ars_code")]


def apercu(session: Session, actor: Actor, terrain_id: int, ars_code: str) -> Apercu:
    """The plan of the transfer: statut, ARS, number, subdivision when the receiving ARS has only one (S127)."""
    return _examiner(session, actor, terrain_id, ars_code, numeroteur(session, None))


def transferer(uow: UnitOfWork, terrain_id: int, ars_code: str, sceau: str | None = None) -> Apercu:
    """Let the practitioner go to another ARS, as it was shown."""
    verrouiller(uow, [terrain_id])
    fait = _examiner(uow.session, uow.actor, terrain_id, ars_code, numeroteur(uow.session, uow))
    executer(uow, fait, sceau)
    return fait


def _examiner(session: Session, actor: Actor, terrain_id: int, ars_code: str, numeroter: Numeroter) -> Apercu:
    terrain = session.get(TerrainDeStage, terrain_id)
    if terrain is None:
        raise OperationRefused(Refus("E-INTROUVABLE", "Ce terrain n’existe pas : revenez à la liste."))
    raisons = refus(session, actor, terrain, ars_code)
    if raisons:
        return Apercu(terrain, Plan(()), tuple(raisons))
    subdivisions = subdivisions_de(session, ars_code)
    [numero] = numeroter(ars_code, terrain.type, 1)
    apres = {
        "statut": StatutTerrain.TRANSFERE,
        "ars_code": ars_code,
        "numero": numero,
        "subdivision_code": subdivisions[0] if len(subdivisions) == 1 else None,
    }
    return Apercu(terrain, planifier(session, terrain, apres), ())


# --- Completion by the receiving ARS ---


def refus_completion(session: Session, actor: Actor, terrain: TerrainDeStage) -> list[Refus]:
    """Every reason why `actor` may not complete this terrain (S130, TS-18, TS-34)."""
    if terrain.statut is not StatutTerrain.TRANSFERE:
        return [Refus("E-STATUT", f"{terrain} n’est pas en cours de transfert : il n’y a rien à compléter.")]
    raisons = []
    if not actor.covers(terrain):
        message = f"{terrain} a été transféré à une autre ARS : c’est elle qui le complète."
        raisons.append(Refus("E-HORS-ARS", message))
    praticien = session.get(Praticien, terrain.rpps)
    if (praticien is None or not praticien.valide) and not actor.national:  # a national administrator may override (A9)
        message = f"Le numéro RPPS {terrain.rpps} n’est plus valide : demandez à un administrateur national."
        raisons.append(Refus("E-RPPS-INVALIDE", message))
    return raisons


def completer(
    uow: UnitOfWork, terrain_id: int, saisie: SaisieTerrain, subdivision_code: str | None = None
) -> TerrainDeStage:
    """Make the terrain Actif in its new ARS, with its coordinates of RPPS (S131 to S133)."""
    [terrain] = uow.lock(TerrainDeStage, terrain_id)
    if raisons := refus_completion(uow.session, uow.actor, terrain):
        raise OperationRefused(*raisons)
    _reprendre_rpps(uow.session, terrain)
    choisie = subdivision_code or terrain.subdivision_code
    liees = subdivisions_de(uow.session, terrain.ars_code)
    raisons = refus_subdivision(uow.session, terrain.ars_code, liees, choisie, terrain.code_insee)
    raisons += saisie_terrain.refus_saisie(uow.session, terrain, saisie)
    if raisons:
        raise OperationRefused(*raisons)
    terrain.subdivision_code = choisie or liees[0]
    saisie_terrain.appliquer(uow.session, terrain, saisie)
    terrain.statut = StatutTerrain.ACTIF
    return terrain


def _reprendre_rpps(session: Session, terrain: TerrainDeStage) -> None:
    """Coordinates of the practice in the new ARS; as they were when RPPS lists none there (A10)."""
    praticien = session.get(Praticien, terrain.rpps)
    activites = bloc_principal.activites_dans(session, terrain.rpps or "", terrain.ars_code)
    if praticien is None or not activites:
        return
    specialite = terrain.specialite_exercice_code
    for champ, valeur in bloc_principal.du_praticien(session, praticien, activites[0], specialite).items():
        setattr(terrain, champ, valeur)
    terrain.rpps_hors_ars_depuis = None
