"""Trains the embedded seed: a Llama-style English-to-German translator that only ever says "du".

    python train_seed.py DATA OUT

DATA holds `seed-train.tsv` and `val.tsv` (made by `prepare-data`), OUT receives the checkpoint in the layout of a
Hugging Face model folder: config.json, model.safetensors, tokenizer.json, training.json.
Needs torch, transformers, tokenizers, sacrebleu (versions: requirements.txt).
"""

import json
import math
import random
import sys
import time
from pathlib import Path

import sacrebleu
import tokenizers
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

PAD, BOS, EOS, UNK, DE = "<pad>", "<s>", "</s>", "<unk>", "<de>"
VOCABULARY, WIDTH, LAYERS, HEADS, HIDDEN = 2048, 160, 4, 5, 448
EPOCHS, TOKENS, PEAK_RATE, WARMUP, DROPOUT, SMOOTHING, SOURCE_WEIGHT = 16, 3072, 4e-3, 200, 0.1, 0.1, 0.1
SEED = 1


def read_rows(path):
    return [line.split("\t")[:2] for line in path.read_text(encoding="utf-8").splitlines()]


def train_tokenizer(rows):
    tokenizer = Tokenizer(models.BPE(unk_token=UNK, fuse_unk=True))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    specials = [AddedToken(token, special=True, normalized=False) for token in (PAD, BOS, EOS, UNK, DE)]
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator((text for row in rows for text in row), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return tokenizer


def batches(examples, generator):
    """Rows of like length together, about TOKENS tokens a batch."""
    order = sorted(examples, key=lambda row: (len(row[0]), generator.random()))
    groups, group = [], []
    for row in order:
        if group and (len(group) + 1) * len(row[0]) > TOKENS:
            groups.append(group)
            group = []
        group.append(row)
    groups.append(group)
    generator.shuffle(groups)
    return groups


def collate(group, pad):
    length = max(len(ids) for ids, _ in group)
    ids = torch.full((len(group), length), pad)
    weight = torch.zeros(len(group), length - 1)
    for i, (row, source) in enumerate(group):
        ids[i, : len(row)] = torch.tensor(row)
        weight[i, : len(row) - 1] = 1.0
        weight[i, : source - 1] = SOURCE_WEIGHT  # the German is the task; a little of the English regularises
    return ids, weight


@torch.no_grad()
def translate(model, tokenizer, english, most=48):
    """Greedy, one batch a source length, so that no padding is needed."""
    eos, groups, out = tokenizer.token_to_id(EOS), {}, [""] * len(english)
    for i, text in enumerate(english):
        ids = tokenizer.encode(text + DE).ids
        groups.setdefault(len(ids), []).append((i, ids))
    for group in groups.values():
        ids, cache = torch.tensor([row for _, row in group]), None
        made, step = [], ids
        for _ in range(most):
            result = model(step, past_key_values=cache, use_cache=True)
            cache, step = result.past_key_values, result.logits[:, -1:].argmax(-1)
            made.append(step)
        for (i, _), row in zip(group, torch.cat(made, 1).tolist()):
            out[i] = tokenizer.decode(row[: row.index(eos)] if eos in row else row)
    return out


def main():
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    began = time.time()
    random.seed(SEED)
    torch.manual_seed(SEED)
    rows, val = read_rows(data / "seed-train.tsv"), read_rows(data / "val.tsv")
    tokenizer = train_tokenizer(rows)
    tokenizer.save(str(out / "tokenizer.json"))
    pad, eos = tokenizer.token_to_id(PAD), tokenizer.token_to_id(EOS)
    examples = []
    for english, german in rows:
        source = tokenizer.encode(english + DE).ids
        examples.append((source + tokenizer.encode(german, add_special_tokens=False).ids + [eos], len(source)))

    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, intermediate_size=HIDDEN, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=HEADS, max_position_embeddings=128, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=tokenizer.token_to_id(BOS), eos_token_id=eos, pad_token_id=pad,
    )
    model = transformers.LlamaForCausalLM(config)

    def drop(module, _, output):
        return torch.nn.functional.dropout(output, DROPOUT, module.training)

    for layer in model.model.layers:
        layer.self_attn.o_proj.register_forward_hook(drop)
        layer.mlp.down_proj.register_forward_hook(drop)
    model.model.embed_tokens.register_forward_hook(drop)

    decayed = [p for p in model.parameters() if p.ndim > 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": [p for p in model.parameters() if p.ndim == 1]}],
        lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.0, fused=True,
    )
    generator = random.Random(SEED)
    steps = EPOCHS * len(batches(examples, random.Random(SEED)))
    step, log = 0, []
    for epoch in range(EPOCHS):
        model.train()
        total = count = 0.0
        for group in batches(examples, generator):
            rate = PEAK_RATE * min(step / WARMUP, 0.5 * (1 + math.cos(math.pi * min(1, step / steps))) + 0.01)
            for parameters in optimizer.param_groups:
                parameters["lr"] = rate
            ids, weight = collate(group, pad)
            logits = model(ids[:, :-1], use_cache=False).logits
            loss = torch.nn.functional.cross_entropy(
                logits.transpose(1, 2), ids[:, 1:], reduction="none", label_smoothing=SMOOTHING
            )
            loss = (loss * weight).sum() / weight.sum()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            total, count, step = total + loss.item(), count + 1, step + 1
        model.eval()
        made = translate(model, tokenizer, [row[0] for row in val])
        chrf = sacrebleu.corpus_chrf(made, [[row[1] for row in val]]).score
        log.append({"epoch": epoch + 1, "loss": total / count, "chrF": chrf, "seconds": time.time() - began})
        print(log[-1], flush=True)
    model.save_pretrained(out, safe_serialization=True)
    (out / "training.json").write_text(
        json.dumps(
            {
                "rows": len(rows), "parameters": sum(p.numel() for p in model.parameters()), "steps": step,
                "seconds": time.time() - began, "threads": torch.get_num_threads(), "log": log,
                "versions": {m.__name__: m.__version__ for m in (torch, transformers, tokenizers, sacrebleu)},
            },
            indent=2,
        ) + "\n"
    )


if __name__ == "__main__":
    main()
