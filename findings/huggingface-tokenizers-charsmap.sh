#!/bin/sh
# @huggingface/tokenizers 0.2.0 of npm and tokenizers 0.23.3 of PyPI, seen on 29 November 2026.
#
# One remembers that a tokenizer.json carries its normalizer: the charsmap that SentencePiece compiled stands in it, 330 kB of
# base64, and two libraries of one house that read the same file give the same ids. That of npm keeps the charsmap and never
# looks into it: whatever stands there, it normalizes by two lists of characters and String.normalize. That is right, but for
# a few characters, for nmt_nfkc, the rule of T5. A model trained with nmt_nfkc_cf folds case and has no piece with a capital
# letter: PyPI's reads "Naloxone" as "naloxone", npm's finds an unknown piece where the N stands. One trained with nfkc has
# the zero width space as a character of its own: npm's makes a space of it, and one word becomes two. Nothing warns. Compare
# the ids of some texts with those of PyPI's before a tokenizer of SentencePiece is used from JavaScript.
#
# It needs python3 and Node 20 or later with npm.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet tokenizers==0.23.3 sentencepiece==0.2.3 protobuf==7.36.2
npm install --silent --no-audit --no-fund --prefix "$folder" @huggingface/tokenizers@0.2.0
cat > "$folder/write.py" <<'PYTHON'
import io
import json
import pathlib
import sys

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from sentencepiece.sentencepiece_model_pb2 import ModelProto
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

folder = pathlib.Path(sys.argv[1])
texts = ["Naloxone", "naloxone 12", "two\u200bparts"]
sentences = ["Naloxone was given with 12 mg of morphine.", "two parts", "two\u200bparts"]
ids = {}
for rule in ["nmt_nfkc", "nmt_nfkc_cf", "nfkc"]:
    file = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=file, vocab_size=60, hard_vocab_limit=False,
        character_coverage=1.0, normalization_rule_name=rule, minloglevel=2,
    )
    trained = ModelProto.FromString(file.getvalue())
    made = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in trained.pieces], unk_id=0))
    made.normalizer = normalizers.Precompiled(trained.normalizer_spec.precompiled_charsmap)
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.save(str(folder / f"{rule}.json"))
    ids[rule] = {text: made.encode(text, add_special_tokens=False).ids for text in texts}
    original = SentencePieceProcessor(model_proto=file.getvalue())
    assert ids[rule] == {text: original.encode(text) for text in texts}, rule
(folder / "ids.json").write_text(json.dumps(ids))
PYTHON
"$folder/venv/bin/python" "$folder/write.py" "$folder"
cat > "$folder/read.mjs" <<'JAVASCRIPT'
import { Tokenizer } from "@huggingface/tokenizers"
import { readFileSync } from "node:fs"

const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"))
const differ = Object.entries(read("ids.json")).flatMap(([rule, texts]) => {
  const tokenizer = new Tokenizer(read(`${rule}.json`), {})
  return Object.entries(texts).flatMap(([text, expected]) => {
    const { ids, tokens } = tokenizer.encode(text, { add_special_tokens: false })
    if (ids.join() === expected.join()) return []
    console.log(`${rule} ${JSON.stringify(text)}: PyPI ${expected.join(" ")}; npm ${ids.join(" ")} (${tokens.join(" ")})`)
    return [`${rule} ${text}`]
  })
})
const expected = ["nmt_nfkc_cf Naloxone", "nfkc two\u200bparts"]
process.exit(JSON.stringify(differ) === JSON.stringify(expected) ? 0 : 1)
JAVASCRIPT
node "$folder/read.mjs"
