"""What the registry changes in the application: re-attachments, statuts, copies of its fields (SPEC §3.1, 3.2, 3.4).

Each step compares the whole application with the mirror, so that it does not matter which file, or which user, made
them differ: a terrain that left a closed ET is enough for the next night to delete that ET (A15). The rules of
statut are those of `models.etats`, as SQL; a property test proves that both agree. Secondary blocks are never named.

A step locks the rows it is about to change, then computes its plan again: users may be at work. The rows and their
events are written by one statement.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import CursorResult, Result, text
from sqlalchemy.orm import Session

from app.scope import SYSTEME
from models.coordonnees import CHAMPS_COORDONNEES, departement_sql
from models.etats import StatutEntiteJuridique, StatutEtablissement
from models.registre import CHAMPS_REGISTRE_EJ, CHAMPS_REGISTRE_ET

_SUIVI = ("ars_code", "statut", "absent_depuis", "rouvert_le")
_LIBELLES_STATUT = {un.name: un.value for un in (*StatutEtablissement, *StatutEntiteJuridique)}


@dataclass(frozen=True)
class Auteur:
    """Whom the journal names: the night, unless a command brings the application in line by itself."""

    login: str
    source: str


SYNCHRONISATION = Auteur(SYSTEME, "synchronisation")


@dataclass(frozen=True)
class Etape:
    """One table of the application to bring in line: `plan` gives, for each row `o`, the values it should have."""

    type_objet: str
    operation: str
    table: str
    champs: tuple[str, ...]
    plan: str
    libelle: str
    ars: str


def _copies(champs: tuple[str, ...]) -> str:
    """Registry fields of the mirror row `m`, or what the object `o` already holds when FINESS does not know it."""
    sources = {un: _COMMUNE if un == "code_insee" else f"m.{un}" for un in champs}
    return ", ".join(f"CASE WHEN m.numero IS NULL THEN o.{un} ELSE {sources[un]} END AS {un}" for un in champs)


# The registry may still give the code of a commune that was merged: the object has that of today (R15).
_COMMUNE = "coalesce(al.commune_code, m.code_insee)"
_ALIAS = "LEFT JOIN alias_commune al ON al.ancien_code = m.code_insee"


def ars_sql(code_insee: str) -> str:
    """SQL of the ARS of a commune, through its département."""
    return f"(SELECT d.ars_code FROM departement d WHERE d.code = {departement_sql(code_insee)})"


# An address that FINESS empties does not take the object away from its ARS.
_ARS = f"""
    CASE WHEN m.code_insee IS NULL THEN o.ars_code
         ELSE {ars_sql(_COMMUNE)} END AS ars_code
"""
_ABSENT_DEPUIS = "CASE WHEN m.numero IS NULL THEN coalesce(o.absent_depuis, :le) ELSE m.absent_depuis END"
_INCONNU = "(m.numero IS NULL OR m.absent_depuis IS NOT NULL)"
_EJ_INCONNUE = "(mej.numero IS NULL OR mej.absent_depuis IS NOT NULL)"

# models.etats.statut_etablissement, rows ET-01 to ET-27.
_STATUT_ET = f"""
    CASE WHEN o.statut = 'SUPPRIME' OR {_INCONNU} THEN o.statut
         WHEN NOT m.ouvert THEN CASE WHEN coalesce(ts.n_ts, 0) > 0 THEN 'INACTIF' ELSE 'SUPPRIME' END
         WHEN NOT {_EJ_INCONNUE} AND NOT mej.ouvert THEN 'INACTIF'
         ELSE o.statut END
"""
# models.etats.statut_entite_juridique, rows EJ-01 to EJ-19.
_STATUT_EJ = f"""
    CASE WHEN o.statut = 'SUPPRIME' OR {_INCONNU} THEN o.statut
         WHEN coalesce(n.n_et, 0) = 0 THEN 'SUPPRIME'
         WHEN NOT m.ouvert THEN 'INACTIF'
         WHEN n.n_et_actifs > 0 THEN 'ACTIF'
         ELSE o.statut END
"""
# Notices E-REOUVERTURE (A5): open again in the registry, and waiting for a user to reactivate it.
_ROUVERT_ET = f"""
    CASE WHEN {_INCONNU} OR {_EJ_INCONNUE} THEN o.rouvert_le
         WHEN o.statut <> 'ACTIF' AND m.ouvert AND mej.ouvert THEN coalesce(o.rouvert_le, :le) END
"""
_ROUVERT_EJ = f"""
    CASE WHEN {_INCONNU} THEN o.rouvert_le
         WHEN o.statut = 'INACTIF' AND m.ouvert AND n.n_et > 0 AND n.n_et_actifs = 0
         THEN coalesce(o.rouvert_le, :le) END
"""
_TERRAINS = "(SELECT etablissement_id, count(*) AS n_ts FROM terrain_de_stage GROUP BY 1)"

ETABLISSEMENTS = Etape(
    type_objet="Etablissement",
    operation="ET.synchroniser",
    table="etablissement",
    champs=(*CHAMPS_REGISTRE_ET, *_SUIVI, "entite_juridique_id"),
    libelle="o.numero_finess || ' – ' || p.raison_sociale",
    ars="SELECT p.ars_code AS code",
    plan=f"""
        SELECT o.id, {_copies(CHAMPS_REGISTRE_ET)}, {_ARS}, {_STATUT_ET} AS statut,
               {_ABSENT_DEPUIS} AS absent_depuis, {_ROUVERT_ET} AS rouvert_le,
               CASE WHEN o.statut = 'SUPPRIME' OR {_INCONNU} THEN o.entite_juridique_id
                    ELSE coalesce(ej.id, o.entite_juridique_id) END AS entite_juridique_id
        FROM etablissement o
        LEFT JOIN finess_et m ON m.numero = o.numero_finess {_ALIAS}
        LEFT JOIN finess_ej mej ON mej.numero = m.numero_ej
        LEFT JOIN entite_juridique ej ON ej.numero_finess = m.numero_ej
        LEFT JOIN {_TERRAINS} ts ON ts.etablissement_id = o.id
    """,
)
_PLAN_EJ = f"""
    SELECT o.id, {_copies(CHAMPS_REGISTRE_EJ)}, {_ARS}, {_STATUT_EJ} AS statut,
           {_ABSENT_DEPUIS} AS absent_depuis, {_ROUVERT_EJ} AS rouvert_le
    FROM entite_juridique o
    LEFT JOIN finess_ej m ON m.numero = o.numero_finess {_ALIAS}
    LEFT JOIN (
        SELECT entite_juridique_id, count(*) FILTER (WHERE statut <> 'SUPPRIME') AS n_et,
               count(*) FILTER (WHERE statut = 'ACTIF') AS n_et_actifs
        FROM etablissement GROUP BY 1
    ) n ON n.entite_juridique_id = o.id
"""
_ARS_EJ = """
    SELECT p.ars_code AS code
    UNION SELECT e.ars_code FROM etablissement e WHERE e.entite_juridique_id = o.id AND e.statut <> 'SUPPRIME'
"""
ENTITES_JURIDIQUES = Etape(
    type_objet="EntiteJuridique",
    operation="EJ.synchroniser",
    table="entite_juridique",
    champs=(*CHAMPS_REGISTRE_EJ, *_SUIVI),
    libelle="o.numero_finess || ' – ' || p.raison_sociale",
    ars=_ARS_EJ,
    plan=_PLAN_EJ,
)
# A terrain follows its ET only while its own block is a copy of FINESS (A22).
TERRAINS = Etape(
    type_objet="TerrainDeStage",
    operation="TS.synchroniser",
    table="terrain_de_stage",
    champs=CHAMPS_COORDONNEES,
    libelle="o.numero || ' – ' || o.nom",
    ars="SELECT o.ars_code AS code",
    plan=f"""
        SELECT o.id, {", ".join(f"e.{un}" for un in CHAMPS_COORDONNEES)}
        FROM terrain_de_stage o JOIN etablissement e ON e.id = o.etablissement_id
        WHERE o.coordonnees_de_finess
    """,
)

# EJ that an ET of the application now belongs to (R5), unknown to the application or Supprimée there; an ET about to
# be Supprimé needs none.
_RATTACHER = f"""
    WITH nouvelles AS MATERIALIZED (
        SELECT DISTINCT m.numero_ej AS numero, ej.id IS NOT NULL AS connue FROM etablissement o
        JOIN finess_et m ON m.numero = o.numero_finess
        LEFT JOIN entite_juridique ej ON ej.numero_finess = m.numero_ej
        WHERE o.statut <> 'SUPPRIME' AND m.absent_depuis IS NULL
          AND (ej.id IS NULL OR ej.statut = 'SUPPRIME' AND ej.id <> o.entite_juridique_id)
          AND (m.ouvert OR EXISTS (SELECT FROM terrain_de_stage t WHERE t.etablissement_id = o.id))
    ), creees AS (
        INSERT INTO entite_juridique AS o
            (numero_finess, {", ".join(CHAMPS_REGISTRE_EJ)}, statut, finess_errone, version)
        SELECT m.numero, {", ".join(f"m.{un}" for un in CHAMPS_REGISTRE_EJ)},
               CASE WHEN m.ouvert THEN 'ACTIF' ELSE 'INACTIF' END, false, 1
        FROM nouvelles JOIN finess_ej m USING (numero)
        ON CONFLICT (numero_finess) DO UPDATE
            SET statut = excluded.statut, modifie_le = now()
        RETURNING o.*
    )
    INSERT INTO evenement (operation, acteur, source, traitement_id, changements)
    SELECT 'EJ.synchroniser', :acteur, :source, :traitement, jsonb_build_array(jsonb_build_object(
        'type', 'EntiteJuridique', 'id', c.id::text, 'libelle', c.numero_finess || ' – ' || c.raison_sociale,
        'ars', CASE WHEN c.ars_code IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(c.ars_code) END,
        'avant', CASE WHEN n.connue THEN jsonb_build_object('statut', CAST(:statuts AS jsonb) -> 'SUPPRIME')
                      ELSE '{{}}'::jsonb END,
        'apres', jsonb_build_object('statut', CAST(:statuts AS jsonb) -> c.statut)
    ))
    FROM creees c JOIN nouvelles n ON n.numero = c.numero_finess
"""

_VERROUILLER = """
    SELECT o.id FROM {table} o JOIN ({plan}) p USING (id)
    WHERE ROW({de_plan}) IS DISTINCT FROM ROW({de_objet}) ORDER BY o.id FOR UPDATE OF o
"""
_APPLIQUER = """
    WITH plan AS MATERIALIZED (
        SELECT p.* FROM ({plan}) p JOIN {table} o USING (id) WHERE ROW({de_plan}) IS DISTINCT FROM ROW({de_objet})
    ), ecrits AS (
        UPDATE {table} o SET {affectations}, modifie_le = now()
        FROM plan p WHERE o.id = p.id
    )
    INSERT INTO evenement (operation, acteur, source, traitement_id, changements)
    SELECT '{operation}', :acteur, :source, :traitement, jsonb_build_array(jsonb_build_object(
        'type', '{type_objet}', 'id', o.id::text, 'libelle', {libelle},
        'ars', (SELECT coalesce(jsonb_agg(u.code ORDER BY u.code), '[]') FROM ({ars}) u WHERE u.code IS NOT NULL),
        'avant', d.avant, 'apres', d.apres
    ))
    FROM plan p JOIN {table} o USING (id)
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(key, x.value) AS avant, jsonb_object_agg(key, y.value) AS apres
        FROM jsonb_each(jsonb_build_object({objet_json})) x
        JOIN jsonb_each(jsonb_build_object({plan_json})) y USING (key)
        WHERE x.value IS DISTINCT FROM y.value
    ) d
"""


def repercuter(session: Session, traitement_id: int | None, le: date, auteur: Auteur = SYNCHRONISATION) -> int:
    """Bring the application in line with the mirror; returns how many objects changed, one event each."""
    parametres = _parametres(traitement_id, le, auteur)
    _verrouiller(session, ETABLISSEMENTS, parametres)  # ET before EJ, as the operations of users do
    changes = _compte(session.execute(text(_RATTACHER), parametres))
    return changes + derouler(session, (ETABLISSEMENTS, ENTITES_JURIDIQUES, TERRAINS), traitement_id, le, auteur)


def derouler(
    session: Session,
    etapes: Iterable[Etape],
    traitement_id: int | None,
    le: date,
    auteur: Auteur = SYNCHRONISATION,
) -> int:
    """Carry out steps in their order; returns how many objects changed, one event each."""
    parametres = _parametres(traitement_id, le, auteur)
    changes = 0
    for etape in etapes:
        _verrouiller(session, etape, parametres)
        changes += _compte(session.execute(text(_APPLIQUER.format(**_noms(etape))), parametres))
    return changes


def _parametres(traitement_id: int | None, le: date, auteur: Auteur) -> dict[str, object]:
    return {
        "traitement": traitement_id,
        "le": le,
        "acteur": auteur.login,
        "source": auteur.source,
        "statuts": json.dumps(_LIBELLES_STATUT),
    }


def _verrouiller(session: Session, etape: Etape, parametres: dict[str, object]) -> None:
    session.execute(text(_VERROUILLER.format(**_noms(etape))), parametres)


def _compte(resultat: Result[Any]) -> int:
    return cast("CursorResult[Any]", resultat).rowcount


def _noms(etape: Etape) -> dict[str, str]:
    """What the statements of a step are made of: names of its columns, never values."""
    return {
        **{un: getattr(etape, un) for un in ("table", "plan", "operation", "type_objet", "libelle", "ars")},
        "de_plan": ", ".join(f"p.{un}" for un in etape.champs),
        "de_objet": ", ".join(f"o.{un}" for un in etape.champs),
        "affectations": ", ".join(f"{un} = p.{un}" for un in etape.champs),
        "objet_json": ", ".join(_en_json("o", un) for un in etape.champs),
        "plan_json": ", ".join(_en_json("p", un) for un in etape.champs),
    }


def _en_json(alias: str, champ: str) -> str:
    """The journal tells statuts by their French label."""
    return f"'{champ}', " + (f"CAST(:statuts AS jsonb) -> {alias}.statut" if champ == "statut" else f"{alias}.{champ}")
