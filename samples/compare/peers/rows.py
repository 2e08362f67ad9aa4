"""Python's csv and fastjsonschema: python3 rows.py FILE ROWS, with record.schema.json beside this file. Prints rows and
invalid rows as JSON."""
import csv, json, os, sys
from datetime import date, datetime
import fastjsonschema

folder = os.path.dirname(__file__)
validate = fastjsonschema.compile(json.load(open(os.path.join(folder, "record.schema.json"), encoding="utf-8")))
yes, no = {"yes", "true", "1", "y", "on"}, {"no", "false", "0", "n", "off"}


def record(c):
    r, custom = {}, {"sourceStr": "old CRM"}
    if c[0]: r["externalId"] = c[0]
    if c[1]: r["name"] = c[1]
    if c[2]: r["emails"] = [{"email": x.strip()} for x in c[2].split(";")]
    phones = [{"phone": x, "type": kind} for x, kind in ((c[3], "home"), (c[4], "mobile")) if x]
    if phones: r["phones"] = phones
    place = {"type": "home"}
    if c[5]: place["cityName"] = c[5]
    if c[6]: place["countryCode"] = c[6]
    r["locations"] = [place]
    if c[7]: r["defaultLang"] = c[7]
    if c[8]: r["timeZone"] = c[8]
    if c[9]: r["birthdayAt"] = date.fromisoformat(c[9]).isoformat() + "T00:00:00Z"
    if c[10]: r["signedUpAt"] = datetime.fromisoformat(c[10]).isoformat() + "Z"
    if c[11]: r["tags"] = [x.strip() for x in c[11].split(",")]
    if c[12]: custom["avgSatScoreNum"] = float(c[12])
    if c[13]: custom["loyaltyTierStr"] = c[13]
    if c[14]:
        if c[14].lower() not in yes and c[14].lower() not in no: raise ValueError
        custom["vipBool"] = c[14].lower() in yes
    if c[15]: custom["ordersNum"] = float(c[15])
    if c[16]: custom["lastOrderAt"] = date.fromisoformat(c[16][6:] + "-" + c[16][3:5] + "-" + c[16][:2]).isoformat() + "T00:00:00Z"
    if c[17]: custom["profileUrl"] = c[17]
    if c[18]: custom["notesTxt"] = c[18]
    if c[19]: r["socials"] = [{"type": "twitter", "username": c[19]}]
    r["custom"] = custom
    return r


rows = invalid = 0
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    reader = csv.reader(file)
    width = len(next(reader))
    for cells in reader:
        rows += 1
        try:
            if len(cells) != width: raise ValueError
            validate(record(cells))
        except (ValueError, fastjsonschema.JsonSchemaException):
            invalid += 1
print(json.dumps({"rows": rows, "invalid": invalid}))
