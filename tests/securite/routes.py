"""Every route of the application as an address to try, whatever its converters."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

SANS_EFFET = {"HEAD", "OPTIONS"}
PUBLIQUES = {"static", "theme", "ConnexionView.login", "SanteView.vivant", "SanteView.pret"}


@dataclass(frozen=True)
class Route:
    """One method of one rule; `adresse` is the rule with values of the right type, that no object has."""

    methode: str
    regle: str
    endpoint: str
    adresse: str

    @property
    def publique(self) -> bool:
        return self.endpoint in PUBLIQUES


def routes(app: Flask) -> list[Route]:
    """All of them, none left out by hand."""
    return sorted(
        (
            Route(methode, rule.rule, rule.endpoint, _adresse(app, rule))
            for rule in app.url_map.iter_rules()
            for methode in (rule.methods or set()) - SANS_EFFET
        ),
        key=lambda route: (route.regle, route.methode),
    )


def _adresse(app: Flask, rule: Rule) -> str:
    valeurs = {nom: _valeur(rule, nom) for nom in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, valeurs, method=next(iter(rule.methods or {"GET"})))


def _valeur(rule: Rule, nom: str) -> str | int:
    convertisseur = rule._converters[nom]
    if isinstance(convertisseur, AnyConverter):
        return sorted(convertisseur.items)[0]
    if isinstance(convertisseur, IntegerConverter):
        return 0
    return "app.css" if nom == "filename" else "0"
