"""`journal verifier`: walks the whole chain and tells its first broken link (SPEC N28, QUALITY A-72)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.sceaux.chaine import ORIGINE, TEXTE_ENTREES, TEXTE_EVENEMENT, empreinte, sceau
from app.sceaux.racines import Racine
from models.journal import EntreeJournal, Evenement, SceauJournal

LOT = 2000

CHAINE = text(f"""
    SELECT s.rang, s.evenement_id, s.entrees, s.empreinte_evenement, s.empreinte_entrees, s.sceau,
        e.id IS NOT NULL, {TEXTE_EVENEMENT}, j.entrees, j.texte
    FROM sceau_journal s
    LEFT JOIN evenement e ON e.id = s.evenement_id
    CROSS JOIN LATERAL ({TEXTE_ENTREES}) j
    ORDER BY s.rang
""")


@dataclass(frozen=True)
class Rupture:
    """The first broken link: `nature` for a program, `message` for a person."""

    nature: str
    rang: int | None
    evenement: int | None
    message: str


@dataclass(frozen=True)
class Bilan:
    """What was walked through, up to the end or to the broken link."""

    evenements: int
    entrees: int
    racines: int
    en_attente: int
    sceau: str
    rupture: Rupture | None


@dataclass
class _Marche:
    """Where the walk is; what was read up to there holds."""

    rang: int = 0
    entrees: int = 0
    sceau: bytes = ORIGINE


def verifier(session: Session, racines: Iterable[tuple[Path, Racine | None]] = ()) -> Bilan:
    """Walk the chain, then look for what is in the journal without being sealed, then compare with the daily roots.

    Each statement sees one state of the database: the worker may go on sealing meanwhile.
    """
    marche, racines = _Marche(), list(racines)
    rupture = _suivre(session, marche) or _hors_chaine(session) or next(_fausses_racines(session, racines), None)
    attente = select(func.count()).select_from(Evenement).where(Evenement.traite_le.is_(None))
    return Bilan(
        evenements=marche.rang,
        entrees=marche.entrees,
        racines=len(racines),
        en_attente=session.scalar(attente) or 0,
        sceau=marche.sceau.hex(),
        rupture=rupture,
    )


def _suivre(session: Session, marche: _Marche) -> Rupture | None:
    # In the order of the index of the seals: sorting would write the whole journal to temporary files first.
    session.execute(text("SET LOCAL enable_sort = off"))
    with session.execute(CHAINE.execution_options(yield_per=LOT)) as chaine:
        rompu = next((ligne for ligne in chaine if not _avancer(marche, ligne)), None)
    session.execute(text("SET LOCAL enable_sort = on"))
    return _diagnostic(session, marche, rompu) if rompu else None


def _avancer(marche: _Marche, ligne: Sequence[Any]) -> bool:
    """Take one link, if it holds to the preceding one and to what it seals."""
    rang, evenement, entrees, de_evenement, des_entrees, pose, present, texte, nombre, textes = ligne
    if (
        rang != marche.rang + 1
        or not present
        or nombre != entrees
        or pose != sceau(marche.sceau, rang, evenement, entrees, de_evenement, des_entrees)
        or de_evenement != empreinte(texte)
        or des_entrees != empreinte(textes)
    ):
        return False
    marche.rang, marche.sceau = rang, pose
    marche.entrees += nombre
    return True


def _diagnostic(session: Session, marche: _Marche, ligne: Sequence[Any]) -> Rupture:
    """What differs there. The seal first: if it holds to the preceding one, its own fingerprints can be believed."""
    rang, evenement, entrees, de_evenement, des_entrees, pose, present, texte, nombre, textes = ligne
    if rang != marche.rang + 1:
        rang = marche.rang + 1
        return Rupture("sceau manquant", rang, _sans_sceau(session), f"Le sceau de rang {rang} a disparu.")
    if pose != sceau(marche.sceau, rang, evenement, entrees, de_evenement, des_entrees):
        if (autre := _a_sa_place(session, marche)) is not None:
            message = f"Le sceau de rang {rang} et celui de rang {autre} ont été intervertis."
            return Rupture("sceaux intervertis", rang, evenement, message)
        return Rupture("sceau modifié", rang, evenement, f"Le sceau de rang {rang} a été modifié ou inséré.")
    if not present:
        return Rupture("événement manquant", rang, evenement, f"L’événement {evenement} a été supprimé.")
    if de_evenement != empreinte(texte):
        autre = session.scalar(_scelles.where(SceauJournal.empreinte_evenement == empreinte(texte)).limit(1))
        return _change(f"L’événement {evenement}", "événement", rang, evenement, autre)
    if nombre != entrees:
        nature, verbe = ("entrée ajoutée", "reçu") if nombre > entrees else ("entrée supprimée", "perdu")
        message = f"L’événement {evenement} a {verbe} des entrées : {entrees} scellées, {nombre} présentes."
        return Rupture(nature, rang, evenement, message)
    autre = session.scalar(_scelles.where(SceauJournal.empreinte_entrees == empreinte(textes)).limit(1))
    return _change(f"Une entrée de l’événement {evenement}", "entrée", rang, evenement, autre)


_scelles = select(SceauJournal.evenement_id)


def _change(sujet: str, objet: str, rang: int, evenement: int, autre: int | None) -> Rupture:
    """Changed, or put in the place of another one, which the seals know."""
    if autre is None:
        return Rupture(f"{objet} modifié", rang, evenement, f"{sujet} a été modifié après avoir été scellé.")
    message = f"{sujet} a été interverti avec l’événement {autre}."
    return Rupture(f"{objet} interverti", rang, evenement, message)


def _a_sa_place(session: Session, marche: _Marche) -> int | None:
    """Rank of the seal that would hold where the chain breaks, if it is somewhere else."""
    tous = select(
        SceauJournal.rang,
        SceauJournal.evenement_id,
        SceauJournal.entrees,
        SceauJournal.empreinte_evenement,
        SceauJournal.empreinte_entrees,
        SceauJournal.sceau,
    ).execution_options(yield_per=LOT)
    with session.execute(tous) as sceaux:
        for rang, evenement, entrees, de_evenement, des_entrees, pose in sceaux:
            if pose == sceau(marche.sceau, marche.rang + 1, evenement, entrees, de_evenement, des_entrees):
                return rang
    return None


def _hors_chaine(session: Session) -> Rupture | None:
    """What the chain does not know: an event called handled, an entry of no sealed event."""
    if (evenement := _sans_sceau(session)) is not None:
        message = f"L’événement {evenement} est marqué comme traité sans être scellé : inséré, ou son sceau a disparu."
        return Rupture("non scellé", None, evenement, message)
    ses_sceaux = select(SceauJournal.rang).where(SceauJournal.evenement_id == EntreeJournal.evenement_id)
    orphelines = select(EntreeJournal.evenement_id).where(~ses_sceaux.exists()).limit(1)
    if (evenement := session.scalar(orphelines)) is not None:
        message = f"Une entrée se dit de l’événement {evenement}, qui n’est pas scellé : elle a été insérée."
        return Rupture("entrée ajoutée", None, evenement, message)
    return None


def _sans_sceau(session: Session) -> int | None:
    ses_sceaux = select(SceauJournal.rang).where(SceauJournal.evenement_id == Evenement.id)
    traites = select(func.min(Evenement.id)).where(Evenement.traite_le.is_not(None), ~ses_sceaux.exists())
    return session.scalar(traites)


def _fausses_racines(session: Session, racines: list[tuple[Path, Racine | None]]) -> Iterator[Rupture]:
    """Daily roots that the chain contradicts: it was rewritten, or a former state of it was brought back."""
    rangs = [racine.rang for _, racine in racines if racine]
    lignes = select(SceauJournal.rang, SceauJournal.evenement_id, SceauJournal.sceau).where(
        SceauJournal.rang.in_(rangs)
    )
    connus = {rang: (evenement, pose.hex()) for rang, evenement, pose in session.execute(lignes)}
    for chemin, racine in racines:
        if racine is None:
            yield Rupture("racine illisible", None, None, f"Le fichier {chemin.name} n’est plus une racine.")
        elif connus.get(racine.rang) != (racine.evenement, racine.sceau):
            message = f"La chaîne ne passe plus par la racine du fichier {chemin.name} : elle a été réécrite."
            yield Rupture("racine contredite", racine.rang, racine.evenement, message)
