"""GGUF files of every family's tiny model, as llama.cpp's converter lays them out: golden values of the tests.

    python make-gguf-families.py

Writes gguf/families/NAME.gguf beside itself and gguf/families/golden.json: the weights of the model that was written, its
logits, and ids of texts by AutoTokenizer of that file. Names of tensors are those of the package gguf; what is done to their
elements and what the keys say is what convert_hf_to_gguf.py of llama.cpp does. transformers must find the same weights in
the file; it is told the configuration, of which it reads only a part.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3, gguf 0.19.0, numpy 2.4.6.
"""

import hashlib
import importlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from tokenizers import normalizers

HERE = Path(__file__).parent / "gguf" / "families"
gguf_script, families = importlib.import_module("make-gguf"), importlib.import_module("make-families")
BYTE_LEVEL, SENTENCEPIECE = gguf_script.byte_level(), gguf_script.sentencepiece()
SIZES = dict(hidden_size=16, intermediate_size=24, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64)
COMMON = dict(bos_token_id=1, eos_token_id=2, initializer_range=0.3)
WORDS = COMMON | dict(vocab_size=len(BYTE_LEVEL[0]))
PLACES = 7

families.MODELS = {
    "llama": lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(
        **SIZES, **WORDS, num_hidden_layers=2, head_dim=8, attention_bias=True, mlp_bias=True, tie_word_embeddings=False,
        rope_parameters=families.LLAMA3,
    )),
    "qwen2": lambda: transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
        **SIZES, **WORDS, num_hidden_layers=2, tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=1e6),
    )),
    "qwen3": lambda: transformers.Qwen3ForCausalLM(transformers.Qwen3Config(
        **SIZES, **WORDS, num_hidden_layers=2, head_dim=8, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="linear", rope_theta=1e6, factor=4.0),
    )),
    "gpt2": lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config(
        **WORDS, n_embd=16, n_layer=2, n_head=4, n_inner=24, n_positions=64,
    )),
    "gemma3": lambda: transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig(
        **SIZES, **COMMON, vocab_size=len(SENTENCEPIECE[0]), num_hidden_layers=6, head_dim=8, query_pre_attn_scalar=8,
        sliding_window=4, layer_types=["sliding_attention"] * 5 + ["full_attention"], rope_parameters=dict(
            sliding_attention=dict(rope_type="default", rope_theta=1e4),
            full_attention=dict(rope_type="linear", rope_theta=1e6, factor=8.0),
        ),
    )),
}
PRE = {"llama": "llama-bpe", "qwen2": "qwen2", "qwen3": "qwen2", "gpt2": "gpt-2"}


def stored(name, weight, key, config):
    """A weight's elements as the file has them, as float32."""
    rows = weight.detach().numpy()
    if name == "llama" and (".q_proj." in key or ".k_proj." in key):
        return gguf_script.permute(rows, config.num_attention_heads if ".q_proj." in key else config.num_key_value_heads)
    if name == "gemma3" and key.endswith("norm.weight"):
        return rows + np.float32(1)
    if name == "gpt2" and key.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
        return rows.T
    return rows


def factors(parameters, head_size):
    """What llama3's scaling divides each frequency by, as the converter has it."""
    low = parameters["original_max_position_embeddings"] / parameters["low_freq_factor"]
    high = parameters["original_max_position_embeddings"] / parameters["high_freq_factor"]
    made = []
    for i in range(0, head_size, 2):
        length = 2 * np.pi * parameters["rope_theta"] ** (i / head_size)
        smooth = (parameters["original_max_position_embeddings"] / length - parameters["low_freq_factor"]) / (
            parameters["high_freq_factor"] - parameters["low_freq_factor"])
        made.append(1 if length < high else parameters["factor"] if length > low else
                    1 / ((1 - smooth) / parameters["factor"] + smooth))
    return np.array(made, dtype=np.float32)


def write(name, model):
    config = model.config
    writer = gguf.GGUFWriter(HERE / f"{name}.gguf", name)
    tokens, types, rest = SENTENCEPIECE if name == "gemma3" else BYTE_LEVEL
    layers = config.num_hidden_layers
    writer.add_context_length(64)
    writer.add_embedding_length(16)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(24)
    writer.add_head_count(4)
    if name == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        rope = config.rope_parameters
        rope = rope.get("full_attention", rope)
        writer.add_head_count_kv(2)
        writer.add_rope_freq_base(rope["rope_theta"])
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        if rope["rope_type"] == "linear":
            writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
            writer.add_rope_scaling_factor(rope["factor"])
        if rope["rope_type"] == "llama3":
            writer.add_tensor("rope_freqs.weight", factors(rope, config.head_dim))
    if name in ("qwen3", "gemma3", "llama"):
        writer.add_key_length(8)
        writer.add_value_length(8)
    if name == "llama":
        writer.add_rope_dimension_count(8)
        writer.add_add_bos_token(False)  # where a file does not say, transformers puts none there, and llama.cpp one
    if name == "gemma3":
        writer.add_sliding_window(config.sliding_window)
        writer.add_add_space_prefix(False)
        writer.add_token_scores(rest)
    else:
        writer.add_tokenizer_pre(PRE[name])
        writer.add_token_merges(rest)
    writer.add_tokenizer_model("llama" if name == "gemma3" else "gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    architecture = next(key for key, value in gguf.MODEL_ARCH_NAMES.items() if value == name)
    names = gguf.get_tensor_name_map(architecture, layers)
    for key, weight in model.named_parameters():
        rows = np.ascontiguousarray(stored(name, weight, key, config))
        dtype = np.float16 if rows.ndim > 1 else np.float32
        writer.add_tensor(names.get_name(key, try_suffixes=(".weight", ".bias")), rows.astype(dtype))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@torch.no_grad()
def make(name):
    model = families.make_model(name, 1)
    for key, weight in model.named_parameters():  # what the file can say
        if weight.dim() > 1:
            weight.copy_(weight.half().float())
        elif name == "gemma3":
            weight.copy_((weight + 1) - 1)
    write(name, model)
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(HERE), gguf_file=f"{name}.gguf")
    if PRE.get(name) == "qwen2":
        # transformers 5.24 reads no normalizer from a file, which the models' own tokenizer.json have: put it back.
        assert tokenizer.backend_tokenizer.normalizer is None
        tokenizer.backend_tokenizer.normalizer = normalizers.NFC()
    ids = [5, 300, 17, 42, 260, 99, 8, 271, 150, 33]
    logits = model(torch.tensor([ids])).logits[0]
    read = transformers.AutoModelForCausalLM.from_pretrained(
        str(HERE), gguf_file=f"{name}.gguf", config=model.config, dtype=torch.float32)
    difference = (read.eval()(torch.tensor([ids])).logits[0] - logits).abs().max().item()
    print(f"{name}: by the weights that transformers reads, the same logits but for {difference:.2g}")
    assert difference < 1e-4
    tied = model.config.tie_word_embeddings
    return {
        "ids": ids, "logits": [[float(f"{value:.7g}") for value in row[::PLACES].tolist()] for row in logits],
        "sha256": {key: hashlib.sha256(weight.numpy().tobytes()).hexdigest() for key, weight in model.state_dict().items()
                   if not (tied and key == "lm_head.weight")},
        "texts": [tokenizer(text).input_ids for text in gguf_script.LINES],
    }


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    versions = {module.__name__: module.__version__ for module in (torch, transformers, np)} | {"gguf": "0.19.0"}
    golden = {name: make(name) for name in families.MODELS}
    values = {"versions": versions, "places": PLACES, "texts": gguf_script.LINES, "families": golden}
    (HERE / "golden.json").write_text(json.dumps(values, separators=(",", ":")) + "\n")
