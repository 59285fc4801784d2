"""Exports: rows → CSV or XLSX, as a stream of bytes with flat memory (S30, QUALITY A-30, A-31, B-06).

Every cell is text: identifiers keep their zeros. Whatever a spreadsheet could take for a formula is neutralised by an
apostrophe, since registry texts do begin with « - » or « + ».
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape

BOM = "\ufeff"
LOT = 500
_CODE_ARS = re.compile(r"[0-9A-Z]{2}")
_FORMULE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_XML_INTERDIT = {code: None for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}

CSV = "csv"
XLSX = "xlsx"
TYPES_MIME = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def nom_de_fichier(liste: str, ars_code: str, format_: str) -> str:
    """« etablissements_ARS-53_2026-11-22.csv »: no user text in it."""
    perimetre = f"ARS-{ars_code}" if _CODE_ARS.fullmatch(ars_code) else "France"
    return f"{liste}_{perimetre}_{datetime.now(UTC):%Y-%m-%d}.{format_}"


def texte(valeur: Any) -> str:
    """A value as a French reader writes it: 22/11/2026, Oui, empty for nothing; never a formula."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "Oui" if valeur else "Non"
    if isinstance(valeur, datetime | date):
        return valeur.strftime("%d/%m/%Y")
    brut = str(valeur).translate(_XML_INTERDIT)
    return f"'{brut}" if brut.startswith(_FORMULE) else brut


def exporter(format_: str, entetes: Sequence[str], lignes: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file, piece by piece; `format_` is CSV or XLSX."""
    return {CSV: en_csv, XLSX: en_xlsx}[format_](entetes, lignes)


def en_csv(entetes: Sequence[str], lignes: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """CSV that French Excel opens by a double-click: UTF-8 with BOM, `;`, CRLF."""
    tampon = io.StringIO()
    writer = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    tampon.write(BOM)
    writer.writerow(entetes)
    for rang, ligne in enumerate(lignes, start=1):
        writer.writerow([texte(valeur) for valeur in ligne])
        if rang % LOT == 0:
            yield _vider(tampon)
    yield _vider(tampon)


def en_xlsx(entetes: Sequence[str], lignes: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """XLSX with one sheet of inline strings, zipped as it is written."""
    sortie = _Sortie()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for nom, contenu in _ENVELOPPE.items():
            archive.writestr(nom, contenu)
        with archive.open("xl/worksheets/sheet1.xml", "w") as feuille:
            feuille.write(_FEUILLE_DEBUT.encode())
            morceaux = [_rangee(entetes)]
            for ligne in lignes:
                morceaux.append(_rangee([texte(valeur) for valeur in ligne]))
                if len(morceaux) >= LOT:
                    feuille.write("".join(morceaux).encode())
                    morceaux.clear()
                    yield sortie.prendre()
            feuille.write("".join((*morceaux, _FEUILLE_FIN)).encode())
    yield sortie.prendre()


def _vider(tampon: io.StringIO) -> bytes:
    contenu = tampon.getvalue().encode("utf-8", "replace")
    tampon.seek(0)
    tampon.truncate()
    return contenu


def _rangee(cellules: Sequence[str]) -> str:
    cases = "".join(
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cellule[:32767])}</t></is></c>' for cellule in cellules
    )
    return f"<row>{cases}</row>"


class _Sortie(io.RawIOBase):
    """A write-only file that `zipfile` fills and the response empties: nothing is kept."""

    def __init__(self) -> None:
        self._morceaux: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, contenu: Any) -> int:
        self._morceaux.append(bytes(contenu))
        return len(contenu)

    def prendre(self) -> bytes:
        contenu = b"".join(self._morceaux)
        self._morceaux.clear()
        return contenu


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_ESPACE = "http://schemas.openxmlformats.org"
_FEUILLE_DEBUT = f'{_XML}<worksheet xmlns="{_ESPACE}/spreadsheetml/2006/main"><sheetData>'
_FEUILLE_FIN = "</sheetData></worksheet>"
_ENVELOPPE = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_ESPACE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_ESPACE}/package/2006/relationships"><Relationship Id="rId1"'
    f' Type="{_ESPACE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_ESPACE}/spreadsheetml/2006/main"'
    f' xmlns:r="{_ESPACE}/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Liste" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_ESPACE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_ESPACE}/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}
