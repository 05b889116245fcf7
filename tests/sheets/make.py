"""Writes the spreadsheets beside this file: run it with openpyxl and odfpy installed, and commit what it writes.

They hold what boxlift must tell apart: texts and numbers that look alike, dates, formulas, errors, blanks, sheets.
"""

import datetime
import pathlib
import zipfile

import odf.opendocument
import odf.table
import odf.text
import openpyxl

HERE = pathlib.Path(__file__).parent


def good_xlsx():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Mailboxes"
    sheet.append(["mailbox", "pin", "description", "owner", "envelope", "pager"])
    sheet.append(["0201", "480913", "Empfang, \"vorn\"\nErdgeschoss", 7, True, None])
    sheet.append([])
    sheet.append(["0202", "480914", 42, 8.0, 0, "jane@example.com"])
    sheet.append(["0203", "480915", " ", "9", "no"])
    book.save(HERE / "good.xlsx")


def damaged_xlsx():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Boxes"
    sheet.append([])
    sheet.append([" mailbox", "pin", "description", "owner", "dnumber", "customer"])
    sheet.append([201, 480913, "Number", 7])
    sheet.append(["0202", datetime.date(2024, 3, 1), "Date"])
    sheet.append(["0203", "480915", datetime.datetime(2024, 3, 1, 12, 30), 3.5])
    sheet.append(["0204", "480916", "Late", 7, datetime.time(8, 30)])
    sheet.append(["0205", "480917", "#N/A", "=1/0"])
    sheet.append(["0206", "480918", "Beside", None, None, None, "stray"])
    sheet.append(["0207", "480919", "Good"])
    sheet["C7"].data_type = "e"
    notes = book.create_sheet("Notes")
    notes["B2"] = "not read"
    hidden = book.create_sheet("Hidden")
    hidden["A1"] = "not read either"
    hidden.sheet_state = "hidden"
    book.create_sheet("Blank")
    book.save(HERE / "damaged.xlsx")


def cached_xlsx():
    """Inline strings and results of formulas, which openpyxl does not write, and a cell in the last corner."""
    sheet = """<?xml version="1.0" encoding="UTF-8"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>mailbox</t></is></c><c r="B1" t="inlineStr"><is><r><t>p</t></r><r><t>in</t></r></is></c><c r="C1" t="str"><f>"descr"&amp;"iption"</f><v>description</v></c></row>
<row r="2"><c r="A2" t="str"><f>TEXT(201,"0000")</f><v>0201</v></c><c r="B2" t="str"><f>"480"&amp;"913"</f><v>480913</v></c><c r="C2"><f>6*7</f><v>42</v></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>0202</t></is></c><c r="B3" t="inlineStr"><is><t>480914</t></is></c><c r="C3" t="e"><f>NA()</f><v>#N/A</v></c></row>
<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>
</sheetData></worksheet>"""
    with zipfile.ZipFile(HERE / "good.xlsx") as good, zipfile.ZipFile(
        HERE / "cached.xlsx", "w", zipfile.ZIP_DEFLATED
    ) as cached:
        for name in good.namelist():
            content = sheet if name == "xl/worksheets/sheet1.xml" else good.read(name)
            cached.writestr(name, content)


FORMULAS = [
    ["mailbox", "pin", "owner", "notify_email"],
    ["0201", "480913", "=40+2", None],
    ["0202", "480914", "7", '="b"&"@example.com"'],
]


def formulas_xlsx():
    """Formulas without a value: openpyxl does not work them out."""
    book = openpyxl.Workbook()
    for row in FORMULAS:
        book.active.append(row)
    book.save(HERE / "formulas.xlsx")


def formulas_ods():
    """The same; and a formula whose value is an empty text, which is a value."""
    book = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Mailboxes")
    last = ["0203", "480915", None, ""]
    for cells in [*FORMULAS, last]:
        row = odf.table.TableRow()
        for value in cells:
            if value is None:
                row.addElement(odf.table.TableCell())
            elif value == "":
                row.addElement(odf.table.TableCell(formula='of:=""', valuetype="string", stringvalue=""))
            elif value.startswith("="):
                row.addElement(odf.table.TableCell(formula=f"of:{value}"))
            else:
                row.addElement(ods_cell(value))
        table.addElement(row)
    book.spreadsheet.addElement(table)
    book.save(str(HERE / "formulas.ods"))


def hidden_xlsx():
    """The sheet that people see is none of mailboxes; a hidden one is."""
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Notes"
    notes.append(["what is to be done"])
    staff = book.create_sheet("Staff")
    staff.append(["mailbox", "pin"])
    staff.append(["0201", "480913"])
    staff.sheet_state = "hidden"
    book.save(HERE / "hidden.xlsx")


def ods_cell(value, kind="string", repeated=None):
    attributes = {"valuetype": kind}
    if kind in ("float", "percentage"):
        attributes["value"] = value
    if kind == "boolean":
        attributes["booleanvalue"] = value
    if kind == "date":
        attributes["datevalue"] = value
    if repeated:
        attributes["numbercolumnsrepeated"] = repeated
    cell = odf.table.TableCell(**attributes)
    for line in str(value).split("\n"):
        cell.addElement(odf.text.P(text=line))
    return cell


def good_ods():
    book = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="Mailboxes")
    rows = [
        [ods_cell(it) for it in ["mailbox", "pin", "description", "owner", "envelope"]],
        [
            ods_cell("0201"),
            ods_cell("480913"),
            ods_cell("Empfang & Café\nErdgeschoss"),
            ods_cell("7", "float"),
            ods_cell("true", "boolean"),
        ],
        None,
        [ods_cell("0202"), ods_cell("480914"), odf.table.TableCell(numbercolumnsrepeated=2), ods_cell("0", "float")],
        [ods_cell("203", "float"), ods_cell("2024-03-01", "date")],
    ]
    for cells in rows:
        row = odf.table.TableRow(**({} if cells else {"numberrowsrepeated": 2}))
        for cell in cells or [odf.table.TableCell(numbercolumnsrepeated=16384)]:
            row.addElement(cell)
        table.addElement(row)
    rest = odf.table.TableRow(numberrowsrepeated=1048570)
    rest.addElement(odf.table.TableCell(numbercolumnsrepeated=16384))
    table.addElement(rest)
    book.spreadsheet.addElement(table)
    notes = odf.table.Table(name="Notes")
    row = odf.table.TableRow()
    row.addElement(ods_cell("not read"))
    notes.addElement(row)
    book.spreadsheet.addElement(notes)
    book.save(str(HERE / "good.ods"))


if __name__ == "__main__":
    good_xlsx()
    damaged_xlsx()
    cached_xlsx()
    good_ods()
    formulas_xlsx()
    formulas_ods()
    hidden_xlsx()
