"""Staging: the records that changed since the last file, copied into temporary tables, one row for each number.

A record with the hash that the mirror keeps is not parsed: it is the one of the last file. The mirror keeps a hash
only for a record whose rows were all taken and are claimed by no other: what it says is then the record itself, and
the outcome equals that of a full reading. When a changed record contradicts one that was not parsed, the file is read
once more with that one.
"""

from collections.abc import Set
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.referentiels.copie import verser
from app.referentiels.depots import Source
from app.referentiels.finess_json import LectureFiness
from app.referentiels.lignes import Enregistrement, Entete, LigneEj, LigneEt, LigneRejetee
from app.referentiels.registres import EJ, ET, Registre
from app.referentiels.suivi import Suivi

_LOT = 5000  # rows

_TABLES = (
    f"CREATE TEMPORARY TABLE {EJ.arrivee} (LIKE {EJ.miroir}, date_maj timestamptz, position text) ON COMMIT DROP",
    f"CREATE TEMPORARY TABLE {ET.arrivee} (LIKE {ET.miroir}, date_maj timestamptz, position text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE arrivee_rejet (position text, objet text, numero text, motif text) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE non_reconnue (empreinte bytea) ON COMMIT DROP",
    "CREATE TEMPORARY TABLE ej_reconnue (numero varchar(9)) ON COMMIT DROP",
)
_NOMS = (EJ.arrivee, ET.arrivee, "arrivee_rejet", "non_reconnue", "ej_reconnue")

_RECONNUES = f"""
    INSERT INTO ej_reconnue
    SELECT numero FROM {EJ.miroir} m
    WHERE empreinte IS NOT NULL AND NOT EXISTS (SELECT FROM non_reconnue n WHERE n.empreinte = m.empreinte)
"""

_ANALYSER = f"ANALYZE {EJ.arrivee} (numero), {ET.arrivee} (numero, numero_ej), arrivee_rejet, non_reconnue, ej_reconnue"

# Records that were not parsed although a changed one claims their number, or one of their ET.
_CONTREDITES = f"""
    SELECT m.empreinte FROM {EJ.miroir} m JOIN ej_reconnue USING (numero) JOIN {EJ.arrivee} USING (numero)
    UNION
    SELECT m.empreinte FROM {EJ.miroir} m JOIN ej_reconnue USING (numero) JOIN {ET.miroir} et ON et.numero_ej = m.numero
    JOIN {ET.arrivee} a ON a.numero = et.numero
    WHERE et.absent_depuis IS NULL
"""

_DOUBLONS = """
    CREATE TEMPORARY TABLE doublon ON COMMIT DROP AS
    SELECT ligne, rang, numero, position, {ej} AS numero_ej,
           first_value({ej}) OVER (PARTITION BY numero ORDER BY rang) AS retenu
    FROM (
        SELECT a.ctid AS ligne, a.*, row_number() OVER (
            PARTITION BY numero ORDER BY ouvert DESC, date_maj DESC NULLS LAST, {ej}, ROW({champs})::text
        ) AS rang
        FROM {arrivee} a
        WHERE numero IN (SELECT numero FROM {arrivee} GROUP BY numero HAVING count(*) > 1)
    ) classees
"""
_REJETER_DOUBLONS = """
    INSERT INTO arrivee_rejet
    SELECT position, '{objet}', numero,
           'Ce numéro figure plusieurs fois dans le fichier ; une autre ligne est retenue (entité juridique '
           || retenu || ').'
    FROM doublon WHERE rang > 1
"""
_OTER_DOUBLONS = "DELETE FROM {arrivee} a USING doublon d WHERE a.ctid = d.ligne AND d.rang > 1"
_RELIRE_DOUBLONS = f"UPDATE {EJ.arrivee} SET empreinte = NULL WHERE numero IN (SELECT numero_ej FROM doublon)"


@dataclass
class Arrivee:
    """What was read: the header of the file, the EJ met, those of them parsed or rejected, and the ET of these."""

    entete: Entete
    ej_lues: int = 0
    et_lus: int = 0


def charger(session: Session, source: Source, suivi: Suivi) -> Arrivee:
    """Fill the staging tables from a file; refuses, by exception, a file that is not a whole FINESS+ document."""
    arrivee = _lire(session, source, suivi)
    if contredites := set(session.scalars(text(_CONTREDITES))):
        arrivee = _lire(session, source, suivi, a_relire=contredites)
    _dedoublonner(session, EJ, "numero")
    _dedoublonner(session, ET, "numero_ej")
    return arrivee


def _empreintes(session: Session) -> set[bytes]:
    return set(session.scalars(text(f"SELECT empreinte FROM {EJ.miroir} WHERE empreinte IS NOT NULL")))


def _lire(session: Session, source: Source, suivi: Suivi, *, a_relire: Set[bytes] = frozenset()) -> Arrivee:
    """Read the whole file once. What is left of `connues` at the end is no longer in the file as it was."""
    _creer_tables(session)
    connues = _empreintes(session) - a_relire
    lecture, lots = LectureFiness(source.morceaux(), connues), _Lots(session)
    ej_lues = et_lus = 0
    for enregistrement in lecture:
        ej_lues += 1
        if enregistrement.connu:
            connues.discard(enregistrement.empreinte)  # met again, the same record would be a duplicate
        else:
            et_lus += lots.ajouter(enregistrement)
        suivi.avancer(source.octets_lus)
    lots.vider()
    verser(session, "non_reconnue", ("empreinte",), ((une,) for une in (*connues, *a_relire)))
    session.execute(text(_RECONNUES))
    session.execute(text(_ANALYSER))
    return Arrivee(lecture.entete(), ej_lues, et_lus)


def _creer_tables(session: Session) -> None:
    for nom in (*_NOMS, "doublon"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{nom}"))
    for creation in _TABLES:
        session.execute(text(creation))


class _Lots:
    """Rows on their way to the staging tables, copied a few thousand at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ej: list[LigneEj] = []
        self._et: list[LigneEt] = []
        self._rejets: list[LigneRejetee] = []

    def ajouter(self, enregistrement: Enregistrement) -> int:
        """Take the rows of a record; returns how many ET it holds, rejected ones included."""
        if enregistrement.ej is not None:
            self._ej.append(enregistrement.ej)
        self._et += enregistrement.ets
        self._rejets += enregistrement.rejets
        if len(self._ej) + len(self._et) + len(self._rejets) >= _LOT:
            self.vider()
        return len(enregistrement.ets) + sum(un.objet == ET.objet for un in enregistrement.rejets)

    def vider(self) -> None:
        verser(self._session, EJ.arrivee, LigneEj._fields, self._ej)
        verser(self._session, ET.arrivee, LigneEt._fields, self._et)
        verser(self._session, "arrivee_rejet", LigneRejetee._fields, self._rejets)
        self._ej, self._et, self._rejets = [], [], []


def _dedoublonner(session: Session, registre: Registre, ej: str) -> None:
    """Keep one row for each number, whatever their order in the file; the others are rejected.

    The record of every row concerned will be read again the next night.
    """
    noms = {"ej": ej, "arrivee": registre.arrivee, "objet": registre.objet, "champs": registre.liste("a")}
    session.execute(text("DROP TABLE IF EXISTS pg_temp.doublon"))
    session.execute(text(_DOUBLONS.format(**noms)))
    if session.scalar(text("SELECT EXISTS (SELECT FROM doublon)")):
        session.execute(text(_REJETER_DOUBLONS.format(**noms)))
        session.execute(text(_OTER_DOUBLONS.format(**noms)))
        session.execute(text(_RELIRE_DOUBLONS))
