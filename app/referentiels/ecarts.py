"""Difference between the staging tables and the mirror: counted, listed for the run's page, then applied.

Only the rows that differ are written. A row that the file no longer lists is flagged absent, never closed (A7).
"""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.referentiels.arrivee import Arrivee
from app.referentiels.registres import EJ, ET, Registre

REJETS_CONSERVES = 1000

_ECART = """
    CREATE TEMPORARY TABLE {ecart} ON COMMIT DROP AS
    SELECT a.numero,
           CASE WHEN m.numero IS NULL THEN 'CREE'
                WHEN m.ouvert AND NOT a.ouvert THEN 'FERME'
                WHEN a.ouvert AND NOT m.ouvert THEN 'ROUVERT'
                WHEN {rattache} THEN 'RATTACHE'
                WHEN m.absent_depuis IS NOT NULL THEN 'REVENU'
                ELSE 'MODIFIE' END AS nature
    FROM {arrivee} a LEFT JOIN {miroir} m USING (numero)
    WHERE m.numero IS NULL OR m.absent_depuis IS NOT NULL OR ROW({de_arrivee}) IS DISTINCT FROM ROW({de_miroir})
    UNION ALL
    SELECT m.numero, 'ABSENT' FROM {miroir} m
    WHERE m.absent_depuis IS NULL
      AND NOT EXISTS (SELECT FROM ej_reconnue r WHERE r.numero = m.{ej})
      AND NOT EXISTS (SELECT FROM {arrivee} a WHERE a.numero = m.numero)
      AND NOT EXISTS (SELECT FROM arrivee_rejet j WHERE j.objet = '{objet}' AND j.numero = m.numero)
"""

_COMPTES = """
    SELECT count(*) FILTER (WHERE nature = 'CREE') AS crees,
           count(*) FILTER (WHERE nature NOT IN ('CREE', 'ABSENT')) AS modifies,
           count(*) FILTER (WHERE nature = 'FERME') AS fermes,
           count(*) FILTER (WHERE nature = 'ABSENT') AS absents
    FROM {ecart}
"""
_RECONNUS = f"""
    SELECT (SELECT count(*) FROM ej_reconnue),
           (SELECT count(*) FROM {ET.miroir} m JOIN ej_reconnue r ON r.numero = m.numero_ej
            WHERE m.absent_depuis IS NULL)
"""
_ARRIVES = f"SELECT (SELECT count(*) FROM {EJ.arrivee}) + (SELECT count(*) FROM {ET.arrivee})"

_CONSIGNER_REJETS = """
    INSERT INTO traitement_rejet (traitement_id, position, objet, numero, motif)
    SELECT :traitement, position, objet, numero, motif FROM arrivee_rejet
    ORDER BY string_to_array(position, '.')::int[] LIMIT :limite
"""
_CONSIGNER = """
    INSERT INTO traitement_changement (traitement_id, objet, nature, numero, libelle, avant, apres)
    SELECT :traitement, '{objet}', e.nature, e.numero, coalesce(a.raison_sociale, m.raison_sociale), d.avant, d.apres
    FROM {ecart} e LEFT JOIN {arrivee} a USING (numero) LEFT JOIN {miroir} m USING (numero)
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(x.key, x.value) AS avant, jsonb_object_agg(x.key, y.value) AS apres
        FROM jsonb_each(to_jsonb(m)) x JOIN jsonb_each(to_jsonb(a)) y USING (key)
        WHERE x.value IS DISTINCT FROM y.value AND x.key NOT IN ('empreinte', 'absent_depuis')
    ) d ON true
    ORDER BY e.numero
"""

_APPLIQUER = """
    MERGE INTO {miroir} m USING {arrivee} a ON m.numero = a.numero
    WHEN MATCHED AND (m.absent_depuis IS NOT NULL OR ROW({de_miroir}) IS DISTINCT FROM ROW({de_arrivee}))
        THEN UPDATE SET {affectations}, absent_depuis = NULL
    WHEN NOT MATCHED THEN INSERT ({colonnes}) VALUES ({valeurs})
"""
_MARQUER_ABSENTS = """
    UPDATE {miroir} m SET absent_depuis = :le FROM {ecart} e WHERE e.numero = m.numero AND e.nature = 'ABSENT'
"""
# A record neither recognised nor taken tonight (absent, rejected) must be read again when it comes back.
_OUBLIER_EMPREINTES = f"""
    UPDATE {EJ.miroir} m SET empreinte = NULL
    WHERE empreinte IS NOT NULL
      AND NOT EXISTS (SELECT FROM ej_reconnue r WHERE r.numero = m.numero)
      AND NOT EXISTS (SELECT FROM {EJ.arrivee} a WHERE a.numero = m.numero)
"""


@dataclass(frozen=True)
class Bilan:
    """Rows of the file, by what becomes of them in the mirror; `fermes` is part of `modifies`."""

    ej_lues: int = 0
    et_lus: int = 0
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    rejetes: int = 0
    fermes: int = 0
    absents: int = 0

    @property
    def lus(self) -> int:
        return self.ej_lues + self.et_lus

    def comptes(self) -> dict[str, int]:
        return {"lus": self.lus, **asdict(self)}


def comparer(session: Session, lu: Arrivee) -> Bilan:
    """Compute the differences of both registers and count them. Not one row of the file may be missing from the sum."""
    for registre in (EJ, ET):
        _comparer(session, registre)
    ej, et = (session.execute(text(_COMPTES.format(ecart=un.ecart))).one() for un in (EJ, ET))
    ej_reconnues, et_reconnus = session.execute(text(_RECONNUS)).one()
    crees, modifies = ej.crees + et.crees, ej.modifies + et.modifies
    arrives = session.scalar(text(_ARRIVES)) or 0
    bilan = Bilan(
        ej_lues=lu.ej_lues,
        et_lus=lu.et_lus + et_reconnus,
        crees=crees,
        modifies=modifies,
        inchanges=ej_reconnues + et_reconnus + arrives - crees - modifies,
        rejetes=session.scalar(text("SELECT count(*) FROM arrivee_rejet")) or 0,
        fermes=ej.fermes + et.fermes,
        absents=ej.absents + et.absents,
    )
    if bilan.lus != bilan.crees + bilan.modifies + bilan.inchanges + bilan.rejetes:
        raise AssertionError(f"rows of the file lost on the way: {bilan}")
    return bilan


def est_charge(session: Session) -> bool:
    """Whether the mirror already holds something."""
    return bool(session.scalar(text(f"SELECT EXISTS (SELECT FROM {EJ.miroir})")))


def consigner_rejets(session: Session, traitement_id: int) -> None:
    """Keep the first rejects, in the order of the file; their number is exact in the counts."""
    session.execute(text(_CONSIGNER_REJETS), {"traitement": traitement_id, "limite": REJETS_CONSERVES})


def consigner_changements(session: Session, traitement_id: int) -> None:
    """List every row that differs, with the fields before and after."""
    for un in (EJ, ET):
        requete = _CONSIGNER.format(objet=un.objet, ecart=un.ecart, arrivee=un.arrivee, miroir=un.miroir)
        session.execute(text(requete), {"traitement": traitement_id})


def appliquer(session: Session, le: date) -> None:
    """Bring the mirror to what the file says; `le` is the day of the file."""
    for un in (EJ, ET):
        colonnes = (*un.champs, *un.technique)
        requete = _APPLIQUER.format(
            miroir=un.miroir,
            arrivee=un.arrivee,
            de_miroir=un.liste("m", *un.technique),
            de_arrivee=un.liste("a", *un.technique),
            affectations=", ".join(f"{une} = a.{une}" for une in colonnes if une != "numero"),
            colonnes=", ".join(colonnes),
            valeurs=un.liste("a", *un.technique),
        )
        session.execute(text(requete))
        session.execute(text(_MARQUER_ABSENTS.format(miroir=un.miroir, ecart=un.ecart)), {"le": le})
    session.execute(text(_OUBLIER_EMPREINTES))


def _comparer(session: Session, un: Registre) -> None:
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{un.ecart}"))
    requete = _ECART.format(
        ecart=un.ecart,
        arrivee=un.arrivee,
        miroir=un.miroir,
        objet=un.objet,
        ej="numero" if un is EJ else "numero_ej",
        rattache="false" if un is EJ else "a.numero_ej <> m.numero_ej",
        de_arrivee=un.liste("a"),
        de_miroir=un.liste("m"),
    )
    session.execute(text(requete))
    session.execute(text(f"ANALYZE {un.ecart}"))
