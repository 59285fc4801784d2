"""The chain: which bytes of an event and of its entries are sealed, and how a seal holds to the preceding one.

What is written here is for ever: with other bytes, the seals already there would be called broken.
"""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from models.journal import SceauJournal

ORIGINE = b""  # what comes before the first seal
_VERROU = "journal"

# Columns by name, so that a column added later changes nothing; a row as text says where each value ends, dates as
# numbers depend on no time zone, and jsonb has one writing only. The id of the event is in the seal.
TEXTE_EVENEMENT = """ROW(
    extract(epoch FROM e.le), e.operation, e.acteur, e.ars_travail_code, e.source, e.requete_id,
    e.traitement_id, e.changements, e.details, extract(epoch FROM e.traite_le)
)::text"""
TEXTE_ENTREES = """SELECT count(*) AS entrees, coalesce(string_agg(ROW(
    j.id, j.rang, j.objet_type, j.objet_id, j.objet_libelle, j.ars_code, j.phrase, j.avant, j.apres
)::text, '' ORDER BY j.rang), '') AS texte
FROM entree_journal j WHERE j.evenement_id = e.id"""

_A_SCELLER = text(f"""
    SELECT e.id, {TEXTE_EVENEMENT} AS evenement, j.entrees, j.texte
    FROM evenement e CROSS JOIN LATERAL ({TEXTE_ENTREES}) j
    WHERE e.id = ANY(:ids) ORDER BY e.id
""")


def attendre_son_tour(session: Session) -> None:
    """Only one transaction at a time adds to the chain, whoever the worker is."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_VERROU, 0))))


def sceller(session: Session, evenements: Sequence[int]) -> None:
    """Seal handled events after those already sealed, in the transaction that wrote their entries (A-72)."""
    session.flush()
    dernier = session.execute(select(SceauJournal.rang, SceauJournal.sceau).order_by(SceauJournal.rang.desc()).limit(1))
    rang, precedent = dernier.one_or_none() or (0, ORIGINE)
    sceaux = []
    for id_, evenement, entrees, texte in session.execute(_A_SCELLER, {"ids": list(evenements)}):
        rang += 1
        de_evenement, des_entrees = empreinte(evenement), empreinte(texte)
        precedent = sceau(precedent, rang, id_, entrees, de_evenement, des_entrees)
        sceaux.append(
            {
                "rang": rang,
                "evenement_id": id_,
                "entrees": entrees,
                "empreinte_evenement": de_evenement,
                "empreinte_entrees": des_entrees,
                "sceau": precedent,
            }
        )
    if sceaux:
        session.execute(insert(SceauJournal), sceaux)


def empreinte(texte: str) -> bytes:
    return sha256(texte.encode()).digest()


def sceau(precedent: bytes, rang: int, evenement: int, entrees: int, de_evenement: bytes, des_entrees: bytes) -> bytes:
    """Seal of rank `rang`: it depends on everything that was sealed before."""
    return sha256(b"%s%d|%d|%d|%s%s" % (precedent, rang, evenement, entrees, de_evenement, des_entrees)).digest()
