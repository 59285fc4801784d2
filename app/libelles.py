"""French names of the objects and of their fields, shared by cards, lists, exports and the journal."""

from collections.abc import Iterable

OBJETS = {
    "EntiteJuridique": "Entité juridique",
    "Etablissement": "Établissement",
    "TerrainDeStage": "Terrain de stage",
    "ConventionUfr": "Convention UFR",
    "Utilisateur": "Utilisateur",
}

OPERATIONS = {
    "ET.creer": "Création",
    "ET.reactiver": "Réactivation",
    "ET.modifier": "Modification",
    "ET.signaler": "Signalement FINESS",
    "ET.convention": "Convention UFR",
    "ET.synchroniser": "Synchronisation FINESS",
    "ET.exporter": "Export d’une liste d’établissements",
    "EJ.modifier": "Modification",
    "EJ.signaler": "Signalement FINESS",
    "EJ.synchroniser": "Synchronisation FINESS",
    "TS.synchroniser": "Synchronisation FINESS",
    "EJ.exporter": "Export d’une liste d’entités juridiques",
    "ARS.travail": "Changement d’ARS de travail",
    "REF.creer": "Création dans une table de référence",
    "REF.modifier": "Modification d’une table de référence",
    "REF.supprimer": "Suppression dans une table de référence",
    "SYN.deposer": "Dépôt d’un fichier de référentiel",
    "SYN.lancer": "Lancement d’une synchronisation",
    "SYN.exporter": "Export du compte rendu d’une synchronisation",
    "UTI.creer": "Création d’un utilisateur",
    "UTI.modifier": "Modification d’un utilisateur",
    "UTI.mot_de_passe": "Changement de mot de passe",
    "UTI.connecter": "Connexion",
    "UTI.deconnecter": "Déconnexion",
}

CHAMPS = {
    "numero_finess": "Numéro FINESS",
    "raison_sociale": "Raison sociale",
    "raison_sociale_longue": "Raison sociale longue",
    "numero_ej": "Numéro FINESS de l’EJ",
    "siren": "SIREN",
    "siret": "SIRET",
    "categorie_code": "Nature (catégorie FINESS)",
    "statut_juridique_code": "Statut juridique",
    "entite_juridique_id": "Entité juridique",
    "ars_code": "ARS",
    "statut": "Statut",
    "code_ape": "Code APE",
    "date_creation": "Date de création",
    "date_ouverture": "Date d’ouverture",
    "date_fermeture": "Date de fermeture",
    "absent_depuis": "Absent du référentiel depuis",
    "rouvert_le": "Ré-ouvert dans FINESS le",
    "adresse": "Adresse",
    "complement": "Complément d’adresse",
    "code_postal": "Code postal",
    "ville": "Ville",
    "code_insee": "Code commune INSEE",
    "telephone": "Téléphone",
    "telecopie": "Télécopie",
    "courriel": "Courriel",
    "finess_errone": "FINESS erroné",
    "finess_errone_commentaire": "Commentaire (FINESS erroné)",
    "finess_errone_le": "Signalé le",
    "finess_errone_par": "Signalé par",
    "ufr_formation_id": "UFR et formation",
    "etablissement_id": "Établissement",
}


def dans_l_ordre(noms: Iterable[str]) -> list[str]:
    """Columns as the cards show them: the secondary block after the principal one."""
    rangs = {nom: rang for rang, nom in enumerate(CHAMPS)}
    return sorted(noms, key=lambda nom: (nom not in rangs, rangs.get(nom.removesuffix("_secondaire"), len(rangs))))


def champ(nom: str) -> str:
    """French name of a column: « ville_secondaire » → « Ville (secondaire) »."""
    principal = nom.removesuffix("_secondaire")
    libelle = CHAMPS.get(principal, principal.replace("_", " ").capitalize())
    return libelle if principal == nom else f"{libelle} (secondaire)"


def operation(code: str) -> str:
    """French name of an operation of the journal."""
    return OPERATIONS.get(code, code)
