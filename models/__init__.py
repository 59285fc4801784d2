"""Tables of the application: one noun per file. Importing the package declares the whole schema."""

from models import (
    agrement,
    base,
    commune,
    entite_juridique,
    etablissement,
    finess,
    graine,
    interne,
    journal,
    nomenclature,
    praticien,
    terrain_de_stage,
    territoire,
    traitement,
    universite,
    utilisateur,
)

__all__ = [
    "agrement",
    "base",
    "commune",
    "entite_juridique",
    "etablissement",
    "finess",
    "graine",
    "interne",
    "journal",
    "nomenclature",
    "praticien",
    "terrain_de_stage",
    "territoire",
    "traitement",
    "universite",
    "utilisateur",
]
