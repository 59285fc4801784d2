"""Towns, postal codes and INSEE codes: the rule « code postal + ville → commune » (manual §1.5, S35, S55, A20).

Names are compared without accents, case, hyphens and apostrophes, `ST` means `SAINT`, and what the post adds
(CEDEX, arrondissements) is left out. An arrondissement of Paris, Lyon or Marseille counts as its commune.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from models.commune import AliasCommune, CodePostal, Commune
from models.territoire import Perimetre, SubdivisionArs

NOMBRE_PROPOSE = 20
# The sorting centre cuts its line after 26 characters: « CEDEX » may end as « CEDE », « CED », « CE » or « C ».
_CEDEX = re.compile(r" (?:cede?x?|ce?)(?: (?P<numero>\d{1,2}))?$")
_ARRONDISSEMENT = re.compile(r" (?P<numero>\d{1,2}) ?(?:er|eme|e)?(?: arr(?:ondissement)?)?$")
ABREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}
_CARACTERES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": " "})
# Mother commune → code that precedes its first arrondissement.
_ARRONDISSEMENTS = {"75056": 75100, "69123": 69380, "13055": 13200}
# Overseas postal codes whose third digit is not that of the département: 97133 Saint-Barthélemy, 97823 Le Port.
_DEPARTEMENTS_POSTAUX = {"971": ("971", "977", "978"), "978": ("974", "978")}


def code_departement(code_insee: str) -> str:
    """Département of an INSEE code: `2B033` → `2B`, `97411` → `974`, `75056` → `75`."""
    return code_insee[:3] if code_insee.startswith(("97", "98")) else code_insee[:2]


def code_actuel(session: Session, code_insee: str | None) -> str | None:
    """The code of today for one that a registry may still give: abolished, it leads to its successor (R15)."""
    alias = session.get(AliasCommune, code_insee) if code_insee else None
    return alias.commune_code if alias else code_insee


def normaliser_ville(nom: str) -> str:
    """Name of a town as it is compared: « ST-ÉTIENNE CEDEX 2 » → `saint etienne`."""
    return _decouper(nom)[0]


def commune_mere(code_insee: str) -> str:
    """The commune itself, or that of an arrondissement: `75112` → `75056`."""
    if not code_insee.isdigit():
        return code_insee
    for mere, base in _ARRONDISSEMENTS.items():
        if base < int(code_insee) <= base + 20:
            return mere
    return code_insee


def arrondissement_postal(code_insee: str, code_postal: str) -> str:
    """The arrondissement that a postal code designates in Paris, Lyon or Marseille: `75056`, 75012 → `75112`; else the
    commune itself.
    """
    base = _ARRONDISSEMENTS.get(code_insee)
    return str(base + int(code_postal[-2:])) if base and code_postal.isdigit() else code_insee


def communes_possibles(session: Session, code_postal: str, ville: str) -> list[Commune]:
    """Communes a postal code and a town may designate: one → take it, several → the user picks, none → error (A20).

    A postal code missing from the table (CEDEX) is understood by its town within the département. None then says that
    the town is unknown too, not that an INSEE code already held is wrong: the caller keeps that one.
    """
    nom, arrondissement = _decouper(ville)
    du_code = _communes(session, Commune.codes_postaux.any(CodePostal.code_postal == code_postal.strip()))
    if trouvees := _par_nom(du_code, nom):
        return trouvees
    homonymes = _communes(session, Commune.nom_postal == nom)
    voisines = [commune for commune in homonymes if meme_territoire(code_postal, commune.departement_code)]
    if not du_code:
        return _precisees(voisines, arrondissement)
    ailleurs = [commune for commune in _precisees(voisines or homonymes, arrondissement) if commune not in du_code]
    proches_dabord = sorted(du_code + ailleurs, key=lambda commune: not _debut_commun(commune.nom_postal, nom))
    return _sans_communes_meres(proches_dabord)


def rechercher_communes(session: Session, texte: str, limite: int = NOMBRE_PROPOSE) -> Sequence[Commune]:
    """Communes by postal code, INSEE code or name, the likeliest first, for the « Code commune INSEE » picker (S35)."""
    saisie, nom = texte.strip(), normaliser_ville(texte)
    if not nom:
        return []
    par_code = Commune.code.startswith(saisie.upper(), autoescape=True)
    if saisie.isdigit():
        probable = Commune.codes_postaux.any(CodePostal.code_postal.startswith(saisie))
        critere = or_(probable, par_code)
    else:
        probable = Commune.nom_postal.startswith(nom)
        critere = or_(Commune.nom_postal.contains(nom), par_code)
    actuelles = select(Commune).where(critere, Commune.absente_depuis.is_(None))
    requete = actuelles.order_by(probable.desc(), Commune.nom_postal, Commune.code).limit(limite)
    return session.scalars(requete.options(selectinload(Commune.codes_postaux))).all()


def subdivision_proposee(session: Session, code_insee: str, ars_code: str) -> str | None:
    """Subdivision to offer by default: that of the ARS if it has one, else the one whose perimeter has the commune."""
    des_ars = select(SubdivisionArs.subdivision_code).where(SubdivisionArs.ars_code == ars_code)
    subdivisions = session.scalars(des_ars).all()
    if len(subdivisions) == 1:
        return subdivisions[0]
    commune = session.get(Commune, code_insee)
    if commune is None:
        return None
    du_departement = Perimetre.departement_code == commune.departement_code
    perimetres = session.scalars(select(Perimetre).where(du_departement, Perimetre.subdivision_code.in_(subdivisions)))
    trouvees = {un.subdivision_code for un in perimetres if _contient(un, commune)}
    return trouvees.pop() if len(trouvees) == 1 else None


def _decouper(nom: str) -> tuple[str, int | None]:
    """Normalised name, and the number of arrondissement that followed it."""
    sans_accents = unicodedata.normalize("NFKD", nom.translate(_CARACTERES)).encode("ascii", "ignore").decode()
    texte = " ".join(re.findall(r"[a-z0-9]+", sans_accents.lower()))
    numero = None
    for motif in (_CEDEX, _ARRONDISSEMENT):
        if suffixe := motif.search(texte):
            texte = texte[: suffixe.start()]
            numero = suffixe["numero"] or numero
    return " ".join(ABREVIATIONS.get(mot, mot) for mot in texte.split()), int(numero) if numero else None


def _communes(session: Session, critere: ColumnElement[bool]) -> list[Commune]:
    actuelles = select(Commune).where(critere, Commune.absente_depuis.is_(None))
    return list(session.scalars(actuelles.order_by(Commune.nom_postal, Commune.code)))


def _par_nom(communes: list[Commune], nom: str) -> list[Commune]:
    """Communes of that very name, else the only one that begins like it (« SEYNE LES ALPES » for Seyne)."""
    exactes = _sans_communes_meres([commune for commune in communes if commune.nom_postal == nom])
    if exactes or not nom:
        return exactes
    proches = _sans_communes_meres([commune for commune in communes if _debut_commun(commune.nom_postal, nom)])
    return proches if len(proches) == 1 else []


def _debut_commun(un: str, autre: str) -> bool:
    """Whether the words of one name are the first words of the other."""
    return f"{un} ".startswith(f"{autre} ") or f"{autre} ".startswith(f"{un} ")


def _sans_communes_meres(communes: list[Commune]) -> list[Commune]:
    """Leave out Paris when one of its arrondissements is there."""
    meres = {commune.commune_mere_code for commune in communes}
    return [commune for commune in communes if commune.code not in meres]


def _precisees(communes: list[Commune], arrondissement: int | None) -> list[Commune]:
    """Towns found by name alone: the arrondissement that the post numbers (« CEDEX 05 »), else the commune."""
    bases = (_ARRONDISSEMENTS[commune.code] for commune in communes if commune.code in _ARRONDISSEMENTS)
    precises = {str(base + (arrondissement or 0)) for base in bases}
    return [une for une in communes if une.code in precises] or [une for une in communes if not une.commune_mere_code]


def meme_territoire(code_postal: str, departement: str) -> bool:
    """Whether the office of this postal code may serve this département, Corsica and overseas included."""
    prefixe = code_postal.strip()[:3]
    if prefixe.startswith("20"):
        return departement in ("2A", "2B")
    if prefixe.startswith(("97", "98")):
        return departement in _DEPARTEMENTS_POSTAUX.get(prefixe, (prefixe,))
    return departement == prefixe[:2]


def _contient(perimetre: Perimetre, commune: Commune) -> bool:
    """Whether the decree gives this commune to the subdivision (a single hospital never makes a default)."""
    cites = {normaliser_ville(nom) for nom in (perimetre.communes or "").split(";")}
    match perimetre.mode:
        case "tout":
            return True
        case "sauf":
            return commune.nom_postal not in cites
        case "communes":
            return commune.nom_postal in cites
        case _:
            return False
