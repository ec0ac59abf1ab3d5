"""Tiny T5s with random weights, and what transformers and torch make of them: golden values of the tests.

    python make-t5.py

Writes t5/NAME/ beside itself for `t5` (tied embeddings, relu) and `t5-v1.1` (an output layer of its own, gated gelu):
config.json and model.safetensors, golden.json (rows of tokens, loss, generation, greedy and by beams, buckets of distances) and
golden.safetensors (the encoder's last hidden states, the decoder's and the logits of all tokens that are no padding, end to
end, and the gradient by every weight). The config of `t5` is as transformers 5 saves it, that of `t5-v1.1` as published
checkpoints have it; transformers 5 ties all embeddings of a model that it makes, which is undone here. The tokenizer is
that of make-t5-tokenizer.py.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3, safetensors 0.8.0.
"""

import json
from pathlib import Path

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers.models.t5.modeling_t5 import T5Attention

HERE = Path(__file__).parent / "t5"
TEXTS = ["Where do you live?", "Can you help me, again?", "I know.", "you", "Straße: größer, again and again!"]
NEW_TOKENS, SOURCES, TARGETS = 6, (9, 5, 12), (6, 7, 3)
SIZES = dict(
    d_model=16, d_kv=6, num_heads=4, num_layers=2, num_decoder_layers=3, relative_attention_num_buckets=8,
    relative_attention_max_distance=10, layer_norm_epsilon=1e-6, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0,
    dropout_rate=0.1, initializer_factor=1.0,
)
MODELS = {
    "t5": dict(SIZES, d_ff=24, feed_forward_proj="relu"),
    "t5-v1.1": dict(SIZES, d_ff=20, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
}
BEAMS = [
    dict(numBeams=4, lengthPenalty=1.0, earlyStopping=False, maxTokens=8),
    dict(numBeams=3, lengthPenalty=-1.0, earlyStopping="never", maxTokens=10),
    dict(numBeams=2, lengthPenalty=2.0, earlyStopping=True, maxTokens=6),
]
BUCKETS = [(32, 128), (8, 10), (6, 64), (32, 1000)]


def make_model(name, size, seed):
    torch.manual_seed(seed)
    model = transformers.T5ForConditionalGeneration(transformers.T5Config(vocab_size=size, **MODELS[name])).eval()
    if name == "t5-v1.1":
        model.lm_head.weight = torch.nn.Parameter(torch.randn(size, SIZES["d_model"]))
    with torch.no_grad():
        for weight_name, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.copy_(1 + 0.3 * torch.randn_like(weight))
            elif "relative" in weight_name:
                weight.copy_(torch.randn_like(weight))
            elif "shared" in weight_name or "lm_head" in weight_name:
                weight.copy_(torch.randn_like(weight))
            else:
                weight.copy_(0.3 * torch.randn_like(weight))
    return model


@torch.no_grad()
def answer(model, ids):
    """The likeliest answer, and the smallest lead that one of its tokens had over the next."""
    made = model.generate(torch.tensor([ids]), max_new_tokens=NEW_TOKENS, do_sample=False, use_cache=False)[0].tolist()
    logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([made])).logits[0, :-1]
    first, second = logits.topk(2).values.unbind(-1)
    return made[1:], (first - second).min().item()


@torch.no_grad()
def search(model, ids, numBeams, lengthPenalty, earlyStopping, maxTokens):
    return model.generate(
        torch.tensor([ids]), max_new_tokens=maxTokens, do_sample=False, use_cache=False, num_beams=numBeams,
        length_penalty=lengthPenalty, early_stopping=earlyStopping,
    )[0].tolist()


def make(name, tokenizer):
    size = tokenizer.get_vocab_size() + 4  # as T5's, which has more embeddings than tokens
    prompts = [tokenizer.encode(text).ids for text in TEXTS]
    for seed in range(10_000):  # one whose answers differ and whose choices are clear
        model = make_model(name, size, seed)
        answers = [answer(model, ids) for ids in prompts]
        varied = len({tuple(made) for made, _ in answers}) == len(answers)
        lengths = {len(made) for made, _ in answers}
        lead = min(lead for _, lead in answers)
        known = all(id < size - 4 for made, _ in answers for id in made)
        if varied and known and len(lengths) > 1 and lead > 0.02:
            break
    else:
        raise SystemExit(f"{name}: no seed fits")

    folder = HERE / name
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    if name == "t5-v1.1":  # as published
        save_file({key: weight.detach() for key, weight in model.named_parameters()}, folder / "model.safetensors")
        config = {
            "architectures": ["T5ForConditionalGeneration"], "model_type": "t5", "vocab_size": size, **MODELS[name],
            "is_encoder_decoder": True, "n_positions": 512, "output_past": True, "use_cache": True,
            "transformers_version": "4.23.1",
        }
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    generator = torch.Generator().manual_seed(1)
    draw = lambda lengths: [torch.randint(1, size, (length,), generator=generator) for length in lengths]
    pad = lambda rows, value: torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)
    sources, targets = draw(SOURCES), draw(TARGETS)
    weights = [torch.rand(row.shape, generator=generator) * (torch.rand(row.shape, generator=generator) > 0.3) for row in targets]
    inputs, labels, every = pad(sources, 0), pad(targets, -100), pad(weights, 0.0)
    seen, real = pad([torch.ones_like(row) for row in sources], 0), labels >= 0
    encoded = model.encoder(input_ids=inputs, attention_mask=seen).last_hidden_state
    whole = model(input_ids=inputs, attention_mask=seen, labels=labels, output_hidden_states=True)
    # What the output layer reads: the first T5 scales it.
    hidden = whole.decoder_hidden_states[-1] * (SIZES["d_model"] ** -0.5 if name == "t5" else 1)
    each = torch.nn.functional.cross_entropy(whole.logits.transpose(1, 2), labels, reduction="none", ignore_index=-100)
    plain = each.sum() / real.sum()
    assert torch.allclose(plain, whole.loss)
    loss = (each * every).sum() / every.sum()
    loss.backward()
    gradients = {f"gradient.{key}": weight.grad for key, weight in model.named_parameters()}
    outputs = {"encoded": encoded[seen.bool()], "hidden": hidden[real], "logits": whole.logits[real]}
    save_file({key: value.detach().contiguous() for key, value in outputs.items()} | gradients, folder / "golden.safetensors")
    offsets = torch.arange(-300, 301)
    golden = {
        "inputs": [row.tolist() for row in sources], "targets": [row.tolist() for row in targets],
        "weights": [row.tolist() for row in weights], "loss": loss.item(), "meanLoss": plain.item(),
        "generation": [
            {"prompt": text, "ids": made, "answer": tokenizer.decode(made)} for text, (made, _) in zip(TEXTS, answers)
        ],
        "beams": [
            {"setting": setting, "answers": [tokenizer.decode(search(model, ids, **setting)) for ids in prompts]}
            for setting in BEAMS
        ],
        "buckets": [
            {"buckets": count, "farthest": farthest, "bothWays": both, "from": -300, "values": T5Attention._relative_position_bucket(offsets, both, count, farthest).tolist()}
            for count, farthest in BUCKETS for both in (True, False)
        ] if name == "t5" else [],
        "seed": seed, "smallestLead": lead,
        "versions": {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)},
    }
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{name}: {size} tokens, seed {seed}, lead {lead:.3f}, loss {loss.item():.4f}, answers of {[len(made) for made, _ in answers]}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for each in MODELS:
        make(each, Tokenizer.from_file(str(HERE / "tokenizer.json")))
