"""Small tokenizers of every form, made from our own sentences, so that the tests have some where no corpora are."""
import json
import tempfile
from collections import Counter
from pathlib import Path

import sentencepiece
from sacremoses import MosesTokenizer
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from own_strings import SENTENCES, WORDS

TEXTS = SENTENCES + WORDS
# Character sequences and what they become: one to many, many to one, one to none, and two with the same beginning.
RULES = """FB01\t66 69
FB02\t66 6C
BD\t31 2044 32
65 301\tE9
65 302\tEA
65 302 301\t1EBF
AA\t61
212B\tC5
FF21\t41
2122\t54 4D
AD\t
200B\t20
A0\t20
3000\t20
9\t20
A\t20
D\t20
D A\t20
3C3\t73
1F600\t3A 29
"""


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        (folder / name).write_text(text, encoding="utf-8")


def t5(folder):
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, {"config.json": {"model_type": "t5"}, "tokenizer_config.json": {"extra_ids": 10}})
    with tempfile.TemporaryDirectory() as scratch:
        rules, prefix = Path(scratch) / "rules.tsv", Path(scratch) / "spiece"
        rules.write_text(RULES, encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS), model_prefix=str(prefix), vocab_size=230, model_type="unigram", pad_id=0,
            eos_id=1, unk_id=2, bos_id=-1, user_defined_symbols=["mg/kg"], control_symbols=["<sep>"],
            normalization_rule_tsv=str(rules), num_threads=1, minloglevel=2,
        )
        model = sentencepiece_model_pb2.ModelProto.FromString(prefix.with_suffix(".model").read_bytes())
    # They are paths of the machine that made it.
    model.trainer_spec.model_prefix = model.normalizer_spec.normalization_rule_tsv = ""
    (folder / "spiece.model").write_bytes(model.SerializeToString(deterministic=True))


def byte_bpe(specials):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=specials, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
    return {"vocab.json": model["vocab"], "merges.txt": "#version: 0.2\n" + "\n".join(merges) + "\n"}


def gpt2(folder):
    # A token that the vocabulary lacks, and a space before the text.
    config = {"add_prefix_space": True, "pad_token": "<pad>", "unk_token": {"__type": "AddedToken", "content": "<|endoftext|>"}}
    write(folder, {**byte_bpe(["<|endoftext|>"]), "config.json": {"model_type": "gpt2"}, "tokenizer_config.json": config})


def gpt2_few(folder):
    # A vocabulary that lacks most bytes, and no token for them.
    tokens = ["l", "o", "w", "a", "Ġ", "Ġl", "Ġlo", "al", "<|endoftext|>"]
    merges = "#version: 0.2\nĠ l\nĠl o\na l\n"
    vocabulary = {token: index for index, token in enumerate(tokens)}
    write(folder, {"vocab.json": vocabulary, "merges.txt": merges, "config.json": {"model_type": "gpt2"}})


def gpt2_legacy(folder):
    # As transformers 4 saved a model that got more tokens; the map stands above the configuration.
    files = byte_bpe(["<|endoftext|>"])
    size = len(files["vocab.json"])
    token = {"content": "<|endoftext|>", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    write(folder, {
        **files, "config.json": {"model_type": "gpt_neo"}, "added_tokens.json": {"<drug>": size, "[sep]": size + 1},
        "special_tokens_map.json": {"bos_token": token, "eos_token": token, "unk_token": token, "sep_token": "[sep]"},
        "tokenizer_config.json": {"sep_token": "no"},
    })


def bart(folder):
    files = byte_bpe(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    mask = files["vocab.json"]["<mask>"]
    flags = {"lstrip": True, "normalized": False, "rstrip": True, "single_word": False, "special": True}
    word = {"content": "TNF", "lstrip": False, "normalized": True, "rstrip": False, "single_word": True, "special": False}
    decoder = {str(mask): {"content": "<mask>", **flags}, str(len(files["vocab.json"])): word}
    config = {"added_tokens_decoder": decoder, "mask_token": "<mask>"}
    write(folder, {**files, "config.json": {"model_type": "bart"}, "tokenizer_config.json": config})


def learn(words, count):
    """The first `count` merges and all symbols of words; of pairs that are equally frequent the first in order."""
    split = [[*word[:-1], word[-1] + "</w>"] for word in words]
    symbols, merges = {symbol for word in split for symbol in word}, []
    for _ in range(count):
        pairs = Counter(pair for word in split for pair in zip(word, word[1:]))
        left, right = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append([left, right])
        symbols.add(left + right)
        for word in split:
            for at in range(len(word) - 2, -1, -1):
                if word[at : at + 2] == [left, right]:
                    word[at : at + 2] = [left + right]
    return merges, symbols


def biogpt(folder, fairseq):
    moses = MosesTokenizer(lang="en")
    merges, symbols = learn([word for text in TEXTS for word in moses.tokenize(text, aggressive_dash_splits=True)], 200)
    # Merges that no training gives: a later one makes the beginning of an earlier one, and one is there twice.
    merges = [["qj", "q"], ["q", "j"], ["k", "k"], *merges, merges[3]]
    tokens = sorted({*symbols, "qj", "qjq", "kk", "x", "x</w>"}, key=lambda token: (len(token), token))
    lines = [f"{token[:-4]} 7\n" if token.endswith("</w>") else f"{token}@@ 7\n" for token in tokens]
    codes = "".join(f"{left} {right} {index}\n" for index, (left, right) in enumerate(merges))
    write(fairseq, {"dict.txt": "".join(lines), "bpecodes": codes})
    converted = {token: index for index, token in enumerate(["<s>", "<pad>", "</s>", "<unk>", *tokens])}
    write(folder, {"vocab.json": converted, "merges.txt": codes, "config.json": {"model_type": "biogpt"}})


def unigram_json(folder):
    pieces = [("<unk>", 0.0), ("▁", -3.0), ("▁the", -4.0), ("the", -5.0), ("a", -3.5), ("▁a", -4.5), ("aa", -7.0), ("in", -5.0), ("s", -4.0)]
    pieces += [(letter, -6.0) for letter in "bcdefghijklmnopqrtuvwxyz"] + [("aaaa", -14.0), ("▁▁", -4.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Replace("µ", "u"), normalizers.Replace(Regex("\\s{2,}"), " "), normalizers.Strip(), normalizers.Prepend("x"),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(["<s>", "</s>", "[mask]"])
    tokenizer.add_tokens([AddedToken("Ménière", normalized=False, lstrip=True), AddedToken("drug", normalized=False, single_word=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> <s> $A </s>", special_tokens=[("<s>", tokenizer.token_to_id("<s>")), ("</s>", tokenizer.token_to_id("</s>"))],
    )
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=9)
    write(folder, {"tokenizer.json": tokenizer.to_str(pretty=True), "config.json": {"model_type": "other"}})


def bpe_json(folder):
    letters = "abcdefghijklmnopqrstuvwxyz-."
    merges = [("t", "h"), ("i", "n"), ("th", "e</w>"), ("a", "s"), ("in", "e</w>"), ("e", "r")]
    tokens = ["<unk>", *letters, *(f"{letter}</w>" for letter in letters), *("".join(merge) for merge in merges), "aspirin</w>"]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, end_of_word_suffix="</w>", ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.decoder = decoders.BPEDecoder()
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(), processors.RobertaProcessing(("a", vocabulary["a"]), ("b", vocabulary["b"])),
    ])
    write(folder, {"tokenizer.json": tokenizer.to_str(pretty=True), "config.json": {"model_type": "other"}})


def make_all(root):
    t5(root / "t5")
    gpt2(root / "gpt2")
    gpt2_few(root / "gpt2-few")
    gpt2_legacy(root / "gpt2-legacy")
    bart(root / "bart")
    biogpt(root / "biogpt", root / "biogpt-fairseq")
    unigram_json(root / "unigram-json")
    bpe_json(root / "bpe-json")
