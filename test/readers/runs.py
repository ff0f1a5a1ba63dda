"""Reads a folder of MLflow's file store with mlflow: python runs.py FOLDER. Prints its runs as JSON."""
import json
import os
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

from mlflow.tracking import MlflowClient

client = MlflowClient(sys.argv[1])
found = []
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id], max_results=5000):
        info = client.get_run(run.info.run_id).info
        found.append({
            "experiment": experiment.name,
            "name": info.run_name,
            "status": info.status,
            "milliseconds": info.end_time - info.start_time,
            "params": run.data.params,
            "metrics": {
                name: [[each.step, each.value] for each in client.get_metric_history(info.run_id, name)]
                for name in run.data.metrics
            },
            "artifacts": [each.path for each in client.list_artifacts(info.run_id)],
            "tags": run.data.tags,
        })
print(json.dumps(found))
