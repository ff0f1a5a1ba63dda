#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node-gpu against the libtensorflow inside a Python wheel, for machines that cannot download
# the archive which the package's installer wants. Then compares it with onnxruntime.
#
#   bench/tensorflow/build.sh FOLDER [WHEEL]      WHEEL: tensorflow-cpu (the default), or tensorflow, which knows CUDA
#
# Needs npm, Python's pip, g++ and about 1.5 GB in FOLDER. The package's install script is never run.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:?usage: build.sh FOLDER [WHEEL]}
wheel=${2:-tensorflow-cpu}
tfjs=4.22.0
headers=1.9.0

mkdir -p "$folder"
cd "$folder"
test -f package.json || echo '{ "private": true }' > package.json
npm install --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node-gpu@$tfjs" "node-api-headers@$headers"

ls ./*.whl 2> /dev/null || python3 -m pip download --no-deps --only-binary=:all: --dest . "$wheel"
python3 - ./*.whl << 'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wanted = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2", "tensorflow/include/")
    wheel.extractall(members=[name for name in wheel.namelist() if name.startswith(wanted)])
PYTHON

package=$PWD/node_modules/@tensorflow/tfjs-node-gpu
mkdir -p "$package/deps/lib" "$package/lib/napi-v8"
ln -sf "$PWD"/tensorflow/libtensorflow_{cc,framework}.so.2 "$package/deps/lib/"
# The functions for tensors of text lie in libtensorflow_framework, all others in libtensorflow_cc.
nice g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION \
  -I "$package/binding" -I tensorflow/include -I node_modules/node-api-headers/include \
  "$package"/binding/tfjs_backend.cc "$package"/binding/tfjs_binding.cc \
  -L tensorflow -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 \
  -Wl,-rpath,'$ORIGIN/../../deps/lib' -o "$package/lib/napi-v8/tfjs_binding.node"

echo "Built. redag finds it with: export NODE_PATH=$PWD/node_modules"
NODE_PATH="$PWD/node_modules" "$here/../../node_modules/.bin/node" "$here/compare.ts"
