#!/bin/sh
# rocrate 0.16.0 and roc-validator 0.13.0, seen on 29 November 2026.
#
# One remembers that a newer context of RO-Crate only adds terms. The context of RO-Crate 1.3 gives ComputationalWorkflow,
# FormalParameter, input and output other addresses (https://bioschemas.org/terms/...) than that of 1.1
# (https://bioschemas.org/ComputationalWorkflow, ...). The profiles of workflow crates (Workflow RO-Crate 1.0, Workflow
# Run Crate 0.5) name the old addresses. So the crate that rocrate writes by default (1.3), with a workflow as its main
# entity and the types File, SoftwareSourceCode and ComputationalWorkflow in its text, is refused: "The Main Workflow must
# have types File, SoftwareSourceCode, ComputationalWorkflow". With the four old addresses it is a workflow. Write 1.1
# where a crate is to keep to one of these profiles.
#
# The validator fetches the context from the network; here it gets the one that rocrate carries.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet rocrate==0.16.0 roc-validator==0.13.0
cat > "$folder/validate.py" <<'PYTHON'
import json
import pathlib
import sys
from importlib.resources import files

import rdflib.plugins.shared.jsonld.context as jsonld
from rocrate.rocrate import ROCrate
from rocrate_validator import services
from rocrate_validator.utils.http import HttpRequester

folder = pathlib.Path(sys.argv[1])
context = json.loads(files("rocrate.data").joinpath("ro-crate.jsonld").read_text())
terms = context["@context"]
assert terms["ComputationalWorkflow"] == "https://bioschemas.org/terms/ComputationalWorkflow", terms["ComputationalWorkflow"]


class Reply:
    status_code, ok, headers = 200, True, {"Content-Type": "application/ld+json"}
    text = property(lambda self: json.dumps(context))
    content = property(lambda self: json.dumps(context).encode())

    def json(self):
        return context

    def raise_for_status(self):
        pass


fetch = jsonld.source_to_json


def carried(source, *rest, **named):
    address = getattr(source, "url", source)
    is_context = isinstance(address, str) and address.startswith("https://w3id.org/ro/crate/")
    return (context, None) if is_context else fetch(source, *rest, **named)


jsonld.source_to_json = carried
HttpRequester.get = HttpRequester.head = lambda self, *rest, **named: Reply()

(folder / "w.cwl").write_text("class: Workflow\n")
crate = ROCrate()
crate.name, crate.description, crate.license = "a", "b", "https://spdx.org/licenses/CC0-1.0"
workflow = crate.add_workflow(str(folder / "w.cwl"), "w.cwl", main=True, lang="cwl")
assert workflow.type == ["File", "SoftwareSourceCode", "ComputationalWorkflow"], workflow.type
crate.write(str(folder / "crate"))
written = json.loads((folder / "crate/ro-crate-metadata.json").read_text())
assert written["@context"] == "https://w3id.org/ro/crate/1.3/context", written["@context"]


def refused():
    settings = services.ValidationSettings(
        rocrate_uri=str(folder / "crate"),
        profile_identifier="workflow-ro-crate",
        requirement_severity=services.Severity.REQUIRED,
    )
    return any("The Main Workflow must have types" in issue.message for issue in services.validate(settings).get_issues())


newer = refused()
terms.update({
    "ComputationalWorkflow": "https://bioschemas.org/ComputationalWorkflow",
    "FormalParameter": "https://bioschemas.org/FormalParameter",
    "input": "https://bioschemas.org/ComputationalWorkflow#input",
    "output": "https://bioschemas.org/ComputationalWorkflow#output",
})
older = refused()
print(f"with the context of 1.3 refused: {newer}; with the older addresses refused: {older}")
sys.exit(0 if newer and not older else 1)
PYTHON
"$folder/venv/bin/python" "$folder/validate.py" "$folder"
