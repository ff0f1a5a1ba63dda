#!/bin/sh
# bioc 2.1 of PyPI, seen on 29 November 2026.
#
# One remembers that bioc reads and writes PubTator, the form in which the chemical-disease corpus of BioCreative V is
# published: read, add your relations, write. The form has a seventh column at mentions that stand for several concepts
# ("ocular and auditory toxicity"), with the text of each part. bioc keeps the two ids and drops the parts: the column is
# there, and empty. It also gives every other mention an empty seventh column, and every relation a fifth that says "None",
# where BioRED's form of the file has its novelty. The text and the offsets come through. So a file that passed through bioc
# has no composite mentions, and another reader may take "None" for what is said of the relation.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet bioc==2.1
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from bioc import pubtator

lines = [
    "1|t|Ocular and auditory toxicity of naloxone.",
    "1|a|Two patients are described.",
    "1\t0\t28\tOcular and auditory toxicity\tDisease\tD014786|D006311\tOcular toxicity|auditory toxicity",
    "1\t32\t40\tnaloxone\tChemical\tD009270",
    "1\tCID\tD009270\tD014786",
]
written = pubtator.dumps(pubtator.loads("\n".join([*lines, "", ""]))).splitlines()
for line in written:
    print(line.replace("\t", " | "))
expected = [
    *lines[:2],
    "1\t0\t28\tOcular and auditory toxicity\tDisease\tD014786|D006311\t",
    f"{lines[3]}\t",
    f"{lines[4]}\tNone",
]
sys.exit(0 if [line for line in written if line] == expected else 1)
PYTHON
