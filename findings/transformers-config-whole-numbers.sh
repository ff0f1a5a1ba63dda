#!/bin/sh
# transformers 5.24.0, seen on 29 November 2026.
#
# One remembers that JSON has one kind of number, so that a config.json may be read, changed and written by any program.
# JavaScript writes 1.0 as 1: JSON.parse and JSON.stringify, with nothing changed between, make of the file that T5Config
# saves one that AutoConfig refuses: "Field 'initializer_factor' expected float, got int (value: 1)". Version 5 checks each
# field by its annotation, and a whole number is no float. It goes by the field, not by the model: `classifier_dropout` of
# the same T5 may be 0, as it is annotated with both. BART's `encoder_layerdrop` may not be 0, mBART's may. A file of
# another kind of model that was tried is no evidence: keep the file's text and change only what is to change.
#
# It needs python3 and Node.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0
HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import pathlib
import subprocess
import sys

from transformers import AutoConfig, BartConfig, GPTNeoConfig, MBartConfig, T5Config

folder = pathlib.Path(sys.argv[1])
rewrite = """
const fs = require("fs")
const at = process.argv[1]
fs.writeFileSync(at, JSON.stringify(JSON.parse(fs.readFileSync(at, "utf8"))))
"""


def whole(fields):
    return {name for name, value in fields.items() if type(value) is int}


def rewritten(made):
    at = folder / made.model_type / "config.json"
    made.save_pretrained(at.parent)
    AutoConfig.from_pretrained(at.parent)
    before = json.loads(at.read_text())
    subprocess.run(["node", "-e", rewrite, str(at)], check=True)
    after = json.loads(at.read_text())
    assert before == after
    changed = sorted(whole(after) - whole(before))
    try:
        AutoConfig.from_pretrained(at.parent)
        answer = "taken"
    except Exception as refused:
        answer = " ".join(str(refused).split())
    print(f"{made.model_type}: {', '.join(changed)} now without a point: {answer}")
    return changed, answer


found = {made.model_type: rewritten(made) for made in [T5Config(), BartConfig(), MBartConfig(), GPTNeoConfig()]}
holds = [
    found["t5"][0] == ["classifier_dropout", "initializer_factor"],
    "Field 'initializer_factor' expected float, got int (value: 1)" in found["t5"][1],
    "encoder_layerdrop" in found["bart"][0] and "'encoder_layerdrop' with value 0" in found["bart"][1],
    "encoder_layerdrop" in found["mbart"][0] and found["mbart"][1] == "taken",
    "resid_dropout" in found["gpt_neo"][0] and found["gpt_neo"][1] == "taken",
]
sys.exit(0 if all(holds) else 1)
PYTHON
