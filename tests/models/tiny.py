"""Tiny models with random weights, saved as transformers saves them: nothing is fetched."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

WORDS = 'A buyer wrote about a kettle, garden gloves, "a bicycle pump" and {"text": "an oven mitt"}.\n'
TEMPLATE = (
    "{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)
NO_SYSTEM = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" + TEMPLATE
)
CONTEXT = 256


def tokenizer(template: str | None = None) -> Any:
    """A byte-level BPE tokenizer like GPT-2's, trained on one sentence."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|start|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bare.train_from_iterator(
        [WORDS] * 4,
        trainers.BpeTrainer(
            vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        ),
    )
    made = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=special[0], pad_token=special[0])
    made.chat_template = template
    return made


def llama(folder: Path, template: str | None = None, **more: Any) -> Path:
    """A Llama of two layers that share their keys between heads."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return _saved(folder, LlamaConfig, LlamaForCausalLM, template, num_key_value_heads=2, **more)


def qwen2(folder: Path) -> Path:
    """A Qwen2: its queries, keys and values have biases."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return _saved(folder, Qwen2Config, Qwen2ForCausalLM, None, num_key_value_heads=2)


def qwen3(folder: Path) -> Path:
    """A Qwen3: its queries and keys are normed, and its heads wider than the rest."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return _saved(folder, Qwen3Config, Qwen3ForCausalLM, None, num_key_value_heads=2, head_dim=128)


def mistral(folder: Path, window: int) -> Path:
    """A Mistral that sees no further back than its window."""
    from transformers import MistralConfig, MistralForCausalLM

    return _saved(
        folder, MistralConfig, MistralForCausalLM, None, num_key_value_heads=2, sliding_window=window
    )


def gpt2(folder: Path) -> Path:
    """A GPT-2: a learnt embedding for each position, and a hard end of them."""
    from transformers import GPT2Config, GPT2LMHeadModel

    return _saved(folder, GPT2Config, GPT2LMHeadModel, None)


def bloom(folder: Path) -> Path:
    """A Bloom: it takes no positions, so that its cache can't be put together anew."""
    from transformers import BloomConfig, BloomForCausalLM

    return _saved(folder, BloomConfig, BloomForCausalLM, None)


def adapter(folder: Path, base: Path) -> Path:
    """A LoRA adapter, far from zero, for a model in a folder."""
    import peft
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(11)
    model = AutoModelForCausalLM.from_pretrained(str(base))
    config = peft.LoraConfig(
        r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
    )
    with warnings.catch_warnings():  # of PEFT's, about what it calls in transformers
        warnings.simplefilter("ignore", FutureWarning)
        peft.get_peft_model(model, config).save_pretrained(str(folder))
    return folder


def _saved(folder: Path, config: Any, kind: Any, template: str | None, **more: Any) -> Path:
    import torch

    torch.manual_seed(5)
    words = tokenizer(template)
    ends = words.eos_token_id
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
    made = config(
        vocab_size=len(words),
        max_position_embeddings=CONTEXT,
        bos_token_id=ends,
        eos_token_id=ends,
        pad_token_id=ends,
        initializer_range=0.3,  # wide, so that greedy choices are clear ones
        **sizes,
        **more,
    )
    kind(made).save_pretrained(str(folder))
    words.save_pretrained(str(folder))
    return folder
