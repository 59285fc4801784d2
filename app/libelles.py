"""French names of the objects, of their fields and of the operations: one word for one thing, on every screen and in
the journal."""

from collections.abc import Iterable

OBJETS = {
    "EntiteJuridique": "Entité juridique",
    "Etablissement": "Établissement",
    "TerrainDeStage": "Terrain de stage",
    "ConventionUfr": "Convention UFR",
    "Utilisateur": "Utilisateur",
    "Ars": "ARS",
    "BassinDeVie": "Bassin de vie",
    "CategorieFiness": "Nature d’établissement",
    "Chu": "CHU",
    "Circonscription": "Circonscription",
    "Commune": "Commune",
    "Departement": "Département",
    "Formation": "Formation",
    "Interregion": "Interrégion",
    "Semestre": "Semestre",
    "Specialite": "Spécialité",
    "StatutJuridique": "Statut juridique",
    "Subdivision": "Subdivision",
    "Ufr": "UFR",
    "UfrFormation": "Formation d’une UFR",
}

# Professions of RPPS whose practitioners may hold a terrain (TRE_G15).
PROFESSIONS = {"10": "Médecin", "21": "Pharmacien", "40": "Chirurgien-dentiste", "50": "Sage-femme"}

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
    "TS.synchroniser_rpps": "Synchronisation RPPS",
    "ET.commune": "Changement de commune (INSEE)",
    "EJ.commune": "Changement de commune (INSEE)",
    "TS.commune": "Changement de commune (INSEE)",
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

# In the order of the cards of EJ and ET; then what other objects have, criteria, and facts of the journal.
CHAMPS = {
    "numero_finess": "Numéro FINESS",
    "raison_sociale": "Raison sociale",
    "raison_sociale_longue": "Raison sociale longue",
    "numero_ej": "Numéro FINESS EJ",
    "siren": "SIREN",
    "siret": "SIRET",
    "categorie_code": "Nature",
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
    "prenom": "Prénom",
    "civilite": "Civilité",
    "profession_code": "Profession",
    "savoirs_faire": "Savoir-faire",
    "activites": "Activités",
    "praticien_nom": "Nom du praticien",
    "praticien_prenom": "Prénom du praticien",
    "nature_exercice": "Nature d’exercice",
    "specialite_exercice_code": "Spécialité d’exercice",
    "rpps_structure": "Structure d’exercice (RPPS)",
    "rpps_invalide_depuis": "RPPS invalide depuis",
    "rpps_hors_ars_depuis": "N’exerce plus dans l’ARS depuis",
    "a_verifier": "À vérifier",
    "active": "Compte actif",
    "agregat": "Agrégat",
    "annee": "Année",
    "apres": "Après",
    "ars": "ARS",
    "bassin_de_vie": "Bassin de vie",
    "categorie": "Nature",
    "chu": "CHU",
    "circonscription": "Circonscription",
    "code": "Code",
    "codes_postaux": "Codes postaux",
    "cree_le": "Créé le",
    "date_debut": "Début",
    "date_fin": "Fin",
    "departement": "Département",
    "domaine": "Domaine",
    "email": "Courriel",
    "entite_juridique": "Entité juridique",
    "etablissement": "Établissement",
    "etat": "État de l’établissement",
    "filiere": "Filière",
    "first_name": "Prénom",
    "formation": "Formation",
    "groupe": "Groupe",
    "id": "Numéro interne",
    "interne": "Interne",
    "interregion": "Interrégion",
    "last_login": "Dernière connexion",
    "last_name": "Nom",
    "libelle": "Libellé",
    "nature": "Nature",
    "nature_code": "Code de la nature",
    "nom": "Nom",
    "nombre_de_postes": "Nombre de postes",
    "numero": "Numéro",
    "numero_finess_ej": "Numéro FINESS EJ",
    "registre": "Référentiel",
    "responsable_nom": "Nom du responsable",
    "responsable_prenom": "Prénom du responsable",
    "roles": "Rôles",
    "saison": "Saison",
    "semestre": "Semestre",
    "specialite": "Spécialité",
    "subdivision": "Subdivision",
    "subdivisions": "Subdivisions",
    "terrain": "Terrain de stage",
    "type": "Type",
    "ufr": "UFR",
    "ufr_formation": "UFR et formation",
    "universitaire": "Centre universitaire",
    "username": "Identifiant",
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
