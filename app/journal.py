"""What an event tells of each object it touched: its values before and after (SPEC S143, QUALITY A-70)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import MANYTOONE, InstanceState

from app import libelles
from app.scope import Actor
from models.base import Journalise
from models.journal import EntreeJournal, Evenement

# Columns that follow from the others: no news for a reader.
_DERIVES = {"cree_le", "modifie_le", "version", "password"}
# Accounts are the business of national administrators (M27), whatever the ARS de travail of the one who wrote.
_SANS_ARS = {"UTI.creer", "UTI.modifier", "UTI.mot_de_passe"}
_CODE_ARS = re.compile("[0-9A-Z]{2}")
_TELS_QUELS = frozenset({type(None), bool, int, str, list})  # nearly all values: asked first, an event may have 100 000


@dataclass(frozen=True)
class Changement:
    """One object touched by an event; `avant` is empty for a creation, `apres` for a deletion."""

    objet: Journalise
    avant: dict[str, Any]
    apres: dict[str, Any]
    suppression: bool = False

    @property
    def reel(self) -> bool:
        return self.suppression or self.avant != self.apres

    def en_json(self) -> dict[str, Any]:
        """The form stored in `Evenement.changements`; read after the flush, when the object has its id."""
        cle = "-".join(str(partie) for partie in inspect(self.objet).identity or ("",))
        return en_json(type(self.objet), cle, str(self.objet), self.objet.ars_codes(), self.avant, self.apres)


def en_json(
    modele: type[Journalise],
    cle: object,
    libelle: str,
    ars_codes: Iterable[str],
    avant: dict[str, Any],
    apres: dict[str, Any],
) -> dict[str, Any]:
    """What `Evenement.changements` stores of one object."""
    return {
        "type": modele.__name__,
        "id": str(cle),
        "libelle": libelle[:300],
        "ars": sorted(ars_codes),
        "avant": _scalaires(avant),
        "apres": _scalaires(apres),
    }


def changement(objet: Journalise, precedent: Changement | None, *, suppression: bool) -> Changement:
    """What is about to be written of `objet`, merged with what the same unit of work already wrote of it."""
    etat: InstanceState[Any] = inspect(objet)
    avant: dict[str, Any] = _derniers(etat) if suppression else {}
    apres: dict[str, Any] = {}
    for cle, attribut in _champs(etat):
        historique = etat.attrs[attribut].history
        if not historique.has_changes():
            continue
        apres[cle] = _lisible(historique.added)
        if etat.persistent:
            avant[cle] = _lisible(historique.deleted)
    if precedent is not None:
        avant, apres = {**avant, **precedent.avant}, {**precedent.apres, **apres}
    return Changement(objet, avant, apres, suppression)


def _derniers(etat: InstanceState[Any]) -> dict[str, Any]:
    """All that is told of an object about to be deleted: after that, only the journal knows it."""
    valeurs = ((cle, getattr(etat.object, attribut)) for cle, attribut in _champs(etat))
    return {cle: _lisible(un if isinstance(un, list) else [un]) for cle, un in valeurs if un not in (None, [])}


def _champs(etat: InstanceState[Any]) -> list[tuple[str, str]]:
    """What is told of an object: name in the journal, attribute that knows it.

    A link set through its relation changes its column at the flush only: the relation is asked too.
    """
    mapper = etat.mapper
    colonnes = [un.key for un in mapper.column_attrs if un.columns[0].computed is None and un.key not in _DERIVES]
    listes = [un.key for un in mapper.relationships if un.secondary is not None]
    liens = [
        (str(mapper.get_property_by_column(colonne).key), un.key)
        for un in mapper.relationships
        if un.direction is MANYTOONE and not un.viewonly
        for colonne in un.local_columns
    ]
    return [*((cle, cle) for cle in (*colonnes, *listes)), *liens]


def _lisible(valeurs: Any) -> Any:
    """History of an attribute as JSON: a scalar, or the list of labels of a relation."""
    lisibles = [_scalaire(valeur) for valeur in valeurs or ()]
    return lisibles[0] if len(lisibles) == 1 else lisibles or None


def _scalaires(valeurs: dict[str, Any]) -> dict[str, Any]:
    return {champ: un if type(un) in _TELS_QUELS else _scalaire(un) for champ, un in valeurs.items()}


def _scalaire(valeur: Any) -> Any:
    if isinstance(valeur, Enum):
        return valeur.value
    if isinstance(valeur, date | datetime):
        return valeur.isoformat()
    return valeur if type(valeur) in _TELS_QUELS else str(valeur)


def entrees(evenement: Evenement) -> list[EntreeJournal]:
    """Readable entries of an event: one for each object it touched, or one for the fact itself (export, login)."""
    operation = libelles.operation(evenement.operation)
    if not evenement.changements:
        return [EntreeJournal(evenement_id=evenement.id, rang=0, phrase=_fait(operation, evenement.details))]
    return [
        EntreeJournal(
            evenement_id=evenement.id,
            rang=rang,
            objet_type=un["type"],
            objet_id=un["id"],
            objet_libelle=un["libelle"],
            ars_code=un["ars"][0] if un["ars"] else None,
            phrase=_phrase(operation, un),
            avant=un["avant"],
            apres=un["apres"],
        )
        for rang, un in enumerate(evenement.changements)
    ]


def ars_concernees(evenement: Evenement) -> set[str]:
    """ARS whose users may see this event (M23): where it was done, and those of its objects, before and after."""
    if evenement.operation in _SANS_ARS:
        return set()
    codes = {evenement.ars_travail_code}
    for un in evenement.changements:
        codes |= ars_de(un)
    return {code for code in codes if isinstance(code, str) and _CODE_ARS.fullmatch(code)}


def ars_de(changement: dict[str, Any]) -> set[Any]:
    """ARS of one object of an event, the one that it left included."""
    return {*changement["ars"], changement["avant"].get("ars_code"), changement["apres"].get("ars_code")}


def visible(actor: Actor, evenement: Evenement) -> bool:
    """Whether the actor may see this event: those of his ARS, and those that touched its objects (M23)."""
    return actor.national or actor.ars_code in ars_concernees(evenement)


def vu_en_entier(actor: Actor, evenement: Evenement) -> bool:
    """Whether nothing of it is kept from the actor; else he sees the objects of his ARS only."""
    return actor.national or (actor.ars_code is not None and actor.ars_code == evenement.ars_travail_code)


def objets_visibles(actor: Actor, evenement: Evenement) -> list[dict[str, Any]]:
    """What the event tells of the objects that the actor may see, in the order of the event."""
    tous = vu_en_entier(actor, evenement)
    return [un for un in evenement.changements if tous or actor.ars_code in ars_de(un)]


def _phrase(operation: str, un: dict[str, Any]) -> str:
    champs = ", ".join(libelles.champ(cle) for cle in un["apres"] if un["avant"].get(cle) != un["apres"][cle])
    objet = f"{libelles.OBJETS.get(un['type'], un['type'])} {un['libelle']}"
    return f"{operation} – {objet} : {champs}" if un["avant"] and champs else f"{operation} – {objet}"


def _fait(operation: str, details: dict[str, Any] | None) -> str:
    faits = sorted((details or {}).items())
    precisions = ", ".join(f"{libelles.champ(cle)} : {_liste(valeur)}" for cle, valeur in faits)
    return f"{operation} – {precisions}" if precisions else operation


def _liste(valeur: Any) -> str:
    return ", ".join(valeur) if isinstance(valeur, list) else "–" if valeur is None else str(valeur)
