"""Reads files of a model with Hugging Face's own client, and prints their digests as JSON.

    python read_cache.py REPOSITORY REVISION local|remote FILE...

"local" looks only into the cache (HF_HOME); "remote" may ask the server (HF_ENDPOINT). Needs huggingface_hub.
"""

import hashlib
import json
import sys
from pathlib import Path

from huggingface_hub import hf_hub_download, scan_cache_dir

repository, revision, place, *names = sys.argv[1:]
files = {}
commits = set()
for name in names:
    path = Path(hf_hub_download(repository, name, revision=revision, local_files_only=place == "local"))
    files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    commits.add(path.parent.name)

cache = scan_cache_dir()
(found,) = cache.repos
assert found.repo_id == repository and revision in found.refs, found
print(json.dumps({
    "files": files,
    "commit": commits.pop() if len(commits) == 1 else sorted(commits),
    "warnings": [str(warning) for warning in cache.warnings],
}))
