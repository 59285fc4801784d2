"""Search screens without HTTP: criteria → query. One file per screen of the manual, the rules of text in app.search."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Row, Select, func, select, text
from sqlalchemy.orm import Session

from app.exports import en_texte
from app.search import Colonne

LOT_EXPORT = 1000
# The right plan depends on what is typed: none is kept from one search to the next, even in a prepared statement.
PLAN_SELON_LA_SAISIE = text("SET LOCAL plan_cache_mode = force_custom_plan")


@dataclass(frozen=True, kw_only=True)
class CriteresDeRecherche:
    """What a user asked for; an empty text or an empty group does not filter (S43).

    `archives` is a right of the user, not a criterion: whether what is deleted may be shown at all.
    """

    ars: str = ""
    archives: bool = False

    def remplis(self) -> dict[str, str | tuple[str, ...]]:
        """Criteria that filter, by name: what the journal and the chips of the screen show."""
        valeurs = {champ.name: getattr(self, champ.name) for champ in fields(self) if champ.name != "archives"}
        return {nom: valeur for nom, valeur in valeurs.items() if valeur}


Criteres = TypeVar("Criteres", bound=CriteresDeRecherche)


@dataclass(frozen=True)
class Recherche(Generic[Criteres]):
    """A search screen: the table it searches, what its criteria mean, its columns in the list and in exports.

    `jointures` names the table to join for the orders that are not those of a column of the searched table.
    """

    modele: type[Any]
    conditions: Callable[[Criteres], list[ColumnElement[bool]]]
    tris: Mapping[str, Colonne]
    affichage: Select[Any]
    export: Select[Any]
    entetes: tuple[str, ...]
    jointures: Mapping[str, type[Any]] = field(default_factory=dict)

    def total(self, session: Session, criteres: Criteres) -> int:
        """Number of rows found: counted on the filtered table alone, never over the joins of the display."""
        session.execute(PLAN_SELON_LA_SAISIE)
        compte = select(func.count()).select_from(self.modele).where(*self.conditions(criteres))
        return session.scalar(compte) or 0

    def page(
        self, session: Session, criteres: Criteres, tri: str, *, descendant: bool, decalage: int, taille: int
    ) -> list[Row[Any]]:
        """One page: its ids first, then what the screen shows of them."""
        ids = select(self.modele.id).where(*self.conditions(criteres))
        if tri in self.jointures:
            ids = ids.join(self.jointures[tri])
        ids = self._ordonner(ids, tri, descendant=descendant).offset(decalage).limit(taille)
        choisis = ids.subquery()
        lignes = self.affichage.join(choisis, choisis.c.id == self.modele.id)
        return list(session.execute(self._ordonner(lignes, tri, descendant=descendant)))

    def a_exporter(self, criteres: Criteres, tri: str, *, descendant: bool) -> Select[Any]:
        """Every row of the result in the order of the screen, as texts."""
        textes = [en_texte(colonne) for colonne in self.export.selected_columns]
        export: Any = self.export.with_only_columns(*textes, maintain_column_froms=True)
        return self._ordonner(export.where(*self.conditions(criteres)), tri, descendant=descendant)

    def _ordonner(self, requete: Select[Any], tri: str, *, descendant: bool) -> Select[Any]:
        """A total order: ties are broken by id, so that no row is seen twice from page to page."""
        colonnes = (self.tris[tri], self.modele.id)
        return requete.order_by(*(colonne.desc() if descendant else colonne for colonne in colonnes))
