"""Makes the files of test/models/checkpoints with PyTorch and safetensors themselves.

    python -m venv /tmp/reference && /tmp/reference/bin/pip install torch==2.13.0 safetensors==0.8.0 numpy huggingface_hub
    /tmp/reference/bin/python test/models/checkpoints/reference/make.py

Beside itself it writes `state.bin` (a state dict with every layout that `torch.save` knows), `state.safetensors` (the
same, contiguous), `state.float32.safetensors` (its floats as float32, what redag must read from either),
`parameters.bin`, `module.bin`, `nested.bin`, `call.bin` (a pickle that calls os.system), `legacy.bin`, `script.pt`, and
a model in two shards both ways, with `sharded.float32.safetensors`. The tests only read these files.
"""

import json
import os
from collections import OrderedDict
from pathlib import Path

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors.torch import save_file

HERE = Path(__file__).parent


def special(dtype):
    """Values at the edges of a dtype of 16 bits."""
    info = torch.finfo(dtype)
    exact = [0.0, -0.0, 1.0, -2.5, info.max, info.min, info.tiny, info.smallest_normal, float("inf"), float("-inf")]
    subnormal = torch.tensor([1, 2, 3, -32767], dtype=torch.int16).view(dtype)
    return torch.cat([torch.tensor(exact + [float("nan")], dtype=dtype), subnormal])


def state():
    matrix = torch.arange(12.0).reshape(3, 4) + 0.25
    block = torch.arange(24.0).reshape(2, 3, 4)
    wide = torch.arange(30, dtype=torch.float16).reshape(5, 6)
    entries = OrderedDict()
    entries["matrix"] = matrix
    entries["tied"] = matrix
    entries["row"] = matrix[1]
    entries["transposed"] = matrix.t()
    entries["permuted"] = block.permute(2, 0, 1)
    entries["every.second"] = torch.arange(9.0)[1::2]
    entries["scalar"] = torch.tensor(-7.5)
    entries["empty"] = torch.zeros(0, 4)
    entries["half"] = special(torch.float16)
    entries["half.transposed"] = wide.t()[1:4]
    entries["bfloat"] = special(torch.bfloat16)
    entries["bfloat.column"] = torch.arange(8, dtype=torch.bfloat16).reshape(4, 2)[:, 1]
    entries["position_ids"] = torch.arange(5).expand((1, -1))
    entries["masked"] = torch.tril(torch.ones(3, 3, dtype=torch.bool))
    entries["double"] = torch.tensor([0.1], dtype=torch.float64)
    return entries


def floats(entries):
    kept = {n: t for n, t in entries.items() if t.dtype in (torch.float32, torch.float16, torch.bfloat16)}
    return {n: t.float().contiguous().clone() for n, t in kept.items()}


class Call:
    def __reduce__(self):
        return (os.system, ("touch redag-pickle-ran",))


def main():
    torch.manual_seed(0)
    entries = state()
    torch.save(entries, HERE / "state.bin")
    save_file({n: t.contiguous().clone() for n, t in entries.items()}, HERE / "state.safetensors", {"format": "pt"})
    save_file(floats(entries), HERE / "state.float32.safetensors")

    linear = torch.nn.Linear(3, 2)
    torch.save(linear.state_dict(), HERE / "module.bin")
    torch.save({"weight": torch.nn.Parameter(torch.tensor([1.5, -2.0]))}, HERE / "parameters.bin")
    torch.save({"epoch": 3, "state_dict": linear.state_dict()}, HERE / "nested.bin")
    torch.save(OrderedDict(weight=torch.ones(2), call=Call()), HERE / "call.bin")
    torch.save(entries, HERE / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.jit.script(linear).save(str(HERE / "script.pt"))

    model = {f"layer.{index}.weight": torch.randn(4, 5) for index in range(6)}
    save_file(model, HERE / "sharded.float32.safetensors")
    for pattern, index, save in (
        ("model{suffix}.safetensors", "model.safetensors.index.json", lambda t, p: save_file(t, p, {"format": "pt"})),
        ("pytorch_model{suffix}.bin", "pytorch_model.bin.index.json", torch.save),
    ):
        split = split_torch_state_dict_into_shards(model, filename_pattern=pattern, max_shard_size=300)
        for name, keys in split.filename_to_tensors.items():
            save({key: model[key] for key in keys}, HERE / name)
        content = {"metadata": split.metadata, "weight_map": split.tensor_to_filename}
        (HERE / index).write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")


main()
