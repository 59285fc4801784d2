"""Staging of RPPS: the practitioners whose lines changed since the last file, copied into temporary tables.

A block of lines with a hash that the last file had is not parsed. That says everything about its practitioners only if
no other line of the file can be theirs: when another block of the same prefix is new, or no longer there, the file is
read once more with all of them. Lines of one practitioner found apart are merged, so that the outcome does not depend
on their order.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.referentiels.copie import Versement, verser
from app.referentiels.empreintes import Empreintes
from app.referentiels.lignes import Entete, LigneRejetee
from app.referentiels.rpps import LectureRpps
from app.referentiels.rpps_colonnes import COLONNES_ACTIVITE
from app.referentiels.rpps_lignes import COLONNES_PRATICIEN
from app.referentiels.rpps_lots import Lots
from app.referentiels.rpps_source import SourceRpps
from app.referentiels.suivi import Suivi

_REJETS_EN_ATTENTE = 1000
_TABLES = {
    "arrivee_praticien": """CREATE TEMPORARY TABLE arrivee_praticien (
           rpps varchar(11), nom text, prenom text, civilite text, profession_code varchar(2), savoirs_faire text[],
           lignes int
       ) ON COMMIT DROP""",
    "arrivee_activite": """CREATE TEMPORARY TABLE arrivee_activite (LIKE activite_praticien INCLUDING GENERATED)
       ON COMMIT DROP""",
    "arrivee_bloc": """CREATE TEMPORARY TABLE arrivee_bloc (
           prefixe text, empreinte bytea, lignes int
       ) ON COMMIT DROP""",
    "arrivee_rejet": """CREATE TEMPORARY TABLE arrivee_rejet (
           position text, objet text, numero text, motif text
       ) ON COMMIT DROP""",
    "non_reconnue": "CREATE TEMPORARY TABLE non_reconnue (empreinte bytea) ON COMMIT DROP",
}
_ANALYSER = "ANALYZE arrivee_praticien (rpps), arrivee_activite (rpps, cle), arrivee_bloc, arrivee_rejet, non_reconnue"
_EMPREINTES = "SELECT string_agg(empreinte, '') FROM bloc_rpps WHERE empreinte IS NOT NULL"
_RECONNUS = """
    CREATE TEMPORARY TABLE bloc_reconnu ON COMMIT DROP AS
    SELECT b.* FROM bloc_rpps b LEFT JOIN non_reconnue n USING (empreinte)
    WHERE NOT :directe AND b.empreinte IS NOT NULL AND n.empreinte IS NULL
"""
# Blocks that were not parsed although another one of the same prefix was, or is no longer there.
_CONTREDITS = """
    SELECT r.empreinte FROM bloc_reconnu r WHERE r.prefixe IN (
        SELECT prefixe FROM arrivee_bloc
        UNION ALL SELECT prefixe FROM bloc_rpps WHERE id NOT IN (SELECT id FROM bloc_reconnu)
    )
"""
_DU_CHAMP = "SELECT coalesce(sum(lignes), 0) FROM bloc_reconnu"
_EPARS = """
    CREATE TEMPORARY TABLE epars ON COMMIT DROP AS
    SELECT rpps, sum(lignes) AS lignes FROM arrivee_praticien GROUP BY rpps HAVING count(*) > 1
"""
# The same choices as within a group: the least identity, every savoir-faire, sorted as bytes.
_FONDRE = (
    """
    CREATE TEMPORARY TABLE fondu ON COMMIT DROP AS
    SELECT DISTINCT ON (rpps) a.rpps, nom, prenom, civilite, profession_code, s.savoirs_faire, e.lignes
    FROM arrivee_praticien a JOIN epars e USING (rpps)
    JOIN (
        SELECT rpps, array_agg(DISTINCT un COLLATE "C") FILTER (WHERE un IS NOT NULL) AS savoirs_faire
        FROM arrivee_praticien JOIN epars USING (rpps) LEFT JOIN unnest(savoirs_faire) un ON true GROUP BY rpps
    ) s USING (rpps)
    ORDER BY rpps, nom COLLATE "C", coalesce(prenom, '') COLLATE "C", coalesce(civilite, '') COLLATE "C",
             profession_code
    """,
    "DELETE FROM arrivee_praticien WHERE rpps IN (SELECT rpps FROM epars)",
    "UPDATE fondu SET savoirs_faire = '{}' WHERE savoirs_faire IS NULL",
    "INSERT INTO arrivee_praticien SELECT * FROM fondu",
    """
    DELETE FROM arrivee_activite a USING (
        SELECT x.ctid AS ligne, row_number() OVER (PARTITION BY rpps, cle) AS rang
        FROM arrivee_activite x JOIN epars USING (rpps)
    ) d WHERE a.ctid = d.ligne AND d.rang > 1
    """,
    "DROP TABLE fondu",
)

# Without it, the planner believes the mirror still empty: here, and on the next night.
_ANALYSER_MIROIR = "ANALYZE praticien (rpps), activite_praticien (rpps)"

# A practitioner copied straight into the mirror, of whom other lines were found apart: joins them.
_REPRENDRE = (
    f"""
    INSERT INTO arrivee_praticien ({", ".join(COLONNES_PRATICIEN)}, lignes)
    SELECT {", ".join(COLONNES_PRATICIEN)}, 0 FROM praticien WHERE rpps IN (SELECT rpps FROM arrivee_praticien)
    """,
    f"""
    INSERT INTO arrivee_activite ({", ".join(COLONNES_ACTIVITE)})
    SELECT {", ".join(COLONNES_ACTIVITE)} FROM activite_praticien WHERE rpps IN (SELECT rpps FROM arrivee_praticien)
    """,
    "DELETE FROM activite_praticien WHERE rpps IN (SELECT rpps FROM arrivee_praticien)",
    "DELETE FROM praticien WHERE rpps IN (SELECT rpps FROM arrivee_praticien)",
)


@dataclass(frozen=True)
class ArriveeRpps:
    """What was read, in lines; `reconnues` are those in the field in blocks without change, `directes` those of the
    practitioners that the mirror already holds, on a first load.
    """

    entete: Entete
    lus: int
    hors_champ: int
    rejetes: int
    reconnues: int
    directes: int


def est_charge(session: Session) -> bool:
    """Whether the mirror already holds something: the first load is no news."""
    return bool(session.scalar(text("SELECT EXISTS (SELECT FROM praticien)")))


def charger(session: Session, source: SourceRpps, suivi: Suivi) -> ArriveeRpps:
    """Fill the staging tables from a file; refuses, by exception, a file that is not a Personne_activite extract.

    On a first load, practitioners go straight into the mirror, but for those who may have lines apart.
    """
    vide = not est_charge(session)
    if vide:
        session.execute(text("DELETE FROM bloc_rpps"))  # those of a mirror that was emptied
    directe = vide and not suivi.simulation
    arrivee = _lire(session, source, suivi, directe=directe)
    if directe:
        _executer(session, _ANALYSER_MIROIR, *_REPRENDRE)
    if contredits := set(session.scalars(text(_CONTREDITS))):
        arrivee = _lire(session, source, suivi, a_relire=contredits)
    _executer(session, "DROP TABLE IF EXISTS pg_temp.epars", _EPARS)
    if session.scalar(text("SELECT EXISTS (SELECT FROM epars)")):
        _executer(session, *_FONDRE)
    return arrivee


def _executer(session: Session, *etapes: str) -> None:
    for etape in etapes:
        session.execute(text(etape))


def _connues(session: Session, a_relire: Set[bytes]) -> Empreintes:
    with cast("Connection[Any]", session.connection().connection).cursor(binary=True) as curseur:
        [octets] = curseur.execute(_EMPREINTES).fetchone() or [None]
    connues = Empreintes(octets or b"")  # fetched as binary: as text it takes twice the memory
    for empreinte in a_relire:
        connues.retirer(empreinte)
    return connues


def _lire(
    session: Session,
    source: SourceRpps,
    suivi: Suivi,
    *,
    a_relire: Set[bytes] = frozenset(),
    directe: bool = False,
) -> ArriveeRpps:
    for nom in (*_TABLES, "bloc_reconnu"):
        _executer(session, f"DROP TABLE IF EXISTS pg_temp.{nom}")
    _executer(session, *_TABLES.values())
    connues = _connues(session, a_relire)
    with Versement(session) as versement:
        lots = Lots(versement, directe=directe)
        lecture = LectureRpps(_suivis(source, suivi, lots), connues)
        for lot in lecture:
            lots.ajouter(lot)
            if len(lecture.rejets) > _REJETS_EN_ATTENTE:
                lots.finir()
                _verser_rejets(session, lecture)
        lots.vider()
    entete = Entete(f"{lecture.colonnes.nombre} colonnes", source.genere_le())
    _verser_rejets(session, lecture)
    verser(session, "non_reconnue", ("empreinte",), ((une,) for une in chain(connues, a_relire)))
    _executer(session, _ANALYSER)
    session.execute(text(_RECONNUS), {"directe": directe})
    session.execute(text("ANALYZE bloc_reconnu (prefixe)"))
    du_champ = session.scalar(text(_DU_CHAMP)) or 0
    return ArriveeRpps(
        entete,
        lecture.lus,
        lecture.hors_champ + lecture.reconnues - du_champ,
        lecture.rejetes,
        reconnues=du_champ,
        directes=lots.directes,
    )


def _verser_rejets(session: Session, lecture: LectureRpps) -> None:
    verser(session, "arrivee_rejet", LigneRejetee._fields, lecture.rejets)
    lecture.rejets.clear()


def _suivis(source: SourceRpps, suivi: Suivi, lots: Lots) -> Iterator[bytes]:
    """The bytes of the source; between two megabytes the rows read so far leave, and the run tells its progress."""
    for morceau in source.morceaux():
        if suivi.attendu:
            lots.finir()
            suivi.avancer(source.octets_lus)
        lots.envoyer()
        yield morceau
