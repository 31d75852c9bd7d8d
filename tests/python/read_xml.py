"""Reads XML from standard input; prints it as nested JSON arrays (name, text, children) beside what is wrong with it
by the schemas whose files are given."""

import json
import pathlib
import sys
import xml.etree.ElementTree as tree

import xmlschema


def node(element):
    return [element.tag, (element.text or ""), [node(child) for child in element]]


root = tree.fromstring(sys.stdin.buffer.read())
first, *more = sys.argv[1:]
schema = xmlschema.XMLSchema10(first, build=False, allow="local")
for file in more:
    schema.add_schema(pathlib.Path(file), build=False)
schema.build()
errors = [f"{error.path}: {error.reason}" for error in schema.iter_errors(root)]
json.dump({"root": node(root), "errors": errors}, sys.stdout)
