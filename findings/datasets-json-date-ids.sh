#!/bin/sh
# datasets 5.2.0 with pyarrow 26.0.1, seen on 29 November 2026.
#
# One remembers that a CSV loses the types of its columns and JSON keeps them: what stands in quotes is text. With datasets it
# is the other way round. `load_dataset("csv")` reads the ids "2014-05-01" and "2014-05-02" as text. `load_dataset("json")`
# makes a column of such texts a timestamp[s], in lists and in objects too; an offset from UTC is applied and forgotten, and
# `to_json` writes the milliseconds since 1970. One id of another form ("note-2") leaves the column text. So what an id
# becomes depends on the other ids, and on the order of the files: where the file of dates comes second, its ids are the
# texts "2014-05-01 00:00:00"; where it comes first, the other file is refused. `features` with a Value("string") does not
# help: pyarrow has guessed before, and the text is again "2014-05-01 00:00:00". pandas 3.1.1 reads the same file as text.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet datasets==5.2.0 pyarrow==26.0.1 pandas==3.1.1
HF_HUB_OFFLINE=1 HF_DATASETS_DISABLE_PROGRESS_BARS=1 "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import pathlib
import sys

import pandas
from datasets import Features, Value, load_dataset
from datasets.exceptions import DatasetGenerationError

folder = pathlib.Path(sys.argv[1])
dates, notes, mixed = ["2014-05-01", "2014-05-02"], ["note-1", "note-2"], ["2014-05-01", "note-2"]
midnights = ["2014-05-01 00:00:00", "2014-05-02 00:00:00"]


def file(name, ids):
    at = folder / name
    lines = ["id", *ids] if at.suffix == ".csv" else [json.dumps({"id": each}) for each in ids]
    at.write_text("".join(f"{line}\n" for line in lines))
    return str(at)


def load(kind, *files, **more):
    return load_dataset(kind, data_files=list(files), split="train", cache_dir=str(folder / "cache"), **more)


def seen(name, loaded):
    column = loaded.features["id"]
    values = [each if isinstance(each, (str, list)) else each.isoformat() for each in loaded["id"]]
    kind = getattr(column, "dtype", None) if isinstance(column, Value) else f"list of {column.feature.dtype}"
    print(f"{name}: {kind.replace('large_', '')} {values}")
    return kind.replace("large_", ""), values


def written(loaded):
    loaded.to_json(str(folder / "written.jsonl"))
    return [json.loads(line)["id"] for line in (folder / "written.jsonl").read_text().splitlines()]


of_dates, of_notes = file("dates.jsonl", dates), file("notes.jsonl", notes)
as_json = load("json", of_dates)
holds = [
    seen("CSV", load("csv", file("dates.csv", dates))) == ("string", dates),
    seen("JSON", as_json) == ("timestamp[s]", ["2014-05-01T00:00:00", "2014-05-02T00:00:00"]),
    written(as_json) == [1398902400000, 1398988800000],
    seen("with an offset", load("json", file("offset.jsonl", ["2014-05-01T00:00:00+02:00"])))
    == ("timestamp[s]", ["2014-04-30T22:00:00"]),
    seen("beside another id", load("json", file("mixed.jsonl", mixed))) == ("string", mixed),
    load("json", file("lists.jsonl", [dates])).features["id"].feature.dtype == "timestamp[s]",
    seen("after another file", load("json", of_notes, of_dates)) == ("string", [*notes, *midnights]),
    seen("as a string", load("json", of_dates, features=Features({"id": Value("string")}))) == ("string", midnights),
    list(pandas.read_json(of_dates, lines=True)["id"]) == dates,
]
try:
    load("json", of_dates, of_notes)
    holds.append(False)
except DatasetGenerationError as refused:
    print("before another file:", refused.__cause__)
    holds.append("Failed to parse string: 'note-" in str(refused.__cause__))
sys.exit(0 if all(holds) else 1)
PYTHON
