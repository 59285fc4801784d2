"""Communes, from INSEE's `v_commune_AAAA.csv` (SPEC R15, DATA-FORMATS §4): the file is right for what it covers.

An address can only be in a commune (COM) or a municipal arrondissement (ARM). A delegated or associated commune (COMD,
COMA) is an old code that leads to its commune. The collectivities overseas that INSEE keeps in another file stay. A
commune that the file no longer has is replaced when the file says by which; else it is kept, marked, and told.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.errors import FichierRefuse
from app.geographie import code_departement, normaliser_ville
from app.referentiels.chargement import (
    Resultat,
    marquer,
    millesime_du_nom,
    refuser_illisible,
    refuser_incomplet,
)
from app.referentiels.codes_abolis import alias_connus, remplacer
from app.referentiels.copie import copier
from app.referentiels.lecture_csv import LectureCsv, Ligne
from models.commune import AliasCommune, Commune
from models.territoire import Departement

CODE = re.compile(r"\d[\dAB]\d{3}")
COLONNES = {un: (un.lower(),) for un in ("TYPECOM", "COM", "DEP", "LIBELLE", "COMPARENT")}
ASSIGNABLES, RATTACHEES = ("COM", "ARM"), ("COMD", "COMA")
PERTE_PART = 0.05  # the year that abolished most communes abolished 3 % of them
_HORS_FICHIER = ("975", "977", "978", "98")
_NOM_MAX = 100

_ECRIRE = """
    INSERT INTO commune (code, nom, nom_postal, departement_code, commune_mere_code)
    SELECT code, nom, nom_postal, departement_code, commune_mere_code FROM copie
    ON CONFLICT (code) DO UPDATE SET nom = excluded.nom, nom_postal = excluded.nom_postal, absente_depuis = NULL,
        departement_code = excluded.departement_code, commune_mere_code = excluded.commune_mere_code
"""


@dataclass(frozen=True)
class _Commune:
    nom: str
    mere: str | None
    absente: bool = False


@dataclass
class _Lues:
    """What the file says, line by line: communes by their code, old codes with their commune."""

    lecture: LectureCsv
    departements: frozenset[str]
    communes: dict[str, _Commune] = field(default_factory=dict)
    rattachees: dict[str, str] = field(default_factory=dict)
    codes_rejetes: set[str] = field(default_factory=set)
    _lignes: dict[tuple[bool, str], Ligne] = field(default_factory=dict)

    def lire(self) -> None:
        for ligne in self.lecture:
            self._prendre(ligne)
        for code, mere in [(code, une.mere) for code, une in self.communes.items() if une.mere]:
            if mere not in self.communes:
                self._rejeter(self._lignes[True, code], "Sa commune n’est pas dans le fichier.")
                del self.communes[code]
        for code, mere in list(self.rattachees.items()):
            if mere not in self.communes:
                self._rejeter(self._lignes[False, code], "Sa commune n’est pas dans le fichier.")
                del self.rattachees[code]

    def _prendre(self, ligne: Ligne) -> None:
        assignable = ligne["TYPECOM"] in ASSIGNABLES
        cle = (assignable, ligne["COM"])
        if cle in self._lignes:
            self._rejeter(ligne, f"Ce code est déjà à la ligne {self._lignes[cle].numero}.")
        elif motif := self._defaut(ligne):
            self._rejeter(ligne, motif)
        else:
            self._lignes[cle] = ligne
            if assignable:
                self.communes[ligne["COM"]] = _Commune(ligne["LIBELLE"], ligne["COMPARENT"] or None)
            else:
                self.rattachees[ligne["COM"]] = ligne["COMPARENT"]

    def _defaut(self, ligne: Ligne) -> str | None:
        type_, code, mere = ligne["TYPECOM"], ligne["COM"], ligne["COMPARENT"]
        departement = code_departement(code)
        defauts = {
            f"Le type « {type_} » n’est pas connu.": type_ not in (*ASSIGNABLES, *RATTACHEES),
            code_mal_forme(code): not CODE.fullmatch(code),
            f"Le département {departement} n’est pas connu.": departement not in self.departements,
            f"Le département « {ligne['DEP']} » n’est pas celui du code.": ligne["DEP"] not in ("", departement),
            "Le nom manque, ou est trop long.": not 0 < len(ligne["LIBELLE"]) <= _NOM_MAX,
            "Le code de sa commune (COMPARENT) manque, ou est mal formé.": (type_ == "COM") == bool(mere)
            or bool(mere and not CODE.fullmatch(mere)),
        }
        return next((motif for motif, vrai in defauts.items() if vrai), None)

    def _rejeter(self, ligne: Ligne, motif: str) -> None:
        self.codes_rejetes.add(ligne["COM"])
        self.lecture.rejeter(ligne, ligne["COM"], motif)


def code_mal_forme(code: str) -> str:
    """Why a code is not one; spreadsheets take the first zero of a number away."""
    zero = " Son zéro initial a sans doute été perdu." if re.fullmatch(r"\d{4}", code) else ""
    return f"« {code} » n’est pas un code de commune : il en faut cinq caractères.{zero}"


def charger_communes(session: Session, chemin: Path) -> Resultat:
    """Bring communes to what the file says; loading it again changes nothing."""
    lues = _lire(session, chemin)
    connues, alias = _connues(session), alias_connus(session)
    absentes = {code: une for code, une in connues.items() if _a_disparu(code, lues)}
    _refuser_incomplet(connues, absentes, lues.communes)
    changees = {code: une for code, une in lues.communes.items() if connues.get(code) != une}
    anciens = {code: mere for code, mere in lues.rattachees.items() if code not in lues.communes}
    nouveaux = {code: mere for code, mere in anciens.items() if alias.get(code) != mere}
    orphelines = {code: une for code, une in absentes.items() if code not in anciens}

    millesime = millesime_du_nom(chemin) or date(datetime.now(UTC).year, 1, 1)
    _ecrire(session, changees)
    objets = remplacer(session, nouveaux, millesime)
    _marquer_absentes(session, orphelines, millesime)
    marquer(session, "commune", chemin.name, millesime)

    prises = len(lues.communes) + len(anciens)
    return Resultat(
        lus=lues.lecture.lus,
        crees=len(changees.keys() - connues.keys()) + len(nouveaux.keys() - alias.keys()),
        modifies=len(changees.keys() & connues.keys()) + len(nouveaux.keys() & alias.keys()),
        inchanges=prises - len(changees) - len(nouveaux),
        hors_champ=len(lues.rattachees) - len(anciens),  # the code of the commune itself
        rejetes=len(lues.lecture.rejets),
        retires=len(absentes) - len(orphelines),
        objets_modifies=objets,
        a_verifier=tuple(_a_verifier(code, une) for code, une in sorted(orphelines.items())),
        rejets=tuple(lues.lecture.rejets),
    )


def _lire(session: Session, chemin: Path) -> _Lues:
    lues = _Lues(LectureCsv(chemin, COLONNES), frozenset(session.scalars(select(Departement.code))))
    lues.lire()
    refuser_illisible(lues.lecture, len(lues.communes))
    return lues


def _connues(session: Session) -> dict[str, _Commune]:
    colonnes = select(Commune.code, Commune.nom, Commune.commune_mere_code, Commune.absente_depuis.is_not(None))
    return {code: _Commune(nom, mere, absente) for code, nom, mere, absente in session.execute(colonnes)}


def _a_disparu(code: str, lues: _Lues) -> bool:
    """Neither in the file, nor on a line of it that could not be taken, nor in the other file of INSEE."""
    return code not in lues.communes and code not in lues.codes_rejetes and not code.startswith(_HORS_FICHIER)


def _refuser_incomplet(
    connues: Mapping[str, _Commune], absentes: Mapping[str, _Commune], lues: Mapping[str, _Commune]
) -> None:
    departements = {code_departement(code) for code in connues if not code.startswith(_HORS_FICHIER)}
    if vides := sorted(departements - {code_departement(code) for code in lues}):
        message = f"Ce fichier n’a aucune commune du département {vides[0]} : il est sans doute incomplet."
        raise FichierRefuse("E-FREIN-DEPARTEMENT", message)
    actuelles = [code for code, une in connues.items() if not une.absente]
    disparues = sorted(code for code, une in absentes.items() if not une.absente)
    refuser_incomplet("communes", disparues, len(actuelles), PERTE_PART)


def _ecrire(session: Session, communes: Mapping[str, _Commune]) -> None:
    """Communes that are new, or differ; a code that comes back is no longer an old one."""
    lignes = (
        (code, une.nom, normaliser_ville(une.nom), code_departement(code), une.mere) for code, une in communes.items()
    )
    copie = copier(session, ("code", "nom", "nom_postal", "departement_code", "commune_mere_code"), lignes)
    session.execute(text(_ECRIRE))
    session.execute(
        delete(AliasCommune)
        .where(AliasCommune.ancien_code.in_(select(copie.c.code)))
        .execution_options(synchronize_session=False)
    )


def _marquer_absentes(session: Session, codes: Iterable[str], millesime: date) -> None:
    session.execute(
        update(Commune)
        .where(Commune.code.in_(list(codes)), Commune.absente_depuis.is_(None))
        .values(absente_depuis=millesime)
        .execution_options(synchronize_session=False)
    )


def _a_verifier(code: str, commune: _Commune) -> str:
    return (
        f"{code} {commune.nom} n’est plus dans le code officiel, et son remplaçant n’est pas connu :"
        " chargez le fichier des mouvements de communes."
    )
