"""What the benches' PyTorch side shares: the job, the model and the peak of memory."""

import json
import resource
import sys
import time
import warnings

import torch
import transformers
from transformers import AutoConfig, AutoModelForSeq2SeqLM

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()


def read_job():
    """The job, which the bench gives as JSON in the first argument."""
    return json.loads(sys.argv[1])


def answer(**fields):
    """One line of JSON, the last one of the process; the peak is of the whole process, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(dict(fields, peak=peak)))


def set_threads(threads):
    """None leaves them as the environment's variables have them."""
    if threads is not None:
        torch.set_num_threads(threads)


def random_model(config, attention):
    """A model of the given config.json with the random weights that transformers starts a new one with."""
    torch.manual_seed(1)
    return AutoModelForSeq2SeqLM.from_config(AutoConfig.for_model(**config), attn_implementation=attention)


def random_ids(config, rows, length):
    """No special token is among them."""
    return torch.randint(3, config["vocab_size"] - 1, (rows, length))


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def least_seconds(works, rounds=2):
    """The least of each work's rounds after a first one. They take turns, and what else the machine does only ever
    makes them longer. What takes four times as long as another is given up."""
    least, left = {}, dict(enumerate(works))
    for turn in range(1 + rounds):
        times = {index: seconds_of(work) for index, work in left.items()}
        # The first round, which also warms up, counts for what is given up after it.
        least |= {index: min(seconds, least[index]) if turn > 1 else seconds for index, seconds in times.items()}
        left = {index: work for index, work in left.items() if times[index] < 4 * min(times.values())}
    return [least[index] for index in range(len(works))]
