"""Changes of codes of communes since 1943, from INSEE's `v_mvt_commune_AAAA.csv` (SPEC R15, DATA-FORMATS §4).

The file tells events; what matters is where each abolished code leads today: its last disappearance is followed, from
one successor to the next, to a commune of the official code. A commune that comes out of another (split) takes part of
its addresses with it: nothing says which, so nothing changes and a person is told.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.referentiels.chargement import Resultat, marquer, millesime_connu, millesime_du_nom, refuser_illisible
from app.referentiels.codes_abolis import alias_connus, remplacer
from app.referentiels.communes import ASSIGNABLES, CODE, RATTACHEES, code_mal_forme
from app.referentiels.lecture_csv import LectureCsv, Ligne
from models.commune import Commune

COLONNES = {
    "MOD": ("mod",),
    "DATE_EFF": ("dateeff",),
    "TYPECOM_AV": ("typecomav",),
    "COM_AV": ("comav",),
    "LIBELLE_AV": ("libelleav",),
    "TYPECOM_AP": ("typecomap",),
    "COM_AP": ("comap",),
}
NOM, CREATION, SCISSION = "10", "20", "21"
_TYPES = (*ASSIGNABLES, *RATTACHEES)


@dataclass(frozen=True)
class Mouvement:
    """A line of the file."""

    le: date
    nature: str
    avant: str
    apres: str
    type_avant: str
    type_apres: str
    nom: str

    @property
    def entre_communes(self) -> bool:
        return self.type_avant in ASSIGNABLES and self.type_apres in ASSIGNABLES

    @property
    def disparition(self) -> bool:
        return self.entre_communes and self.avant != self.apres and self.nature not in (NOM, CREATION, SCISSION)


@dataclass
class _Histoire:
    """The events of the file by code: successors at each date a code disappears, and the last time it appeared."""

    disparitions: dict[str, dict[date, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    apparitions: dict[str, date] = field(default_factory=dict)
    scissions: dict[tuple[date, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    noms: dict[str, str] = field(default_factory=dict)
    fin: date = date.min  # until when it tells: that of its last event, or of its name

    def ajouter(self, un: Mouvement) -> None:
        self.fin = max(self.fin, un.le)
        self.noms.setdefault(un.avant, un.nom)
        if un.disparition:
            self.disparitions[un.avant][un.le].add(un.apres)
        if un.type_apres in ASSIGNABLES and (un.avant != un.apres or un.type_avant not in ASSIGNABLES):
            self.apparitions[un.apres] = max(self.apparitions.get(un.apres, date.min), un.le)
        if un.nature == SCISSION and un.entre_communes and un.avant != un.apres:
            self.scissions[un.le, un.avant].add(un.apres)

    def retirer_les_continues(self, continues: set[tuple[str, date]]) -> None:
        """A code that also succeeds to itself at a date did not disappear then."""
        for code, le in continues:
            self.disparitions.get(code, {}).pop(le, None)

    def derniere(self, code: str) -> date | None:
        """When the code disappeared for good, as far as the file knows."""
        dates = self.disparitions.get(code)
        fin = max(dates) if dates else None
        return fin if fin and fin > self.apparitions.get(code, date.min) else None

    def sorties(self, code: str, depuis: date) -> set[str]:
        """The communes that came out of another from a date on: what it took over may have left with them."""
        dates = [le for le, separee in self.scissions if separee == code and le >= depuis]
        return {une for le in dates for une in self.scissions[le, code]}

    def suivante(self, code: str, depuis: date) -> date | None:
        """The first time that a code disappears from a date on."""
        return min((le for le in self.disparitions.get(code, {}) if le >= depuis), default=None)


@dataclass(frozen=True)
class _Table:
    """What the database knows: communes of today, those that left the official code, old codes, and its vintage."""

    actuelles: frozenset[str]
    absentes: frozenset[str]
    alias: dict[str, str]
    millesime: date


def charger_mouvements(session: Session, chemin: Path) -> Resultat:
    """Bring the old codes to what the file says; loading it again changes nothing."""
    lecture = LectureCsv(chemin, COLONNES)
    lus = {ligne.numero: mouvement for ligne in lecture if (mouvement := _mouvement(lecture, ligne))}
    mouvements = set(lus.values())
    refuser_illisible(lecture, len(mouvements))
    histoire, table = _histoire(mouvements, millesime_du_nom(chemin)), _table(session)
    bilan = _Bilan(histoire, table)
    for un in sorted(mouvements, key=lambda un: (un.avant, un.le, un.apres)):
        bilan.classer(un)
    objets = remplacer(session, bilan.successeurs, histoire.fin)
    marquer(session, "alias_commune", chemin.name, histoire.fin)
    return Resultat(
        lus=lecture.lus,
        crees=len(bilan.successeurs.keys() - table.alias.keys()),
        modifies=len(bilan.successeurs.keys() & table.alias.keys()),
        inchanges=bilan.inchanges,
        doublons=len(lus) - len(mouvements),
        hors_champ=bilan.hors_champ,
        non_resolus=bilan.non_resolus,
        rejetes=len(lecture.rejets),
        retires=len(bilan.successeurs.keys() & (table.actuelles | table.absentes)),
        objets_modifies=objets,
        a_verifier=(*bilan.a_verifier, *_scissions(histoire)),
        rejets=tuple(lecture.rejets),
    )


@dataclass
class _Bilan:
    """What becomes of each event."""

    histoire: _Histoire
    table: _Table
    successeurs: dict[str, str] = field(default_factory=dict)
    a_verifier: list[str] = field(default_factory=list)
    inchanges: int = 0
    hors_champ: int = 0
    non_resolus: int = 0

    def classer(self, un: Mouvement) -> None:
        if (un.le, un.avant) in self.histoire.scissions and un.nature == SCISSION and un.avant != un.apres:
            self.non_resolus += 1
        elif not un.disparition or self.histoire.derniere(un.avant) != un.le:
            self.hors_champ += 1
        else:
            self._resoudre(un)

    def _resoudre(self, un: Mouvement) -> None:
        successeur, parts = self._successeur(un.avant, un.le)
        connu = self.table.alias.get(un.avant)
        if connu is not None and connu in (successeur, *parts):
            self.inchanges += 1
        elif successeur is None:
            self._signaler(un, "son remplaçant n’est pas connu : chargez d’abord le code officiel (communes).")
        elif successeur == "":
            self._signaler(un, "plusieurs communes se la sont partagée.")
        elif un.avant in self.table.actuelles and self.histoire.fin < self.table.millesime:
            depuis = f"{self.table.millesime:%d/%m/%Y}"
            self._signaler(un, f"le code officiel du {depuis}, plus récent que ce fichier, la connaît encore.")
        elif parts:
            self._signaler(un, f"{successeur}, qui l’a reprise, s’est séparée depuis de {', '.join(sorted(parts))}.")
        else:
            self.successeurs[un.avant] = successeur

    def _signaler(self, un: Mouvement, motif: str) -> None:
        self.non_resolus += 1
        phrase = f"{un.avant} {un.nom}, disparue le {un.le:%d/%m/%Y} : {motif}"
        if phrase not in self.a_verifier:
            self.a_verifier.append(phrase)

    def _est_actuelle(self, code: str) -> bool:
        """In the official code, and not about to leave it: what is as recent as the table has the last word."""
        abolie = self.histoire.fin >= self.table.millesime and self.histoire.derniere(code) is not None
        return code in self.table.actuelles and not abolie

    def _successeur(self, code: str, le: date) -> tuple[str | None, set[str]]:
        """The commune of today that took a code over, and what came out of it since; no name when several took it, None
        when it is not known.
        """
        vus, parts = {code}, set[str]()
        date_, actuel = le, code
        while True:
            suivants = self.histoire.disparitions[actuel][date_]
            if len(suivants) > 1:
                return "", set()
            [actuel] = suivants
            parts |= self.histoire.sorties(actuel, date_)
            if self._est_actuelle(actuel):
                return actuel, parts
            suivante = self.histoire.suivante(actuel, date_)
            if suivante is None or actuel in vus:
                return self.table.alias.get(actuel), parts
            vus.add(actuel)
            date_ = suivante


def _mouvement(lecture: LectureCsv, ligne: Ligne) -> Mouvement | None:
    """The event of a line; None, and a reject, when it cannot be read."""
    le = _date(ligne["DATE_EFF"])
    if le is None:
        lecture.rejeter(ligne, ligne["DATE_EFF"], f"« {ligne['DATE_EFF']} » n’est pas une date (AAAA-MM-JJ).")
        return None
    if motif := _defaut(ligne):
        lecture.rejeter(ligne, f"{ligne['COM_AV']} {ligne['COM_AP']}", motif)
        return None
    return Mouvement(
        le,
        ligne["MOD"],
        ligne["COM_AV"],
        ligne["COM_AP"],
        ligne["TYPECOM_AV"],
        ligne["TYPECOM_AP"],
        ligne["LIBELLE_AV"],
    )


def _defaut(ligne: Ligne) -> str | None:
    if not re.fullmatch(r"\d{2}", ligne["MOD"]):
        return f"« {ligne['MOD']} » n’est pas un type d’événement (deux chiffres)."
    creation = ligne["MOD"] == CREATION and not ligne["COM_AV"]
    for type_, code in ((ligne["TYPECOM_AV"], ligne["COM_AV"]), (ligne["TYPECOM_AP"], ligne["COM_AP"])):
        if creation and not code:
            continue
        if type_ not in _TYPES:
            return f"Le type « {type_} » n’est pas connu."
        if not CODE.fullmatch(code):
            return code_mal_forme(code)
    return None


def _date(texte: str) -> date | None:
    try:
        return date.fromisoformat(texte) if re.fullmatch(r"\d{4}-\d\d-\d\d", texte) else None
    except ValueError:
        return None


def _histoire(mouvements: set[Mouvement], millesime: date | None) -> _Histoire:
    histoire = _Histoire(fin=millesime or date.min)
    for un in mouvements:
        histoire.ajouter(un)
    memes = {(un.avant, un.le) for un in mouvements if un.entre_communes and un.avant == un.apres and un.nature != NOM}
    histoire.retirer_les_continues(memes)
    return histoire


def _table(session: Session) -> _Table:
    communes = session.execute(select(Commune.code, Commune.absente_depuis)).all()
    return _Table(
        actuelles=frozenset(code for code, absente in communes if absente is None),
        absentes=frozenset(code for code, absente in communes if absente is not None),
        alias=alias_connus(session),
        millesime=millesime_connu(session),
    )


def _scissions(histoire: _Histoire) -> list[str]:
    """Splits, the last one first: the addresses of the commune that stays may be in one of those that left it."""
    return [
        f"{code} {histoire.noms[code]} s’est séparée de {', '.join(sorted(sorties))} le {le:%d/%m/%Y} :"
        " vérifiez la commune des adresses qui y sont restées."
        for (le, code), sorties in sorted(histoire.scissions.items(), reverse=True)
    ]
