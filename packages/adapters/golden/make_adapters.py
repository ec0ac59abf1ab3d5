"""Adapters of PEFT over tiny models of packages/models/golden: their files, and what PEFT and torch make of them.

    python make_adapters.py [CASE…]
    python make_adapters.py --check FOLDER

Writes cases/NAME/ beside itself: adapter_config.json and adapter_model.safetensors as PEFT saves them before training,
golden.json (batch, the losses of 20 steps of plain gradient descent; with virtual tokens also what the untrained model says
to some texts) and golden.safetensors (logits, the gradient by every weight that is trained, and the logits after the 20
steps). --check does the other way round: it lets PEFT load what src/peft.test.ts has trained and written where
ADAPTERS_OUT=FOLDER, and compares the logits.
Made with torch 2.13.0 (CPU), transformers 5.24.0, peft 0.21.2, safetensors 0.8.0, tokenizers 0.23.3.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

import peft
import torch
import transformers
from peft import IA3Config, LoraConfig, PeftModel, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

HERE = Path(__file__).parent
MODELS = HERE.parent.parent / "models" / "golden"
STEPS = 20
LLAMA, GPT2, BERT, T5 = "tiny-llama", "families/gpt2", "encoders/bert", "t5/t5"
GEMMA = "families/gemma3"
CAUSAL = dict(task_type="CAUSAL_LM")
LINEAR = dict(r=3, lora_alpha=6, target_modules="all-linear")
CASES = {
    "lora": (LLAMA, LoraConfig(**LINEAR, **CAUSAL), 0.03),
    "lora-rslora-bias": (GPT2, LoraConfig(**LINEAR, **CAUSAL, use_rslora=True, bias="all", fan_in_fan_out=True), 0.02),
    "lora-some": (LLAMA, LoraConfig(r=2, lora_alpha=4, target_modules=["q_proj", "down_proj"], layers_to_transform=[1], bias="lora_only", **CAUSAL), 1.0),
    "dora": (LLAMA, LoraConfig(**LINEAR, **CAUSAL, use_dora=True), 0.01),
    "dora-gpt2": (GPT2, LoraConfig(**LINEAR, **CAUSAL, use_dora=True, fan_in_fan_out=True), 0.02),
    "pissa": (LLAMA, LoraConfig(**LINEAR, **CAUSAL, init_lora_weights="pissa"), 0.002),
    "pissa-dora-gpt2": (GPT2, LoraConfig(**LINEAR, **CAUSAL, init_lora_weights="pissa", use_dora=True, fan_in_fan_out=True), 0.01),
    "lora-bert": (BERT, LoraConfig(**LINEAR, task_type="SEQ_CLS", bias="lora_only"), 0.05),
    "lora-t5": (T5, LoraConfig(**LINEAR, task_type="SEQ_2_SEQ_LM"), 0.005),
    "ia3": (LLAMA, IA3Config(**CAUSAL), 0.05),
    "ia3-gpt2": (GPT2, IA3Config(**CAUSAL, fan_in_fan_out=True), 0.2),
    "ia3-bert": (BERT, IA3Config(task_type="SEQ_CLS"), 0.1),
    "prompt": (LLAMA, PromptTuningConfig(num_virtual_tokens=3, **CAUSAL), 20.0),
    "prompt-gpt2": (GPT2, PromptTuningConfig(num_virtual_tokens=4, **CAUSAL), 100.0),
    "prompt-gemma3": (GEMMA, PromptTuningConfig(num_virtual_tokens=3, **CAUSAL), 100.0),
    "prompt-bert": (BERT, PromptTuningConfig(num_virtual_tokens=3, task_type="SEQ_CLS"), 2.0),
    "prompt-t5": (T5, PromptTuningConfig(num_virtual_tokens=3, task_type="SEQ_2_SEQ_LM"), 0.05),
    "prefix": (LLAMA, PrefixTuningConfig(num_virtual_tokens=3, **CAUSAL), 0.3),
    "prefix-gpt2": (GPT2, PrefixTuningConfig(num_virtual_tokens=4, **CAUSAL), 1.0),
    "prefix-gemma3": (GEMMA, PrefixTuningConfig(num_virtual_tokens=3, **CAUSAL), 1.0),
    "prefix-bert": (BERT, PrefixTuningConfig(num_virtual_tokens=3, task_type="SEQ_CLS", num_transformer_submodules=1, num_layers=2, num_attention_heads=2, token_dim=8), 0.2),
    # PEFT looks at the encoder, and takes its width for that of keys.
    "prefix-t5": (T5, PrefixTuningConfig(num_virtual_tokens=3, task_type="SEQ_2_SEQ_LM", num_layers=3, num_attention_heads=4, token_dim=24), 0.5),
}
TEXTS = ["The sea is", "I"]


def load_base(folder):
    path = MODELS / folder
    if folder == T5:
        return transformers.T5ForConditionalGeneration.from_pretrained(path).eval()
    if folder != BERT:
        return transformers.AutoModelForCausalLM.from_pretrained(path).eval()
    model = transformers.BertForSequenceClassification(transformers.BertConfig.from_pretrained(path)).eval()
    weights = {}
    for part in ("backbone", "pooler", "classification"):
        weights |= load_file(path / f"{part}.safetensors")
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not [name for name in missing if "position_ids" not in name] and not unexpected, (missing, unexpected)
    return model


class PrefixedBert(torch.nn.Module):
    """A prefix over BERT, for which PEFT has one and transformers 5 takes none: what PEFT makes with a transformers that
    does. Keys and values of virtual tokens stand before those that each layer makes, and positions count from behind."""

    def __init__(self, base, config):
        super().__init__()
        self.base_model, self.config = base.requires_grad_(False), config
        base.classifier.requires_grad_(True)
        embedding = torch.nn.Embedding(config.num_virtual_tokens, config.num_layers * 2 * config.token_dim)
        self.prompt_encoder = torch.nn.ModuleDict({"default": torch.nn.ModuleDict({"embedding": embedding})})
        self.layers = {id(layer.attention.self): i for i, layer in enumerate(base.bert.encoder.layer)}
        transformers.AttentionInterface.register("prefixed", self.attend)
        base.set_attn_implementation("prefixed")

    def attend(self, module, query, key, value, attention_mask, scaling=None, **_):
        weight, width = self.prompt_encoder["default"]["embedding"].weight, self.config.token_dim
        made = []
        for part, x in enumerate((key, value)):  # [rows, heads, tokens, head size]
            at = (2 * self.layers[id(module)] + part) * width
            first = weight[:, at : at + width].view(len(weight), x.shape[1], x.shape[3]).transpose(0, 1)
            made.append(torch.cat([first.expand(len(x), -1, -1, -1), x], 2))
        out = torch.nn.functional.scaled_dot_product_attention(query, *made, attn_mask=self.seen, scale=scaling)
        return out.transpose(1, 2).contiguous(), None

    def forward(self, input_ids, attention_mask):
        count = self.config.num_virtual_tokens
        self.seen = torch.cat([torch.ones(len(input_ids), count), attention_mask], 1).bool()[:, None, None]
        places = (count + torch.arange(input_ids.shape[1]))[None]
        return self.base_model(input_ids=input_ids, position_ids=places)

    def save_pretrained(self, folder):
        self.config.inference_mode = True
        self.config.save_pretrained(folder)
        parts = {f"base_model.{key}": weight for key, weight in self.base_model.named_parameters() if weight.requires_grad}
        embedding = self.prompt_encoder["default"]["embedding"].weight.detach()
        save_file(parts | {"prompt_embeddings": embedding}, Path(folder) / "adapter_model.safetensors")


def wrap(base, config):
    if isinstance(config, PrefixTuningConfig) and config.task_type == "SEQ_CLS":
        config.modules_to_save = ["classifier"]
        return PrefixedBert(base, config)
    return get_peft_model(base, config)


def is_virtual(name):
    return name.startswith("pr")


def make_batch(folder, name=""):
    generator = torch.Generator().manual_seed(2)
    draw = lambda high, *shape: torch.randint(5, high, shape, generator=generator)
    # Virtual tokens are tried on rows with padding, which is on the right.
    cut = lambda ids: {"inputs": ids, "lengths": torch.tensor([ids.shape[1] - 2 * i for i in range(len(ids))])}
    with_lengths = cut if is_virtual(name) else lambda ids: {"inputs": ids}
    if folder == BERT:
        return with_lengths(draw(48, 3, 6)) | {"labels": torch.tensor([2, 0, 1])}
    if folder == T5:
        return with_lengths(draw(60, 2, 7)) | {"targets": draw(60, 2, 5)}
    weights = (torch.rand(2, 7, generator=generator) > 0.3).float()
    return {"inputs": draw(96, 2, 7), "targets": draw(96, 2, 7), "weights": weights}


def logits_of(model, batch):
    inputs = {"input_ids": batch["inputs"]}
    if "lengths" in batch:
        inputs["attention_mask"] = (torch.arange(batch["inputs"].shape[1]) < batch["lengths"][:, None]).long()
    if "targets" not in batch:
        return model(**inputs).logits
    if "weights" in batch:
        return model(**inputs).logits[:, -batch["inputs"].shape[1] :]  # without those of virtual tokens
    start = torch.full((len(batch["targets"]), 1), model.config.decoder_start_token_id)
    return model(**inputs, decoder_input_ids=torch.cat([start, batch["targets"][:, :-1]], 1)).logits


def loss_of(model, batch):
    logits = logits_of(model, batch)
    if "labels" in batch:
        return torch.nn.functional.cross_entropy(logits, batch["labels"])
    each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch["targets"], reduction="none")
    weights = batch.get("weights", torch.ones_like(each))
    return (each * weights).sum() / weights.sum()


def stored_name(name):
    """What a parameter is called in the file."""
    if name.startswith("prompt_encoder."):
        return "prompt_embeddings"
    name = name.replace(".modules_to_save.default.", ".").replace(".default", "")
    return re.sub(r"lora_magnitude_vector\.weight$", "lora_magnitude_vector", name)


def train(model, batch, trained, rate):
    losses = []
    optimizer = torch.optim.SGD(trained.values(), lr=rate)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def answers_of(model, folder):
    """The likeliest tokens after each text, without a cache: with transformers 5 PEFT's own generate loses positions."""
    tokenizer = Tokenizer.from_file(str(MODELS / ("t5" if folder == T5 else LLAMA) / "tokenizer.json"))
    answers = []
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(text).ids])
        answer = [model.config.decoder_start_token_id] if folder == T5 else []
        for _ in range(6):
            told = torch.tensor([answer], dtype=torch.long)
            if folder == T5:
                logits = model(input_ids=ids, decoder_input_ids=told).logits
            else:
                logits = model(input_ids=torch.cat([ids, told], 1)).logits
            best = logits[0, -1].topk(2)
            assert best.values[0] - best.values[1] > 1e-3, best
            answer.append(best.indices[0].item())
        answers.append(answer[folder == T5 :])
    return {"texts": TEXTS, "answers": answers}


def make(name):
    folder, config, rate = CASES[name]
    torch.manual_seed(sum(map(ord, name)))
    model = wrap(load_base(folder), config).eval()
    trained = {stored_name(key): weight for key, weight in model.named_parameters() if weight.requires_grad}
    with torch.no_grad():  # B begins with zeros and IA³ with ones, which would hide much
        for key, weight in trained.items():
            if "lora_B" in key and "pissa" not in name or "ia3_l" in key or "magnitude" in key:
                weight += 0.2 * torch.randn_like(weight)
    out = HERE / "cases" / name
    with tempfile.TemporaryDirectory() as folder_of_peft:
        model.save_pretrained(folder_of_peft)
        out.mkdir(parents=True, exist_ok=True)
        config_json = json.loads((Path(folder_of_peft) / "adapter_config.json").read_text())
        config_json["base_model_name_or_path"] = folder
        for key in ("target_modules", "feedforward_modules"):  # sets, in no order
            if isinstance(config_json.get(key), list):
                config_json[key].sort()
        (out / "adapter_config.json").write_text(json.dumps(config_json, indent=2, sort_keys=True) + "\n")
        stored = load_file(Path(folder_of_peft) / "adapter_model.safetensors")
        save_file({key: stored[key].contiguous() for key in sorted(stored)}, out / "adapter_model.safetensors", {"format": "pt"})
    assert sorted(stored) == sorted(trained), (sorted(stored), sorted(trained))

    batch = make_batch(folder, name)
    before = {key: weight.detach().clone() for key, weight in trained.items()}
    train(model, batch, trained, rate)
    rounded = logits_of(model, batch).detach().double()
    with torch.no_grad():
        for key, weight in trained.items():
            weight.copy_(before[key])
    model.zero_grad()

    # In float64, for 20 steps are long enough to make rounding visible.
    model.double()
    with torch.no_grad():
        answers = answers_of(model, folder) if is_virtual(name) and folder != BERT else {}
    tensors = {"logits": logits_of(model, batch).detach().contiguous()}
    loss_of(model, batch).backward()
    for key, weight in trained.items():
        tensors[f"gradient.{key}"] = weight.grad.clone()
    losses = train(model, batch, trained, rate)
    tensors["logits.trained"] = logits_of(model, batch).detach().contiguous()
    assert losses[-1] < 0.9 * losses[0], losses
    # At a larger rate the steps amplify rounding: float32 departs from float64 in PyTorch itself.
    amplified = (rounded - tensors["logits.trained"]).abs().max() / rounded.abs().max()
    assert amplified < 3e-5, amplified
    save_file({key: tensor.float() for key, tensor in tensors.items()}, out / "golden.safetensors")
    golden = {key: value.tolist() for key, value in batch.items() if key != "lengths"}
    if "lengths" in batch:
        golden["inputs"] = [row[:length] for row, length in zip(golden["inputs"], batch["lengths"].tolist())]
    golden |= answers
    golden |= {"base": folder, "rate": rate, "losses": losses, "parameters": sum(w.numel() for w in trained.values())}
    (out / "golden.json").write_text(json.dumps(golden) + "\n")
    print(name, golden["parameters"], losses[0], losses[-1])


@torch.no_grad()
def check(folder):
    """Lets PEFT load what this package wrote: FOLDER/CASE/ with an adapter, and the logits that it gives in TypeScript."""
    for path in sorted(Path(folder).iterdir()):
        expected = json.loads((path / "expected.json").read_text())
        if path.name == "prefix-bert":  # transformers takes none
            continue
        model = PeftModel.from_pretrained(load_base(expected["base"]), path).eval()
        logits = logits_of(model, make_batch(expected["base"], path.name)).flatten()
        error = (logits - torch.tensor(expected["logits"])).abs().max() / logits.abs().max()
        print(f"{path.name}: {error:.1e}")
        assert error < 1e-4


if __name__ == "__main__":
    assert peft.__version__ == "0.21.2", peft.__version__
    if sys.argv[1:2] == ["--check"]:
        check(sys.argv[2])
    else:
        for name in sys.argv[1:] or CASES:
            make(name)
