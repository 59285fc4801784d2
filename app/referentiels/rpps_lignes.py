"""Lines of one practitioner → rows of the mirror in the text format of COPY (DATA-FORMATS §2.2, §2.3).

Fields stay the bytes of the file: they are cut, put together and checked, never decoded. « | » separates the columns
of a row too, as no field holds one; an empty field is NULL.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from operator import itemgetter
from typing import NamedTuple

from app.referentiels import rpps_colonnes as noms

COLONNES_PRATICIEN = ("rpps", "nom", "prenom", "civilite", "profession_code", "savoirs_faire", "empreinte", "lignes")
COLONNES_ACTIVITE = (
    "rpps",
    "cle",
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
_RPPS = re.compile(rb"[0-9]{11}")
_INSEE = re.compile(rb"[0-9][0-9AB][0-9]{3}")
_CODE_POSTAL = re.compile(rb"[0-9]{5}")
_OUTRE_MER = (b"97", b"98")
_CEDEX = re.compile(rb"[0-9]{5} +(?=.)")
_FRANCE = frozenset((b"", b"99000", b"FR", b"FRA"))
_CACHE_MAX = 100_000  # three times the communes of the country
_SANS_ACTIVITE = b"|" * (len(COLONNES_ACTIVITE) - 3)


class Lignes(NamedTuple):
    """What the lines of one practitioner say, as COPY rows, and what is wrong with those that cannot be taken.

    `praticien` lacks its two last columns; it is empty when no line was taken.
    """

    praticien: bytes
    activites: list[bytes]
    defauts: list[tuple[int, str]]  # rank among the lines, and reason


class Analyse:
    """Cuts lines along the columns of one file. What is met a thousand times is checked once."""

    def __init__(self, colonnes: noms.Colonnes) -> None:
        self._nombre = colonnes.nombre
        self._identite = itemgetter(*colonnes.de(*noms.IDENTITE))
        self._savoir_faire = itemgetter(*colonnes.de(*noms.SAVOIR_FAIRE))
        self._lieu = itemgetter(*colonnes.de(*noms.LIEU))
        self._activite = itemgetter(*colonnes.de(*noms.ACTIVITE))
        self._departements: dict[tuple[bytes, ...], bytes] = {}  # by place; sound ones only
        self._savoirs_sains: set[tuple[bytes, ...]] = set()

    def analyser(self, rpps: bytes, lignes: Sequence[bytes]) -> Lignes:
        """`lignes` all belong to `rpps`; the outcome does not depend on their order, nor on repetitions."""
        identites: set[tuple[bytes, ...]] = set()
        savoirs: set[tuple[bytes, ...]] = set()
        activites: set[bytes] = set()
        defauts: list[tuple[int, str]] = []
        numero_valide = _RPPS.fullmatch(rpps) is not None
        for rang, (ligne, motif) in enumerate(_lisibles(lignes)):
            champs = ligne.split(b"|")
            if motif := motif or self._defaut(champs, numero_valide=numero_valide):
                defauts.append((rang, motif))
                continue
            identites.add(self._identite(champs))
            savoirs.add(self._savoir_faire(champs))
            activites.add(_composer(self._activite(champs), self._departements[self._lieu(champs)]))
        if not identites:
            return Lignes(b"", [], defauts)
        activites.discard(_SANS_ACTIVITE)
        praticien = b"|".join((rpps, *min(identites), _tableau(savoirs)))
        return Lignes(praticien, [_avec_cle(rpps, une) for une in activites], defauts)

    def _defaut(self, champs: list[bytes], *, numero_valide: bool) -> str | None:
        """Why a line cannot be taken, if so."""
        nombre = len(champs)
        if nombre != self._nombre and (nombre != self._nombre + 1 or champs[-1]):
            return f"Cette ligne a {nombre} champs au lieu de {self._nombre}."
        if not numero_valide:
            return "Le numéro RPPS n’a pas onze chiffres."
        if not self._identite(champs)[0].strip():
            return "Le nom d’exercice manque."
        lieu, savoir_faire = self._lieu(champs), self._savoir_faire(champs)
        if lieu in self._departements and savoir_faire in self._savoirs_sains:
            return None
        motif = _defaut_lieu(*lieu) or _defaut_savoir_faire(*savoir_faire)
        if motif is None:
            self._retenir(lieu, savoir_faire)
        return motif

    def _retenir(self, lieu: tuple[bytes, ...], savoir_faire: tuple[bytes, ...]) -> None:
        """Check neither again."""
        if len(self._departements) + len(self._savoirs_sains) >= _CACHE_MAX:
            self._departements.clear()
            self._savoirs_sains.clear()
        self._departements[lieu] = departement(*lieu[:2])
        self._savoirs_sains.add(savoir_faire)


def departement(code_postal: bytes, code_insee: bytes) -> bytes:
    """Département of a commune, or of a postal code for want of it; empty abroad."""
    if code_insee[:2] in _OUTRE_MER:
        return code_insee[:3]
    if code_insee or not _CODE_POSTAL.fullmatch(code_postal):
        return code_insee[:2]
    if code_postal.startswith(b"20"):
        return b"2A" if code_postal[2:3] in b"01" else b"2B"
    return code_postal[:3] if code_postal[:2] in _OUTRE_MER else code_postal[:2]


def _defaut_lieu(code_postal: bytes, code_insee: bytes, pays: bytes) -> str | None:
    if code_insee and not _INSEE.fullmatch(code_insee):
        return "Le code commune n’est pas un code INSEE de cinq caractères."
    if len(code_postal) == 4 and pays in _FRANCE and code_postal.isdigit():
        return "Le code postal n’a que quatre chiffres : son zéro de tête est perdu."
    return None


def _defaut_savoir_faire(type_: bytes, code: bytes) -> str | None:
    return None if (type_ + code + b"0").isalnum() else "Le code de savoir-faire est illisible."


def _lisibles(lignes: Sequence[bytes]) -> list[tuple[bytes, str | None]]:
    """Each line as COPY wants it, and what PostgreSQL would refuse in it."""
    octets = b"\n".join(lignes)
    if b"\\" in octets or b"\r" in octets:
        lignes = [ligne.replace(b"\\", b"\\\\").replace(b"\r", b" ") for ligne in lignes]
    if _motif_illisible(octets) is None:
        return [(ligne, None) for ligne in lignes]
    return [(ligne, _motif_illisible(ligne)) for ligne in lignes]


def _motif_illisible(octets: bytes) -> str | None:
    if b"\0" in octets:
        return "Cette ligne contient un caractère nul."
    try:
        octets.decode()
    except UnicodeDecodeError:
        return "Cette ligne n’est pas encodée en UTF-8."
    return None


def _tableau(savoirs: set[tuple[bytes, ...]]) -> bytes:
    """PostgreSQL array of « type:code », sorted; the codes are letters and digits."""
    return b"{%b}" % b",".join(sorted([b":".join(un) for un in savoirs if un[1]]))


def _composer(activite: tuple[bytes, ...], departement: bytes) -> bytes:
    """An activity in the columns of the mirror; its address on one line."""
    (structure, mode, secteur, siret, finess, raison, enseigne, numero, indice, type_voie, voie, destinataire, point,
     mention, cedex, code_postal, commune, code_insee, telephone, telecopie, courriel) = activite  # fmt: skip
    adresse = b" ".join([un for un in (numero, indice, type_voie, voie) if un])
    complement = b", ".join([un for un in (destinataire, point, mention) if un])
    ville = commune or _CEDEX.sub(b"", cedex, count=1)
    return b"|".join((structure, mode, secteur, siret, finess, raison or enseigne, adresse, complement, code_postal,
                      ville, code_insee, telephone, telecopie, courriel, departement))  # fmt: skip


def _avec_cle(rpps: bytes, composee: bytes) -> bytes:
    """Row of an activity, with the hash that identifies it among those of its practitioner."""
    cle = int.from_bytes(blake2b(composee, digest_size=8).digest(), "big", signed=True)
    return b"%b|%d|%b\n" % (rpps, cle, composee)
