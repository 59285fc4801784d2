"""What EJ and ET share: their FINESS number, names, and the follow-up of the registry."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Computed, DateTime, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.coordonnees import CHAMPS_COORDONNEES

NUMERO_FINESS = "[0-9][0-9A-Z][0-9]{7}"  # the official pattern: its second character is a letter in Corsica

# Columns that an EJ and an ET copy from their mirror row (same names there); users never write them (S10).
CHAMPS_REGISTRE = ("raison_sociale", "raison_sociale_longue", "date_fermeture", *CHAMPS_COORDONNEES)
CHAMPS_REGISTRE_EJ = (*CHAMPS_REGISTRE, "siren", "statut_juridique_code")
CHAMPS_REGISTRE_ET = (*CHAMPS_REGISTRE, "siret", "categorie_code", "date_ouverture")


class ObjetFiness:
    """A registry object taken into the application, with the notices that its registry raises."""

    numero_finess: Mapped[str] = mapped_column(String(9), unique=True)
    raison_sociale: Mapped[str] = mapped_column(String(255))
    raison_sociale_longue: Mapped[str | None] = mapped_column(String(255))
    date_fermeture: Mapped[date | None]
    absent_depuis: Mapped[date | None]
    rouvert_le: Mapped[date | None]

    finess_errone: Mapped[bool] = mapped_column(default=False)
    finess_errone_commentaire: Mapped[str | None] = mapped_column(Text)
    finess_errone_le: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finess_errone_par: Mapped[str | None] = mapped_column(String(128))

    nom_norme: Mapped[str] = mapped_column(
        Text(collation="C"),
        Computed("normaliser(raison_sociale || coalesce(chr(10) || raison_sociale_longue, ''))", persisted=True),
    )

    def __str__(self) -> str:
        return f"{self.numero_finess} – {self.raison_sociale}"


def contraintes_registre() -> tuple[CheckConstraint, ...]:
    """Checks of a FINESS number: nine characters of the official pattern."""
    return (CheckConstraint(f"numero_finess ~ '^{NUMERO_FINESS}$'", name="numero_finess_valide"),)


def index_registre(table: str) -> tuple[Index, ...]:
    """Indexes behind name search, name order, notices and number prefix."""
    return (
        # With what lists filter on by default: a far page is found in the index alone.
        Index(f"ix_{table}_nom_norme", "nom_norme", "id", postgresql_include=["statut", "ars_code"]),
        Index(
            f"ix_{table}_nom_norme_trgm",
            "nom_norme",
            postgresql_using="gin",
            postgresql_ops={"nom_norme": "gin_trgm_ops"},
        ),
        # The few objects that await somebody: counted on the home page, listed by the criteria of the same names.
        Index(
            f"ix_{table}_notices",
            "ars_code",
            postgresql_where=text("absent_depuis IS NOT NULL OR rouvert_le IS NOT NULL OR finess_errone IS true"),
        ),
        Index(f"ix_{table}_numero_prefixe", "numero_finess", postgresql_ops={"numero_finess": "text_pattern_ops"}),
    )
