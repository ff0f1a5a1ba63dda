"""Computes the references of test/models/parity.test.ts with Hugging Face transformers on tiny random T5 models.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install torch==2.13.0 transformers safetensors numpy
    /tmp/reference/bin/python test/models/reference/make_t5.py

For each variant it writes, beside itself, `<variant>.safetensors` (the weights) and `<variant>.expected.safetensors`
(`logits`, and the gradient of each parameter under its own name) and `<variant>.json` (configuration, token ids, loss,
losses and norms of ten AdamW steps, greedy ids). The tests only read these files.
"""

import json
import math
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import T5Config, T5ForConditionalGeneration

HERE = Path(__file__).parent
PAD, EOS = 0, 1

COMMON = dict(
    model_type="t5", vocab_size=48, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=3, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=20, layer_norm_epsilon=1e-6,
    initializer_factor=1.0, dropout_rate=0.1, pad_token_id=PAD, eos_token_id=EOS, decoder_start_token_id=PAD,
)
VARIANTS = {
    "t5_relu_tied": dict(COMMON, feed_forward_proj="relu", tie_word_embeddings=True),
    "t5_gated_untied": dict(COMMON, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
}
# Sources longer than relative_attention_max_distance reach the last bucket; rows of unlike length need padding.
SOURCES, TARGETS = [27, 9, 18, 1], [6, 11, 3, 8]
# At higher rates rounding differences of tiny gradients, which Adam brings to full size, grow past the tolerance.
OPTIMIZER = dict(steps=10, learning_rate=0.001, warmup_ratio=0.2, weight_decay=0.1, clip_norm=1.0)


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def make(name, fields, seed):
    torch.manual_seed(seed)
    config = T5Config(**fields)
    config._attn_implementation = "eager"
    model = T5ForConditionalGeneration(config).eval()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            # Norm weights away from one and biases away from zero, so that neither can be forgotten unnoticed.
            if "layer_norm" in key:
                parameter.add_(0.3 * torch.randn_like(parameter))
            if "relative_attention_bias" in key:
                parameter.add_(0.5 * torch.randn_like(parameter))
            # As initialised, the embedding outweighs the layers and greedy decoding repeats one token.
            if key == "shared.weight":
                parameter.mul_(0.4)
            elif parameter.dim() == 2:
                parameter.mul_(1.7)
    if not fields["tie_word_embeddings"]:
        # transformers 5 makes the head anew only when it reads a checkpoint that holds one; otherwise it stays tied.
        model.lm_head.weight = torch.nn.Parameter(0.7 * torch.randn_like(model.lm_head.weight))
    draw = lambda count: torch.randint(2, fields["vocab_size"], (count,)).tolist() + [EOS]
    sources, targets = [draw(n) for n in SOURCES], [draw(n) for n in TARGETS]
    # Tied tables are the same tensor: one name is kept, as transformers itself saves it.
    own = {k: p.detach().clone().contiguous() for k, p in model.named_parameters()}
    save_file(own, HERE / f"{name}.safetensors", metadata={"format": "pt"})

    batch = dict(
        input_ids=padded(sources, PAD), attention_mask=padded([[1] * len(s) for s in sources], 0),
        labels=padded(targets, -100),
    )
    with torch.no_grad():
        greedy = []
        for source in sources:
            # Its cache is sized by the encoder's layers, of which these models have fewer.
            settings = dict(do_sample=False, num_beams=1, max_new_tokens=16, use_cache=False)
            ids = model.generate(torch.tensor([source]), **settings)[0].tolist()[1:]
            greedy.append(ids[: ids.index(EOS) + 1] if EOS in ids else ids)
    output = model(**batch)
    output.loss.backward()
    expected = {k: p.grad.contiguous() for k, p in model.named_parameters()}
    expected["logits"] = output.logits.detach().contiguous()
    save_file(expected, HERE / f"{name}.expected.safetensors")

    groups = [
        {"params": [p for k, p in model.named_parameters() if "layer_norm" not in k], "weight_decay": OPTIMIZER["weight_decay"]},
        {"params": [p for k, p in model.named_parameters() if "layer_norm" in k], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=OPTIMIZER["learning_rate"])
    warmup = math.ceil(OPTIMIZER["steps"] * OPTIMIZER["warmup_ratio"])
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, warmup, OPTIMIZER["steps"])
    steps = []
    for _ in range(OPTIMIZER["steps"]):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIMIZER["clip_norm"])
        steps.append(dict(loss=loss.item(), gradientNorm=norm.item(), learningRate=schedule.get_last_lr()[0]))
        optimizer.step()
        schedule.step()
    content = dict(
        madeWith=dict(torch=torch.__version__, transformers=transformers.__version__), config=fields, sources=sources,
        targets=targets, loss=output.loss.item(), optimizer=OPTIMIZER, steps=steps, greedy=greedy,
    )
    (HERE / f"{name}.json").write_text(json.dumps(content) + "\n")
    print(name, "loss", output.loss.item(), "last", steps[-1]["loss"], "greedy", greedy)


def check(folder):
    """Loads a checkpoint that redag wrote with safetensors and transformers, and compares it with the reference."""
    weights = load_file(Path(folder) / "model.safetensors")
    for name in VARIANTS:
        reference = load_file(HERE / f"{name}.safetensors")
        if reference.keys() == weights.keys():
            assert all(torch.equal(reference[key], weights[key]) for key in weights), "the tensors differ"
            model, info = T5ForConditionalGeneration.from_pretrained(folder, output_loading_info=True)
            assert not info["missing_keys"] and not info["unexpected_keys"], info
            print(f"{folder} holds exactly the tensors of {name}, and transformers loads it")
            return
    sys.exit(f"{folder} has the parameters of no variant")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        check(sys.argv[1])
    else:
        for seed, (name, fields) in enumerate(VARIANTS.items()):
            make(name, fields, seed)
