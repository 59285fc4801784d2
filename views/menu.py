"""Menu: Flask-AppBuilder's tree, in the words of the manual, cut to what the user may open; no SQL per entry."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import current_app, g, request, url_for
from flask_appbuilder.menu import Menu, MenuItem

GESTION_TERRAIN = "Gestion d’un terrain de stage"
OPERATIONS = "Opérations exceptionnelles"
AGREMENTS_ET_INTERNES = "Agréments et internes"


@dataclass(frozen=True)
class Entree:
    """A link, or a heading when it has entries of its own."""

    libelle: str
    adresse: str = ""
    vue: str = ""
    entrees: tuple["Entree", ...] = ()

    def contient(self, vue: str) -> bool:
        return bool(vue) and (self.vue == vue or any(entree.contient(vue) for entree in self.entrees))


def menu_du_manuel() -> Menu:
    """The headings, in the order of the manual; a heading without entry never shows."""
    menu = Menu()
    for titre in ("Terrain de stage", "Référentiels", "Tables de référence", "Administration"):
        menu.add_category(titre)
    menu.find("Terrain de stage").childs += [
        MenuItem(groupe, label=groupe) for groupe in (GESTION_TERRAIN, OPERATIONS, AGREMENTS_ET_INTERNES)
    ]
    return menu


def menu_visible() -> tuple[Entree, ...]:
    """The entries that the user of this request may open."""
    compte = g.get("identite")
    if compte is None:
        return ()
    return _menu(current_app.appbuilder.menu, compte.permissions, request.script_root)


@lru_cache(maxsize=64)
def _menu(menu: Menu, permissions: frozenset[str], _racine: str) -> tuple[Entree, ...]:
    return _entrees(menu.get_list(), permissions)


def _entrees(items: list[MenuItem], permissions: frozenset[str]) -> tuple[Entree, ...]:
    visibles = []
    for item in items:
        if item.childs:
            if entrees := _entrees(item.childs, permissions):
                visibles.append(Entree(item.label, entrees=entrees))
        elif item.baseview is not None and _permission(item.baseview) in permissions:
            vue = item.baseview
            visibles.append(Entree(item.label, url_for(f"{vue.endpoint}.{vue.default_view}"), vue.endpoint))
    return tuple(visibles)


def _permission(vue: Any) -> str:
    return f"can_{vue.get_method_permission(vue.default_view)} {vue.class_permission_name}"
