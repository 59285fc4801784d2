"""What a test reads of a page: its fields as a browser would send them, its headings, its lists, its words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

MUETS = {"script", "style"}


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    source: str
    titres: list[str] = field(default_factory=list)
    h1: list[str] = field(default_factory=list)
    champs: list[tuple[str, str]] = field(default_factory=list)
    noms: set[str] = field(default_factory=set)
    options: dict[str, int] = field(default_factory=dict)
    adresses: list[str] = field(default_factory=list)
    textes: list[str] = field(default_factory=list)
    attributs: list[tuple[str, str, str]] = field(default_factory=list)
    langue: str | None = None

    def __post_init__(self) -> None:
        super().__init__()
        self._ouverts: list[str] = []
        self._liste = ""
        self._option: str | None = None
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        valeurs = {nom: valeur or "" for nom, valeur in attrs}
        self.attributs += [(tag, nom, valeur) for nom, valeur in valeurs.items()]
        self._ouverts.append(tag)
        if tag == "html":
            self.langue = valeurs.get("lang")
        if "href" in valeurs or "src" in valeurs:
            self.adresses.append(valeurs.get("href") or valeurs["src"])
        if tag in ("input", "textarea", "select") and "disabled" not in valeurs:
            self.noms.add(valeurs.get("name", ""))
        if tag == "select":
            self._liste = valeurs.get("name", "")
            self.options[self._liste] = 0
        elif tag == "option":
            self.options[self._liste] += 1
            if "selected" in valeurs:
                self.champs.append((self._liste, valeurs.get("value", "")))
        elif tag in ("input", "textarea"):
            self._champ(valeurs)

    def _champ(self, valeurs: dict[str, str]) -> None:
        coche = valeurs.get("type") in ("checkbox", "radio")
        if valeurs.get("name") and "disabled" not in valeurs and (not coche or "checked" in valeurs):
            self.champs.append((valeurs["name"], valeurs.get("value", "on" if coche else "")))

    def handle_endtag(self, tag: str) -> None:
        while self._ouverts and self._ouverts.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if not data.strip() or MUETS.intersection(self._ouverts):
            return
        self.textes.append(data.strip())
        if "title" in self._ouverts:
            self.titres.append(data.strip())
        if "h1" in self._ouverts:
            self.h1.append(data.strip())

    @property
    def formulaire(self) -> dict[str, list[str]]:
        """The fields of the page, as they would be sent unchanged."""
        envoi: dict[str, list[str]] = {}
        for nom, valeur in self.champs:
            envoi.setdefault(nom, []).append(valeur)
        return envoi
