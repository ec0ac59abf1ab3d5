"""A tiny Llama with random weights, and what transformers and torch make of it: the golden values of the tests.

    python make-golden.py

Writes beside itself tiny-llama/ (config.json, tokenizer.json, model.safetensors), gradients.safetensors and golden.json.
Made with torch 2.13.0 (CPU), transformers 5.23.0, tokenizers 0.23.3, safetensors 0.8.0.
"""

import json
from pathlib import Path

import tokenizers
import torch
import transformers
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
PAD, BOS, EOS, UNK, DE = "<pad>", "<s>", "</s>", "<unk>", "<de>"
TEXT = [
    "Where do you live? Wo wohnst du? Wo wohnen Sie?",
    "I don't know what you mean. Ich weiß nicht, was du meinst.",
    "She's reading \"The Castle\" – again! Sie liest schon wieder „Das Schloss“.",
    "Can you help me? Kannst du mir helfen? Können Sie mir helfen?",
]
PROMPTS = ["Where do you live?<de>", "Can you?<de>", "I know.<de>", "She's reading<de>", "you<de>", "What? Where?<de>"]
NEW_TOKENS = 12


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE(unk_token=UNK, fuse_unk=True))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    specials = [AddedToken(token, special=True, normalized=False) for token in (PAD, BOS, EOS, UNK, DE)]
    trainer = trainers.BpeTrainer(vocab_size=96, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator(TEXT, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, tokenizer.token_to_id(BOS))]
    )
    return tokenizer


def make_model(seed, vocabulary):
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=vocabulary, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=True,
        bos_token_id=1, eos_token_id=2, pad_token_id=0, initializer_range=0.3,
    )
    model = transformers.LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.copy_(1 + 0.3 * torch.randn_like(weight))
    return model


@torch.no_grad()
def continue_greedily(model, ids):
    """The new tokens, EOS included, and the smallest lead that a chosen token had over the next."""
    made, lead = [], float("inf")
    while len(made) < NEW_TOKENS and 2 not in made:
        logits = model(torch.tensor([ids + made])).logits[0, -1]
        first, second = logits.topk(2).values.tolist()
        lead = min(lead, first - second)
        made.append(logits.argmax().item())
    return made, lead


def main():
    tokenizer = make_tokenizer()
    vocabulary = tokenizer.get_vocab_size()
    prompts = [tokenizer.encode(prompt).ids for prompt in PROMPTS]
    for seed in range(10_000):  # one whose answers end at different lengths, and whose choices are clear
        model = make_model(seed, vocabulary)
        answers, leads = zip(*[continue_greedily(model, ids) for ids in prompts])
        ended = {len(made) for made in answers if 2 in made}
        if len(ended) >= 3 and min(leads) > 0.01 and any(2 not in made for made in answers):
            break
    else:
        raise SystemExit("no seed fits")

    folder = HERE / "tiny-llama"
    model.save_pretrained(folder, safe_serialization=True)
    (folder / "generation_config.json").unlink()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)

    generator = torch.Generator().manual_seed(1)
    # No <pad>: torch gives no gradient to that row of the embeddings, and nothing ever reads padding.
    inputs = torch.randint(1, vocabulary, (3, 7), generator=generator)
    targets = torch.randint(vocabulary, (3, 7), generator=generator)
    weights = torch.rand(3, 7, generator=generator) * (torch.rand(3, 7, generator=generator) > 0.4)
    logits = model(inputs).logits
    each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    loss = (each * weights).sum() / weights.sum()
    loss.backward()
    gradients = {name: weight.grad for name, weight in model.named_parameters()}
    save_file(gradients, HERE / "gradients.safetensors")

    texts = TEXT + ["", " ", "  two  spaces ", "e\u0301", "日本 unknown", "<s>raw</s>x<de>", "tab\tand\nline", "🙂!", "▁x"]
    golden = {
        "inputs": inputs.tolist(), "targets": targets.tolist(), "weights": weights.tolist(),
        "logits": [[[round(x, 6) for x in place] for place in row] for row in logits.tolist()], "loss": loss.item(),
        "generation": [
            {"prompt": prompt, "answer": tokenizer.decode([id for id in made if id != 2]), "ids": made}
            for prompt, made in zip(PROMPTS, answers)
        ],
        "texts": [
            {
                "text": text, "ids": tokenizer.encode(text).ids, "decoded": tokenizer.decode(tokenizer.encode(text).ids),
                "plainIds": tokenizer.encode(text, add_special_tokens=False).ids,
            }
            for text in texts
        ],
        "seed": seed, "smallestLead": min(leads),
        "versions": {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)},
    }
    (HERE / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
