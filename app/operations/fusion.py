"""Fusion and transfer of units: terrains of an établissement move to another one (manual §1.7; SPEC §5, FUS and TRU).

A fusion moves them all, whatever their statut, and deletes an origin that was Inactif; a transfer moves those that are
chosen and never changes the statut of the origin. Between two ARS, which only a national administrator may do, the
terrains take the ARS of the destination, a number of it and one of its subdivisions (A31).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from app.errors import OperationRefused, Refus
from app.operations import bloc_principal
from app.operations.creation_terrain import subdivisions_de
from app.operations.deplacement import (
    Plan,
    agrements_qui_suivent,
    appliquer,
    compter,
    deplacer,
    exiger_le_sceau,
    lire_terrains,
    terrains_sur,
    verrouiller,
)
from app.operations.numerotation import Numeroter, numeroteur
from app.scope import Actor
from app.unit_of_work import Ecriture, UnitOfWork
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, TypeTerrain
from models.terrain_de_stage import TerrainDeStage
from models.universite import ConventionUfr


@dataclass(frozen=True)
class Demande:
    """What the user asks for: two ET, and which terrains; None = all of them, a fusion.

    `subdivision_code` is the one chosen for the terrains whose own is not linked to the ARS of the destination.
    """

    origine_id: int
    destination_id: int
    terrain_ids: tuple[int, ...] | None = None
    subdivision_code: str | None = None

    @property
    def fusion(self) -> bool:
        return self.terrain_ids is None


@dataclass(frozen=True)
class Apercu:
    """What the preview shows: both ET, the plan, and every reason to refuse it."""

    origine: Etablissement
    destination: Etablissement
    plan: Plan
    refus: tuple[Refus, ...]


def refus(actor: Actor, origine: Etablissement, destination: Etablissement, n_ts: int, *, fusion: bool) -> list[Refus]:
    """Every reason to refuse, before looking at the terrains; shared by the greyed rows, the preview and the verb."""
    raisons = []
    if origine.id == destination.id:
        raisons.append(
            Refus("E-MEME-ET", "L’origine et la destination sont le même établissement : choisissez-en deux.")
        )
    if not actor.covers(origine, destination):
        message = "L’origine et la destination doivent être toutes deux dans votre ARS de travail : entre deux ARS,"
        raisons.append(Refus("E-HORS-ARS", f"{message} demandez-le à un administrateur national."))
    if destination.statut is not StatutEtablissement.ACTIF:
        message = f"{destination} est {destination.statut.value.lower()} : choisissez un établissement actif."
        raisons.append(Refus("E-DEST-INACTIVE", message))
    elif not destination.ars_code:
        message = f"{destination} n’est d’aucune ARS, faute de commune dans FINESS : choisissez-en un autre."
        raisons.append(Refus("E-DEST-INACTIVE", message))
    if origine.statut is StatutEtablissement.SUPPRIME:
        raisons.append(Refus("E-ORIGINE-SUPPRIMEE", f"{origine} est déjà supprimé : il n’a plus de terrain."))
    elif fusion and n_ts == 0 and origine.statut is StatutEtablissement.ACTIF:
        message = f"{origine} est actif et n’a aucun terrain : il n’y a rien à fusionner."
        raisons.append(Refus("E-RIEN-A-FAIRE", message))
    return raisons


def apercu(session: Session, actor: Actor, demande: Demande) -> Apercu:
    """The plan of what the operation would do, and why it would be refused; changes nothing."""
    return _examiner(session, actor, demande, numeroteur(session, None))


def executer(uow: UnitOfWork, demande: Demande, sceau: str | None = None) -> Apercu:
    """Do it, as it was shown: `sceau` is that of the preview. Returns what was done."""
    _verrouiller(uow, demande)
    fait = _examiner(uow.session, uow.actor, demande, numeroteur(uow.session, uow))
    if fait.refus:
        raise OperationRefused(*fait.refus)
    exiger_le_sceau(fait.plan, sceau)
    for une in fait.plan.entites:  # before the ET: an EJ belongs to the ARS of its ET that are not Supprimés
        uow.session.get_one(EntiteJuridique, une.id).statut = une.apres["statut"]
    uow.session.flush()
    appliquer(uow, fait.plan)
    uow.ecrire_en_lot(Etablissement, fait.plan.etablissements)
    uow.details = {"origine": str(fait.origine), "destination": str(fait.destination)}
    return fait


def _verrouiller(uow: UnitOfWork, demande: Demande) -> None:
    """Both ET, then the EJ that could lose its last one, then the terrains: the order of the synchronisation."""
    origine, _ = uow.lock(Etablissement, demande.origine_id, demande.destination_id)
    uow.lock(EntiteJuridique, origine.entite_juridique_id)
    ids = terrains_sur(uow.session, origine.id) if demande.terrain_ids is None else demande.terrain_ids
    verrouiller(uow, ids)


def _examiner(session: Session, actor: Actor, demande: Demande, numeroter: Numeroter) -> Apercu:
    origine, destination = (_etablissement(session, un) for un in (demande.origine_id, demande.destination_id))
    ids = terrains_sur(session, origine.id) if demande.terrain_ids is None else list(demande.terrain_ids)
    terrains = lire_terrains(session, ids)
    raisons = refus(actor, origine, destination, len(ids), fusion=demande.fusion)
    raisons += _refus_selection(demande, origine, terrains)
    if raisons or (raisons := _refus_terrains(actor, terrains)):
        return Apercu(origine, destination, Plan(()), tuple(raisons))
    liees = subdivisions_de(session, destination.ars_code or "")
    partants = _partants(origine, destination, terrains)
    choisie = demande.subdivision_code or (liees[0] if len(liees) == 1 else None)
    numeros = numeroter(destination.ars_code or "", TypeTerrain.HOSPITALIER, len(partants)) if partants else []
    territoires = _territoires(destination, partants, numeros, liees, choisie)
    plan = _plan(session, demande, origine, destination, terrains, territoires)
    return Apercu(origine, destination, plan, tuple(_refus_subdivision(partants, liees, choisie)))


def _etablissement(session: Session, etablissement_id: int) -> Etablissement:
    trouve = session.get(
        Etablissement,
        etablissement_id,
        options=[joinedload(Etablissement.entite_juridique).joinedload(EntiteJuridique.chu)],
    )
    if trouve is None:
        raise OperationRefused(Refus("E-INTROUVABLE", "Cet établissement n’existe pas : choisissez-le dans la liste."))
    return trouve


def _refus_selection(demande: Demande, origine: Etablissement, terrains: Sequence[Any]) -> list[Refus]:
    """A transfer takes at least one terrain, all of them on the origin (TRU)."""
    if demande.terrain_ids is None:
        return []
    if not demande.terrain_ids:
        return [Refus("E-SELECTION-VIDE", "Choisissez au moins un terrain à transférer.")]
    ailleurs = [un.numero for un in terrains if un.etablissement_id != origine.id]
    if ailleurs or len(terrains) < len(set(demande.terrain_ids)):
        message = (
            f"Tous les terrains choisis doivent être sur {origine} : {', '.join(ailleurs) or 'certains'} n’y sont pas."
        )
        return [Refus("E-TS-AUTRE-ET", message)]
    return []


def _refus_terrains(actor: Actor, terrains: Sequence[Any]) -> list[Refus]:
    """A terrain left in another ARS when FINESS moved its ET is for a national administrator (A35)."""
    etrangers = [un.numero for un in terrains if not actor.covers_ars({un.ars_code})]
    if not etrangers:
        return []
    message = f"{', '.join(etrangers[:5])} : terrain d’une autre ARS. Demandez-le à un administrateur national."
    return [Refus("E-HORS-ARS", message)]


def _partants(origine: Etablissement, destination: Etablissement, terrains: Sequence[Any]) -> list[Any]:
    """Terrains that change ARS: between two ARS, those that are not already in that of the destination (A31)."""
    if origine.ars_code == destination.ars_code:
        return []
    return [un for un in terrains if un.ars_code != destination.ars_code]


def _refus_subdivision(partants: Sequence[Any], liees: Sequence[str], choisie: str | None) -> list[Refus]:
    """Terrains whose subdivision is not of the new ARS need one that is; the plan is shown all the same."""
    sans = [un.numero for un in partants if un.subdivision_code not in liees]
    if not sans or choisie in liees:
        return []
    message = f"Choisissez la subdivision que prendront {', '.join(sans[:5])} dans l’ARS de destination."
    return [Refus("E-SUBDIV-NON-LIEE", message, "subdivision_code")]


def _territoires(
    destination: Etablissement,
    partants: Sequence[Any],
    numeros: Sequence[str],
    liees: Sequence[str],
    choisie: str | None,
) -> dict[int, dict[str, Any]]:
    """ARS, number and subdivision that each leaving terrain gets, in the order of the terrains (A31)."""
    return {
        un.id: {
            "ars_code": destination.ars_code,
            "numero": numero,
            "subdivision_code": un.subdivision_code if un.subdivision_code in liees else choisie,
        }
        for un, numero in zip(partants, numeros, strict=True)
    }


def _plan(
    session: Session,
    demande: Demande,
    origine: Etablissement,
    destination: Etablissement,
    terrains: Sequence[Any],
    territoires: Mapping[int, Mapping[str, Any]],
) -> Plan:
    chu = {} if destination.est_chu else {"stage_chu": None}  # cleared for the future, kept in the journal (A50)
    communs = {"etablissement_id": destination.id, **bloc_principal.de_l_etablissement(destination), **chu}
    deplaces = [deplacer(un, {**communs, **territoires.get(un.id, {})}) for un in terrains]
    ecritures = tuple(un for un in deplaces if un is not None)
    ids = [un.id for un in terrains]
    etablissements, entites = _sort_de_l_origine(session, demande, origine)
    return Plan(
        terrains=ecritures,
        agrements=agrements_qui_suivent(session, terrains, ecritures),
        etablissements=etablissements,
        entites=entites,
        avertissements=tuple(_avertissements(session, demande, origine, destination, terrains)),
        bilan={**compter(session, ids), "conventions": _conventions(session, origine)},
    )


def _sort_de_l_origine(
    session: Session, demande: Demande, origine: Etablissement
) -> tuple[tuple[Ecriture, ...], tuple[Ecriture, ...]]:
    """A fused origin that was Inactif is Supprimé at once, and its EJ with its last ET (S93, S24, A4)."""
    if not demande.fusion or origine.statut is not StatutEtablissement.INACTIF:
        return (), ()
    avant, apres = {"statut": origine.statut}, {"statut": StatutEtablissement.SUPPRIME}
    ars = (origine.ars_code,) if origine.ars_code else ()
    etablissement = Ecriture(origine.id, str(origine), ars, avant, apres)
    ej = origine.entite_juridique
    autres = select(
        exists().where(
            Etablissement.entite_juridique_id == ej.id,
            Etablissement.id != origine.id,
            Etablissement.statut != StatutEtablissement.SUPPRIME,
        )
    )
    if session.scalar(autres):
        return (etablissement,), ()
    fin = {"statut": StatutEntiteJuridique.SUPPRIME}
    return (etablissement,), (Ecriture(ej.id, str(ej), tuple(sorted(ej.ars_codes())), {"statut": ej.statut}, fin),)


def _avertissements(
    session: Session, demande: Demande, origine: Etablissement, destination: Etablissement, terrains: Sequence[Any]
) -> list[str]:
    """What the user should know, without being stopped."""
    resultat = []
    deja = session.scalars(select(TerrainDeStage.nom).where(TerrainDeStage.etablissement_id == destination.id))
    if homonymes := sorted({un.nom for un in terrains} & set(deja)):
        resultat.append(f"Un terrain de même nom est déjà sur la destination : {', '.join(homonymes[:5])}.")
    if perdus := sum(un.stage_chu is not None and not destination.est_chu for un in terrains):
        resultat.append(f"« Stage CHU » est effacé sur {perdus} terrain(s) : la destination n’est pas un CHU.")
    if demande.fusion and origine.statut is StatutEtablissement.ACTIF:
        resultat.append("L’origine est active : elle reste, vide, jusqu’à ce que FINESS la ferme.")
    if not demande.fusion and terrains and len(terrains) == len(terrains_sur(session, origine.id)):
        resultat.append("Tous les terrains partent : une fusion supprimerait aussi l’origine si elle est inactive.")
    return resultat


def _conventions(session: Session, origine: Etablissement) -> int:
    """Conventions UFR that stay on the origin."""
    compte = select(func.count()).where(ConventionUfr.etablissement_id == origine.id)
    return session.scalar(compte) or 0
