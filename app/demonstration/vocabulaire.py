"""Words the synthetic registry is made of."""

from typing import NamedTuple

from models.terrain_de_stage import TypeOrganisme


class Nature(NamedTuple):
    """A kind of EJ: its short and long names, its legal status, the categories and names of its établissements."""

    court: str
    long: str
    statut_juridique: str
    etablissements: tuple[tuple[str, str, str], ...]


CHU = Nature(
    "CHU",
    "CENTRE HOSPITALIER UNIVERSITAIRE",
    "15",
    (
        ("101", "CHU", "CENTRE HOSPITALIER UNIVERSITAIRE"),
        ("101", "HOPITAL", "HOPITAL"),
        ("362", "USLD", "UNITE DE SOINS DE LONGUE DUREE"),
        ("156", "CMP", "CENTRE MEDICO-PSYCHOLOGIQUE"),
        ("300", "IFSI", "INSTITUT DE FORMATION EN SOINS INFIRMIERS"),
    ),
)
NATURES = (
    Nature(
        "CH",
        "CENTRE HOSPITALIER",
        "13",
        (
            ("355", "CH", "CENTRE HOSPITALIER"),
            ("500", "EHPAD", "ETABLISSEMENT D'HEBERGEMENT POUR PERSONNES AGEES"),
            ("354", "SSIAD", "SERVICE DE SOINS INFIRMIERS A DOMICILE"),
        ),
    ),
    Nature(
        "CH SPECIALISE",
        "CENTRE HOSPITALIER SPECIALISE",
        "11",
        (
            ("292", "CHS", "CENTRE HOSPITALIER SPECIALISE"),
            ("156", "CMP", "CENTRE MEDICO-PSYCHOLOGIQUE"),
        ),
    ),
    Nature(
        "SAS CLINIQUE",
        "SOCIETE DE LA CLINIQUE",
        "95",
        (
            ("365", "CLINIQUE", "CLINIQUE"),
            ("109", "CENTRE DE READAPTATION", "CENTRE DE SOINS DE SUITE ET DE READAPTATION"),
        ),
    ),
    Nature(
        "ASS",
        "ASSOCIATION",
        "60",
        (
            ("124", "CENTRE DE SANTE", "CENTRE DE SANTE"),
            ("603", "MSP", "MAISON DE SANTE PLURIPROFESSIONNELLE"),
            ("500", "EHPAD", "ETABLISSEMENT D'HEBERGEMENT POUR PERSONNES AGEES"),
        ),
    ),
    Nature("SELAS LABORATOIRE", "SOCIETE DU LABORATOIRE", "95", (("611", "LBM", "LABORATOIRE DE BIOLOGIE MEDICALE"),)),
)
LIEUX = (
    "BOIS",
    "CLOS",
    "COTEAU",
    "GUE",
    "JARDIN",
    "LAC",
    "MAS",
    "MOULIN",
    "PARC",
    "PLATEAU",
    "PONT",
    "PRE",
    "RIVAGE",
    "ROCHER",
    "VAL",
    "VERGER",
)
QUALITES = (
    "ARGENTE",
    "BLEU",
    "CLAIR",
    "CENDRE",
    "DORE",
    "ENSOLEILLE",
    "FLEURI",
    "GRIS",
    "PERDU",
    "ROND",
    "ROSE",
    "SEREIN",
    "TRANQUILLE",
    "VERT",
)
VOIES = ("ALL", "AV", "BD", "CHE", "PL", "R", "RTE")
FLEURS = (
    "ACACIAS",
    "ANEMONES",
    "BLEUETS",
    "GENETS",
    "GLYCINES",
    "IRIS",
    "JONQUILLES",
    "LILAS",
    "MIMOSAS",
    "TILLEULS",
)
# Ranges that the regulator keeps for works of fiction.
TELEPHONES = ("019900", "026191", "035301", "046571", "053649")
# Services, and the spécialité that each trains for.
SERVICES = (
    ("Médecine générale polyvalente", "DES28"),
    ("Urgences adultes – SAMU – SMUR", "DES26"),
    ("Cardiologie et soins intensifs", "DES25"),
    ("Pédiatrie et néonatologie", "DES38"),
    ("Chirurgie viscérale et digestive", "DES08"),
    ("Gynécologie-obstétrique, maternité", "DES09"),
    ("Anesthésie-réanimation chirurgicale", "DES16"),
    ("Psychiatrie de secteur", "DES40"),
    ("Court séjour gériatrique", "DES20"),
    ("Pneumologie", "DES39"),
    ("Radiologie et imagerie médicale", "DES41"),
    ("Laboratoire de biologie médicale", "DES44"),
    ("Pharmacie à usage intérieur", "DES45"),
    ("Santé publique et information médicale", "DES43"),
)
ORGANISMES = (
    ("Association fictive de promotion de la santé", TypeOrganisme.ASSOCIATION, "Numéro d’association"),
    ("Direction fictive de la santé publique", TypeOrganisme.ADMINISTRATION, None),
    ("Hôpital fictif d’outre-frontière", TypeOrganisme.HOPITAL_FRONTALIER, None),
    ("Laboratoire fictif de recherche clinique", TypeOrganisme.LABORATOIRE, None),
    ("Entreprise fictive de dispositifs médicaux", TypeOrganisme.ENTREPRISE, "Numéro interne"),
)
