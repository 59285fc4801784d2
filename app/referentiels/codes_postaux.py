"""Postal codes of the communes, from La Poste's `019HexaSmal.csv` in either of its layouts (DATA-FORMATS §4).

Paris, Lyon and Marseille come by commune in some vintages and by arrondissement in others: both are kept. A commune
of the file has the postal codes of the file and no other; one that the file does not list keeps its own.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.geographie import arrondissement_postal, code_departement, commune_mere
from app.referentiels.chargement import Resultat, marquer, refuser_illisible, refuser_incomplet
from app.referentiels.codes_abolis import alias_connus
from app.referentiels.communes import CODE, code_mal_forme
from app.referentiels.copie import copier
from app.referentiels.lecture_csv import LectureCsv, Ligne
from models.commune import CodePostal, Commune

COLONNES = {"Code_commune_INSEE": ("codecommuneinsee",), "Code_postal": ("codepostal",)}
PERTE_PART = 0.05
_ETRANGER = "99"  # Monaco, whose postal codes are those of France

_Paire = tuple[str, str]  # postal code, INSEE code


@dataclass
class _Lues:
    """The pairs of the file, each with what its line gives: itself, and the same for the other end of a big town."""

    lecture: LectureCsv
    communes: frozenset[str]
    alias: dict[str, str]
    paires: dict[_Paire, set[_Paire]] = field(default_factory=dict)
    doublons: int = 0
    hors_champ: int = 0
    douteux: bool = False

    def lire(self) -> None:
        for ligne in self.lecture:
            self._prendre(ligne)

    def _prendre(self, ligne: Ligne) -> None:
        code, code_postal = ligne["Code_commune_INSEE"], ligne["Code_postal"]
        commune = code if code in self.communes else self.alias.get(code, "")
        if motif := _defaut(code, code_postal):
            self.douteux = True
            self.lecture.rejeter(ligne, f"{code} {code_postal}", motif)
        elif code.startswith(_ETRANGER):
            self.hors_champ += 1
        elif not commune:
            self.lecture.rejeter(
                ligne, code, f"La commune {code} n’est pas connue : chargez le code officiel (communes)."
            )
        elif (code_postal, commune) in self.paires:
            self.doublons += 1
        else:
            freres = {commune, commune_mere(commune), arrondissement_postal(commune, code_postal)}
            self.paires[code_postal, commune] = {(code_postal, un) for un in freres & self.communes}

    @property
    def voulues(self) -> set[_Paire]:
        return {paire for paires in self.paires.values() for paire in paires}


def _defaut(code: str, code_postal: str) -> str | None:
    if not CODE.fullmatch(code):
        return code_mal_forme(code)
    if not re.fullmatch(r"\d{5}", code_postal):
        return f"« {code_postal} » n’est pas un code postal : il en faut cinq chiffres."
    return None


def charger_codes_postaux(session: Session, chemin: Path) -> Resultat:
    """Bring postal codes to what the file says; loading it again changes nothing."""
    lues = _Lues(LectureCsv(chemin, COLONNES), frozenset(session.scalars(select(Commune.code))), alias_connus(session))
    lues.lire()
    refuser_illisible(lues.lecture, len(lues.paires))
    connues = {(un, code) for un, code in session.execute(select(CodePostal.code_postal, CodePostal.commune_code))}
    voulues = lues.voulues
    servies = {code for _, code in voulues}
    _refuser_incomplet(connues, servies)

    _ajouter(session, voulues - connues)
    # A line that could not be read may be the very one that would keep a postal code.
    perdues = set() if lues.douteux or lues.lecture.rejets else {une for une in connues - voulues if une[1] in servies}
    _retirer(session, perdues)
    marquer(session, "code_postal", chemin.name)

    crees = sum(1 for paires in lues.paires.values() if not paires <= connues)
    rejetes = tuple(lues.lecture.rejets)
    return Resultat(
        lus=lues.lecture.lus,
        crees=crees,
        inchanges=len(lues.paires) - crees,
        doublons=lues.doublons,
        hors_champ=lues.hors_champ,
        rejetes=len(rejetes),
        retires=len(perdues),
        rejets=rejetes,
    )


def _refuser_incomplet(connues: set[_Paire], servies: set[str]) -> None:
    """The communes that have postal codes are known: a file that serves too few of them is not whole."""
    desservies = {code for _, code in connues}
    perdus = {code_departement(code) for code in desservies} - {code_departement(code) for code in servies}
    if vides := sorted(un for un in perdus if not un.startswith("98")):
        message = f"Ce fichier n’a aucun code postal du département {vides[0]} : il est sans doute incomplet."
        raise FichierRefuse("E-FREIN-DEPARTEMENT", message)
    refuser_incomplet("communes", sorted(desservies - servies), len(desservies), PERTE_PART)


def _ajouter(session: Session, paires: set[_Paire]) -> None:
    copie = copier(session, ("code_postal", "commune_code"), sorted(paires))
    session.execute(insert(CodePostal).from_select(["code_postal", "commune_code"], select(copie)))


def _retirer(session: Session, paires: set[_Paire]) -> None:
    copie = copier(session, ("code_postal", "commune_code"), sorted(paires))
    cle = tuple_(CodePostal.code_postal, CodePostal.commune_code)
    perdues = delete(CodePostal).where(cle.in_(select(copie)))
    session.execute(perdues.execution_options(synchronize_session=False))
