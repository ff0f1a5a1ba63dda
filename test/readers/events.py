"""Reads OpenLineage events with the classes of openlineage-python: python events.py FILE.

Prints, as JSON, what each COMPLETE event says: the job, its inputs and outputs, and what its lineage facets say.
"""
import json
import sys

from openlineage.client.facet_v2 import lineage, output_statistics_output_dataset, schema_dataset
from openlineage.client.generated.base import InputDataset, Job, OutputDataset, Run, RunEvent
from openlineage.client.serde import Serde


def facets(given, classes):
    return {name: build(classes[name], each) if name in classes else each for name, each in given.items()}


def build(kind, given):
    fields = {name: value for name, value in given.items() if name not in ("_producer", "_schemaURL")}
    built = kind(**fields)
    if built._schemaURL != given["_schemaURL"]:
        raise ValueError(f"{kind.__name__}: {given['_schemaURL']} is not {built._schemaURL}")
    return built


def dataset(kind, given, **more):
    kinds = {"schema": schema_dataset.SchemaDatasetFacet, "lineage": lineage.LineageDatasetFacet}
    return kind(namespace=given["namespace"], name=given["name"], facets=facets(given["facets"], kinds), **more)


found = []
states = {}
for line in open(sys.argv[1]):
    given = json.loads(line)
    statistics = {"outputStatistics": output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet}
    event = RunEvent(
        eventType=given["eventType"],
        eventTime=given["eventTime"],
        run=Run(**given["run"]),
        job=Job(
            given["job"]["namespace"],
            given["job"]["name"],
            facets(given["job"]["facets"], {"lineage": lineage.LineageJobFacet}),
        ),
        producer=given["producer"],
        inputs=[dataset(InputDataset, each) for each in given["inputs"]],
        outputs=[
            dataset(OutputDataset, each, outputFacets=facets(each["outputFacets"], statistics))
            for each in given["outputs"]
        ],
    )
    json.loads(Serde.to_json(event))
    if event.schemaURL != given["schemaURL"]:
        raise ValueError(f"{given['schemaURL']} is not {event.schemaURL}")
    states.setdefault(event.run.runId, []).append(event.eventType)
    if event.eventType != "COMPLETE":
        continue
    found.append({
        "job": event.job.name,
        "inputs": [each.name for each in event.inputs],
        "outputs": {
            each.name: {
                "from": [source["name"] for source in each.facets["lineage"].inputs],
                "rows": each.outputFacets["outputStatistics"].rowCount,
                "version": each.facets["version"]["datasetVersion"],
            }
            for each in event.outputs
        },
        "entries": {
            entry["name"]: [source["name"] for source in entry["inputs"]] for entry in event.job.facets["lineage"].entries
        },
    })
if any(each != ["START", "COMPLETE"] for each in states.values()):
    raise ValueError(f"not START and COMPLETE of each run: {states}")
print(json.dumps(found))
