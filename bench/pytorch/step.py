"""Optimizer steps of PyTorch on given weights and batches: `python step.py JOB`, which bench/gpu.ts starts.

Dropout is off, and products are those of float32, so that losses and norms can be held against those of others.
"""

import time

import torch
from model import answer, read_job
from transformers import AutoModelForSeq2SeqLM


def steps(job):
    device = torch.device(job["device"])
    torch.set_num_threads(job["threads"])
    torch.set_float32_matmul_precision("highest")
    model = AutoModelForSeq2SeqLM.from_pretrained(job["folder"]).to(device).eval()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, weight_decay=0.0)
    sources, targets = (torch.tensor(job[name], device=device).split(job["batch"]) for name in ("sources", "targets"))
    for rate in job["rates"]:
        start = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = 0.0
        for ids, labels in zip(sources, targets):
            part = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss / len(sources)
            part.backward()
            loss += part.item()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0).item()
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        yield dict(loss=loss, norm=norm, seconds=time.perf_counter() - start)


if __name__ == "__main__":
    job = read_job()
    told = list(steps(job))
    name = torch.cuda.get_device_name() if job["device"] == "cuda" else "CPU"
    answer(
        seconds=[each["seconds"] for each in told[1:]], warmUp=told[0]["seconds"], device=name,
        losses=[each["loss"] for each in told], norms=[each["norm"] for each in told],
    )
