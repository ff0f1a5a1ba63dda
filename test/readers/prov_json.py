"""Reads PROV-JSON with prov: python prov_json.py FILE. Prints how many records of each kind there are, as JSON."""
import json
import sys
from collections import Counter

from prov.model import ProvDocument

document = ProvDocument.deserialize(sys.argv[1], format="json")
# Written and read once more: the same document.
again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
counts = Counter(record.get_type().localpart for record in document.get_records())
print(json.dumps({"same": document == again, "counts": counts}))
