"""The tiny models of make.py: configurations, random weights that leave nothing unnoticed, token rows and batches."""

import math
import re

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM

T5 = dict(
    model_type="t5", vocab_size=48, d_model=16, d_kv=6, d_ff=24, num_layers=2, num_decoder_layers=3, num_heads=3,
    relative_attention_num_buckets=8, relative_attention_max_distance=20, layer_norm_epsilon=1e-6,
    initializer_factor=1.0, dropout_rate=0.1, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
)
# Encoder and decoder differ in layers, heads and feed-forward width, so that neither can be mistaken for the other.
BART = dict(
    model_type="bart", vocab_size=52, d_model=16, encoder_layers=2, decoder_layers=3, encoder_attention_heads=2,
    decoder_attention_heads=4, encoder_ffn_dim=24, decoder_ffn_dim=20, max_position_embeddings=40,
    activation_function="gelu", dropout=0.1, attention_dropout=0.0, activation_dropout=0.0, init_std=0.02,
    pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None,
    tie_word_embeddings=True,
)
GPT2 = dict(
    model_type="gpt2", vocab_size=50, n_embd=18, n_layer=2, n_head=3, n_positions=40, activation_function="gelu_new",
    layer_norm_epsilon=1e-5, initializer_range=0.02, bos_token_id=49, eos_token_id=49,
)
# The longest row has 27 tokens, more than five windows.
GPT_NEO = dict(
    model_type="gpt_neo", vocab_size=50, hidden_size=16, num_layers=3, num_heads=2, max_position_embeddings=40,
    attention_types=[[["global", "local"], 1], [["local"], 1]], window_size=5, activation_function="gelu_new",
    layer_norm_epsilon=1e-5, initializer_range=0.02, bos_token_id=49, eos_token_id=49,
)
# The model ignores layer_norm_eps: its norms have torch's 1e-5, whatever stands here.
BIOGPT = dict(
    model_type="biogpt", vocab_size=56, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
    intermediate_size=28, hidden_act="gelu", max_position_embeddings=40, layer_norm_eps=1e-12, initializer_range=0.02,
    pad_token_id=1, bos_token_id=0, eos_token_id=2,
)
VARIANTS = {
    "t5_relu_tied": dict(T5, feed_forward_proj="relu", tie_word_embeddings=True),
    "t5_gated_untied": dict(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    "t5_gated_tied": dict(T5, feed_forward_proj="gated-gelu", tie_word_embeddings=True),
    "bart": dict(BART, scale_embedding=False),
    "bart_scaled": dict(BART, scale_embedding=True),
    "gpt2": GPT2,
    "gpt2_scaled": dict(
        GPT2, n_layer=3, n_inner=40, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True,
    ),
    "gpt_neo": GPT_NEO,
    "biogpt": dict(BIOGPT, scale_embedding=True),
    "biogpt_unscaled": dict(BIOGPT, scale_embedding=False),
}

# Standard deviations of the random weights: of embeddings, and, times the root of their inputs, of what makes queries
# and keys and of all other matrices.
STRENGTH = {
    "t5": (0.3, 1.2, 1.7), "bart": (0.5, 2.0, 0.8), "gpt2": (0.3, 1.7, 1.7), "gpt_neo": (0.3, 1.4, 1.7),
    "biogpt": (0.3, 1.7, 1.7),
}

# Rows of unlike length need padding. T5 sources longer than relative_attention_max_distance reach the last bucket.
LENGTHS = {"encoder-decoder": ([27, 9, 18, 1], [6, 11, 3, 8]), "decoder-only": ([20, 7, 15, 2], [6, 11, 3, 8])}


def random_model(fields, seed):
    """A model whose every parameter counts: norm weights away from one, biases away from zero. Strong layers, sharp
    attention, a long eos row and a short padding row make greedy decoding vary and end, where the usual start repeats
    one token."""
    torch.manual_seed(seed)
    config = AutoConfig.for_model(**fields)
    auto = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    model = auto.from_config(config, attn_implementation="eager").eval()
    if fields["model_type"] == "t5" and not fields["tie_word_embeddings"]:
        # transformers 5 makes the head anew only when it reads a checkpoint that holds one; otherwise it stays tied.
        model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.lm_head.weight))
    embedding, attention, layers = STRENGTH[fields["model_type"]]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            owner = model.get_submodule(name.rpartition(".")[0])
            noise = torch.randn_like(parameter)
            if parameter.dim() == 1:
                parameter.copy_(1 + 0.3 * noise if name.endswith("weight") else 0.1 * noise)
            elif isinstance(owner, torch.nn.Embedding):
                parameter.copy_(embedding / getattr(owner, "embed_scale", 1.0) ** 0.5 * noise)
            else:
                inputs = parameter.shape[0 if isinstance(owner, transformers.pytorch_utils.Conv1D) else 1]
                strength = attention if re.search(r"\.(q|k|q_proj|k_proj|c_attn)\.weight$", name) else layers
                parameter.copy_(strength / math.sqrt(inputs) * noise)
        head = model.get_output_embeddings().weight
        head[config.eos_token_id] *= 1.5
        if config.pad_token_id is not None:
            head[config.pad_token_id] *= 0.3
        if hasattr(model, "final_logits_bias"):
            model.final_logits_bias.copy_(0.2 * torch.randn_like(model.final_logits_bias))
    return model


def ids_of(model):
    """Padding (GPT-2 and GPT-Neo have none and take eos), eos, and the ids from and below which words are drawn."""
    config = model.config
    eos = config.eos_token_id
    pad = eos if config.pad_token_id is None else config.pad_token_id
    return pad, eos, (0, eos) if pad == eos else (max(pad, eos) + 1, config.vocab_size)


def build(fields, seed, dtype=torch.float32):
    """The model, its token rows and its padded batch. Both precisions start from the same float32 weights."""
    if dtype is torch.float64:
        # Upcasting is to float32, whatever it comes from; without it GPT-2 computes the same.
        fields = {key: value for key, value in fields.items() if key != "reorder_and_upcast_attn"}
    model = random_model(fields, seed)
    kind = "encoder-decoder" if model.config.is_encoder_decoder else "decoder-only"
    pad, eos, words = ids_of(model)
    draw = lambda length: torch.randint(*words, (length,)).tolist()
    source_lengths, target_lengths = LENGTHS[kind]
    sources = [draw(n) + ([eos] if kind == "encoder-decoder" else []) for n in source_lengths]
    targets = [draw(n) + [eos] for n in target_lengths]
    inputs, labels = sources, targets
    if kind == "decoder-only":
        inputs = [source + target for source, target in zip(sources, targets)]
        labels = [[-100] * len(source) + target for source, target in zip(sources, targets)]
    batch = dict(
        input_ids=padded(inputs, pad), attention_mask=padded([[1] * len(row) for row in inputs], 0),
        labels=padded(labels, -100),
    )
    return model.to(dtype), kind, sources, targets, batch


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])
