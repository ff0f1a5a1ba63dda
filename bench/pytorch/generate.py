"""Times `generate` of transformers: `python generate.py JOB`, which bench/generate.ts starts.

Each batch gets as many new tokens as the job says: there is no EOS to end it. A job with `candidates` finds the fastest
setting on its shape; another times `rounds` batches with its `setting`.
"""

import itertools

import torch
from model import answer, least_seconds, random_ids, random_model, read_job, seconds_of, set_threads

# Neither an EOS, which would end rows early, nor tokens that BART is told to begin or end with.
UNFORCED = dict(eos_token_id=None, forced_eos_token_id=None, forced_bos_token_id=None)


def generator(job, attention):
    model = random_model(job["config"], attention).eval()
    model.generation_config.update(**UNFORCED)

    def run(cache):
        ids = random_ids(job["config"], job["batch"], job["source"])
        settings = {} if cache == "default" else dict(cache_implementation=cache, disable_compile=True)
        with torch.inference_mode():
            rows = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=job["beams"],
                max_new_tokens=job["tokens"], pad_token_id=job["config"]["pad_token_id"], **settings,
            )
        # The first of each row is what decoding begins with.
        assert rows.shape == (job["batch"], job["tokens"] + 1), tuple(rows.shape)

    return run


def measure(job):
    setting = job["setting"]
    set_threads(setting["threads"])
    run = generator(job, setting["attention"])
    start = seconds_of(lambda: run(setting["cache"]))
    answer(seconds=[seconds_of(lambda: run(setting["cache"])) for _ in range(job["rounds"])], warmUp=start)


def tune(job):
    candidates = job["candidates"]
    runs = {attention: generator(job, attention) for attention in candidates["attention"]}
    ways = list(itertools.product(candidates["attention"], candidates["threads"], candidates["cache"]))

    def with_setting(attention, threads, cache):
        set_threads(threads)
        runs[attention](cache)

    times = least_seconds([lambda way=way: with_setting(*way) for way in ways])
    seconds, (attention, threads, cache) = min(zip(times, ways), key=lambda each: each[0])
    answer(
        setting=dict(attention=attention, threads=threads, cache=cache), seconds=seconds,
        tried=[dict(setting=dict(attention=a, threads=t, cache=c), seconds=s) for s, (a, t, c) in zip(times, ways)],
    )


if __name__ == "__main__":
    job = read_job()
    tune(job) if "candidates" in job else measure(job)
