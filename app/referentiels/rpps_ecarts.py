"""Difference between the staging tables of RPPS and its mirror: counted, listed for the run's page, then applied.

Counts are in lines of the file: all the lines of a practitioner share the fate of the practitioner. One who is no
longer listed is no longer valid, from the date of the file (A7).
"""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.referentiels.rpps_arrivee import ArriveeRpps
from app.referentiels.rpps_blocs import PREFIXE
from app.referentiels.rpps_colonnes import COLONNES_ACTIVITE

_IDENTITE = ("nom", "prenom", "civilite", "profession_code", "savoirs_faire")
_BLOC = "prefixe, empreinte, lignes"


def _de(alias: str, *colonnes: str) -> str:
    return ", ".join(f"{alias}.{une}" for une in colonnes)


_ECARTS = (
    # A few thousand rows against half a million: the planner must not read the mirror through, whatever its statistics.
    "SET LOCAL random_page_cost = 1.1",
    """
    CREATE TEMPORARY TABLE activite_nouvelle ON COMMIT DROP AS
    SELECT rpps, cle FROM arrivee_activite a LEFT JOIN activite_praticien m USING (rpps, cle) WHERE m.rpps IS NULL
    """,
    # What a rejected line would have said is not known: the activities of its practitioner all stay.
    """
    CREATE TEMPORARY TABLE activite_perdue ON COMMIT DROP AS
    SELECT m.rpps, m.cle FROM activite_praticien m JOIN arrivee_praticien USING (rpps)
    LEFT JOIN arrivee_activite a USING (rpps, cle)
    WHERE a.rpps IS NULL AND NOT EXISTS (SELECT FROM arrivee_rejet j WHERE j.numero = m.rpps)
    """,
    f"""
    CREATE TEMPORARY TABLE ecart_praticien ON COMMIT DROP AS
    SELECT a.rpps, a.lignes,
           CASE WHEN m.rpps IS NULL THEN 'CREE'
                WHEN m.absent_depuis IS NOT NULL THEN 'REVENU'
                ELSE 'MODIFIE' END AS nature
    FROM arrivee_praticien a LEFT JOIN praticien m USING (rpps)
    WHERE m.rpps IS NULL OR m.absent_depuis IS NOT NULL
       OR ROW({_de("a", *_IDENTITE)}) IS DISTINCT FROM ROW({_de("m", *_IDENTITE)})
       OR a.rpps IN (SELECT rpps FROM activite_nouvelle UNION ALL SELECT rpps FROM activite_perdue)
    UNION ALL
    SELECT m.rpps, 0, 'ABSENT' FROM praticien m
    WHERE NOT :directe AND m.absent_depuis IS NULL
      AND NOT EXISTS (SELECT FROM bloc_reconnu b WHERE b.prefixe = left(m.rpps, {PREFIXE}))
      AND NOT EXISTS (SELECT FROM arrivee_praticien a WHERE a.rpps = m.rpps)
      AND NOT EXISTS (SELECT FROM arrivee_rejet j WHERE j.numero = m.rpps)
    """,
    "ANALYZE activite_nouvelle, activite_perdue, ecart_praticien",
)
_COMPTES = """
    SELECT (SELECT coalesce(sum(lignes), 0) FROM arrivee_praticien) AS parsees,
           coalesce(sum(lignes) FILTER (WHERE nature = 'CREE'), 0) AS creees,
           coalesce(sum(lignes) FILTER (WHERE nature IN ('REVENU', 'MODIFIE')), 0) AS modifiees,
           count(*) FILTER (WHERE nature IN ('CREE', 'REVENU')) AS entres,
           count(*) FILTER (WHERE nature = 'ABSENT') AS absents,
           (SELECT count(*) FROM praticien WHERE absent_depuis IS NULL) AS connus
    FROM ecart_praticien
"""

_LIEUX = """
    SELECT rpps, string_agg(concat_ws(', ', mode, structure, raison_sociale, adresse, code_postal, ville, telephone,
                                      courriel), ' ; ' ORDER BY cle) AS lieux
    FROM {table} JOIN {choix} USING (rpps, cle) GROUP BY rpps
"""
_CONSIGNER = f"""
    WITH lieux_avant AS ({_LIEUX.format(table="activite_praticien", choix="activite_perdue")}),
         lieux_apres AS ({_LIEUX.format(table="arrivee_activite", choix="activite_nouvelle")})
    INSERT INTO traitement_changement (traitement_id, objet, nature, numero, libelle, avant, apres)
    SELECT :traitement, 'PRATICIEN', e.nature, e.rpps,
           left(concat_ws(' ', coalesce(a.nom, m.nom), coalesce(a.prenom, m.prenom)), 255), d.avant, d.apres
    FROM ecart_praticien e LEFT JOIN arrivee_praticien a USING (rpps) LEFT JOIN praticien m USING (rpps)
    LEFT JOIN lieux_avant v USING (rpps) LEFT JOIN lieux_apres p USING (rpps)
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(x.key, x.value) AS avant, jsonb_object_agg(x.key, y.value) AS apres
        FROM jsonb_each(jsonb_build_object({{de_miroir}}, 'activites', v.lieux)) x
        JOIN jsonb_each(jsonb_build_object({{d_arrivee}}, 'activites', p.lieux)) y USING (key)
        WHERE x.value IS DISTINCT FROM y.value
    ) d ON e.nature IN ('REVENU', 'MODIFIE')
    ORDER BY e.rpps
""".format(
    de_miroir=", ".join(f"'{un}', m.{un}" for un in _IDENTITE),
    d_arrivee=", ".join(f"'{un}', a.{un}" for un in _IDENTITE),
)

_APPLIQUER = (
    f"""
    MERGE INTO praticien m USING arrivee_praticien a ON m.rpps = a.rpps
    WHEN MATCHED AND (m.absent_depuis IS NOT NULL OR ROW({_de("m", *_IDENTITE)})
                      IS DISTINCT FROM ROW({_de("a", *_IDENTITE)}))
        THEN UPDATE SET {", ".join(f"{une} = a.{une}" for une in _IDENTITE)}, absent_depuis = NULL
    WHEN NOT MATCHED THEN INSERT (rpps, {", ".join(_IDENTITE)}) VALUES ({_de("a", "rpps", *_IDENTITE)})
    """,
    f"""
    INSERT INTO activite_praticien ({", ".join(COLONNES_ACTIVITE)})
    SELECT {_de("a", *COLONNES_ACTIVITE)} FROM arrivee_activite a JOIN activite_nouvelle USING (rpps, cle)
    """,
    "DELETE FROM activite_praticien m USING activite_perdue p WHERE m.rpps = p.rpps AND m.cle = p.cle",
    "DELETE FROM bloc_rpps WHERE empreinte IS NULL OR empreinte IN (SELECT empreinte FROM non_reconnue)",
    f"INSERT INTO bloc_rpps ({_BLOC}) SELECT {_BLOC} FROM arrivee_bloc",
    # Two blocks alike would be taken for one.
    """
    UPDATE bloc_rpps SET empreinte = NULL
    WHERE empreinte IN (SELECT empreinte FROM bloc_rpps GROUP BY empreinte HAVING count(*) > 1)
    """,
)
_MARQUER_ABSENTS = """
    UPDATE praticien m SET absent_depuis = :le FROM ecart_praticien e
    WHERE e.rpps = m.rpps AND e.nature = 'ABSENT'
"""


@dataclass(frozen=True)
class BilanRpps:
    """Lines of the file, by what becomes of them; `praticiens` and `absents` count persons."""

    lus: int = 0
    hors_champ: int = 0
    crees: int = 0
    modifies: int = 0
    inchanges: int = 0
    rejetes: int = 0
    praticiens: int = 0
    absents: int = 0

    def comptes(self) -> dict[str, int]:
        return asdict(self)


def comparer(session: Session, arrivee: ArriveeRpps) -> BilanRpps:
    """Compute the differences and count them. Not one line of the file may be missing from the sum."""
    for nom in ("activite_nouvelle", "activite_perdue", "ecart_praticien"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{nom}"))
    for etape in _ECARTS:
        session.execute(text(etape), {"directe": arrivee.directes > 0} if ":directe" in etape else {})
    comptes = session.execute(text(_COMPTES)).one()
    bilan = BilanRpps(
        lus=arrivee.lus,
        hors_champ=arrivee.hors_champ,
        crees=arrivee.directes + comptes.creees,
        modifies=comptes.modifiees,
        inchanges=arrivee.reconnues + comptes.parsees - comptes.creees - comptes.modifiees,
        rejetes=arrivee.rejetes,
        praticiens=comptes.connus + comptes.entres - comptes.absents,
        absents=comptes.absents,
    )
    if bilan.lus != bilan.crees + bilan.modifies + bilan.inchanges + bilan.rejetes + bilan.hors_champ:
        raise AssertionError(f"lines of the file lost on the way: {bilan}")
    return bilan


def consigner_changements(session: Session, traitement_id: int) -> None:
    """List every practitioner who differs, with the fields before and after; of the activities, those that differ."""
    session.execute(text(_CONSIGNER), {"traitement": traitement_id})


def appliquer(session: Session, le: date) -> None:
    """Bring the mirror to what the file says; `le` is the day of the file."""
    for etape in _APPLIQUER:
        session.execute(text(etape))
    session.execute(text(_MARQUER_ABSENTS), {"le": le})
