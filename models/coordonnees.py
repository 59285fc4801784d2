"""Coordonnées: the principal block (registry, read-only) and the secondary one (typed by users, wins where filled).

The address triplet (adresse, code postal, ville) counts as one block, each telephone or e-mail on its own (A19).
The effective address is stored as generated columns, so that searches and exports agree by construction.
"""

from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column


def departement_sql(code_insee: str) -> str:
    """SQL of the département of an INSEE code, three characters overseas; `geographie.code_departement` in Python."""
    return f"CASE WHEN left({code_insee}, 2) IN ('97', '98') THEN left({code_insee}, 3) ELSE left({code_insee}, 2) END"


_INSEE = "CASE WHEN adresse_secondaire IS NOT NULL THEN code_insee_secondaire ELSE code_insee END"
_VILLE = "CASE WHEN adresse_secondaire IS NOT NULL THEN ville_secondaire ELSE ville END"
_ADRESSE = "coalesce(adresse_secondaire, adresse)"
_CODE_POSTAL = "CASE WHEN adresse_secondaire IS NOT NULL THEN code_postal_secondaire ELSE code_postal END"
_DEPARTEMENT = departement_sql(_INSEE)

TRIPLET = ("adresse", "code_postal", "ville")
_BLOC_ADRESSE = (*TRIPLET, "complement", "code_insee")
CHAMPS_COORDONNEES = (
    "adresse",
    "complement",
    "code_postal",
    "ville",
    "code_insee",
    "telephone",
    "telecopie",
    "courriel",
)


class CoordonneesPrincipales:
    """The block of the registry, as its mirror and the application both hold it."""

    adresse: Mapped[str | None] = mapped_column(String(255))
    complement: Mapped[str | None] = mapped_column(String(255))
    code_postal: Mapped[str | None] = mapped_column(String(10))
    ville: Mapped[str | None] = mapped_column(String(100))
    code_insee: Mapped[str | None] = mapped_column(String(5))
    telephone: Mapped[str | None] = mapped_column(String(30))
    telecopie: Mapped[str | None] = mapped_column(String(30))
    courriel: Mapped[str | None] = mapped_column(String(254))


class Coordonnees(CoordonneesPrincipales):
    """Principal and secondary coordinates of an EJ, an ET or a terrain; empty is NULL, never a blank string."""

    adresse_secondaire: Mapped[str | None] = mapped_column(String(255))
    complement_secondaire: Mapped[str | None] = mapped_column(String(255))
    code_postal_secondaire: Mapped[str | None] = mapped_column(String(10))
    ville_secondaire: Mapped[str | None] = mapped_column(String(100))
    code_insee_secondaire: Mapped[str | None] = mapped_column(String(5))
    telephone_secondaire: Mapped[str | None] = mapped_column(String(30))
    telecopie_secondaire: Mapped[str | None] = mapped_column(String(30))
    courriel_secondaire: Mapped[str | None] = mapped_column(String(254))

    code_postal_effectif: Mapped[str | None] = mapped_column(String(10), Computed(_CODE_POSTAL, persisted=True))
    code_insee_effectif: Mapped[str | None] = mapped_column(String(5), Computed(_INSEE, persisted=True))
    departement_effectif: Mapped[str | None] = mapped_column(String(3), Computed(_DEPARTEMENT, persisted=True))
    ville_norme: Mapped[str | None] = mapped_column(
        Text(collation="C"), Computed(f"normaliser({_VILLE})", persisted=True)
    )

    adresse_norme: Mapped[str | None] = mapped_column(
        Text(collation="C"), Computed(f"normaliser({_ADRESSE})", persisted=True)
    )

    @property
    def a_une_adresse_secondaire(self) -> bool:
        return self.adresse_secondaire is not None

    def effectif(self, champ: str) -> str | None:
        """Effective value of `champ` (« adresse », « ville », « telephone »…): the secondary one where filled."""
        return valeur_effective(self, champ)


def valeur_effective(objet: Any, champ: str) -> str | None:
    """`Coordonnees.effectif` of an object, or of a row that has its columns (A19)."""
    if champ in _BLOC_ADRESSE:
        source = f"{champ}_secondaire" if objet.adresse_secondaire is not None else champ
        valeur: str | None = getattr(objet, source)
    else:
        valeur = getattr(objet, f"{champ}_secondaire") or getattr(objet, champ)
    return valeur


def contraintes_coordonnees() -> tuple[CheckConstraint, ...]:
    """Checks every table with coordinates declares: triplet all or nothing, and no blank string in it (I6)."""
    return (
        CheckConstraint(
            "num_nonnulls(adresse_secondaire, code_postal_secondaire, ville_secondaire) IN (0, 3)",
            name="triplet_secondaire_complet",
        ),
        CheckConstraint(
            "'' NOT IN (coalesce(adresse_secondaire, '-'), coalesce(code_postal_secondaire, '-'),"
            " coalesce(ville_secondaire, '-'))",
            name="triplet_secondaire_non_vide",
        ),
    )


def index_coordonnees(table: str) -> tuple[Index, ...]:
    """Indexes behind the address criteria of the search screens."""
    trigrammes = [
        Index(f"ix_{table}_{colonne}", colonne, postgresql_using="gin", postgresql_ops={colonne: "gin_trgm_ops"})
        for colonne in ("ville_norme", "adresse_norme")
    ]
    return (
        *trigrammes,
        Index(
            f"ix_{table}_code_postal_effectif",
            "code_postal_effectif",
            postgresql_ops={"code_postal_effectif": "text_pattern_ops"},
        ),
        Index(f"ix_{table}_code_insee_effectif", "code_insee_effectif"),
        Index(f"ix_{table}_departement_effectif", "departement_effectif"),
    )
