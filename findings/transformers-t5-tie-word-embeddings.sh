#!/bin/sh
# transformers 5.24.0 and 4.57.6, seen on 29 November 2026.
#
# One remembers that `tie_word_embeddings` says whether the output layer shares its weights with the embedding, and that a
# configuration keeps what it is given: T5 1.1 and Flan-T5 have a layer of their own and say false. For T5 version 5 takes the
# false as "do not scale the decoder's output" and says true from then on: T5Config(tie_word_embeddings=False), and a
# config.json with false, have tie_word_embeddings true and scale_decoder_outputs false, and are saved so. Version 4.57.6
# saves false; it reads the file of version 5 as that of a tied model, whose output its code scales, as that knows no
# scale_decoder_outputs. A false that is set after the configuration was made is saved, and read back as true with scaling.
# GPT-2 keeps its false. So this field of a T5 says nothing of its weights; the config.json of an untied one that version 5
# has saved must be given its false again before version 4, or another program that knows the older meaning, reads it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 4.57.6 5.24.0; do
  python3 -m venv "$folder/$version"
  "$folder/$version/bin/pip" install --quiet "transformers==$version"
done
cat > "$folder/config.py" <<'PYTHON'
import json
import pathlib
import sys

import transformers
from transformers import AutoConfig, GPT2Config, T5Config

folder, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
fields = ["tie_word_embeddings", "scale_decoder_outputs"]


def seen(name, config):
    return show(name, [getattr(config, field, None) for field in fields])


def saved(name, config, at):
    config.save_pretrained(folder / at)
    written = json.loads((folder / at / "config.json").read_text())
    return show(f"{name}, saved", [written.get(field) for field in fields])


def show(name, values):
    print(f"{transformers.__version__} {name}:", *(f"{field}={value}" for field, value in zip(fields, values)))
    return values


def read(at):
    return AutoConfig.from_pretrained(folder / at)


if kind == "before":
    old = T5Config(tie_word_embeddings=False)
    holds = [seen("made", old) == [False, None], saved("made", old, "old") == [False, None]]
elif kind == "newer":
    made = T5Config(tie_word_embeddings=False)
    late = T5Config()
    late.tie_word_embeddings = False
    gpt2 = GPT2Config(tie_word_embeddings=False)
    holds = [
        seen("made", made) == [True, False],
        saved("made", made, "made") == [True, False],
        seen("read from 4.57.6", read("old")) == [True, False],
        saved("read from 4.57.6", read("old"), "new") == [True, False],
        saved("set afterwards", late, "late") == [False, True],
        seen("set afterwards, read back", read("late")) == [True, True],
        saved("GPT-2", gpt2, "gpt2")[0] is False,
        read("gpt2").tie_word_embeddings is False,
    ]
else:
    code = pathlib.Path(transformers.__file__).parent / "models/t5/modeling_t5.py"
    holds = [seen("read from 5.24.0", read("new"))[0] is True, "scale_decoder_outputs" not in code.read_text()]
sys.exit(0 if all(holds) else 1)
PYTHON
export HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error TRANSFORMERS_NO_ADVISORY_WARNINGS=1
"$folder/4.57.6/bin/python" "$folder/config.py" "$folder" before
"$folder/5.24.0/bin/python" "$folder/config.py" "$folder" newer
"$folder/4.57.6/bin/python" "$folder/config.py" "$folder" after
