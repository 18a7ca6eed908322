"""Flask: a CSV of any length, streamed while it is read from the database.

$ waitress-serve --outbuf-high-watermark=1000000 --listen=127.0.0.1:8000 export_csv:app

Waitress by itself would read up to 16 MB ahead of the client.
"""

import sqlite3
from contextlib import closing

from flask import Flask

from wsgi_placeholder.memory import csv_response

app = Flask(__name__)

# Stands for a table: counted while it is read, so that it is nowhere as a whole.
QUERY = """
WITH RECURSIVE visits(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM visits WHERE id < ?)
SELECT id, 'Visitor ' || id, id * 0.25, '=1+1' FROM visits
"""


def rows(count):
    with closing(sqlite3.connect(":memory:")) as connection:
        yield from connection.execute(QUERY, [count])


@app.get("/visits-<int:count>.csv")
def visits(count):
    return csv_response(
        rows(count),  # nothing is read before it is sent
        header=["id", "name", "paid", "remark"],
        filename=f"Visits to {count}.csv",
        bom=True,  # Excel knows by it that this is UTF-8
        escape_formulas=True,
    )
