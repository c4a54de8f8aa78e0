"""The real `MultitaskPromptEmbedding.forward` of PEFT on one thread, for `run.py` to compare with."""

import time

import peft
import torch
from peft.tuners.multitask_prompt_tuning import MultitaskPromptEmbedding, MultitaskPromptTuningConfig

BATCH, TOKENS, WIDTH = 32, 100, 4096


def versions():
    return f"torch {torch.__version__}, peft {peft.__version__}, {torch.get_num_threads()} thread"


def one_thread():
    torch.set_num_threads(1)


def embedding(ranks, tasks):
    """An embedding with random parameters, as PEFT makes it."""
    config = MultitaskPromptTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=TOKENS,
        num_transformer_submodules=1,
        token_dim=WIDTH,
        num_tasks=tasks,
        num_ranks=ranks,
        prompt_tuning_init="RANDOM",
    )
    return MultitaskPromptEmbedding(config, word_embeddings=None)


def timer(ranks, tasks):
    """A function that runs one forward pass, without gradients as a server would, and returns the seconds."""
    module = embedding(ranks, tasks)
    indices = torch.arange(TOKENS).unsqueeze(0).expand(BATCH, -1)
    task_ids = torch.arange(BATCH) % tasks

    def run():
        with torch.no_grad():
            started = time.perf_counter()
            output = module(indices, task_ids)
            elapsed = time.perf_counter() - started
        assert output.shape == (BATCH, TOKENS, WIDTH)
        return elapsed

    return run
