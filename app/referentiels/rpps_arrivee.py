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

from app.referentiels.copie import verser, verser_octets
from app.referentiels.empreintes import Empreintes
from app.referentiels.lignes import Entete, LigneRejetee
from app.referentiels.rpps import Groupe, LectureRpps
from app.referentiels.rpps_lignes import COLONNES_ACTIVITE, COLONNES_PRATICIEN
from app.referentiels.rpps_source import SourceRpps
from app.referentiels.suivi import Suivi

_LOT = 8000  # groups

_TABLES = (
    """CREATE TEMPORARY TABLE arrivee_praticien (
           rpps varchar(11), nom text, prenom text, civilite text, profession_code varchar(2), savoirs_faire text[],
           empreinte bytea, lignes int
       ) ON COMMIT DROP""",
    """CREATE TEMPORARY TABLE arrivee_activite (
           rpps varchar(11), cle bigint, structure text, mode text, secteur_code text, siret text, numero_finess text,
           raison_sociale text, adresse text, complement text, code_postal text, ville text, code_insee text,
           telephone text, telecopie text, courriel text, departement text
       ) ON COMMIT DROP""",
    "CREATE TEMPORARY TABLE arrivee_rejet (position text, objet text, numero text, motif text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE non_reconnue (empreinte bytea) ON COMMIT DROP",
)
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


@dataclass(frozen=True)
class ArriveeRpps:
    """What was read, in lines; `reconnues` are those of the practitioners that did not change."""

    entete: Entete
    lus: int
    hors_champ: int
    rejetes: int
    reconnues: int


def charger(session: Session, source: SourceRpps, suivi: Suivi) -> ArriveeRpps:
    """Fill the staging tables from a file; refuses, by exception, a file that is not a Personne_activite extract."""
    arrivee = _lire(session, source, suivi)
    if contredites := set(session.scalars(text(_CONTREDITES))):
        arrivee = _lire(session, source, suivi, a_relire=contredites)
    session.execute(text("DROP TABLE IF EXISTS pg_temp.epars"))
    session.execute(text(_EPARS))
    if session.scalar(text("SELECT EXISTS (SELECT FROM epars)")):
        for etape in _FONDRE:
            session.execute(text(etape))
    return arrivee


def _connues(session: Session, a_relire: Set[bytes]) -> Empreintes:
    with cast("Connection[Any]", session.connection().connection).cursor(binary=True) as curseur:
        [octets] = curseur.execute(_EMPREINTES).fetchone() or [None]
    connues = Empreintes(octets or b"")  # fetched as binary: as text it takes twice the memory
    for empreinte in a_relire:
        connues.retirer(empreinte)
    return connues


def _lire(session: Session, source: SourceRpps, suivi: Suivi, *, a_relire: Set[bytes] = frozenset()) -> ArriveeRpps:
    _creer_tables(session)
    lecture = LectureRpps(_suivis(source, suivi), _connues(session, a_relire))
    entete = Entete(f"{lecture.colonnes.nombre} colonnes", source.genere_le())
    lots = _Lots(session, lecture)
    for groupe in lecture:
        lots.ajouter(groupe)
    lots.vider()
    verser(session, "non_reconnue", ("empreinte",), ((une,) for une in chain(lecture.connues, a_relire)))
    session.execute(text(_ANALYSER))
    return ArriveeRpps(entete, lecture.lus, lecture.hors_champ, lecture.rejetes, lecture.reconnues)


def _suivis(source: SourceRpps, suivi: Suivi) -> Iterator[bytes]:
    """The bytes of the source; the progress of the run follows."""
    for morceau in source.morceaux():
        suivi.avancer(source.octets_lus)
        yield morceau


def _creer_tables(session: Session) -> None:
    for nom in ("arrivee_praticien", "arrivee_activite", "arrivee_rejet", "non_reconnue"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{nom}"))
    for creation in _TABLES:
        session.execute(text(creation))


class _Lots:
    """Rows on their way to the staging tables, copied a few thousand at a time."""

    def __init__(self, session: Session, lecture: LectureRpps) -> None:
        self._session = session
        self._lecture = lecture
        self._praticiens: list[bytes] = []
        self._activites: list[bytes] = []

    def ajouter(self, groupe: Groupe) -> None:
        self._praticiens.append(groupe.praticien)
        self._activites += groupe.activites
        if len(self._praticiens) >= _LOT:
            self.vider()

    def vider(self) -> None:
        verser_octets(self._session, "arrivee_praticien", COLONNES_PRATICIEN, b"".join(self._praticiens))
        verser_octets(self._session, "arrivee_activite", COLONNES_ACTIVITE, b"".join(self._activites))
        verser(self._session, "arrivee_rejet", LigneRejetee._fields, self._lecture.rejets)
        self._praticiens.clear()
        self._activites.clear()
        self._lecture.rejets.clear()
