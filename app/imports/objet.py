"""What an import is told of its objects, in SQL; the engine (`moteur`) does the rest alike for all."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy.orm import Session

from app.imports.lecture import Colonne

# The day, as every statut compares it (UTC); usable where a statement takes no parameter.
AUJOURD_HUI = "CAST(now() AT TIME ZONE 'UTC' AS date)"


def _sans_preparation(_session: Session) -> None:
    """Most files need nothing between their reading and their plan."""


@dataclass(frozen=True)
class Objet:
    """A kind of objects that a file brings.

    `resolution` is a SELECT of one row per line of the temporary table `copie`: ligne, cle, id of the object that the
    key designates, motif of the reject, then `champs`, the values that the object should have. `libelle` and `ars`
    are SQL on a row `o` of the table; `lisibles` say how the journal shows a field of the alias `{a}`.
    """

    nom: str
    operation: str
    type_objet: str
    table: str
    colonnes: tuple[Colonne, ...]
    cle: tuple[str, ...]
    champs: tuple[str, ...]
    resolution: str
    libelle: str
    ars: str
    lisibles: dict[str, str] = field(default_factory=dict)
    constantes: dict[str, str] = field(default_factory=dict)  # columns of a new object that no file decides
    horodate: bool = True
    modifiable: bool = True  # otherwise an object already there is left as it is
    unique: str | None = None  # a field that two lines may not share either
    preparer: Callable[[Session], None] = _sans_preparation
    verrous: tuple[str, ...] = ()  # before the plan
    avant_ecriture: tuple[str, ...] = ()  # once the plan is known


def libelle_sql(enum: type[StrEnum], colonne: str) -> str:
    """French label of an enum stored by name."""
    return f"CASE {colonne} " + " ".join(f"WHEN '{un.name}' THEN '{un.value}'" for un in enum) + " END"


def designation_sql(table: str, colonne: str, texte: str, cle: str = "id") -> str:
    """Readable name of the row of `table` that `{a}.colonne` designates; `texte` is SQL on it, under the alias x."""
    return f"(SELECT {texte} FROM {table} x WHERE x.{cle} = {{a}}.{colonne})"


TERRAIN_LISIBLE = designation_sql("terrain_de_stage", "terrain_id", "x.numero || ' – ' || x.nom")
SPECIALITE_LISIBLE = designation_sql("specialite", "specialite_code", "x.nom", cle="code")
SUBDIVISION_LISIBLE = designation_sql("subdivision", "subdivision_code", "x.nom", cle="code")

# The terrain `t` that a number designates, the one it has or one it had (N21).
TERRAIN = """
    LEFT JOIN terrain_de_stage actuel ON actuel.numero = c.numero_terrain
    LEFT JOIN ancien_numero ancien ON ancien.numero = c.numero_terrain
    LEFT JOIN terrain_de_stage t ON t.id = coalesce(actuel.id, ancien.terrain_id)
"""
TERRAIN_INCONNU = """
    WHEN t.id IS NULL THEN 'Le terrain « ' || c.numero_terrain || ' » est inconnu : vérifiez son numéro.'
"""
# The spécialité `s` that a code designates, or the exact name of a DES (ordinal ones have the same names).
SPECIALITE = """
    LEFT JOIN specialite par_code ON par_code.code = c.specialite
    LEFT JOIN (SELECT nom, min(code) AS code FROM specialite WHERE nature = 'DES' GROUP BY nom HAVING count(*) = 1)
        par_nom ON par_nom.nom = c.specialite
    LEFT JOIN specialite s ON s.code = coalesce(par_code.code, par_nom.code)
"""
SPECIALITE_INCONNUE = """
    WHEN c.specialite IS NOT NULL AND s.code IS NULL THEN 'La spécialité « ' || c.specialite || ' » est inconnue : '
        || 'donnez le code, ou le nom exact d’un DES.'
"""
# Internes prepare a DES, and agréments are given for one; only a terrain may have another spécialité.
SPECIALITE_D_UN_DES = f"""
    {SPECIALITE_INCONNUE}
    WHEN s.nature <> 'DES' THEN 'La spécialité « ' || c.specialite || ' » n’est pas celle d’un DES.'
"""
SUBDIVISION = """
    LEFT JOIN subdivision sub_code ON sub_code.code = c.subdivision
    LEFT JOIN subdivision sub_nom ON sub_nom.nom = c.subdivision
    LEFT JOIN subdivision sub ON sub.code = coalesce(sub_code.code, sub_nom.code)
"""
SUBDIVISION_INCONNUE = """
    WHEN c.subdivision IS NOT NULL AND sub.code IS NULL
    THEN 'La subdivision « ' || c.subdivision || ' » est inconnue : donnez son code, ou son nom exact.'
"""
# Whoever moves one of these terrains finishes first: what is copied from them is then what they have become.
TERRAINS_DU_FICHIER = f"""
    SELECT v.id FROM terrain_de_stage v
    WHERE v.id IN (SELECT t.id FROM copie c {TERRAIN}) ORDER BY v.id FOR SHARE OF v
"""


def refus_terrain_inactif(ouvre: str) -> str:
    """What is open forbids to delete its terrain (S138, A13): it is never put on one that is not Actif.

    `ouvre` is the SQL condition of a line that opens something on its terrain `t`.
    """
    return f"""
        WHEN t.statut <> 'ACTIF' AND ({ouvre})
        THEN 'Le terrain « ' || t.numero
            || ' » n’est pas actif : il ne porte que des agréments échus et des demandes closes.'
    """


def verrouiller_table(*tables: str) -> str:
    """Nobody else writes these tables until the end; everybody goes on reading them."""
    return f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE"
