"""What RPPS changes in the terrains Praticien: flags, and the copies of its fields (SPEC TS-30, TS-31, R12 to R14).

The statut never changes (A9), the ARS neither (A10): users decide. Values typed by them are never named here (A27).
"""

from datetime import date

from sqlalchemy.orm import Session

from app.referentiels.repercussion import SYNCHRONISATION, Auteur, Etape, derouler
from models.coordonnees import CHAMPS_COORDONNEES
from models.praticien import NATURES_EXERCICE
from models.terrain_de_stage import TerrainDeStage

_INCONNU = "(m.rpps IS NULL OR m.absent_depuis IS NOT NULL)"
_NATURE = " ".join(f"WHEN '{code}' THEN '{libelle}'" for code, libelle in NATURES_EXERCICE.items())


def _copie(champ: str, source: str, condition: str) -> str:
    """The registry's value, cut to the width of the terrain's column; or what the terrain holds, without a source."""
    largeur = TerrainDeStage.__table__.c[champ].type.length  # type: ignore[attr-defined]
    return f"CASE WHEN {condition} THEN left({source}, {largeur}) ELSE o.{champ} END AS {champ}"


def _source(champ: str) -> str:
    """A field of the practice; the code of a commune that was merged leads to that of today (R15)."""
    return "coalesce(al.commune_code, x.code_insee)" if champ == "code_insee" else f"x.{champ}"


# The practice of the terrain: the structure that was chosen, else another one in the ARS, private practice first.
_ACTIVITE = """
    SELECT a.* FROM activite_praticien a JOIN departement d ON d.code = a.departement
    WHERE a.rpps = o.rpps AND d.ars_code = o.ars_code
    ORDER BY a.structure IS DISTINCT FROM o.rpps_structure, a.mode IS DISTINCT FROM 'L', a.structure, a.cle LIMIT 1
"""
_SPECIALITE = """
    CASE WHEN m.rpps IS NULL OR 'S:' || o.specialite_exercice_code = ANY (m.savoirs_faire)
         THEN o.specialite_exercice_code
         ELSE (SELECT min(left(substr(s, 3), 20)) FROM unnest(m.savoirs_faire) s WHERE starts_with(s, 'S:')) END
"""

PRATICIENS = Etape(
    type_objet="TerrainDeStage",
    operation="TS.synchroniser_rpps",
    table="terrain_de_stage",
    champs=(
        "praticien_nom",
        "praticien_prenom",
        "specialite_exercice_code",
        "nature_exercice",
        "rpps_structure",
        *CHAMPS_COORDONNEES,
        "rpps_invalide_depuis",
        "rpps_hors_ars_depuis",
    ),
    libelle="o.numero || ' – ' || o.nom",
    ars="SELECT o.ars_code AS code",
    plan=f"""
        SELECT o.id, {_copie("praticien_nom", "m.nom", "m.rpps IS NOT NULL")},
               {_copie("praticien_prenom", "m.prenom", "m.rpps IS NOT NULL")},
               {_SPECIALITE} AS specialite_exercice_code,
               {_copie("nature_exercice", f"CASE x.mode {_NATURE} ELSE x.mode END", "x.rpps IS NOT NULL")},
               {_copie("rpps_structure", "x.structure", "x.rpps IS NOT NULL")},
               {", ".join(_copie(un, _source(un), "x.rpps IS NOT NULL") for un in CHAMPS_COORDONNEES)},
               CASE WHEN m.rpps IS NULL THEN coalesce(o.rpps_invalide_depuis, :le)
                    ELSE m.absent_depuis END AS rpps_invalide_depuis,
               CASE WHEN {_INCONNU} THEN o.rpps_hors_ars_depuis
                    WHEN x.rpps IS NULL AND o.statut = 'ACTIF'
                    THEN coalesce(o.rpps_hors_ars_depuis, :le) END AS rpps_hors_ars_depuis
        FROM terrain_de_stage o
        LEFT JOIN praticien m ON m.rpps = o.rpps
        LEFT JOIN LATERAL ({_ACTIVITE}) x ON m.absent_depuis IS NULL
        LEFT JOIN alias_commune al ON al.ancien_code = x.code_insee
        WHERE o.type = 'PRATICIEN'
    """,
)


def repercuter(session: Session, traitement_id: int | None, le: date, auteur: Auteur = SYNCHRONISATION) -> int:
    """Bring the terrains Praticien in line with the mirror; returns how many changed, one event each."""
    return derouler(session, (PRATICIENS,), traitement_id, le, auteur)
