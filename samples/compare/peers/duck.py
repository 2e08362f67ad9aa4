"""DuckDB: python3 duck.py FILE ROWS, with rules.sql beside this file. Prints rows and invalid rows as JSON."""
import json, os, sys
import duckdb

rules = open(os.path.join(os.path.dirname(__file__), "rules.sql"), encoding="utf-8").read()
read, wrong = duckdb.connect().execute(rules, {"file": sys.argv[1]}).fetchone()[:2]
rows = int(sys.argv[2])
print(json.dumps({"rows": rows, "invalid": wrong + rows - read}))
