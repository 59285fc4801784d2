"""Undo an operation from the journal, while no later one has touched the same objects (SPEC N2, M22, I14).

Every object gets back the values that the event kept. What followed from them is taken back too: former numbers and
territory history that the operation had added. The counters of numbers never go back: no number is given twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, cast

from sqlalchemy import ARRAY, String, delete, exists, func, literal, or_, select, tuple_, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app import libelles
from app.calendrier import aujourd_hui
from app.errors import OperationRefused, Refus
from app.operations.deplacement import GEOGRAPHIE
from app.operations.lot import est_parmi, verrouiller_lignes
from app.scope import Actor
from app.unit_of_work import Ecriture, UnitOfWork, table
from models.agrement import ETATS_OUVERTS, Agrement, AgrementHistorique, DemandeAgrement, agrement_ouvert_sql
from models.base import Journalise
from models.entite_juridique import EntiteJuridique
from models.etablissement import Etablissement
from models.etats import StatutEntiteJuridique, StatutEtablissement, StatutTerrain
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
    return raisons + _refus_etat(session, evenement)


def annuler(uow: UnitOfWork, evenement_id: int) -> Evenement:
    """Give back to every object of the event the values it had before."""
    evenement = uow.session.get(Evenement, evenement_id)
    if evenement is None:
        raise OperationRefused(Refus("E-INTROUVABLE", "Cette opération n’est pas dans le journal."))
    retours = _retours(evenement)
    _verrouiller(uow, retours)
    raisons = refus(uow.session, uow.actor, evenement)
    if raisons:
        raise OperationRefused(*raisons)
    _effacer_les_traces(uow.session, retours)
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


def _verrouiller(uow: UnitOfWork, retours: Sequence[Retour]) -> None:
    """Objects of the event, and the ET and EJ that get theirs back: in the order of every operation."""
    requis = _requis(uow.session, retours)
    for nom, modele in MODELES.items():
        ids = _ids(retours, modele) | {int(cle) for type_, cle in requis if type_ == nom}
        cle = cast("Any", modele).id
        verrouiller_lignes(uow.session, cle, est_parmi(cle, ids))
    uow.session.expire_all()


# --- What may have happened since ---


def _refus_etat(session: Session, evenement: Evenement) -> list[Refus]:
    """A later operation on the same objects, or on what they would go back to; else what time alone has changed."""
    retours = _retours(evenement)
    objets = [(un["type"], un["id"]) for un in evenement.changements]
    if suivante := _suivante(session, evenement, [*objets, *_disparus(session, retours)]):
        message = (
            f"« {libelles.operation(suivante.operation)} » a touché les mêmes objets le {suivante.le:%d/%m/%Y},"
            f" par {suivante.acteur} : annulez-la d’abord si elle peut l’être."
        )
        return [Refus("E-ANNULATION-TARDIVE", message)]
    changes = [*_differents(session, retours), *_blocages(session, retours), *_echus(session, retours)]
    if not changes:
        return []
    message = f"{', '.join(changes[:5])} : la situation a changé depuis, cette opération ne peut plus être annulée."
    return [Refus("E-ANNULATION-TARDIVE", message)]


def _requis(session: Session, retours: Iterable[Retour]) -> set[tuple[str, str]]:
    """What must not be Supprimé when the objects go back: the ET of terrains, the EJ of ET."""
    ets = {un.avant["etablissement_id"] for un in retours if un.avant.get("etablissement_id")}
    revenus = _ids(retours, Etablissement)
    de_ces_et = select(Etablissement.entite_juridique_id).where(est_parmi(Etablissement.id, revenus))
    ejs = session.scalars(de_ces_et) if revenus else ()
    return {*(("Etablissement", str(un)) for un in ets), *(("EntiteJuridique", str(un)) for un in ejs)}


def _disparus(session: Session, retours: Sequence[Retour]) -> list[tuple[str, str]]:
    """Those that are Supprimés now, and that the event would not bring back itself (I2, I4)."""
    revenus = {(un.modele.__name__, str(un.id)) for un in retours}
    requis = _requis(session, retours) - revenus
    disparus = []
    for nom, statuts in (("Etablissement", StatutEtablissement), ("EntiteJuridique", StatutEntiteJuridique)):
        if ids := [int(cle) for type_, cle in requis if type_ == nom]:
            modele = cast("Any", MODELES[nom])
            supprimes = select(modele.id).where(est_parmi(modele.id, ids), modele.statut == statuts.SUPPRIME)
            disparus += [(nom, str(cle)) for cle in session.scalars(supprimes.order_by(modele.id))]
    return disparus


def _suivante(session: Session, evenement: Evenement, objets: Sequence[tuple[str, str]]) -> Evenement | None:
    """First later event on one of these objects: among the entries of the journal, and those still to be written."""
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
    changement = (
        func.jsonb_array_elements(Evenement.changements).table_valued("value").render_derived(name="changement")
    )
    valeur = type_coerce(changement.c.value, JSONB)
    en_attente = Evenement.traite_le.is_(None) & exists(
        select(1)
        .select_from(changement)
        .join(touches, tuple_(valeur["type"].astext, valeur["id"].astext) == tuple_(touches.c.type, touches.c.cle))
        .correlate(Evenement)
    )
    return session.scalar(
        select(Evenement)
        .where(Evenement.id > evenement.id, or_(Evenement.id.in_(ecrites), en_attente))
        .order_by(Evenement.id)
        .limit(1)
    )


def _differents(session: Session, retours: Sequence[Retour]) -> list[str]:
    """Objects that no longer have, to the letter, what the event wrote."""
    resultat = []
    for modele in MODELES.values():
        siens = [un for un in retours if un.modele is modele]
        if not siens:
            continue
        colonnes = table(modele).c
        champs = ["id", *sorted({champ for un in siens for champ in un.apres} - {"id"})]
        lues = session.execute(
            select(*(colonnes[champ] for champ in champs)).where(est_parmi(colonnes.id, _ids(siens, modele)))
        )
        lignes = {une.id: une for une in lues}
        resultat += [
            un.libelle
            for un in siens
            if un.id not in lignes or any(getattr(lignes[un.id], champ) != valeur for champ, valeur in un.apres.items())
        ]
    return resultat


def _blocages(session: Session, retours: Sequence[Retour]) -> list[str]:
    """What was opened since on a terrain that would no longer be Actif (S138), or would leave the territory of it."""
    terrains = [un for un in retours if un.modele is TerrainDeStage]
    if not terrains:
        return []
    inactifs = [un.id for un in terrains if un.avant.get("statut", StatutTerrain.ACTIF) is not StatutTerrain.ACTIF]
    partants = [un.id for un in terrains if {"ars_code", "subdivision_code"} & un.avant.keys()]
    agrements = select(Agrement.reference).where(
        est_parmi(Agrement.terrain_id, [*inactifs, *partants]),
        agrement_ouvert_sql(aujourd_hui()),
        ~est_parmi(Agrement.id, _ids(retours, Agrement)),
    )
    demandes = select(DemandeAgrement.reference).where(
        est_parmi(DemandeAgrement.terrain_id, inactifs), DemandeAgrement.etat.in_(ETATS_OUVERTS)
    )
    return list(session.scalars(agrements.union_all(demandes)))


def _echus(session: Session, retours: Sequence[Retour]) -> list[str]:
    """Agréments that the event had moved and that have ended: an échu never changes (I10)."""
    ids = _ids(retours, Agrement)
    echus = ~agrement_ouvert_sql(aujourd_hui()) & est_parmi(Agrement.id, ids)
    return list(session.scalars(select(Agrement.reference).where(echus))) if ids else []


# --- From the journal to the columns ---


def _retours(evenement: Evenement) -> list[Retour]:
    return [_retour(un) for un in evenement.changements if un["type"] in MODELES]


def _ids(retours: Iterable[Retour], modele: type[Journalise]) -> set[int]:
    return {un.id for un in retours if un.modele is modele}


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


def _effacer_les_traces(session: Session, retours: Sequence[Retour]) -> None:
    """Former numbers and territories that the operation had put in the histories: the last ones, nothing came since."""
    anciens = [un.avant["numero"] for un in retours if un.modele is TerrainDeStage and "numero" in un.avant]
    session.execute(delete(AncienNumero).where(AncienNumero.numero.in_(anciens)))
    agrements = [un.id for un in retours if un.modele is Agrement and set(GEOGRAPHIE) & un.avant.keys()]
    derniers = (
        select(func.max(AgrementHistorique.id))
        .where(est_parmi(AgrementHistorique.agrement_id, agrements))
        .group_by(AgrementHistorique.agrement_id)
    )
    session.execute(delete(AgrementHistorique).where(AgrementHistorique.id.in_(derniers)))
