"""Tiny models of every family with random weights, and what transformers and torch make of them: the golden values.

    python make-families.py [FAMILY…]

Writes families/NAME/ beside itself: config.json and model.safetensors as transformers saves them, golden.json (tokens,
loss, generation) and golden.safetensors (logits and last hidden states of all tokens that are no padding, end to end, and
the gradient by every weight). The tokenizer is that of tiny-llama.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3, safetensors 0.8.0.
"""

import json
import sys
from pathlib import Path

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer

HERE = Path(__file__).parent
PROMPTS = ["Where do you live?<de>", "Can you?<de>", "I know.<de>", "you<de>", "What? Where?<de>"]
NEW_TOKENS, LENGTHS = 6, (9, 5, 7)
COMMON = dict(vocab_size=96, bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.3)
SIZES = COMMON | dict(
    hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=64,
)
LLAMA3 = dict(
    rope_type="llama3", rope_theta=1e4, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
    original_max_position_embeddings=32,
)
MODELS = {
    "llama": lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(
        **SIZES, head_dim=8, attention_bias=True, mlp_bias=True, tie_word_embeddings=False, rope_parameters=LLAMA3,
    )),
    "qwen2": lambda: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
        **SIZES, tie_word_embeddings=True, use_sliding_window=True, sliding_window=4, max_window_layers=1,
    )),
    "qwen3": lambda: transformers.Qwen3ForCausalLM(transformers.Qwen3Config(
        **SIZES, head_dim=8, tie_word_embeddings=False, rope_parameters=dict(rope_type="default", rope_theta=1e6),
    )),
    "gpt2": lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config(
        **COMMON, n_embd=16, n_layer=2, n_head=4, n_inner=24, n_positions=64, scale_attn_by_inverse_layer_idx=True,
    )),
    "gemma3": lambda: transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig(
        **SIZES, head_dim=8, query_pre_attn_scalar=12, sliding_window=4, layer_types=["sliding_attention", "full_attention"],
        rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=1e4),
            full_attention=dict(rope_type="linear", rope_theta=1e6, factor=8.0),
        ),
    )),
}


def make_model(name, seed):
    torch.manual_seed(seed)
    model = MODELS[name]().eval()
    with torch.no_grad():
        for weight_name, weight in model.named_parameters():
            if weight.dim() > 1:
                continue
            around = 0 if "bias" in weight_name or name.startswith("gemma") else 1
            weight.copy_(around + 0.3 * torch.randn_like(weight))
    return model


@torch.no_grad()
def smallest_lead(model, ids, made):
    """The smallest lead that a chosen token had over the next."""
    logits = model(torch.tensor([ids + made])).logits[0, len(ids) - 1 : -1]
    first, second = logits.topk(2).values.unbind(-1)
    return (first - second).min().item()


def generate(model, ids):
    inputs = torch.tensor([ids])
    made = model.generate(inputs, attention_mask=torch.ones_like(inputs), max_new_tokens=NEW_TOKENS, do_sample=False)
    return made[0, len(ids) :].tolist()


def make(name, tokenizer):
    prompts = [tokenizer.encode(prompt).ids for prompt in PROMPTS]
    for seed in range(10_000):  # one whose answers differ and whose choices are clear
        model = make_model(name, seed)
        answers = [generate(model, ids) for ids in prompts]
        varied = len({tuple(answer) for answer in answers}) == len(answers) and sum(len(set(a)) for a in answers) > 12
        lead = min(smallest_lead(model, ids, made) for ids, made in zip(prompts, answers))
        if varied and lead > 0.005:
            break
    else:
        raise SystemExit(f"{name}: no seed fits")

    folder = HERE / "families" / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()

    generator = torch.Generator().manual_seed(1)
    rows = [torch.randint(1, 96, (length,), generator=generator) for length in LENGTHS]
    inputs = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    real = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True).bool()
    targets = torch.randint(96, inputs.shape, generator=generator) * real
    weights = torch.rand(inputs.shape, generator=generator) * (torch.rand(inputs.shape, generator=generator) > 0.3) * real
    base = getattr(model, model.base_model_prefix)
    hidden = base(input_ids=inputs, attention_mask=real.long()).last_hidden_state
    logits = model(input_ids=inputs, attention_mask=real.long()).logits
    each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    loss = (each * weights).sum() / weights.sum()
    loss.backward()
    gradients = {f"gradient.{key}": weight.grad for key, weight in model.named_parameters()}
    outputs = {"logits": logits[real].detach().contiguous(), "hidden": hidden[real].detach().contiguous()}
    save_file(outputs | gradients, folder / "golden.safetensors")
    golden = {
        "lengths": LENGTHS, "inputs": inputs.tolist(), "targets": targets.tolist(), "weights": weights.tolist(),
        "loss": loss.item(),
        "generation": [
            {"prompt": prompt, "answer": tokenizer.decode([id for id in made if id != 2])}
            for prompt, made in zip(PROMPTS, answers)
        ],
        "seed": seed, "smallestLead": lead,
        "versions": {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)},
    }
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{name}: seed {seed}, lead {lead:.3f}, loss {loss.item():.4f}, answers of {[len(made) for made in answers]}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for each in sys.argv[1:] or MODELS:
        make(each, Tokenizer.from_file(str(HERE / "tiny-llama" / "tokenizer.json")))
