#!/bin/sh
# safetensors 0.8.0 of PyPI, seen on 29 November 2026.
#
# One remembers safetensors as a format whose files are the same bytes for the same content: the header is JSON, the tensors
# are sorted by type and name, whatever their order in the dictionary was. So people name checkpoints by the sha256 of the
# file. That holds as long as there is one entry of metadata, as in what transformers writes ({"format": "pt"}). With more
# of them (a seed, a learning rate, the number of epochs) their order in the header is drawn anew at each call, in one
# process too: 30 calls of `save` with the same tensor and the same four entries gave more than one content, of one length.
# What is read back is equal. A digest for content must be of the tensors, or metadata must be one entry of JSON.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import hashlib
import sys

import numpy
from safetensors.numpy import load, save

tensors = {"b": numpy.arange(4, dtype=numpy.float32), "a": numpy.arange(2, dtype=numpy.float32)}


def contents(tensors, metadata):
    files = [save(tensors, metadata=metadata) for _ in range(30)]
    assert all((load(file)["b"] == tensors["b"]).all() for file in files)
    assert len({len(file) for file in files}) == 1
    return {hashlib.sha256(file).hexdigest() for file in files}


turned = dict(reversed(tensors.items()))
one = contents(tensors, {"format": "pt"}) | contents(turned, {"format": "pt"})
four = contents(tensors, {"format": "pt", "seed": "1", "epochs": "3", "rate": "0.001"})
print(f"contents of 60 files with one entry: {len(one)}; of 30 files with four entries: {len(four)}")
sys.exit(0 if len(one) == 1 and len(four) > 1 else 1)
PYTHON
