"""A commune that was merged, or whose code changed: what named the old code names the new one (SPEC R15).

The old code stays in `alias_commune`, for the registries and the files that still give it. EJ, ET and terrains follow
with an event each, by the statements of the synchronisation; their département and their bassin de vie follow by
construction. What users typed stays: only the code of the commune changes in a secondary block.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.referentiels.copie import copier
from app.referentiels.repercussion import ENTITES_JURIDIQUES, ETABLISSEMENTS, TERRAINS, Etape, ars_sql, derouler
from models.commune import AliasCommune

# The ARS of a terrain is that of its number: it does not follow (R8).
_ARS_SUIVIE = f"CASE WHEN p.commune_code IS NULL THEN o.ars_code ELSE {ars_sql('p.commune_code')} END AS ars_code"


def _suivre(etape: Etape, operation: str, *suivis: str) -> Etape:
    colonnes = "".join(f", {un}" for un in suivis)
    return replace(
        etape,
        operation=operation,
        libelle=etape.libelle.replace("p.raison_sociale", "o.raison_sociale"),
        champs=("code_insee", "code_insee_secondaire", *(["ars_code"] if suivis else [])),
        plan=f"""
            SELECT o.id, coalesce(p.commune_code, o.code_insee) AS code_insee,
                   coalesce(s.commune_code, o.code_insee_secondaire) AS code_insee_secondaire{colonnes}
            FROM {etape.table} o
            LEFT JOIN alias_commune p ON p.ancien_code = o.code_insee
            LEFT JOIN alias_commune s ON s.ancien_code = o.code_insee_secondaire
            WHERE p.ancien_code IS NOT NULL OR s.ancien_code IS NOT NULL
        """,
    )


# In the order of locks that users have: ET, then EJ.
ETAPES = (
    _suivre(ETABLISSEMENTS, "ET.commune", _ARS_SUIVIE),
    _suivre(ENTITES_JURIDIQUES, "EJ.commune", _ARS_SUIVIE),
    _suivre(TERRAINS, "TS.commune"),
)

# A code that replaced another and is abolished in its turn; what the commune held; then the commune itself.
_REPRENDRE = (
    """
    INSERT INTO alias_commune (ancien_code, commune_code) SELECT ancien, nouveau FROM copie
    ON CONFLICT (ancien_code) DO UPDATE SET commune_code = excluded.commune_code
    """,
    "UPDATE alias_commune a SET commune_code = c.nouveau FROM copie c WHERE a.commune_code = c.ancien",
    """
    UPDATE commune n SET bassin_de_vie_code = b.code FROM (
        SELECT c.nouveau, min(a.bassin_de_vie_code) AS code FROM copie c JOIN commune a ON a.code = c.ancien GROUP BY 1
    ) b WHERE n.code = b.nouveau AND n.bassin_de_vie_code IS NULL AND b.code IS NOT NULL
    """,
    """
    INSERT INTO code_postal (code_postal, commune_code)
    SELECT DISTINCT p.code_postal, c.nouveau FROM code_postal p JOIN copie c ON c.ancien = p.commune_code
    ON CONFLICT DO NOTHING
    """,
    "DELETE FROM code_postal p USING copie c WHERE p.commune_code = c.ancien",
    "UPDATE commune m SET commune_mere_code = c.nouveau FROM copie c WHERE m.commune_mere_code = c.ancien",
)
_SUPPRIMER = "DELETE FROM commune m USING copie c WHERE m.code = c.ancien"


def alias_connus(session: Session) -> dict[str, str]:
    """Every abolished code that is known, with the commune of today that took it over."""
    return {
        ancien: code for ancien, code in session.execute(select(AliasCommune.ancien_code, AliasCommune.commune_code))
    }


def remplacer(session: Session, successeurs: Mapping[str, str], le: date) -> int:
    """Abolish codes, each one with a commune of today as its successor; returns how many objects changed.

    Objects that name a code abolished long ago follow too: it does not matter how they came to it.
    """
    copier(session, ("ancien", "nouveau"), sorted(successeurs.items()))
    for etape in _REPRENDRE:
        session.execute(text(etape))
    objets = derouler(session, ETAPES, None, le)
    session.execute(text(_SUPPRIMER))
    return objets
