"""Regular expression that reads thousands of lines of an extract at once (DATA-FORMATS §2.2).

`findall` gives one tuple a line, without coming back to Python in between. A line is tried as:

1. in the field (a profession that may hold a terrain, a civilian with an RPPS number) and sound: its fields, those of
   one activity that follow each other in the file as one piece;
2. in the field, but something must be looked at: the whole line, in the last group;
3. anything else: only empty groups.

Pieces keep their separators, so that joined by « | » they are the row that COPY takes, with its columns in the order
of the file. Every repetition is possessive: no line is tried twice in the same way.
"""

import re
from collections.abc import Sequence
from operator import itemgetter

from app.referentiels import rpps_colonnes as noms
from models.praticien import Profession

PROFESSIONS = frozenset(un.value.encode() for un in Profession)
CIVIL, TYPE_RPPS = b"C", b"8"
Lue = tuple[bytes, ...]

_CHAMP = rb"[^|]*+"
_DU_CHAMP = {
    noms.TYPE: TYPE_RPPS,
    noms.PROFESSION: b"(?:%b)" % b"|".join(sorted(PROFESSIONS)),
    noms.CATEGORIE: CIVIL,
}
_SAINS = {
    **_DU_CHAMP,
    noms.RPPS: rb"[0-9]{11}",
    noms.NOM: rb"(?=\s*+[^\s|])[^|]*+",
    **dict.fromkeys(noms.SAVOIR_FAIRE, rb"[0-9A-Za-z]*+"),
    noms.CODE_POSTAL: rb"(?![0-9]{4}[|\n])[^|]*+",  # abroad, it may be right: it is looked at
    noms.CODE_INSEE: rb"(?:[0-9][0-9AB][0-9]{3})?+",
}
_DE_LA_PERSONNE = (noms.RPPS, *noms.IDENTITE, *noms.SAVOIR_FAIRE)  # one piece each


class Motif:
    """The expression for the columns of one file, and what its groups are."""

    def __init__(self, colonnes: noms.Colonnes) -> None:
        rangs = colonnes.rangs
        self._morceaux = _morceaux({rangs[nom] for nom in _DE_LA_PERSONNE}, {rangs[nom] for nom in noms.ACTIVITE})
        groupe = {rang: place for place, morceau in enumerate(self._morceaux) for rang in morceau}
        de_l_activite = sorted(rangs[nom] for nom in noms.ACTIVITE)
        du_miroir = {rangs[nom]: colonne for nom, colonne in noms.ACTIVITE.items()}
        self.colonnes_activite = ("rpps", *(du_miroir[rang] for rang in de_l_activite))
        self.lire = re.compile(self._expression(colonnes)).findall
        self.rpps = itemgetter(groupe[rangs[noms.RPPS]])  # empty out of the field
        self.personne = itemgetter(*(groupe[rangs[nom]] for nom in _DE_LA_PERSONNE))
        self.activite = itemgetter(*dict.fromkeys(groupe[rang] for rang in (rangs[noms.RPPS], *de_l_activite)))
        self.a_regarder = itemgetter(len(self._morceaux))
        self.rien = (b"",) * (len(self._morceaux) + 1)

    def depuis(self, champs: Sequence[bytes]) -> Lue:
        """What a sound line gives, from its fields."""
        return *(b"|".join(champs[rang] for rang in morceau) for morceau in self._morceaux), b""

    def _expression(self, colonnes: noms.Colonnes) -> bytes:
        du_champ = {colonnes.rangs[nom]: motif for nom, motif in _DU_CHAMP.items()}
        sains = {colonnes.rangs[nom]: motif for nom, motif in _SAINS.items()}
        dernier = colonnes.nombre - 1
        champs = [sains.get(rang, _CHAMP if rang < dernier else rb"[^|\n]*+") for rang in range(colonnes.nombre)]
        for morceau in self._morceaux:
            champs[morceau[0]] = b"(" + champs[morceau[0]]
            champs[morceau[-1]] += b")"
        debut = rb"\|".join(du_champ.get(rang, _CHAMP) for rang in range(max(du_champ) + 1))
        return rb"(?:(?=%b(?![^|\n]))(?:%b\|?+(?=\n)|([^\n]*+))|[^\n]*+)\n" % (debut, rb"\|".join(champs))


def _morceaux(seuls: set[int], autres: set[int]) -> list[list[int]]:
    """Ranks of the columns, those of `autres` that follow each other together."""
    morceaux: list[list[int]] = []
    for rang in sorted(seuls | autres):
        if rang in autres and rang - 1 in autres:
            morceaux[-1].append(rang)
        else:
            morceaux.append([rang])
    return morceaux
