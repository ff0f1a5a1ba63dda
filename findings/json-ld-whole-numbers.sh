#!/bin/sh
# PyLD 3.3.0 and rdflib 7.6.0, seen on 29 November 2026.
#
# One remembers that a number of JSON-LD (of an RO-Crate, of PROV) has one datatype, xsd:double where it is written with a
# point. JSON-LD 1.1 knows only the value: a number without a fraction is an xsd:integer, however it is written. So a
# precision of 1.0 beside one of 0.98 is an integer beside a double. PyLD does so: "1"^^xsd:integer and "9.8E-1"^^xsd:double.
# rdflib goes by the point, and by Python's letters: "1.0"^^xsd:double and "0.98"^^xsd:double. The same file therefore has
# other triples in the two libraries, and a query for values whose datatype is xsd:double finds the perfect scores in one of
# them only. Where the context says {"@type": "xsd:double"} both give doubles, though of different letters: that is also so
# for a string in canonical form, "1.0E0", which rdflib reads and writes again in its own way. Compare values, never lines.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet PyLD==3.3.0 rdflib==7.6.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
import sys

import rdflib
from pyld import jsonld

DOUBLE = "http://www.w3.org/2001/XMLSchema#double"


def lines(values, **more):
    term = {"@id": "http://example.org/measured", **more}
    text = json.dumps({"@context": {"measured": term}, "@id": "http://example.org/run", "measured": values})
    pyld = jsonld.normalize(json.loads(text), {"algorithm": "URDNA2015", "format": "application/n-quads"})
    graph = rdflib.Graph().parse(data=text, format="json-ld").serialize(format="nt")
    found = []
    for triples in (pyld, graph):
        found.append({line.split(None, 2)[2].rstrip(" .").replace("http://www.w3.org/2001/XMLSchema#", "xsd:")
                      for line in triples.splitlines() if line})
    print("PyLD:", *sorted(found[0]), " rdflib:", *sorted(found[1]))
    return found


plain = lines([1.0, 0.98])
typed = lines([1.0, 0.98], **{"@type": DOUBLE})
strings = lines(["1.0E0", "9.8E-1"], **{"@type": DOUBLE})
holds = (
    plain == [{'"1"^^<xsd:integer>', '"9.8E-1"^^<xsd:double>'}, {'"1.0"^^<xsd:double>', '"0.98"^^<xsd:double>'}]
    and typed == [{'"1.0E0"^^<xsd:double>', '"9.8E-1"^^<xsd:double>'}, {'"1.0"^^<xsd:double>', '"0.98"^^<xsd:double>'}]
    and strings == typed
)
sys.exit(0 if holds else 1)
PYTHON
