"""National-size content for the benchmark of the pages: EJ, ET and terrains, copied straight into their tables."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app.demonstration.finess_synthetique import EjSynthetique, EtSynthetique, registre, territoires
from app.geographie import code_departement
from app.referentiels.copie import verser
from app.referentiels.graines import lire_graine

ET_PAR_EJ = 2
UN_SECONDAIRE_SUR, UN_ERRONE_SUR = 12, 150

COMMUNES = (
    *("id", "numero_finess", "raison_sociale", "raison_sociale_longue", "date_fermeture", "statut", "ars_code"),
    *("adresse", "code_postal", "ville", "code_insee", "finess_errone", "version"),
)
CHAMPS_EJ = (*COMMUNES, "siren", "statut_juridique_code")
CHAMPS_ET = (
    *COMMUNES,
    *("entite_juridique_id", "siret", "categorie_code", "date_ouverture", "telephone", "courriel"),
    *("adresse_secondaire", "code_postal_secondaire", "ville_secondaire", "code_insee_secondaire"),
)
# Most ET of categories that welcome interns have a few terrains, one in five of them inactive.
TERRAINS = """
    INSERT INTO terrain_de_stage (numero, type, statut, nom, ars_code, subdivision_code, etablissement_id,
                                  coordonnees_de_finess, rpps_errone, version)
    SELECT ars_code || lpad((row_number() OVER (PARTITION BY ars_code ORDER BY id, rang))::text, 6, '0'), 'HOSPITALIER',
           CASE WHEN (id + rang) % 5 = 0 THEN 'INACTIF' ELSE 'ACTIF' END, 'Service ' || rang, ars_code,
           (SELECT min(subdivision_code) FROM subdivision_ars s WHERE s.ars_code = e.ars_code), id, true, false, 1
    FROM etablissement e, generate_series(1, 1 + id % 4) rang
    WHERE categorie_code IN ('101', '355', '365', '292') AND ars_code IS NOT NULL AND id % 3 > 0
"""
# The CHU of the registry are on the list of CHU, and have an agreement with a UFR.
CHU = """
    INSERT INTO chu (numero_finess_ej, nom, subdivision_code, universitaire)
    SELECT j.numero_finess, j.raison_sociale,
           (SELECT min(subdivision_code) FROM subdivision_ars s WHERE s.ars_code = j.ars_code), true
    FROM entite_juridique j
    WHERE EXISTS (SELECT FROM etablissement e WHERE e.entite_juridique_id = j.id AND e.categorie_code = '101')
    ON CONFLICT DO NOTHING
"""
CONVENTIONS = """
    INSERT INTO convention_ufr (etablissement_id, ufr_formation_id)
    SELECT e.id, min(p.id)
    FROM etablissement e
    JOIN entite_juridique j ON j.id = e.entite_juridique_id
    JOIN chu ON chu.numero_finess_ej = j.numero_finess
    JOIN circonscription c ON c.subdivision_code = chu.subdivision_code
    JOIN ufr_formation p ON p.circonscription_id = c.id
    GROUP BY e.id
"""


def charger(connexion: Connection, nombre_et: int) -> None:
    """Replace the content of the application by `nombre_et` établissements, two per entité juridique."""
    connexion.execute(text("TRUNCATE convention_ufr, terrain_de_stage, etablissement, entite_juridique CASCADE"))
    entites = list(registre(territoires(), nombre_ej=nombre_et // ET_PAR_EJ, nombre_et=nombre_et))
    ars = {ligne["code"]: ligne["ars_code"] or None for ligne in lire_graine("departements")}
    with Session(connexion) as session:
        verser(session, "entite_juridique", CHAMPS_EJ, _lignes_ej(entites, ars))
        verser(session, "etablissement", CHAMPS_ET, _lignes_et(entites, ars))
    for instruction in (TERRAINS, CHU, CONVENTIONS):
        connexion.execute(text(instruction))
    connexion.commit()
    with connexion.execution_options(isolation_level="AUTOCOMMIT") as hors_transaction:
        hors_transaction.execute(text("VACUUM ANALYZE"))


def _lignes_ej(entites: Iterable[EjSynthetique], ars: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    for rang, ej in enumerate(entites, start=1):
        yield (*_communes(rang, ej, ars), ej.siren, ej.statut_juridique)


def _lignes_et(entites: Iterable[EjSynthetique], ars: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    paires = ((rang_ej, et) for rang_ej, ej in enumerate(entites, start=1) for et in ej.ets)
    for rang, (rang_ej, et) in enumerate(paires, start=1):
        secondaire = (None, None, None, None)
        if rang % UN_SECONDAIRE_SUR == 0:
            lieu = et.adresse
            secondaire = (f"{lieu.numero_voie} bis, quai de l’Internat", *lieu[4:], lieu.code_insee)
        contact = (et.telephone, et.courriel)
        yield (*_communes(rang, et, ars), rang_ej, et.siret, et.categorie, et.date_ouverture, *contact, *secondaire)


def _communes(rang: int, objet: EjSynthetique | EtSynthetique, ars: dict[str, Any]) -> tuple[object, ...]:
    """What an EJ and an ET have in common: open ones are Actifs, closed ones Inactifs or Supprimés."""
    lieu = objet.adresse
    statut = "ACTIF"
    if objet.date_fermeture:
        statut = "SUPPRIME" if isinstance(objet, EtSynthetique) and rang % 2 else "INACTIF"
    return (
        *(rang, objet.numero, objet.nom, objet.nom_long, objet.date_fermeture, statut),
        ars[code_departement(lieu.code_insee)],
        *(f"{lieu.numero_voie} {lieu.type_voie} {lieu.libelle_voie}", lieu.code_postal, lieu.acheminement),
        *(lieu.code_insee, rang % UN_ERRONE_SUR == 0, 1),
    )
