"""A visit: every page that a user can reach by the links of the pages before it, one of each route."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

# What no link of the first page of a route leads to: a report follows a POST, a terrain must be in the right state,
# and an operation to undo must be in the journal.
DEPARTS = (
    "/", "/terrains/", "/terrains/1/supprimer", "/terrains/1/reprendre", "/terrains/2/activer",
    "/terrains/1/ars", "/terrains/1/subdivision", "/terrains/3/transferer", "/terrains/operations/9004",
    "/operations/fusion/1/2", "/operations/transfert/1/2?terrains=1",
    "/operations/transfert/1/destination?terrains=1&statut=ACTIF",
    "/operations/fusion/resultats/9005", "/operations/transfert/resultats/9006",
    "/terrains/rapports/9001", "/etablissements/rapports/9002", "/entites-juridiques/rapports/9003",
    "/journal/?ars=&operation=TS.activer",
)  # fmt: skip
SANS_PAGE = {"static", "theme", "SanteView.vivant", "SanteView.pret"}
# Pages that no link leads to, or that the route alone does not give: empty results, errors, every criterion open.
A_PART = (
    "/etablissements/?ars=53&nom=introuvable",
    "/entites-juridiques/?ars=&nom=introuvable",
    "/etablissements/?ars=53&nom=ch&adresse=rue&statut=ACTIF&page=2",
    "/terrains/?ars=53&nom=introuvable",
    "/terrains/?ars=&nom_terrain=service&departement=35&rpps=errone",
    "/etablissements/creer?numero_finess=123",
    "/terrains/2",
    "/terrains/3",
    "/terrains/3/modifier",
    "/terrains/4",
    "/terrains/5",
    "/terrains/5/modifier",
    "/terrains/1/ars?vers=52",
    "/terrains/1/ars?vers=11",
    "/terrains/1/subdivision?vers=BREST",
    "/terrains/3/transferer?vers=11",
    "/terrains/6",
    "/transferts-de-praticien/?ars=11",
    "/transferts-de-praticien/?ars=84",
    "/transferts-de-praticien/4/completer",
    "/transferts-de-praticien/6/completer",
    "/terrains/creer/hospitalier?etablissement=123",
    "/terrains/creer/hospitalier?etablissement=350000022",
    "/terrains/creer/praticien?rpps=123",
    "/terrains/creer/praticien?rpps=10101234564",
    "/selection/communes?q=rennes",
    "/selection/etablissements?q=introuvable",
    "/agrements/?ars=&statut=EN_COURS&subdivision=RENNES&fin_avant=2040-12-31",
    "/agrements/?terrain=introuvable",
    "/semestres-internat/?ars=53&semestre=en-cours",
    "/selection/terrains?q=fictif",
    "/reference/communes/?q=introuvable",
    "/journal/?ars=&objet=introuvable&du=2026-01-01",
    "/journal/?ars=53&type_objet=Etablissement",
    "/operations/fusion/?nom=introuvable",
    "/operations/fusion/1?statut=INACTIF",
    "/operations/transfert/1?terrains=1",
    "/operations/transfert/1/destination?terrains=tous&statut=ACTIF",
    "/operations/transfert/1/1?terrains=1",
    "/page-inconnue",
)
LIRE = """() => {
    const noeuds = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const textes = [document.title];
    while (noeuds.nextNode()) textes.push(noeuds.currentNode.data.trim());
    for (const nom of ["aria-label", "title", "placeholder", "alt"])
        textes.push(...[...document.querySelectorAll(`[${nom}]`)].map((un) => un.getAttribute(nom)));
    return {
        langue: document.documentElement.lang,
        titre: document.title,
        h1: [...document.querySelectorAll("h1")].map((un) => un.innerText),
        texte: textes.join("\\n"),
        liens: [...document.querySelectorAll("a[href]:not([download])")].map((un) => un.href),
    };
}"""


@dataclass(frozen=True)
class Vue:
    """A page as the browser shows it; `texte` has what is read aloud too."""

    adresse: str
    regle: str
    statut: int
    langue: str
    titre: str
    h1: tuple[str, ...]
    texte: str


@dataclass(frozen=True)
class Visite:
    """What a user saw, and what the browser complained about on the way."""

    vues: tuple[Vue, ...]
    plaintes: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The routes of the application."""

    app: Flask

    def regle(self, adresse: str) -> Rule | None:
        """The route of an address; None when nothing answers there."""
        try:
            regle, _ = self.app.url_map.bind("localhost").match(urlsplit(adresse).path, return_rule=True)
        except HTTPException:
            return None
        return regle

    def pages(self) -> set[str]:
        """Every route that shows a page."""
        regles = self.app.url_map.iter_rules()
        lues = (regle for regle in regles if "GET" in (regle.methods or ()) and regle.endpoint not in SANS_PAGE)
        return {regle.rule for regle in lues if "format_" not in regle.arguments}


def visiter(page: Page, plan: Plan) -> Iterator[Vue]:
    """Follow every link, one page of each route; then the pages apart."""
    attente, vues, pages = [*DEPARTS], set(), plan.pages()
    while attente:
        adresse = attente.pop(0)
        regle = plan.regle(adresse)
        cle = regle.rule if regle else adresse
        if cle in vues or (regle and cle not in pages):
            continue
        vues.add(cle)
        vue, liens = _lire(page, adresse, cle)
        yield vue
        attente += [lien for lien in liens if urlsplit(lien).netloc == urlsplit(page.url).netloc]
    for adresse in A_PART:
        yield _lire(page, adresse, "")[0]


def _lire(page: Page, adresse: str, regle: str) -> tuple[Vue, list[str]]:
    reponse = page.goto(adresse)
    lu = page.evaluate(LIRE)
    liens: list[str] = lu.pop("liens")
    return Vue(adresse, regle, reponse.status if reponse else 0, h1=tuple(lu.pop("h1")), **lu), liens
