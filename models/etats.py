"""States of the domain objects, and the pure rules that derive them from the registry (SPEC §3, manual §1.3).

The nightly synchronisation applies the same rules as set-based SQL; a property test proves that both agree.
"""

from enum import StrEnum


class StatutEntiteJuridique(StrEnum):
    ACTIF = "Actif"
    INACTIF = "Inactif"
    SUPPRIME = "Supprimé"


class StatutEtablissement(StrEnum):
    ACTIF = "Actif"
    INACTIF = "Inactif"
    SUPPRIME = "Supprimé"


class StatutTerrain(StrEnum):
    ACTIF = "Actif"
    INACTIF = "Inactif"
    TRANSFERE = "Transféré"


class TypeTerrain(StrEnum):
    HOSPITALIER = "Hospitalier"
    PRATICIEN = "Praticien"
    AUTRE = "Autre organisme"


class EtatRegistre(StrEnum):
    """What the registry says of an ET or an EJ; absent is not closed (A7)."""

    OUVERT = "Ouvert"
    FERME = "Fermé"
    ABSENT = "Absent du référentiel"


def statut_etablissement(
    local: StatutEtablissement, finess_et: EtatRegistre, finess_ej: EtatRegistre, n_ts: int
) -> StatutEtablissement:
    """Statut of an ET after a synchronisation (rows ET-01 to ET-27); `n_ts` counts its terrains of any statut (A1)."""
    if local is StatutEtablissement.SUPPRIME or finess_et is EtatRegistre.ABSENT:
        return local
    if finess_et is EtatRegistre.FERME:
        return StatutEtablissement.INACTIF if n_ts else StatutEtablissement.SUPPRIME
    if finess_ej is EtatRegistre.FERME:
        return StatutEtablissement.INACTIF
    return local  # open or absent EJ: never re-activated silently (A5)


def statut_entite_juridique(
    local: StatutEntiteJuridique, finess_ej: EtatRegistre, n_et: int, n_et_actifs: int
) -> StatutEntiteJuridique:
    """Statut of an EJ after the ET step (rows EJ-01 to EJ-19); `n_et` counts its ET that are not Supprimés."""
    if local is StatutEntiteJuridique.SUPPRIME or finess_ej is EtatRegistre.ABSENT:
        return local
    if n_et == 0:
        return StatutEntiteJuridique.SUPPRIME
    if finess_ej is EtatRegistre.FERME:
        return StatutEntiteJuridique.INACTIF
    return StatutEntiteJuridique.ACTIF if n_et_actifs else local
