"""Tiny BERT and DistilBERT models with random weights, and what transformers and torch make of them with every head, and the
decoders of make-families.py as classifiers: the golden values.

    python make-encoders.py

Writes encoders/tokenizer.json and encoders/NAME/: config.json and backbone.safetensors as transformers saves them, the
tensors of each head in HEAD.safetensors, golden.json (inputs, what is to be learnt, losses) and golden.safetensors (hidden
states of all tokens that are no padding, end to end; pooled states; logits; the gradient of each loss by every weight). And
encoders/decoders.json and encoders/decoders.safetensors: of each decoder the score.weight, the logits, the loss, and of each
weight's gradient its norm and its products with a wave.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3, safetensors 0.8.0.
"""

import json
from pathlib import Path

import tokenizers
import torch
import transformers
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent
OUT = HERE / "encoders"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "the a cat dog sat ran on in to mat house who where what is was big small red ##s ##ing ##er ? . , ! un ##known very".split()
VOCABULARY = SPECIAL + WORDS + [f"[unused{i}]" for i in range(48 - len(SPECIAL) - len(WORDS))]
SIZES = dict(vocab_size=len(VOCABULARY), max_position_embeddings=20, pad_token_id=0, initializer_range=0.3)
CONFIGS = {
    "bert": lambda: transformers.BertConfig(
        **SIZES, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2, type_vocab_size=2, num_labels=3),
    "distilbert": lambda: transformers.DistilBertConfig(
        **SIZES, dim=8, hidden_dim=12, n_layers=2, n_heads=2, activation="relu", num_labels=3),
}
PREFIX = {"bert": "Bert", "distilbert": "DistilBert"}
HEADS = {"classification": "ForSequenceClassification", "choice": "ForMultipleChoice", "span": "ForQuestionAnswering", "masked": "ForMaskedLM"}
LENGTHS = (9, 5, 7, 9, 4, 6)
QUESTIONS, CHOICES = 2, 3


def make_tokenizer():
    tokenizer = Tokenizer(models.WordPiece({token: id for id, token in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.save(str(OUT / "tokenizer.json"))


def class_of(name, head):
    return getattr(transformers, PREFIX[name] + head)


def randomise(model):
    """Norms and biases are ones and zeros otherwise."""
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if weight.dim() == 1:
                weight.copy_((0 if "bias" in key else 1) + 0.3 * torch.randn_like(weight))


def make_inputs(generator):
    rows = [torch.randint(5, 48, (length,), generator=generator) for length in LENGTHS]
    pad = lambda rows: torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
    inputs, real = pad(rows), pad([torch.ones_like(row) for row in rows])
    types = torch.randint(2, inputs.shape, generator=generator) * real
    return inputs, types, real


def make(name, seed):
    torch.manual_seed(seed)
    config, generator = CONFIGS[name](), torch.Generator().manual_seed(seed + 1)
    folder = OUT / name
    base = class_of(name, "Model")(config).eval()
    randomise(base)
    heads = {head: class_of(name, suffix)(config).eval() for head, suffix in HEADS.items() if head != "span"}
    config.num_labels = 2
    heads["span"] = class_of(name, HEADS["span"])(config).eval()
    config.num_labels = 3
    prefix = base.base_model_prefix
    backbone = {f"{prefix}.{key}": weight for key, weight in base.state_dict().items()}
    for head, model in heads.items():
        randomise(model)
        model.load_state_dict(backbone, strict=False)
        model.tie_weights()
    config.architectures = None
    config.save_pretrained(folder)
    save_file({key: weight.clone() for key, weight in backbone.items() if "pooler" not in key}, folder / "backbone.safetensors")
    if name == "bert":
        save_file({key: weight.clone() for key, weight in backbone.items() if "pooler" in key}, folder / "pooler.safetensors")
    for head, model in heads.items():
        own = {key: weight.clone() for key, weight in model.named_parameters() if not key.startswith(f"{prefix}.")}
        save_file(own, folder / f"{head}.safetensors")

    inputs, types, real = make_inputs(generator)
    given = {"input_ids": inputs, "attention_mask": real} | ({"token_type_ids": types} if name == "bert" else {})
    mask, outputs, losses = real.bool(), {}, {}

    def learn(task, model, loss, strip=""):
        losses[task] = loss.item()
        model.zero_grad()
        loss.backward()
        for key, weight in model.named_parameters():
            if weight.grad is not None:
                outputs[f"{task}.gradient.{strip}{key}"] = weight.grad.clone()

    # The stack, and sentence embeddings.
    made = base(**given)
    hidden = made.last_hidden_state
    outputs["hidden"] = hidden[mask]
    part = real[..., None]
    mean = (hidden * part).sum(1) / part.sum(1)
    pooled = {"cls": hidden[:, 0], "mean": mean, "max": hidden.masked_fill(part == 0, -torch.inf).max(1).values}
    if name == "bert":
        pooled["pooler"] = made.pooler_output
    outputs |= {f"pooled.{kind}": value for kind, value in pooled.items()}
    coefficients = torch.randn(mean.shape, generator=generator)
    embeddings = torch.nn.functional.normalize(mean)
    outputs["embeddings"] = embeddings
    learn("embeddings", base, (embeddings * coefficients).sum())

    labels = {
        "single": torch.tensor([2, 0, 1, 1, 2, 0]), "multi": torch.randint(2, (6, 3), generator=generator).float(),
        "regression": torch.randn(6, 3, generator=generator),
    }
    problems = {"single": "single_label_classification", "multi": "multi_label_classification", "regression": "regression"}
    for kind, problem in problems.items():
        heads["classification"].config.problem_type = problem
        made = heads["classification"](**given, labels=labels[kind])
        outputs["classification.logits"] = made.logits
        learn(kind, heads["classification"], made.loss)

    right = torch.tensor([1, 2])
    grouped = {key: value.reshape(QUESTIONS, CHOICES, -1) for key, value in given.items()}
    made = heads["choice"](**grouped, labels=right)
    outputs["choice.logits"] = made.logits
    learn("choice", heads["choice"], made.loss)

    # A span is among the tokens that are no padding. transformers leaves that to whoever makes the batch: its own loss is
    # the same for rows of one length, which is asserted.
    starts, ends = torch.tensor([2, 1, 0, 5, 3, 4]), torch.tensor([4, 3, 6, 5, 3, 5])
    made = heads["span"](**given)
    outputs["span.start"], outputs["span.end"] = made.start_logits[mask], made.end_logits[mask]
    loss_of = lambda logits, at: torch.nn.functional.cross_entropy(logits.masked_fill(~mask, -torch.inf), at)
    loss = (loss_of(made.start_logits, starts) + loss_of(made.end_logits, ends)) / 2
    alone = []
    for row, length in enumerate(LENGTHS):
        one = {key: value[row : row + 1, :length] for key, value in given.items()}
        alone.append(heads["span"](**one, start_positions=starts[row : row + 1], end_positions=ends[row : row + 1]).loss)
    assert torch.allclose(torch.stack(alone).mean(), loss, rtol=1e-5)
    learn("span", heads["span"], loss)

    weights = torch.rand(inputs.shape, generator=generator) * (torch.rand(inputs.shape, generator=generator) > 0.5) * real
    targets = torch.randint(48, inputs.shape, generator=generator) * real
    made = heads["masked"](**given)
    outputs["masked.logits"] = made.logits[mask]
    each = torch.nn.functional.cross_entropy(made.logits.transpose(1, 2), targets, reduction="none")
    learn("masked", heads["masked"], (each * weights).sum() / weights.sum())

    save_file({key: value.detach().clone().contiguous() for key, value in outputs.items()}, folder / "golden.safetensors")
    rows = lambda values: [row[:length] for row, length in zip(values.tolist(), LENGTHS)]
    golden = {
        "inputs": rows(inputs), "tokenTypes": rows(types), "coefficients": coefficients.tolist(),
        "labels": {kind: value.tolist() for kind, value in labels.items()}, "choice": right.tolist(),
        "starts": starts.tolist(), "ends": ends.tolist(), "targets": rows(targets), "weights": rows(weights), "losses": losses,
        "versions": {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)},
    }
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    print(name, losses)


DECODERS = {
    "llama": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3", "gpt2": "GPT2", "gemma3": "Gemma3Text",
}
LABELS = torch.tensor([2, 0, 1])


def make_decoders():
    golden, tensors = {}, {}
    generator = torch.Generator().manual_seed(3)
    for name, prefix in DECODERS.items():
        folder = HERE / "families" / name
        torch.manual_seed(4)
        config = transformers.AutoConfig.from_pretrained(folder, num_labels=3, pad_token_id=0)
        model = getattr(transformers, f"{prefix}ForSequenceClassification")(config).eval()
        stored = load_file(folder / "model.safetensors")
        missing = model.load_state_dict({key: value for key, value in stored.items() if key != "lm_head.weight"}, strict=False)
        assert missing.missing_keys == ["score.weight"] and not missing.unexpected_keys, missing
        rows = [torch.randint(1, 96, (length,), generator=generator) for length in (9, 5, 7)]
        inputs = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        made = model(input_ids=inputs, attention_mask=(inputs > 0).long(), labels=LABELS)
        made.loss.backward()
        waves = {}
        for key, weight in model.named_parameters():
            gradient = weight.grad.double().flatten()
            at = torch.arange(gradient.numel()).double()
            waves[key] = [gradient.norm().item(), (gradient * at.cos()).sum().item(), (gradient * at.sin()).sum().item()]
        tensors[f"{name}.score.weight"] = model.score.weight.detach().clone()
        golden[name] = {"inputs": [row.tolist() for row in rows], "labels": LABELS.tolist(), "logits": made.logits.tolist(),
                        "loss": made.loss.item(), "gradients": waves}
        print(name, made.loss.item())
    (OUT / "decoders.json").write_text(json.dumps(golden) + "\n")
    save_file(tensors, OUT / "decoders.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    OUT.mkdir(exist_ok=True)
    make_tokenizer()
    for seed, each in enumerate(CONFIGS):
        (OUT / each).mkdir(exist_ok=True)
        make(each, seed)
    make_decoders()
