"""Roles, their reach, and the one table of rights (SPEC §4). Permission names appear here and nowhere else.

`flask init` synchronises the table to Flask-AppBuilder's roles; `tests/droits.txt` shows its effect on every route.
"""

from collections.abc import Collection

LECTURE = "Lecture"
GESTIONNAIRE = "Gestionnaire ARS"
NATIONAL = "Administrateur national"
TECHNIQUE = "Admin"  # Flask-AppBuilder's own: everything, for the technical team

ROLES = (LECTURE, GESTIONNAIRE, NATIONAL, TECHNIQUE)
REGIONAUX = frozenset({LECTURE, GESTIONNAIRE})  # work in the ARS granted to the account only

TOUS = frozenset({LECTURE, GESTIONNAIRE, NATIONAL})
GESTION = frozenset({GESTIONNAIRE, NATIONAL})
NATIONAUX = frozenset({NATIONAL})

# What the national system decides, and every ARS reads: agréments, demandes, internes and their semestres.
DONNEES_NATIONALES: dict[str, frozenset[str]] = {
    "can_consulter": TOUS,  # M1
    "can_exporter": TOUS,  # M2
    "can_envoyer": GESTION,  # M2
    "can_creer": NATIONAUX,
    "can_modifier": NATIONAUX,
    "can_supprimer": NATIONAUX,
}

# resource (class_permission_name of its views) → right → roles. SPEC §4 line in the comment.
RIGHTS: dict[str, dict[str, frozenset[str]]] = {
    "EntiteJuridique": {
        "can_consulter": TOUS,  # M1
        "can_exporter": TOUS,  # M2
        "can_envoyer": GESTION,  # M2
        "can_modifier": GESTION,  # M3
        "can_signaler": GESTION,  # M24
    },
    "Etablissement": {
        "can_consulter": TOUS,  # M1
        "can_exporter": TOUS,  # M2
        "can_envoyer": GESTION,  # M2
        "can_creer": GESTION,  # M4, M6
        "can_modifier": GESTION,  # M5
        "can_signaler": GESTION,  # M24
    },
    "TerrainDeStage": {
        "can_consulter": TOUS,  # M1
        "can_exporter": TOUS,  # M2
        "can_envoyer": GESTION,  # M2
        "can_creer": GESTION,  # M8, M9, M10
        "can_modifier": GESTION,  # M11
        "can_supprimer": GESTION,  # M12
        "can_activer": GESTION,  # M13
        "can_changer_territoire": GESTION,  # M18, M19
        "can_transferer": GESTION,  # M16 and M20, from ticked rows; M20, from the card
        "can_signaler": GESTION,  # M24
    },
    "OperationExceptionnelle": {  # on both ARS of the operation: M15 and M17, national only, are in `fusion.refus`
        "can_consulter": GESTION,
        "can_fusionner": GESTION,  # M14
        "can_transferer": GESTION,  # M16
    },
    "TransfertPraticien": {"can_consulter": TOUS, "can_completer": GESTION},  # M1, M21
    "Agrement": DONNEES_NATIONALES,
    "DemandeAgrement": DONNEES_NATIONALES,
    "Interne": DONNEES_NATIONALES,
    "SemestreInternat": DONNEES_NATIONALES,
    "Journal": {  # M23: of what each of them sees, app.journal decides
        "can_consulter": TOUS,
        "can_exporter": TOUS,  # M2
        "can_envoyer": GESTION,  # M2
        "can_annuler": GESTION,  # M22
    },
    "Synchronisation": {"can_consulter": NATIONAUX, "can_lancer": NATIONAUX},  # M25
    "Referentiel": {  # M26
        "can_consulter": NATIONAUX,
        "can_creer": NATIONAUX,
        "can_modifier": NATIONAUX,
        "can_supprimer": NATIONAUX,
    },
    "Utilisateur": {  # M27
        "can_consulter": NATIONAUX,
        "can_creer": NATIONAUX,
        "can_modifier": NATIONAUX,
    },
    "Espace": {"can_consulter": TOUS, "can_modifier": TOUS},  # home, own account, ARS de travail (M28)
}


def est_national(roles: Collection[str]) -> bool:
    """Whether an account with these roles works on the whole country."""
    return NATIONAL in roles or TECHNIQUE in roles


def peut_ecrire(roles: Collection[str]) -> bool:
    """Whether an account with these roles may write at all; on which objects, its `Actor` says."""
    return est_national(roles) or GESTIONNAIRE in roles


def rights_of(role: str) -> set[tuple[str, str]]:
    """Pairs (right, resource) of a role."""
    return {
        (right, resource) for resource, rights in RIGHTS.items() for right, roles in rights.items() if role in roles
    }
