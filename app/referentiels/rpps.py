"""RPPS extract (Personne_activite) → practitioners, streamed as bytes (DATA-FORMATS §2, SPEC R12).

A line is in the field when its profession may hold a terrain and its holder is a civilian (students and military
excluded). Consecutive lines of one person, in the field, make a group; a group that the mirror already knows, by the
hash of its bytes, is not parsed.
"""

import re
from binascii import hexlify
from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

from app.errors import FichierRefuse, FichierSuspect
from app.referentiels import rpps_colonnes as noms
from app.referentiels.empreintes import TAILLE, Empreintes
from app.referentiels.lignes import LigneRejetee
from app.referentiels.rpps_lignes import Analyse
from models.praticien import Profession

OBJET = "PRATICIEN"
PROFESSIONS = frozenset(un.value.encode() for un in Profession)
CIVIL, TYPE_RPPS = b"C", b"8"
_TRANCHE = 2**17  # lines that stay in the cache of the processor
_LIGNE_MAX = 2**16
_GROUPE_MAX = 1000  # lines; what follows is a group found apart
_REJETS_MAX = 100_000


class Groupe(NamedTuple):
    """Lines of one practitioner that follow each other, as COPY rows; `praticien` is empty if all were rejected."""

    rpps: bytes
    lignes: int
    praticien: bytes
    activites: set[bytes]
    intact: bool  # no line was rejected


class LectureRpps:
    """One reading of an extract: iterate over the groups that changed, the rest is known at the end.

    lus = lines of these groups + reconnues + hors_champ + rejetes. `connues` keeps the hashes that the file no longer
    holds.
    """

    def __init__(self, morceaux: Iterator[bytes], connues: Empreintes) -> None:
        self.connues = connues
        self.lus = self.reconnues = self.hors_champ = self.rejetes = 0
        self.rejets: list[LigneRejetee] = []  # those of the groups already given; the reader of these takes them away
        self._paquets = _paquets(morceaux)
        premier = next(self._paquets, [b""])
        self.colonnes = noms.lire(premier.pop(0))
        self._premier = premier
        self._analyse = Analyse(self.colonnes)

    def __iter__(self) -> Iterator[Groupe]:
        """Sort the lines by field, then by person. Flat on purpose: this loop runs millions of times."""
        dans_le_champ, separateurs = _motif_du_champ(self.colonnes).match, self.colonnes.nombre - 1
        courant, lignes, numeros, numero, hors_champ = b"", list[bytes](), list[int](), 1, 0
        for paquet in self._suite():
            for ligne, repere in zip(paquet, map(dans_le_champ, paquet), strict=True):
                numero += 1
                if repere is None:
                    surplus = ligne.count(b"|") - separateurs
                    if surplus == 0 or (surplus == 1 and ligne.endswith(b"|")):
                        hors_champ += 1
                    else:
                        self._rejeter_tronquee(numero, ligne)
                    continue
                rpps = repere[1]
                if rpps != courant or len(lignes) == _GROUPE_MAX:
                    if lignes and (groupe := self._groupe(courant, lignes, numeros)):
                        yield groupe
                    courant, lignes, numeros = rpps, [], []
                lignes.append(ligne)
                numeros.append(numero)
        if lignes and (groupe := self._groupe(courant, lignes, numeros)):
            yield groupe
        self.lus, self.hors_champ = numero - 1, hors_champ

    def _suite(self) -> Iterator[list[bytes]]:
        yield self._premier
        yield from self._paquets

    def _groupe(self, rpps: bytes, lignes: list[bytes], numeros: list[int]) -> Groupe | None:
        """Rows of a practitioner; None when the lines are those of the last file."""
        empreinte = blake2b(b"\n".join(lignes), digest_size=TAILLE).digest()
        if self.connues.retirer(empreinte):  # met again, the same lines would be a repetition
            self.reconnues += len(lignes)
            return None
        praticien, activites, defauts = self._analyse.analyser(rpps, lignes)
        if not defauts:
            return Groupe(rpps, len(lignes), praticien + b"|\\x" + hexlify(empreinte), activites, True)
        for rang, motif in defauts:
            self._rejeter(numeros[rang], rpps, motif)
        # Without its hash, a practitioner with a rejected line is parsed, and its line rejected, every night.
        return Groupe(rpps, len(lignes) - len(defauts), praticien and praticien + b"|", activites, False)

    def _rejeter_tronquee(self, numero: int, ligne: bytes) -> None:
        champs = ligne.split(b"|")
        rang = self.colonnes.rangs[noms.RPPS]
        motif = f"Cette ligne a {len(champs)} champs au lieu de {self.colonnes.nombre}."
        self._rejeter(numero, champs[rang] if rang < len(champs) else b"", motif)

    def _rejeter(self, numero: int, rpps: bytes, motif: str) -> None:
        lu = rpps[:60].decode(errors="replace").replace("\0", "\ufffd")
        self.rejetes += 1
        if self.rejetes > _REJETS_MAX:
            message = f"Plus de {_REJETS_MAX} lignes sont illisibles : ce fichier est sans doute endommagé."
            raise FichierSuspect("E-FREIN-REJETS", message)
        self.rejets.append(LigneRejetee(str(numero), OBJET, lu or None, motif))


def _motif_du_champ(colonnes: noms.Colonnes) -> re.Pattern[bytes]:
    """What a line in the field looks like up to its last column that tells so; its first group is the RPPS number."""
    attendus = {
        noms.TYPE: TYPE_RPPS,
        noms.RPPS: rb"([^|]*+)",
        noms.PROFESSION: b"(?:%b)" % b"|".join(sorted(PROFESSIONS)),
        noms.CATEGORIE: CIVIL,
    }
    par_rang = {colonnes.rangs[nom]: motif for nom, motif in attendus.items()}
    champs = [par_rang.get(rang, rb"[^|]*+") for rang in range(max(par_rang) + 1)]
    return re.compile(rb"\|".join(champs) + rb"(?![^|])")  # three times faster than cutting the line


def _paquets(morceaux: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Lines of the file, a few hundred at a time, without their ends; the last one may lack its own."""
    reste = b""
    for morceau in morceaux:
        for debut in range(0, len(morceau), _TRANCHE):
            octets = reste + morceau[debut : debut + _TRANCHE]
            if b"\r" in octets:  # one byte is found five times faster than two
                octets = octets.replace(b"\r\n", b"\n")
            lignes = octets.split(b"\n")
            reste = lignes.pop()
            if len(reste) > _LIGNE_MAX:
                raise FichierRefuse("E-FICHIER-FORMAT", "Une ligne de ce fichier dépasse la taille admise.")
            if lignes:
                yield lignes
    if reste:
        yield [reste.removesuffix(b"\r")]
