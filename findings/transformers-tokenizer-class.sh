#!/bin/sh
# transformers 5.24.0 with tokenizers 0.23.3, seen on 29 November 2026.
#
# One remembers that a fast tokenizer is its tokenizer.json: whatever stands there, AutoTokenizer gives the ids that
# tokenizers.Tokenizer.from_file gives. In version 5 that depends on `tokenizer_class` in tokenizer_config.json. Where it
# names a class with a tokenizer of its own (T5Tokenizer, T5TokenizerFast, GPT2Tokenizer, GPT2TokenizerFast), the class takes
# the pieces from the file and builds a normalizer and a pre-tokenizer as the published model has them. A tokenizer.json
# that lower-cases loses that without a word: of "AB" come the pieces "A" and "B" instead of "ab". GPT-2's loses the space
# that its ByteLevel adds before the text, too. `save_pretrained` then writes a tokenizer.json without the normalizer. With
# PreTrainedTokenizerFast as the class the pieces are those that the file says.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 tokenizers==0.23.3
HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error "$folder/venv/bin/python" - "$folder" <<'PYTHON'
import json
import pathlib
import sys

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

folder = pathlib.Path(sys.argv[1])
text = "AB 12 ab"


def t5():
    pieces = [("<pad>", 0), ("</s>", 0), ("<unk>", 0), ("▁", -2), ("▁ab", -1), *((letter, -3) for letter in "abAB12")]
    made = Tokenizer(models.Unigram(pieces, unk_id=2))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def gpt2():
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = {piece: index for index, piece in enumerate([*letters, "ab", "<|endoftext|>"])}
    made = Tokenizer(models.BPE(pieces, [("a", "b")]))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    return made


def loaded(made, model, name):
    at = folder / f"{model}-{name}"
    at.mkdir()
    made.save(str(at / "tokenizer.json"))
    (at / "config.json").write_text(json.dumps({"model_type": model}))
    (at / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name, "extra_ids": 0}))
    auto = AutoTokenizer.from_pretrained(at)
    auto.save_pretrained(at / "saved")
    saved = json.loads((at / "saved/tokenizer.json").read_text())["normalizer"]
    found = auto.tokenize(text)
    print(f"{model:4} {name:23} {' '.join(found)}; saved with the normalizer {saved}")
    return found, saved


holds = True
for model, made, own in [("t5", t5(), "T5Tokenizer"), ("gpt2", gpt2(), "GPT2Tokenizer")]:
    expected = made.encode(text).tokens
    print(f"{model:4} {'tokenizers':23} {' '.join(expected)}")
    for name in [own, f"{own}Fast"]:
        found, saved = loaded(made, model, name)
        holds = holds and "A" in found and "A" not in expected and saved is None
    found, saved = loaded(made, model, "PreTrainedTokenizerFast")
    holds = holds and found == expected and saved == {"type": "Lowercase"}
sys.exit(0 if holds else 1)
PYTHON
