"""Rule of local passwords (QUALITY A-13): long, not common, not the login; never renewed by force."""

from app.errors import Refus

LONGUEUR_MIN = 14
LONGUEUR_MAX = 128
DISTINCTS_MIN = 5
# Words that make a long password easy to guess, alone or repeated with digits and signs around.
COURANTS = frozenset({
    "motdepasse", "monmotdepasse", "motdepassemotdepasse", "password", "passwordpassword", "bienvenue", "changezmoi",
    "changeme", "letmein", "iloveyou", "jetaime", "jetaimejetaime", "bonjour", "bonjourbonjour", "bonjourtoutlemonde",
    "azertyuiop", "azertyuiopqsdfg", "azertyuiopqsdfghjklm", "qwertyuiop", "qwertyuiopasdfgh", "abcdefghijklmn",
    "abcdefghijklmnopqrstuvwxyz", "loulou", "doudou", "soleil", "chocolat", "famille", "vacances", "princesse",
    "football", "marseille", "olympiquedemarseille", "parissaintgermain", "administrator", "administrateur",
    "administrateurnational", "terraindestage", "terrainsdestage", "agenceregionaledesante", "ministeredelasante",
})  # fmt: skip
SUBSTITUTIONS = str.maketrans("@4310$5", "aaeioss")


def refus_mot_de_passe(mot_de_passe: str, login: str, *, champ: str = "mot_de_passe") -> list[Refus]:
    """Every reason not to accept this password for this login; `champ` is the form field it was typed in."""
    regles = [
        (
            len(mot_de_passe) < LONGUEUR_MIN,
            "E-MDP-COURT",
            f"Le mot de passe doit compter au moins {LONGUEUR_MIN} caractères.",
        ),
        (
            len(mot_de_passe) > LONGUEUR_MAX,
            "E-MDP-LONG",
            f"Le mot de passe ne peut pas dépasser {LONGUEUR_MAX} caractères.",
        ),
        (
            len(set(mot_de_passe)) < DISTINCTS_MIN or _lettres(mot_de_passe) in COURANTS,
            "E-MDP-COURANT",
            "Ce mot de passe est trop courant : choisissez-en un autre.",
        ),
        (
            bool(login) and login.lower() in mot_de_passe.lower(),
            "E-MDP-LOGIN",
            "Le mot de passe ne doit pas contenir l’identifiant.",
        ),
    ]
    return [Refus(code, message, champ) for enfreinte, code, message in regles if enfreinte]


def _lettres(mot_de_passe: str) -> str:
    """The word hidden in a password: « M0tDeP@sse2026! » → « motdepasse »."""
    sans_queue = mot_de_passe.lower().rstrip("0123456789!?.*-_ ").lstrip("0123456789!?.*-_ ")
    return "".join(caractere for caractere in sans_queue.translate(SUBSTITUTIONS) if caractere.isalpha())
