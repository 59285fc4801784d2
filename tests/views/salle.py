"""A national administrator at work on the screen « Synchronisations », and what a test reads there."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from tests.views.pages import Page


def envoi(nom: str, octets: bytes) -> dict[str, object]:
    """What a browser sends for one file; made by hand, for the test client leaves large ones open."""
    entete = f'--coupure\r\nContent-Disposition: form-data; name="fichier"; filename="{nom}"\r\n\r\n'.encode()
    corps = entete + octets + b"\r\n--coupure--\r\n"
    return {"data": corps, "content_type": "multipart/form-data; boundary=coupure"}


@dataclass(frozen=True)
class Salle:
    """A national administrator at work, the deposit folder, and a worker to call."""

    client: FlaskClient
    depot: Path
    travailler: object

    def deposer(self, nom: str, octets: bytes):
        return self.client.post("/referentiels/depot", **envoi(nom, octets), follow_redirects=True)

    def lancer(self, nom: str, **champs: str):
        return self.client.post("/referentiels/lancer", data={"fichier": nom, **champs})

    def executer(self, nom: str, **champs: str) -> Page:
        """Launch, let the worker work, and come back to the page of the run."""
        adresse = self.lancer(nom, **champs).location
        self.travailler()
        return Page(self.client.get(adresse).text)


def dit(page: Page, phrase: str) -> bool:
    return phrase in " ".join(" ".join(page.textes).split())


def lignes_csv(reponse) -> list[list[str]]:
    return list(csv.reader(io.StringIO(reponse.data.decode("utf-8-sig")), delimiter=";"))
