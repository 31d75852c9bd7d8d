"""What a request of Masthead wrote: the difference of all rows before and after it, as statements to write it again.

Nothing here knows a table of Masthead but the log (`changes`, `log_head`), whose numbers are given in order. So a
migration that adds tables, or rows to a request, makes the ceiling write them too.
"""

import json
import subprocess

from . import data
from .say import Failure, say

# Each row of the audit log holds the hash of the one before, so none can be written again; the ceiling does without
# them, and has less to do than Masthead.
CHAINED = ("audit_entries", "audit_head")


class Rows:
    """All rows of a database at a moment."""

    def __init__(self, ceilings, url):
        done = subprocess.run([str(ceilings), "rows", "--database", url], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"ceilings rows: {done.stderr}")
        self.tables, self.lines = {}, set()
        # Not splitlines(): a text may hold what Python takes for a line's end.
        for line in done.stdout.split("\n"):
            if line.startswith("{"):
                table = json.loads(line)
                self.tables[table["table"]] = table
            elif line.partition("\t")[0] in CHAINED:
                continue
            elif line:
                self.lines.add(line)


def parsed(lines):
    """table → key → values, where what has no key is its own key."""
    return [(name, json.loads(values)) for name, _, values in (line.partition("\t") for line in lines)]


class Sample:
    """One article's requests."""

    def __init__(self, sqlite, tables):
        self.sqlite, self.tables = sqlite, tables
        self.ids, self.slugs, self.seqs, self.differences = [], [], [], {}
        # Numbers that rows of a table are known by, and the columns that name such a row.
        self.numbers, self.counted, self.naming = [], {}, {}
        for name, table in tables.items():
            keys = [column for column in table["columns"] if column["key"]]
            if len(keys) == 1 and self.is_number(keys[0]) and not keys[0]["name"].endswith("seq"):
                self.counted[name] = keys[0]["name"]
        for table in tables.values():
            for column in table["columns"]:
                if column.get("references") in self.counted:
                    self.naming[column["name"]] = column["references"]

    def columns(self, table):
        return self.tables[table]["columns"]

    def key(self, table, row):
        at = [n for n, column in enumerate(self.columns(table)) if column["key"]]
        return json.dumps([row[n] for n in at] if at else row)

    def value(self, cell):
        return cell[1] if self.sqlite else cell

    def is_id(self, column, cell):
        if self.sqlite:
            return cell[0] == "blob" and len(cell[1]) == 32
        return column["type"] == "uuid" and cell is not None

    def is_number(self, column):
        return column["type"] in ("integer", "bigint")

    def counted_by(self, table, column):
        """The table whose rows are known by the numbers in this column, if there is one."""
        if self.counted.get(table) == column["name"]:
            return table
        # Some tables name rows of another without a constraint that says so; the name is the same then.
        return self.naming.get(column["name"]) if self.is_number(column) else None

    def add(self, name, before, after):
        added, removed = parsed(after.lines - before.lines), parsed(before.lines - after.lines)
        old = {(table, self.key(table, row)): row for table, row in removed}
        inserts, updates = [], []
        for table, row in added:
            was = old.pop((table, self.key(table, row)), None)
            if was is None:
                inserts.append((table, row))
            elif table != "log_head":
                updates.append((table, was, row))
        order = list(self.tables)
        inserts.sort(key=lambda one: (order.index(one[0]), json.dumps(one[1])))
        for table, row in inserts:
            self.learn(table, row)
        logged = sorted(int(self.value(row[0])) for table, row in inserts if table == "changes")
        first = len(self.seqs)
        self.seqs += logged
        self.differences[name] = (inserts, updates, list(old.items()), len(logged), first)

    def learn(self, table, row):
        """An id or a number that is a key of its own is new with each article, and so is the slug beside the id."""
        columns = self.columns(table)
        for column, cell in zip(columns, row):
            if self.counted.get(table) == column["name"]:
                self.numbers.append((table, int(self.value(cell))))
        keys = [n for n, column in enumerate(columns) if column["key"]]
        if len(keys) != 1 or not self.is_id(columns[keys[0]], row[keys[0]]):
            return
        if self.value(row[keys[0]]) not in self.ids:
            self.ids.append(self.value(row[keys[0]]))
        for column, cell in zip(columns, row):
            if column["name"] == "slug" and self.value(cell) not in self.slugs:
                self.slugs.append(self.value(cell))

    def cell(self, table, column, cell):
        value = self.value(cell)
        if value is None:
            return ["null", None]
        if self.is_id(column, cell) and value in self.ids:
            return ["id", self.ids.index(value)]
        if column["name"] == "slug" and value in self.slugs:
            return ["slug", self.slugs.index(value)]
        if column["name"].endswith("seq") and int(value) in self.seqs:
            return ["seq", self.seqs.index(int(value))]
        counted = self.counted_by(table, column)
        if counted and (counted, int(value)) in self.numbers:
            return ["number", self.numbers.index((counted, int(value)))]
        return cell if self.sqlite else ["text", value]

    def mark(self, number, column):
        return "?" if self.sqlite else f"cast(${number} as {column['type']})"

    def steps(self, name):
        inserts, updates, deletes, log, first = self.differences[name]
        steps = []
        for (table, _), row in deletes:
            steps.append(self.where(f'delete from "{table}"', table, row, [], 0))
        for table in dict.fromkeys(table for table, _ in inserts):
            rows = [row for name, row in inserts if name == table]
            steps.append(self.insert(table, rows))
        for table, was, row in updates:
            changed = [n for n, (a, b) in enumerate(zip(was, row)) if a != b]
            columns = self.columns(table)
            sets = [f'"{columns[n]["name"]}" = {self.mark(at + 1, columns[n])}' for at, n in enumerate(changed)]
            cells = [self.cell(table, columns[n], row[n]) for n in changed]
            steps.append(self.where(f'update "{table}" set {", ".join(sets)}', table, row, cells, len(changed)))
        return {"log": log, "first_seq": first, "steps": steps}

    def where(self, sql, table, row, cells, used):
        columns = self.columns(table)
        keys = [n for n, column in enumerate(columns) if column["key"]] or range(len(columns))
        tests = [f'"{columns[n]["name"]}" = {self.mark(used + at + 1, columns[n])}' for at, n in enumerate(keys)]
        return {"sql": f"{sql} where {' and '.join(tests)}", "cells": cells + [self.cell(table, columns[n], row[n]) for n in keys]}

    def insert(self, table, rows):
        columns = self.columns(table)
        names = ", ".join(f'"{column["name"]}"' for column in columns)
        marks, number = [], 0
        for _ in rows:
            marks.append(", ".join(self.mark(number + at + 1, column) for at, column in enumerate(columns)))
            number += len(columns)
        values = ", ".join(f"({one})" for one in marks)
        cells = [self.cell(table, column, cell) for row in rows for column, cell in zip(columns, row)]
        given = " overriding system value" if table in self.counted and not self.sqlite else ""
        # Rows that hold nothing of the article's own are there already when it is written again.
        shared = "" if any(cell[0] in ("id", "slug", "seq", "number") for cell in cells) else " on conflict do nothing"
        return {"sql": f'insert into "{table}" ({names}){given} values {values}{shared}', "cells": cells}

    def told(self):
        operations = {name: self.steps(name) for name in self.differences}
        numbered = {table for table, _ in self.numbers}
        counters = [f'select coalesce(max("{self.counted[table]}"), 0) as number from "{table}"' for table in sorted(numbered)]
        return {
            "ids": len(self.ids), "slugs": self.slugs, "seqs": len(self.seqs), "numbers": len(self.numbers),
            "counters": counters, "operations": operations,
        }


def capture(server, ceilings, engine, url, path, count=3):
    """Has Masthead make, publish, change and publish a few articles, and notes what each request wrote."""
    samples = []
    notes = [f"{engine.name}: the ceiling of W4 and W5 does not write the audit log, so it has less to do than Masthead"]
    # A login writes rows of its own.
    server.token()
    for number in range(count):
        body = data.article("sample", number)
        rows = Rows(ceilings, url)
        sample = Sample(engine.name == "sqlite", rows.tables)
        made, etag = server.call("POST", "/management/v1/articles", body)
        place = f"/management/v1/articles/{made['data']['id']}"
        # Older than all others, so that no first page shows it.
        date = {"published_at": "2023-01-01T00:00:00Z"}
        requests = {
            "create": None,
            "publish": ("POST", f"{place}/publish", date),
            "change": ("PATCH", place, {"dek": data.article("sample", number + count)["dek"]}),
            "republish": ("POST", f"{place}/publish", date),
        }
        for name, request in requests.items():
            if request:
                etag = server.call(*request, etag)[1] or etag
            after = Rows(ceilings, url)
            sample.add(name, rows, after)
            rows = after
        samples.append(sample.told())
    virtual = [name for name, table in rows.tables.items() if table["virtual"] is True]
    if virtual:
        notes.append(
            f"{engine.name}: the ceiling of W4 and W5 does not write the full-text tables {', '.join(virtual)}, "
            "so it has less to do than Masthead"
        )
    counts = {name: sum(len(step["cells"]) for step in one["steps"]) for name, one in samples[0]["operations"].items()}
    say(f"{engine.name}: values that a request writes: {counts}")
    path.write_text(json.dumps({"samples": samples}))
    return notes
