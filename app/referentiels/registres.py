"""The two registers of FINESS as the synchronisation sees them: their staging table, their mirror, their columns."""

from dataclasses import dataclass

from app.referentiels.lignes import LigneEj, LigneEt
from models.finess import FinessEj, FinessEt

# Only used to choose between two rows that claim the same number, and to tell where a rejected one is.
_HORS_MIROIR = {"date_maj", "position"}


@dataclass(frozen=True)
class Registre:
    """SQL names of one register. `champs` are the columns that, when they differ, make a change."""

    objet: str
    arrivee: str
    ecart: str
    miroir: str
    colonnes: tuple[str, ...]
    technique: tuple[str, ...] = ()

    @property
    def champs(self) -> tuple[str, ...]:
        return tuple(un for un in self.colonnes if un not in _HORS_MIROIR and un not in self.technique)

    def liste(self, alias: str, *autres: str) -> str:
        """`a.numero, a.raison_sociale…`: the columns of a change, and `autres`, as a row of that alias."""
        return ", ".join(f"{alias}.{un}" for un in (*self.champs, *autres))


EJ = Registre("EJ", "arrivee_ej", "ecart_ej", FinessEj.__tablename__, LigneEj._fields, technique=("empreinte",))
ET = Registre("ET", "arrivee_et", "ecart_et", FinessEt.__tablename__, LigneEt._fields)
