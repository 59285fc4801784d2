"""Undo an operation from the journal, while no later one has touched the same objects (SPEC N2, M22, I14).

Every object gets back the values that the event kept. What followed from them is taken back too: former numbers and
territory history that the operation had added. The counters of numbers never go back: no number is given twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, cast

from sqlalchemy import ARRAY, String, delete, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app import libelles
from app.errors import OperationRefused, Refus
from app.scope import Actor
from app.unit_of_work import Ecriture, UnitOfWork, table
from models.agrement import Agrement, AgrementHistorique
from models.base import Journalise
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.journal import EntreeJournal, Evenement
from models.terrain_de_stage import AncienNumero, TerrainDeStage

DELAI = timedelta(days=15)  # for an ARS; a national administrator has no delay
ANNULABLES = frozenset({
    "ET.fusionner", "TS.transferer_unite", "TS.changer_ars", "TS.changer_subdivision", "TS.transferer_praticien",
    "TS.activer", "TS.supprimer",
})  # fmt: skip
# In the order in which they are locked and written.
MODELES: dict[str, type[Journalise]] = {
    un.__name__: un for un in (Etablissement, EntiteJuridique, TerrainDeStage, Agrement)
}


@dataclass(frozen=True)
class Retour:
    """One object of an event: the values it has now if nothing touched it, and those it gets back."""

    modele: type[Journalise]
    id: int
    libelle: str
    ars_codes: tuple[str, ...]
    apres: dict[str, Any]
    avant: dict[str, Any]


def refus(session: Session, actor: Actor, evenement: Evenement) -> list[Refus]:
    """Every reason not to undo this event; names the later operation that forbids it."""
    nom = libelles.operation(evenement.operation)
    if evenement.operation not in ANNULABLES:
        message = f"« {nom} » ne s’annule pas : corrigez par l’opération contraire."
        return [Refus("E-ANNULATION", message)]
    raisons = []
    if not actor.ecriture or not (actor.national or _sienne(actor, evenement)):
        message = "Vous ne pouvez annuler que vos propres opérations, dans l’ARS où vous les avez faites."
        raisons.append(Refus("E-HORS-ARS", message))
    if not actor.national and datetime.now(UTC) - evenement.le > DELAI:
        message = f"Cette opération a plus de {DELAI.days} jours : demandez à un administrateur national de l’annuler."
        raisons.append(Refus("E-ANNULATION-DELAI", message))
    if (suivante := _suivante(session, evenement)) is not None:
        message = (
            f"« {libelles.operation(suivante.operation)} » a touché les mêmes objets le {suivante.le:%d/%m/%Y},"
            f" par {suivante.acteur} : annulez-la d’abord si elle peut l’être."
        )
        raisons.append(Refus("E-ANNULATION-TARDIVE", message))
    return raisons


def annuler(uow: UnitOfWork, evenement_id: int) -> Evenement:
    """Give back to every object of the event the values it had before."""
    evenement = uow.session.get(Evenement, evenement_id)
    if evenement is None:
        raise OperationRefused(Refus("E-INTROUVABLE", "Cette opération n’est pas dans le journal."))
    retours = [_retour(un) for un in evenement.changements if un["type"] in MODELES]
    for modele in MODELES.values():
        if ids := [un.id for un in retours if un.modele is modele]:
            uow.lock(cast("type[Any]", modele), *ids)
    raisons = refus(uow.session, uow.actor, evenement)
    if raisons:
        raise OperationRefused(*raisons)
    _exiger_inchanges(uow.session, retours)
    _effacer_les_traces(uow.session, evenement, retours)
    # Checked above: who undoes may no longer cover what he gave to another ARS.
    uow.actor = replace(uow.actor, national=True)
    for modele in MODELES.values():
        ecritures = [
            Ecriture(un.id, un.libelle, un.ars_codes, un.apres, un.avant) for un in retours if un.modele is modele
        ]
        uow.ecrire_en_lot(modele, ecritures)
    uow.details = {"evenement": evenement.id, "annule": evenement.operation}
    return evenement


def _sienne(actor: Actor, evenement: Evenement) -> bool:
    return evenement.acteur == actor.login and evenement.ars_travail_code == actor.ars_code


def _suivante(session: Session, evenement: Evenement) -> Evenement | None:
    """First later event on one of the same objects: among the entries of the journal, and those still to be written."""
    objets = [(un["type"], un["id"]) for un in evenement.changements]
    if not objets:
        return None
    touches = (
        func.unnest(literal([un for un, _ in objets], ARRAY(String)), literal([un for _, un in objets], ARRAY(String)))
        .table_valued("type", "cle")
        .render_derived(name="touches")
    )
    ecrites = select(EntreeJournal.evenement_id).join(
        touches, tuple_(EntreeJournal.objet_type, EntreeJournal.objet_id) == tuple_(touches.c.type, touches.c.cle)
    )
    en_attente = [
        un.id
        for un in session.scalars(select(Evenement).where(Evenement.traite_le.is_(None), Evenement.id > evenement.id))
        if {(une["type"], une["id"]) for une in un.changements} & set(objets)
    ]
    return session.scalar(
        select(Evenement)
        .where(Evenement.id > evenement.id, or_(Evenement.id.in_(ecrites), Evenement.id.in_(en_attente)))
        .order_by(Evenement.id)
        .limit(1)
    )


def _retour(changement: Mapping[str, Any]) -> Retour:
    modele = MODELES[changement["type"]]
    return Retour(
        modele,
        int(changement["id"]),
        changement["libelle"],
        tuple(changement["ars"]),
        {champ: _valeur(modele, champ, un) for champ, un in changement["apres"].items()},
        {champ: _valeur(modele, champ, changement["avant"].get(champ)) for champ in changement["apres"]},
    )


def _valeur(modele: type[Journalise], champ: str, texte: Any) -> Any:
    """A value of the journal as its column has it: enums by their label, dates in ISO."""
    type_ = table(modele).c[champ].type
    enum: type[Enum] | None = getattr(type_, "enum_class", None)
    if enum is not None and texte is not None:
        return enum(texte)
    return date.fromisoformat(texte) if type_.python_type is date and texte is not None else texte


def _exiger_inchanges(session: Session, retours: Iterable[Retour]) -> None:
    """What the event wrote must still be there, to the letter."""
    for un in retours:
        objet: Any = session.get_one(un.modele, un.id)
        if any(getattr(objet, champ) != valeur for champ, valeur in un.apres.items()):
            message = f"{un.libelle} a changé depuis cette opération : elle ne peut plus être annulée."
            raise OperationRefused(Refus("E-ANNULATION-TARDIVE", message))


def _effacer_les_traces(session: Session, evenement: Evenement, retours: Sequence[Retour]) -> None:
    """Former numbers and territories that the operation had put in the histories."""
    anciens = [un.avant["numero"] for un in retours if un.modele is TerrainDeStage and "numero" in un.avant]
    session.execute(delete(AncienNumero).where(AncienNumero.numero.in_(anciens)))
    agrements = [un.id for un in retours if un.modele is Agrement]
    session.execute(
        delete(AgrementHistorique).where(
            AgrementHistorique.agrement_id.in_(agrements), AgrementHistorique.jusqu_au == evenement.le
        )
    )
