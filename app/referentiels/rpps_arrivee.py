"""Staging of RPPS: the practitioners whose lines changed since the last file, copied into temporary tables.

A group of lines with a hash that the mirror keeps is not parsed. That says everything about its practitioner only if
no other line of the file is theirs: when a parsed group contradicts it, the file is read once more with that one.
Groups of one practitioner found apart are merged, so that the outcome does not depend on the order of the lines.
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
from app.referentiels.rpps_lignes import COLONNES_ACTIVITE, COLONNES_PRATICIEN
from app.referentiels.rpps_lots import Lots
from app.referentiels.rpps_source import SourceRpps
from app.referentiels.suivi import Suivi

_REJETS_EN_ATTENTE = 1000
_TABLES = {
    "arrivee_praticien": """CREATE TEMPORARY TABLE arrivee_praticien (
           rpps varchar(11), nom text, prenom text, civilite text, profession_code varchar(2), savoirs_faire text[],
           empreinte bytea, lignes int
       ) ON COMMIT DROP""",
    "arrivee_activite": """CREATE TEMPORARY TABLE arrivee_activite (LIKE activite_praticien INCLUDING GENERATED)
       ON COMMIT DROP""",
    "arrivee_rejet": """CREATE TEMPORARY TABLE arrivee_rejet (
           position text, objet text, numero text, motif text
       ) ON COMMIT DROP""",
    "non_reconnue": "CREATE TEMPORARY TABLE non_reconnue (empreinte bytea) ON COMMIT DROP",
}
_ANALYSER = "ANALYZE arrivee_praticien (rpps), arrivee_activite (rpps, cle), arrivee_rejet, non_reconnue"
_EMPREINTES = "SELECT string_agg(empreinte, '') FROM praticien WHERE empreinte IS NOT NULL"

# Groups that were not parsed although another group of the same practitioner was.
_CONTREDITES = """
    SELECT m.empreinte FROM praticien m JOIN arrivee_praticien USING (rpps)
    WHERE m.empreinte IS NOT NULL AND NOT EXISTS (SELECT FROM non_reconnue n WHERE n.empreinte = m.empreinte)
"""
_EPARS = """
    CREATE TEMPORARY TABLE epars ON COMMIT DROP AS
    SELECT rpps, sum(lignes) AS lignes FROM arrivee_praticien GROUP BY rpps HAVING count(*) > 1
"""
# The same choices as within a group: the least identity, every savoir-faire, sorted as bytes. No hash: these lines
# have to be put together every night.
_FONDRE = (
    """
    CREATE TEMPORARY TABLE fondu ON COMMIT DROP AS
    SELECT DISTINCT ON (rpps) a.rpps, nom, prenom, civilite, profession_code, s.savoirs_faire, NULL::bytea, e.lignes
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

# A practitioner copied straight into the mirror, of whom other lines were found apart: joins them.
_REPRENDRE = (
    # The planner may believe the mirror still empty, and read it through for each row.
    "ANALYZE praticien (rpps), activite_praticien (rpps)",
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
    """What was read, in lines; `reconnues` are those of the practitioners that did not change, `directes` those of the
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
    if not suivi.simulation and not est_charge(session):
        arrivee = _lire(session, source, suivi, directe=True)
        _executer(session, *_REPRENDRE)
    else:
        arrivee = _lire(session, source, suivi)
        if contredites := set(session.scalars(text(_CONTREDITES))):
            arrivee = _lire(session, source, suivi, a_relire=contredites)
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
    _executer(session, *(f"DROP TABLE IF EXISTS pg_temp.{nom}" for nom in _TABLES), *_TABLES.values())
    connues = _connues(session, a_relire)
    with Versement(session) as versement:
        lots = Lots(versement, directe=directe)
        lecture = LectureRpps(_suivis(source, suivi, lots), connues)
        for groupe in lecture:
            lots.ajouter(groupe)
            if len(lecture.rejets) > _REJETS_EN_ATTENTE:
                lots.finir()
                _verser_rejets(session, lecture)
        lots.vider()
    entete = Entete(f"{lecture.colonnes.nombre} colonnes", source.genere_le())
    _verser_rejets(session, lecture)
    verser(session, "non_reconnue", ("empreinte",), ((une,) for une in chain(lecture.connues, a_relire)))
    session.execute(text(_ANALYSER))
    return ArriveeRpps(
        entete, lecture.lus, lecture.hors_champ, lecture.rejetes, lecture.reconnues, directes=lots.directes
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
