"""Lines of one practitioner → rows of the mirror in the text format of COPY (DATA-FORMATS §2.2, §2.3).

Fields stay the bytes of the file: they are cut, put together and checked, never decoded. « | » separates the columns
of a row too, as no field holds one; an empty field is NULL.
"""

import re
from collections.abc import Sequence
from operator import itemgetter

from app.referentiels import rpps_colonnes as noms

COLONNES_PRATICIEN = ("rpps", "nom", "prenom", "civilite", "profession_code", "savoirs_faire", "empreinte")
COLONNES_ACTIVITE = (
    "rpps",
    "structure",
    "mode",
    "secteur_code",
    "siret",
    "numero_finess",
    "raison_sociale",
    "adresse",
    "complement",
    "code_postal",
    "ville",
    "code_insee",
    "telephone",
    "telecopie",
    "courriel",
    "departement",
)
_INSEE = re.compile(rb"[0-9][0-9AB][0-9]{3}")
_CODE_POSTAL = re.compile(rb"[0-9]{5}")
_OUTRE_MER = (b"97", b"98")
_CEDEX = re.compile(rb"[0-9]{5} +(?=.)")
_FRANCE = frozenset((b"", b"99000", b"FR", b"FRA"))
_CACHE_MAX = 100_000  # three times the communes of the country
_SANS_ACTIVITE = b"|" * (len(COLONNES_ACTIVITE) - 1) + b"\n"


_Lue = tuple[tuple[bytes, ...], bytes, bytes]  # identity, savoir-faire (or nothing), activity


class _Illisible(Exception):  # noqa: N818 - a state of the line, as in the French sentences
    """Why a line cannot be taken."""


# What the lines of one practitioner say, as COPY rows, and what is wrong with those that cannot be taken (rank among
# the lines, reason). The row of the practitioner lacks its last column; it is empty when no line was taken.
Lignes = tuple[bytes, set[bytes], list[tuple[int, str]]]


class Analyse:
    """Cuts lines along the columns of one file. What is met a thousand times is checked once."""

    def __init__(self, colonnes: noms.Colonnes) -> None:
        self._nombre = colonnes.nombre
        lues = (*noms.IDENTITE, *noms.SAVOIR_FAIRE, *noms.ACTIVITE, noms.PAYS, noms.RPPS)
        self._champs = itemgetter(*colonnes.de(*lues))
        self._departements: dict[tuple[bytes, ...], bytes] = {}  # by place; sound ones only
        self._savoirs_sains: set[bytes] = set()

    def analyser(self, rpps: bytes, lignes: Sequence[bytes]) -> Lignes:
        """`lignes` all belong to `rpps`; the outcome does not depend on their order, nor on repetitions."""
        try:
            return *_fondre(rpps, list(map(self._lire, lignes))), []
        except _Illisible:
            lues, defauts = self._trier(rpps, lignes)
            return *(_fondre(rpps, lues) if lues else (b"", set[bytes]())), defauts

    def _trier(self, rpps: bytes, lignes: Sequence[bytes]) -> tuple[list[_Lue], list[tuple[int, str]]]:
        """The lines that can be taken, and what is wrong with the others."""
        lues: list[_Lue] = []
        defauts: list[tuple[int, str]] = []
        for rang, ligne in enumerate(lignes):
            try:
                lue = self._lire(ligne)
                _fondre(rpps, [lue])
                lues.append(lue)
            except _Illisible as erreur:
                defauts.append((rang, str(erreur)))
        return lues, defauts

    def _lire(self, ligne: bytes) -> _Lue:
        """Identity, savoir-faire and activity of a line. Flat on purpose: it runs a million times."""
        champs = ligne.split(b"|")
        if len(champs) != self._nombre and (len(champs) != self._nombre + 1 or champs[-1]):
            raise _Illisible(f"Cette ligne a {len(champs)} champs au lieu de {self._nombre}.")
        (nom, prenom, civilite, profession, type_, code, structure, mode, secteur, siret, finess, raison, enseigne,
         numero, indice, type_voie, voie, destinataire, point, mention, cedex, code_postal, commune, code_insee,
         telephone, telecopie, courriel, pays, rpps) = self._champs(champs)  # fmt: skip
        savoir = type_ + b":" + code
        lieu = (code_postal, code_insee, pays)
        departement = self._departements.get(lieu)
        if departement is None or savoir not in self._savoirs_sains:
            departement = self._retenir(lieu, type_, code)
        if not nom.strip():
            raise _Illisible("Le nom d’exercice manque.")
        adresse = b" ".join(filter(None, (numero, indice, type_voie, voie)))
        complement = destinataire or point or mention
        if complement:
            complement = b", ".join(filter(None, (destinataire, point, mention)))
        activite = b"|".join((rpps, structure, mode, secteur, siret, finess, raison or enseigne, adresse, complement,
                              code_postal, commune or _CEDEX.sub(b"", cedex, count=1), code_insee, telephone,
                              telecopie, courriel, departement))  # fmt: skip
        return (nom, prenom, civilite, profession), savoir if code else b"", activite

    def _retenir(self, lieu: tuple[bytes, bytes, bytes], type_: bytes, code: bytes) -> bytes:
        """Check a place and a savoir-faire once; gives the département of the place, which ends a row."""
        _verifier_lieu(*lieu)
        if not (type_ + code + b"0").isalnum():
            raise _Illisible("Le code de savoir-faire est illisible.")
        if len(self._departements) + len(self._savoirs_sains) >= _CACHE_MAX:
            self._departements.clear()
            self._savoirs_sains.clear()
        self._savoirs_sains.add(type_ + b":" + code)
        self._departements[lieu] = trouve = departement(*lieu[:2]) + b"\n"
        return trouve


def departement(code_postal: bytes, code_insee: bytes) -> bytes:
    """Département of a commune, or of a postal code for want of it; empty abroad."""
    if code_insee[:2] in _OUTRE_MER:
        return code_insee[:3]
    if code_insee or not _CODE_POSTAL.fullmatch(code_postal):
        return code_insee[:2]
    if code_postal.startswith(b"20"):
        return b"2A" if code_postal[2:3] in b"01" else b"2B"
    return code_postal[:3] if code_postal[:2] in _OUTRE_MER else code_postal[:2]


def _verifier_lieu(code_postal: bytes, code_insee: bytes, pays: bytes) -> None:
    if code_insee and not _INSEE.fullmatch(code_insee):
        raise _Illisible("Le code commune n’est pas un code INSEE de cinq caractères.")
    if len(code_postal) == 4 and pays in _FRANCE and code_postal.isdigit():
        raise _Illisible("Le code postal n’a que quatre chiffres : son zéro de tête est perdu.")


def _fondre(rpps: bytes, lues: list[_Lue]) -> tuple[bytes, set[bytes]]:
    """Rows of a practitioner and of the activities; refuses what PostgreSQL would, and a number that is not one."""
    if len(rpps) != 11 or not rpps.isdigit():
        raise _Illisible("Le numéro RPPS n’a pas onze chiffres.")
    identite, savoirs_faire, activite = lues[0]
    rangees = {activite}
    if len(lues) > 1:
        identites, savoirs, activites = zip(*lues, strict=True)
        identite, rangees = min(identites), {*activites}
        savoirs_faire = b",".join(sorted(filter(None, {*savoirs})))
    praticien = b"|".join((rpps, *identite, b"{" + savoirs_faire + b"}"))
    rangees.discard(rpps + _SANS_ACTIVITE)
    octets = praticien + b"".join(rangees)
    if octets.find(b"\0") >= 0:  # five times faster than `in`
        raise _Illisible("Cette ligne contient un caractère nul.")
    try:
        octets.decode()
    except UnicodeDecodeError as erreur:
        raise _Illisible("Cette ligne n’est pas encodée en UTF-8.") from erreur
    return praticien, rangees
