"""Rebuild the seeds of `app/seeds/` that come from a published source. Run from the root of the project:

    python -m scripts.construire_graines decoupage
        départements, communes, postal codes and abolished codes, from the npm package
        `@etalab/decoupage-administratif` (needs `npm`; the version is pinned below)
    python -m scripts.construire_graines nomenclatures CATEGORIES.xml.gz STATUTS.xml.gz
        FINESS categories (flow cs1500106) and legal statuses (flow cs1500107)
    python -m scripts.construire_graines universite
        circonscriptions and UFR–formation pairs, from the other seeds
    python -m scripts.construire_graines bassins-demonstration FICHIER
        bassins de vie of the demonstration's towns, from INSEE's table of communes (CSV, gz or not)

The other seeds are kept by hand: `app/seeds/README.md` gives the source and the licence of each.
"""

import argparse
import csv
import gzip
import json
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

PAQUET = "@etalab/decoupage-administratif@6.0.0"
GRAINES = Path(__file__).resolve().parents[1] / "app" / "seeds"
# Saint-Barthélemy and Saint-Martin have no region of their own in the map of the ARS.
ARS_PAR_DEPARTEMENT = {"977": "01", "978": "01"}
# FINESS still uses the codes these two had inside Guadeloupe.
ALIAS_FINESS = {"97123": "97701", "97127": "97801"}
ASSIGNABLES = ("commune-actuelle", "arrondissement-municipal")


def decoupage() -> None:
    communes, departements = _paquet_npm("communes", "departements")
    ars = {ligne["code"] for ligne in lire("ars")}
    ecrire("departements", "code nom ars_code", sorted(_departements(departements, ars)))
    ecrire("communes", "code nom commune_mere_code codes_postaux", sorted(_communes(communes)))
    ecrire("alias_communes", "ancien_code commune_code", sorted(_alias(communes).items()))


def nomenclatures(categories: Path, statuts: Path) -> None:
    champs = "code libelle domaine libelleagr3"
    ecrire("categories_finess", "code libelle domaine agregat", _flux(categories, "nomenclcategorieETavecagr", champs))
    champs = "code libelle codeagr2 libelleagr2"
    ecrire("statuts_juridiques", "code libelle nature_code nature", _flux(statuts, "nomenclstatutavecagr", champs))


def universite() -> None:
    """One circonscription per subdivision and interrégion: médecine goes by the former, the others by the latter."""
    subdivisions = {ligne["code"]: ligne for ligne in lire("subdivisions")}
    interregions = {ligne["code"]: ligne["nom"] for ligne in lire("interregions")}
    par_subdivision = {code: f"Subdivision {ligne['nom']}" for code, ligne in subdivisions.items()}
    par_interregion = {code: f"Interrégion {nom}" for code, nom in interregions.items()}
    circonscriptions = [(nom, code, "") for code, nom in par_subdivision.items()]
    circonscriptions += [(nom, "", code) for code, nom in par_interregion.items()]
    ecrire("circonscriptions", "nom subdivision_code interregion_code", circonscriptions)

    formations = {ligne["filiere"]: ligne["nom"] for ligne in lire("formations")}
    couples = []
    for ufr in lire("ufr"):
        interregion = subdivisions[ufr["subdivision_code"]]["interregion_code"]
        en_medecine = ufr["filiere"] == "MEDECINE"
        circonscription = par_subdivision[ufr["subdivision_code"]] if en_medecine else par_interregion[interregion]
        couples.append((ufr["nom"], formations[ufr["filiere"]], circonscription))
    ecrire("ufr_formations", "ufr formation circonscription", couples)


def bassins_demonstration(fichier: Path) -> None:
    voulues = {ligne["CODGEO"] for ligne in lire("bassins_de_vie_demonstration")}
    ouvrir = gzip.open if fichier.suffix == ".gz" else open
    colonnes = "CODGEO LIBGEO DEP REG BV2022 LIBBV2022"
    with ouvrir(fichier, "rt", encoding="utf-8", newline="") as flux:
        lignes = [ligne for ligne in csv.DictReader(flux) if ligne["CODGEO"] in voulues]
    ecrire("bassins_de_vie_demonstration", colonnes, ([ligne[nom] for nom in colonnes.split()] for ligne in lignes))


def lire(graine: str) -> list[dict[str, str]]:
    with (GRAINES / f"{graine}.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def ecrire(graine: str, colonnes: str, lignes: Iterable[Iterable[str]]) -> None:
    with (GRAINES / f"{graine}.csv").open("w", encoding="utf-8", newline="") as flux:
        sortie = csv.writer(flux, lineterminator="\n")
        sortie.writerow(colonnes.split())
        sortie.writerows(lignes)


def _departements(departements: list[dict[str, Any]], ars: set[str]) -> Iterator[tuple[str, str, str]]:
    for un in departements:
        region = ARS_PAR_DEPARTEMENT.get(un["code"], un["region"])
        yield un["code"], un["nom"], region if region in ars else ""


def _communes(communes: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Communes and municipal arrondissements; the delegated and associated ones cannot be given to an address."""
    for une in communes:
        if une["type"] in ASSIGNABLES:
            codes_postaux = " ".join(sorted(une.get("codesPostaux", ())))
            yield une["code"], une["nom"], une.get("commune", ""), codes_postaux


def _alias(communes: list[dict[str, Any]]) -> dict[str, str]:
    """Abolished code → commune that took it over; a code shared out between several communes has no successor."""
    actuelles = {une["code"] for une in communes if une["type"] in ASSIGNABLES}
    successeurs = defaultdict(set)
    for une in communes:
        if une["type"] not in ASSIGNABLES:
            successeurs[une["code"]].add(une["chefLieu"])
        for ancien in une.get("anciensCodes", ()):
            successeurs[ancien].add(une["code"])
    uniques = {ancien: codes.pop() for ancien, codes in successeurs.items() if len(codes) == 1}
    return {ancien: code for ancien, code in uniques.items() if ancien not in actuelles} | ALIAS_FINESS


def _paquet_npm(*noms: str) -> list[list[dict[str, Any]]]:
    with tempfile.TemporaryDirectory() as dossier:
        subprocess.run(["npm", "pack", PAQUET, "--silent"], cwd=dossier, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(dossier).glob("*.tgz"))) as archive:
            return [json.loads(_membre(archive, f"package/data/{nom}.json")) for nom in noms]


def _membre(archive: tarfile.TarFile, nom: str) -> bytes:
    fichier = archive.extractfile(nom)
    if fichier is None:
        raise SystemExit(f"{nom} is missing from {PAQUET}")
    return fichier.read()


def _flux(fichier: Path, balise: str, champs: str) -> Iterator[list[str]]:
    with gzip.open(fichier) as flux:
        for element in ElementTree.parse(flux).getroot().iter(balise):
            yield [(element.findtext(champ) or "").strip() for champ in champs.split()]


def main() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commandes = analyseur.add_subparsers(required=True, dest="commande")
    commandes.add_parser("decoupage").set_defaults(construire=lambda _: decoupage())
    commandes.add_parser("universite").set_defaults(construire=lambda _: universite())
    nomenclature = commandes.add_parser("nomenclatures")
    nomenclature.add_argument("categories", type=Path)
    nomenclature.add_argument("statuts", type=Path)
    nomenclature.set_defaults(construire=lambda choix: nomenclatures(choix.categories, choix.statuts))
    bassins = commandes.add_parser("bassins-demonstration")
    bassins.add_argument("fichier", type=Path)
    bassins.set_defaults(construire=lambda choix: bassins_demonstration(choix.fichier))
    choix = analyseur.parse_args()
    choix.construire(choix)


if __name__ == "__main__":
    main()
