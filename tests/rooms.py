"""A small data room for tests, written here by hand: an invented war of two invented sides. Nothing in it is real.

`write_room(folder)` writes it; the other functions spoil or extend it, one fault at a time.
"""

import csv
import json
from datetime import date, timedelta

START = date(2030, 1, 1)
DAYS = 60
AS_OF = date(2030, 4, 30)
TODAY = "2030-05-01"

EVIDENCE = (
    "id,topic,measure,side,region,partner,as_of,period_start,period_end,low,central,high,bound,unit,kind,source,"
    "title,url,published,note,seen_at"
)

TABLES = {
    "evidence/losses": [
        EVIDENCE,
        # the staff's running total on days after the series ends, and once within it
        "L1,losses,lost_total,AA,,,2030-02-10,2030-01-01,2030-02-10,,4100,,exact,persons,claim,staff,a,https://e.org/1,,,p",
        "L2,losses,lost_total,AA,,,2030-03-10,2030-01-01,2030-03-10,,7000,,about,persons,claim,staff,b,https://e.org/2,,,p",
        "L3,losses,lost_total,AA,,,2030-03-17,2030-01-01,2030-03-17,,7700,,about,persons,claim,staff,c,https://e.org/3,,,p",
        # two versions of one day, and a figure for a part of the front
        "L4,losses,lost_total,AA,,,2030-03-24,2030-01-01,2030-03-24,,8000,,exact,persons,claim,staff,d,https://e.org/4,,,p",
        "L5,losses,lost_total,AA,,,2030-03-24,2030-01-01,2030-03-24,,8400,,exact,persons,claim,staff,e,https://e.org/5,2030-04-20,,p",
        "L6,losses,lost_total,AA,North,,2030-03-31,2030-01-01,2030-03-31,,900,,exact,persons,claim,staff,f,https://e.org/6,,,p",
        # flows, a floor, a ceiling, a range, a late list
        "L7,losses,dead,AA,,,2030-01-31,2030-01-01,2030-01-31,800,1000,1200,about,persons,count,list,g,https://e.org/7,,,p",
        "L8,losses,dead,AA,,,2030-02-28,2030-02-01,2030-02-28,900,,,at_least,persons,count,list,h,https://e.org/8,2030-04-01,,p",
        "L9,losses,dead,BB,,,2030-01-31,2030-01-01,2030-01-31,,,400,at_most,persons,claim,staff,i,https://e.org/9,,,p",
        "L10,losses,dead_total,AA,,,2030-03-31,2030-01-01,2030-03-31,2500,,3500,about,persons,count,echo,j,https://e.org/10,,,p",
    ],
    "evidence/trade": [
        EVIDENCE,
        "T1,trade,imports,AA,,,2030-01-31,2030-01-01,2030-01-31,,12,,exact,tonnes,statistic,office,k,https://e.org/11,,,p",
        "T2,trade,imports,AA,,,2030-02-28,2030-02-01,2030-02-28,,14,,exact,tonnes,statistic,office,l,https://e.org/12,2030-03-05,,p",
        "T3,trade,imports,AA,,,2030-04-30,2030-05-01,2030-12-31,,90,,about,tonnes,plan,office,m,https://e.org/13,,,p",
        "T4,trade,men,AA,,,2030-03-01,,,,50000,,about,persons,claim,staff,n,https://e.org/14,,,p",
    ],
    "sources": [
        "id,name,role,url,copies,note",
        "staff,The Staff of BB,party,https://e.org,,",
        "list,The List,count,https://e.org,,",
        "echo,The Echo,media,,staff;list,",
        "office,The Office,office,https://e.org,,",
    ],
    "definitions": [
        "measure,topic,what,counts,nature,unit,cumulative,known_after_days,note",
        "lost_total,losses,Dead and wounded since the first day.,killed_wounded,flow,persons,yes,,",
        "dead,losses,Dead in the period.,killed,flow,persons,no,,",
        "dead_total,losses,Dead since the first day.,killed,flow,persons,yes,,",
        "guns_total,losses,Guns since the first day.,,flow,count,yes,,",
        "imports,trade,Imports in the period.,,flow,tonnes,no,30,",
        "men,trade,Men on a day.,in_service,stock,persons,no,,",
        "price,trade,Price on a day.,,price,crowns,no,,",
    ],
    "events": ["date,kind,title,topic,url,note", "2030-01-01,war,The war begins,losses,https://e.org/15,"],
    "claims": [
        "id,speaker,date,topic,claim,measure,value_low,value_high,unit,how_tested,url",
        "c1,staff,2030-02-01,losses,They lost many.,dead_total,1000,2000,persons,By the list.,",
    ],
    "corrections": [
        "id,resource,key,field,expected,corrected,reason,url,decided_on",
        "k1,series/daily,2030-01-20,lost,9999,2000,A slip of the pen.,https://e.org/16,2030-02-02",
    ],
    "series/monthly": [
        "month,price,old_list,new_list",
        "2030-01,10.5,30,33",
        "2030-02,,31,35",
        "2030-03,11.5,,36",
    ],
    "series/transcriptions": [
        "date,field,transcription,value,majority,decided,verdict",
        '2030-01-20,lost,one,9999,2000,2000,"2,000, read by 2 of 3"',
        '2030-01-20,lost,two,2000,2000,2000,"2,000, read by 2 of 3"',
        '2030-01-20,lost,three,2000,2000,2000,"2,000, read by 2 of 3"',
        '2030-02-02,guns,one,32,,32,"32, a tie"',
        '2030-02-02,guns,two,33,,32,"32, a tie"',
    ],
}

TYPES = {
    "integer": ["lost", "guns", "known_after_days", "majority", "decided"],
    "number": ["low", "central", "high", "value", "value_low", "value_high", "price", "old_list", "new_list"],
    "date": ["as_of", "period_start", "period_end", "published", "date", "decided_on"],
    "yearmonth": ["month"],
}
REQUIRED = {
    *("id", "topic", "measure", "side", "as_of", "bound", "unit", "source", "title", "what", "nature", "cumulative"),
    *("name", "role", "claim", "speaker", "resource", "key", "field", "date", "month", "transcription"),
}
ENUMS = {"bound": ["exact", "about", "at_least", "at_most"], "cumulative": ["yes", "no"]}
KEYS = {
    "definitions": ["measure"],
    "events": ["date", "title"],
    "series/daily": ["date"],
    "series/monthly": ["month"],
    "series/transcriptions": ["date", "field", "transcription"],
}
FIELDS = {
    "lost": {"measure": "lost_total", "monotone": True},
    "guns": {"measure": "guns_total", "monotone": True, "falls": {"2030-02-03": "restated"}},
    "price": {"measure": "price", "source": "office"},
    "new_list": {"knownFrom": "2030-03-31"},
}
RESOURCES = {
    "series/daily": {"side": "AA", "source": "staff", "dateField": "date"},
    "series/monthly": {"side": "AA", "source": "list", "dateField": "month"},
    "series/transcriptions": {"side": "AA", "source": "staff", "dateField": "date", "transcribes": "series/daily"},
    "events": {"knownBy": ["date"]},
    "claims": {"knownBy": ["date"]},
}
WAR = {
    "name": "the invented war",
    "start": START.isoformat(),
    "as_of": AS_OF.isoformat(),
    "side": "AA",
    "opponent": "BB",
    "daily_claim": {"measure": "lost_total", "source": "staff"},
    "sides": {"AA": {"name": "Aland", "adjective": "Alish"}, "BB": {"name": "Beland", "adjective": "Belish"}},
}


def write_room(folder, *, days=DAYS):
    """Write the room into a folder, its daily series with as many days, and return the folder."""
    tables = {name: [_cells(row) for row in rows] for name, rows in TABLES.items()}
    tables["series/daily"] = daily_rows(days)
    for name, rows in tables.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_rows(path, rows)
    write_contract(folder, {"name": "invented", "war": WAR, "resources": [_resource(name, tables) for name in tables]})
    return folder


def daily_rows(days):
    """Invented running totals: a hundred lost a day, a gun a day; one slip, one gap, one fall."""
    rows = [["date", "lost", "guns"]]
    for number in range(1, days + 1):
        day = (START + timedelta(days=number - 1)).isoformat()
        lost = "9999" if day == "2030-01-20" else str(number * 100)
        guns = "" if number == 5 else str(number - 5 if day >= "2030-02-03" else number)
        rows.append([day, lost, guns])
    return rows


def read_rows(path):
    """Rows of a CSV file as lists of text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def write_rows(path, rows):
    """Write rows to a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def set_cell(room, name, key, column, value):
    """Change one cell: the row whose first cell is `key`."""
    path = room / f"{name}.csv"
    rows = read_rows(path)
    row = next(row for row in rows if row[0] == key)
    row[rows[0].index(column)] = value
    write_rows(path, rows)


def add_row(room, name, text):
    """Append a row."""
    path = room / f"{name}.csv"
    write_rows(path, [*read_rows(path), _cells(text)])


def drop_column(room, name, column):
    """Take a column out of a file."""
    path = room / f"{name}.csv"
    rows = read_rows(path)
    place = rows[0].index(column)
    write_rows(path, [row[:place] + row[place + 1 :] for row in rows])


def contract(room):
    """The contract of a room."""
    return json.loads((room / "datapackage.json").read_text(encoding="utf-8"))


def write_contract(room, package):
    """Write the contract of a room."""
    (room / "datapackage.json").write_text(json.dumps(package, indent=1), encoding="utf-8")


def resource(package, name):
    """One resource of a contract."""
    return next(one for one in package["resources"] if one["name"] == name)


def described(package, name, column):
    """One field of a contract."""
    return next(one for one in resource(package, name)["schema"]["fields"] if one["name"] == column)


def _cells(text):
    return next(csv.reader([text]))


def _resource(name, tables):
    evidence = name.startswith("evidence/")
    schema = {"fields": [_field(name, column) for column in tables[name][0]], "primaryKey": KEYS.get(name, ["id"])}
    if evidence:
        schema["foreignKeys"] = [_link("measure", "definitions", "measure"), _link("source", "sources", "id")]
    if name == "claims":
        schema["foreignKeys"] = [_link("speaker", "sources", "id"), _link("measure", "definitions", "measure")]
    extra = {"knownBy": ["as_of", "published"]} if evidence else RESOURCES.get(name, {})
    return {"name": name, "path": f"{name}.csv", **extra, "schema": schema}


def _field(name, column):
    kind = next((kind for kind, names in TYPES.items() if column in names), "string")
    constraints = {}
    if column in REQUIRED or (column == "url" and name.startswith("evidence/")):
        constraints["required"] = True
    if column in ENUMS:
        constraints["enum"] = ENUMS[column]
    if column == "url":
        constraints["pattern"] = r"https?://\S+"
    if column in ("lost", "guns"):
        constraints["minimum"] = 0
    own = FIELDS.get(column, {}) if name.startswith("series/") else {}
    return {"name": column, "type": kind, "constraints": constraints, **own}


def _link(column, there, key):
    return {"fields": [column], "reference": {"resource": there, "fields": [key]}}
