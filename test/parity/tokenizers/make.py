"""
Writes the reference tables of the tokenizers: python make.py [folder of the corpora and published tokenizers].

Needs transformers, tokenizers, sentencepiece, sacremoses and protobuf; the tests read only what this writes. Of each
string the tables have digests of its ids and of their decoding, so that nothing of the corpora is in the repository.
"""
import base64
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["TRANSFORMERS_OFFLINE"] = "1"

from sentencepiece import sentencepiece_model_pb2
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from corpora import locate
from own_strings import OWN
from small import make_all

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"
# The blocks of 256 characters that have letters, signs or digits in the Unicode of these libraries.
BLOCKS = [*range(0x00, 0xD8), *range(0xE0, 0x100), *range(0x100, 0x125), 0x1D1, *range(0x1D4, 0x1D8), 0x1EE, *range(0x1F0, 0x1FB), 0x200, 0x2F8, 0xE00]
PACKAGES = ["transformers", "tokenizers", "sentencepiece", "sacremoses"]


def block(number):
    """The characters of a block as they follow each other, then each with an accent."""
    characters = [chr(code) for code in range(number * 256, number * 256 + 256)]
    return "".join(characters) + " " + " ".join(f"a{character}\u0301" for character in characters)


def digest(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:6]).decode()


def table(encode, decode, strings):
    lines = []
    for string in strings:
        ids = encode(string)
        lines.append(f"{digest(' '.join(map(str, ids)))} {digest(decode(ids))}")
    return lines


def of_transformers(folder):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    print(f"{folder.name}: {type(tokenizer).__name__}, {len(tokenizer)} tokens")
    return lambda text: tokenizer(text)["input_ids"], lambda ids: tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def of_library(folder):
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: tokenizer.encode(text).ids, lambda ids: tokenizer.decode(ids, skip_special_tokens=True)


def biogpt_folder(fairseq, folder):
    """As transformers' convert_biogpt_original_pytorch_checkpoint_to_pytorch.py converts dictionary and merges."""
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    lines = (fairseq / "dict.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    indices = {word: index for index, word in enumerate([*specials, *(line.rstrip().rsplit(" ", 1)[0] for line in lines)])}
    vocabulary = {re.sub("@@$", "", word) if word.endswith("@@") else word + "</w>": index for word, index in indices.items()}
    for special in specials:
        del vocabulary[f"{special}</w>"]
        vocabulary[special] = indices[special]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    shutil.copyfile(fairseq / "bpecodes", folder / "merges.txt")
    (folder / "config.json").write_text('{"model_type": "biogpt"}')


def t5_folder(published, folder):
    """A SentencePiece model of T5's published pieces and normalizer."""
    tokenizer = json.loads((published / "tokenizer.json").read_text(encoding="utf-8"))
    model = sentencepiece_model_pb2.ModelProto()
    for index, (piece, score) in enumerate(tokenizer["model"]["vocab"][:32000]):
        model.pieces.add(piece=piece, score=score, type={0: 3, 1: 3, 2: 2}.get(index, 1))
    model.trainer_spec.model_type = 1
    model.trainer_spec.unk_id = 2
    model.normalizer_spec.precompiled_charsmap = base64.b64decode(tokenizer["normalizer"]["precompiled_charsmap"])
    folder.mkdir(parents=True)
    (folder / "spiece.model").write_bytes(model.SerializeToString())
    (folder / "config.json").write_text('{"model_type": "t5"}')


def write(name, value):
    (REFERENCE / f"{name}.json").write_text(json.dumps(value, ensure_ascii=True, indent=0) + "\n", encoding="utf-8")


def small_tables():
    folders = REFERENCE / "small"
    shutil.rmtree(folders, ignore_errors=True)
    make_all(folders)
    strings = OWN + [block(number) for number in BLOCKS]
    tables = {}
    for folder in sorted(folders.iterdir()):
        if folder.name == "biogpt-fairseq":
            continue
        encode, decode = of_library(folder) if (folder / "tokenizer.json").exists() else of_transformers(folder)
        tables[folder.name] = table(encode, decode, strings)
    tables["biogpt-fairseq"] = tables["biogpt"]
    write("small", tables)


def published_tables(data, scratch):
    tokenizers = data / "tokenizers"
    for name, model_type in (("gpt2", "gpt2"), ("bart", "bart")):
        shutil.copytree(tokenizers / name, scratch / name)
        (scratch / name / "config.json").unlink(missing_ok=True)
        (scratch / name / "config.json").write_text(json.dumps({"model_type": model_type}))
    for name in ("biogpt", "biogpt-large"):
        biogpt_folder(tokenizers / name, scratch / name)
    t5_folder(tokenizers / "t5", scratch / "t5-pieces")
    located = locate(data, 100, 60)
    strings = [text for *_, text in located] + OWN + [block(number) for number in BLOCKS]
    tables = {name: table(*of_transformers(scratch / name), strings) for name in ("gpt2", "bart", "biogpt", "biogpt-large", "t5-pieces")}
    tables["t5"] = table(*of_library(tokenizers / "t5"), strings)
    write("corpora", {"strings": [[*place, digest(text)] for *place, text in located]})
    for name, lines in tables.items():
        write(name, lines)


def main():
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[3] / "shared" / "data"
    REFERENCE.mkdir(exist_ok=True)
    write("strings", {"made with": {each: version(each) for each in PACKAGES}, "own": OWN, "blocks": BLOCKS})
    small_tables()
    with tempfile.TemporaryDirectory() as scratch:
        published_tables(data, Path(scratch))


main()
