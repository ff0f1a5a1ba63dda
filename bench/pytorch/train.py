"""Times optimizer steps of PyTorch and transformers: `python train.py JOB`, which bench/train.ts starts.

A job with `candidates` finds the fastest setting on its shape; another times `steps` with its `setting`.
"""

import itertools

import torch
from model import answer, least_seconds, random_ids, random_model, read_job, seconds_of, set_threads
from transformers import get_linear_schedule_with_warmup

OPTIMIZERS = {
    "for-loop": dict(foreach=False, fused=False), "foreach": dict(foreach=True), "fused": dict(fused=True),
}


def adamw(model, kind):
    return torch.optim.AdamW(model.parameters(), lr=5e-5, weight_decay=0.0, **OPTIMIZERS[kind])


def micro_batch(job, model, accumulation):
    """Forward and backward; gradients are added to what is there."""
    ids = random_ids(job["config"], job["batch"], job["source"])
    labels = random_ids(job["config"], job["batch"], job["target"])
    loss = model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels).loss / accumulation
    loss.backward()
    return loss.item()


def step(job, model, optimizer, set_to_none, accumulation):
    """Begins with no gradients, so that their allocation, where they were set to none, is part of the step."""
    optimizer.zero_grad(set_to_none=set_to_none)
    for _ in range(accumulation):
        micro_batch(job, model, accumulation)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def measure(job):
    setting = job["setting"]
    set_threads(setting["threads"])
    model = random_model(job["config"], setting["attention"]).train()
    optimizer = adamw(model, setting["optimizer"])
    schedule = get_linear_schedule_with_warmup(optimizer, 1, job["warmUp"] + job["steps"] + 1)

    def work():
        step(job, model, optimizer, setting["setToNone"], job["accumulation"])
        schedule.step()

    warm_up = sum(seconds_of(work) for _ in range(job["warmUp"]))
    answer(seconds=[seconds_of(work) for _ in range(job["steps"])], warmUp=warm_up)


def tune(job):
    """The fastest attention and threads of a micro-batch, then with them the fastest optimizer of a whole step."""
    candidates = job["candidates"]
    models = {name: random_model(job["config"], name).train() for name in candidates["attention"]}

    def with_setting(attention, threads):
        set_threads(threads)
        micro_batch(job, models[attention], 1)

    ways = list(itertools.product(candidates["attention"], candidates["threads"]))
    times = least_seconds([lambda way=way: with_setting(*way) for way in ways])
    seconds, (attention, threads) = min(zip(times, ways), key=lambda each: each[0])
    set_threads(threads)
    model = models[attention]
    made = {kind: adamw(model, kind) for kind in candidates["optimizer"]}
    updates = list(itertools.product(made, candidates["setToNone"]))
    update_times = least_seconds(
        [lambda kind=kind, none=none: step(job, model, made[kind], none, 1) for kind, none in updates]
    )
    update_seconds, (optimizer, set_to_none) = min(zip(update_times, updates), key=lambda each: each[0])
    answer(
        setting=dict(attention=attention, threads=threads, optimizer=optimizer, setToNone=set_to_none),
        seconds=seconds * (job["accumulation"] - 1) + update_seconds,
        tried=[dict(setting=dict(attention=a, threads=t), seconds=s) for s, (a, t) in zip(times, ways)]
        + [dict(setting=dict(optimizer=o, setToNone=n), seconds=s) for s, (o, n) in zip(update_times, updates)],
    )


if __name__ == "__main__":
    job = read_job()
    tune(job) if "candidates" in job else measure(job)
