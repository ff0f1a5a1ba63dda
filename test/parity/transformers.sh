#!/bin/sh
# Installs Hugging Face transformers into a folder of its own and has it load what redag saves: saved.test.ts, and the
# tests of the Hub's cache. `test/parity/transformers.sh [FOLDER]`; needs Python 3.11 and PyPI.
set -eu
folder=${1:-${TMPDIR:-/tmp}/redag-transformers}
if [ ! -x "$folder/bin/python" ]; then
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet torch==2.13.0 transformers==5.23.0 safetensors numpy
fi
cd "$(dirname "$0")/../.."
RIG_SLOW=1 DAG_PYTHON="$folder/bin/python" npx vitest run test/parity/saved.test.ts test/models/hub/processes.slow.test.ts
