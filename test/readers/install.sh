#!/bin/sh
# Installs the programs that read what `dag export` writes for them into a folder of its own, and runs their tests:
# `test/readers/install.sh [FOLDER]`; needs Python 3.11 and PyPI.
set -eu
folder=${1:-${TMPDIR:-/tmp}/redag-readers}
if [ ! -x "$folder/bin/python" ]; then
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet roc-validator==0.13.0 rocrate==0.16.0 openlineage-python==1.54.0 prov==3.2.3 \
    mlflow-skinny==3.17.2
fi
cd "$(dirname "$0")/../.."
DAG_READERS="$folder/bin/python" npx vitest run test/readers
