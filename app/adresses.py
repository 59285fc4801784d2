"""Addresses of e-mail that the application writes to: plain, ASCII, complete, inside the allowed domains (A43, A-38).

An address that passes holds neither blank nor control character nor anything that a header gives a meaning to.
"""

import re
from collections.abc import Collection

LONGUEUR_MAX = 254
LOCALE_MAX = 64
MONTREE = 60  # characters of a wrong address that a sentence repeats

_SEPARATEURS = re.compile(r"[,;\r\n]")
_LOCALE = re.compile(r"[A-Za-z0-9_+'-]+(\.[A-Za-z0-9_+'-]+)*")
_DOMAINE = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_INTERNATIONALE = "L’adresse « {} » contient des lettres accentuées ou étrangères : écrivez-la sans accents."


def decouper(saisie: str) -> tuple[str, ...]:
    """Addresses typed in one field, separated by commas, semicolons or new lines; each once, as it was first typed."""
    uniques: dict[str, str] = {}
    for morceau in _SEPARATEURS.split(saisie):
        if adresse := morceau.strip(" "):
            uniques.setdefault(adresse.lower(), adresse)
    return tuple(uniques.values())


def domaine(adresse: str) -> str:
    return adresse.rpartition("@")[2].lower()


def valable(adresse: str) -> bool:
    """Whether this is one complete address, and nothing else."""
    locale, _, fin = adresse.rpartition("@")
    return (
        len(adresse) <= LONGUEUR_MAX
        and len(locale) <= LOCALE_MAX
        and _LOCALE.fullmatch(locale) is not None
        and _DOMAINE.fullmatch(fin) is not None
        and "xn--" not in fin.lower()
    )


def refus_adresse(adresse: str, propre: str, domaines: Collection[str]) -> str | None:
    """Why a user whose own address is `propre` may not write to this one; None when he may."""
    if not valable(adresse):
        return _malformee(adresse)
    if adresse.lower() == propre.lower() or domaine(adresse) in domaines:
        return None
    permis = f"celles qui se terminent par {', '.join(f'@{un}' for un in domaines)}" if domaines else "la vôtre"
    return f"L’adresse « {adresse} » n’est pas permise : vous pouvez écrire à {permis}."


def _malformee(adresse: str) -> str:
    montree = "".join(c for c in adresse if c.isprintable())[:MONTREE]
    if not adresse.isascii() or "xn--" in adresse.lower():
        return _INTERNATIONALE.format(montree)
    return f"L’adresse « {montree} » n’est pas valable : écrivez une adresse complète, par exemple nom@chu.fr."
