"""Synthetic FINESS registry: entités juridiques and établissements that do not exist, in real towns.

Nothing can be mistaken for the real registry: numbers have a valid key but belong to a series that FINESS does not
use, telephones to the ranges kept for fiction, e-mail addresses to a reserved domain.
The same seed always gives the same registry; `lendemain` gives its next day.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from stdnum import luhn

from app.demonstration.vocabulaire import CHU, FLEURS, LIEUX, NATURES, QUALITES, TELEPHONES, VOIES, Nature
from app.geographie import code_departement, normaliser_ville
from app.referentiels.graines import lire_graine

SERIE_FICTIVE = "9"  # third character of the numbers made here; FINESS itself only uses 0
_LONGUEUR_ACHEMINEMENT = 26  # longer lines are cut, CEDEX included, as in the real registry
_PART_CEDEX, _PART_EJ_FERMEES, _PART_ET_FERMES, _PART_COURRIEL = 0.06, 0.02, 0.05, 0.3


class Ville(NamedTuple):
    code_insee: str
    nom: str
    codes_postaux: tuple[str, ...]


class Adresse(NamedTuple):
    numero_voie: str
    type_voie: str
    libelle_voie: str
    code_insee: str
    code_postal: str
    acheminement: str


class EtSynthetique(NamedTuple):
    numero: str
    nom: str
    nom_long: str
    siret: str
    categorie: str
    telephone: str
    courriel: str | None
    date_ouverture: str
    date_fermeture: str | None
    mise_a_jour: str
    adresse: Adresse


class EjSynthetique(NamedTuple):
    numero: str
    nom: str
    nom_long: str
    siren: str
    statut_juridique: str
    date_ouverture: str
    date_fermeture: str | None
    mise_a_jour: str
    adresse: Adresse
    ets: tuple[EtSynthetique, ...]


def territoires(voulues: Container[str] | None = None) -> list[list[Ville]]:
    """The towns of France by ARS, or some of them; Paris, Lyon and Marseille by their arrondissements."""
    ars = {ligne["code"]: ligne["ars_code"] for ligne in lire_graine("departements")}
    communes = [ligne for ligne in lire_graine("communes") if ligne["codes_postaux"]]
    divisees = {ligne["commune_mere_code"] for ligne in communes}
    par_ars: dict[str, list[Ville]] = {code: [] for code in sorted(ars.values()) if code}
    for ligne in communes:
        code_ars = ars[code_departement(ligne["code"])]
        est_voulue = voulues is None or (ligne["commune_mere_code"] or ligne["code"]) in voulues
        if code_ars and est_voulue and ligne["code"] not in divisees:
            nom = normaliser_ville(ligne["nom"]).upper()
            par_ars[code_ars].append(Ville(ligne["code"], nom, tuple(ligne["codes_postaux"].split())))
    return list(par_ars.values())


def registre(
    territoires: Sequence[Sequence[Ville]], *, nombre_ej: int, nombre_et: int, graine: int = 2026
) -> Iterator[EjSynthetique]:
    """A registry of that size, spread over the territories; each one begins with a CHU, the first of them very big."""
    fabrique = _Fabrique(graine)
    restants, precedent = nombre_et, None
    for rang in range(nombre_ej):
        territoire = territoires[rang * len(territoires) // nombre_ej]
        est_chu, precedent = territoire is not precedent, territoire
        if rang == nombre_ej - 1:
            taille = restants
        elif est_chu:
            taille = min(restants, 5 + nombre_et // (1000 if rang else 100))
        else:
            taille = min(restants, fabrique.taille(restants / (nombre_ej - rang)))
        restants -= taille
        yield fabrique.entite_juridique(est_chu, territoire, taille)


def lendemain(entites: Iterable[EjSynthetique], le: date, *, taux: float = 0.003) -> Iterator[EjSynthetique]:
    """The registry one day later: that share of the ET closed, renamed, with another telephone, or moved to the EJ
    that precedes theirs, and that share of the EJ closed. What did not change is the same to the last byte.
    """
    pas = max(2, round(1 / taux))
    rang_et, precedente = 0, None
    for rang_ej, entite in enumerate(entites, start=1):
        restants, partants = [], []
        for et in entite.ets:
            rang_et += 1
            if rang_et % pas or et.date_fermeture:
                restants.append(et)
            elif rang_et // pas % 4 == 0 and precedente and not precedente.date_fermeture:
                partants.append(et._replace(mise_a_jour=_instant(le)))
            else:
                restants.append(_changer(et, rang_et // pas, le))
        if precedente:
            yield precedente._replace(ets=(*precedente.ets, *partants))
        precedente = entite._replace(ets=tuple(restants))
        if rang_ej % pas == 0 and not entite.date_fermeture:
            precedente = precedente._replace(date_fermeture=le.isoformat(), mise_a_jour=_instant(le))
    if precedente:
        yield precedente


def _changer(et: EtSynthetique, tour: int, le: date) -> EtSynthetique:
    match tour % 3:
        case 0:
            change = et._replace(date_fermeture=le.isoformat())
        case 1:
            change = et._replace(telephone=f"{et.telephone[:6]}{(int(et.telephone[6:]) + 1) % 10_000:04}")
        case _:
            change = et._replace(nom=f"{et.nom} NOUVEAU")
    return change._replace(mise_a_jour=_instant(le))


def _instant(le: date) -> str:
    return f"{le.isoformat()}T00:00:00Z"


class _Fabrique:
    """Makes entities one after the other; holds the source of chance and the numbers already given."""

    def __init__(self, graine: int) -> None:
        self._hasard = Random(graine)
        self._rangs: Counter[str] = Counter()
        self._codes_postaux = {code for ligne in lire_graine("communes") for code in ligne["codes_postaux"].split()}

    def taille(self, moyenne: float) -> int:
        """Number of ET of an EJ: most have one or two, a few have many."""
        return min(int(self._hasard.expovariate(1 / moyenne) + 0.5), 60) if moyenne > 0 else 0

    def entite_juridique(self, est_chu: bool, territoire: Sequence[Ville], taille: int) -> EjSynthetique:
        nature = CHU if est_chu else self._hasard.choice(NATURES)
        # The square makes some towns much bigger than others.
        ville = territoire[int(len(territoire) * self._hasard.random() ** 2)]
        nom = f"DU {self._hasard.choice(LIEUX)} {self._hasard.choice(QUALITES)}"
        siren = _avec_cle(f"00{self._rang('siren'):06}")
        ouverture = self._date(1950, 2015)
        fermeture = None if est_chu else self._fermeture(_PART_EJ_FERMEES)
        ets = [self._etablissement(nature, rang, nom, siren, ville, territoire) for rang in range(taille)]
        if fermeture:
            ets = [et._replace(date_fermeture=fermeture) for et in ets]
        return EjSynthetique(
            numero=self._numero_finess(ville),
            nom=f"{nature.court} {nom}",
            nom_long=f"{nature.long} {nom}",
            siren=siren,
            statut_juridique=nature.statut_juridique,
            date_ouverture=ouverture,
            date_fermeture=fermeture,
            mise_a_jour=f"{self._date(2016, 2025)}T00:00:00Z",
            adresse=ets[0].adresse if ets else self._adresse(ville),
            ets=tuple(ets),
        )

    def _etablissement(
        self, nature: Nature, rang: int, nom_ej: str, siren: str, ville: Ville, territoire: Sequence[Ville]
    ) -> EtSynthetique:
        categorie, court, long = nature.etablissements[rang % len(nature.etablissements)]
        if rang and self._hasard.random() < 0.5:
            ville = self._hasard.choice(territoire)
        nom = nom_ej if not rang else f"DU {self._hasard.choice(LIEUX)} {self._hasard.choice(QUALITES)}"
        numero = self._numero_finess(ville)
        return EtSynthetique(
            numero=numero,
            nom=f"{court} {nom}",
            nom_long=f"{long} {nom} {ville.nom}",
            siret=_avec_cle(f"{siren}{rang:04}"),
            categorie=categorie,
            telephone=f"{self._hasard.choice(TELEPHONES)}{self._hasard.randrange(10_000):04}",
            courriel=f"accueil.{numero.lower()}@sante.example" if self._hasard.random() < _PART_COURRIEL else None,
            date_ouverture=self._date(1950, 2015),
            date_fermeture=self._fermeture(_PART_ET_FERMES) if rang else None,
            mise_a_jour=f"{self._date(2016, 2025)}T00:00:00Z",
            adresse=self._adresse(ville),
        )

    def _adresse(self, ville: Ville) -> Adresse:
        code_postal = self._hasard.choice(ville.codes_postaux)
        acheminement = ville.nom
        if self._hasard.random() < _PART_CEDEX:
            code_postal, acheminement = self._code_cedex(code_postal), f"{ville.nom} CEDEX"
        acheminement = acheminement.replace("SAINTE ", "STE ").replace("SAINT ", "ST ")[:_LONGUEUR_ACHEMINEMENT]
        return Adresse(
            numero_voie=str(self._hasard.randrange(1, 200)),
            type_voie=self._hasard.choice(VOIES),
            libelle_voie=f"DES {self._hasard.choice(FLEURS)}",
            code_insee=ville.code_insee,
            code_postal=code_postal,
            acheminement=acheminement.rstrip(),
        )

    def _code_cedex(self, code_postal: str) -> str:
        """A postal code of the same département that no town has."""
        while code_postal in self._codes_postaux:
            code_postal = f"{code_postal[:3]}{self._hasard.randrange(100):02}"
        return code_postal

    def _fermeture(self, part: float) -> str | None:
        return self._date(2016, 2025) if self._hasard.random() < part else None

    def _numero_finess(self, ville: Ville) -> str:
        prefixe = ville.code_insee[:2]
        return _avec_cle(f"{prefixe}{SERIE_FICTIVE}{self._rang(prefixe):05}")

    def _rang(self, suite: str) -> int:
        self._rangs[suite] += 1
        return self._rangs[suite]

    def _date(self, de: int, a: int) -> str:
        return f"{self._hasard.randint(de, a)}-{self._hasard.randint(1, 12):02}-{self._hasard.randint(1, 28):02}"


def _avec_cle(numero: str) -> str:
    """The number and its Luhn key; the letters of Corsica count A = 1, B = 2."""
    return numero + luhn.calc_check_digit(numero.translate(str.maketrans("AB", "12")))
