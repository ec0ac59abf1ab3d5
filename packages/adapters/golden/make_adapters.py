"""Adapters of PEFT over tiny models of packages/models/golden: their files, and what PEFT and torch make of them.

    python make_adapters.py [CASE…]
    python make_adapters.py --check FOLDER

Writes cases/NAME/ beside itself: adapter_config.json and adapter_model.safetensors as PEFT saves them before training,
golden.json (batch, the losses of 20 steps of plain gradient descent) and golden.safetensors (logits, the gradient by
every weight that is trained, and the logits after the 20 steps). --check does the other way round: it lets PEFT load
what src/peft.test.ts has trained and written where ADAPTERS_OUT=FOLDER, and compares the logits.
Made with torch 2.13.0 (CPU), transformers 5.24.0, peft 0.21.2, safetensors 0.8.0.
"""

import json
import re
import sys
import tempfile
from pathlib import Path

import peft
import torch
import transformers
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
MODELS = HERE.parent.parent / "models" / "golden"
STEPS = 20
LLAMA, GPT2, BERT, T5 = "tiny-llama", "families/gpt2", "encoders/bert", "t5/t5"
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
}


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


def make_batch(folder):
    generator = torch.Generator().manual_seed(2)
    draw = lambda high, *shape: torch.randint(5, high, shape, generator=generator)
    if folder == BERT:
        return {"inputs": draw(48, 3, 6), "labels": torch.tensor([2, 0, 1])}
    if folder == T5:
        return {"inputs": draw(60, 2, 7), "targets": draw(60, 2, 5)}
    weights = (torch.rand(2, 7, generator=generator) > 0.3).float()
    return {"inputs": draw(96, 2, 7), "targets": draw(96, 2, 7), "weights": weights}


def logits_of(model, batch):
    if "targets" not in batch or "weights" in batch:
        return model(input_ids=batch["inputs"]).logits
    start = torch.full((len(batch["targets"]), 1), model.config.decoder_start_token_id)
    return model(input_ids=batch["inputs"], decoder_input_ids=torch.cat([start, batch["targets"][:, :-1]], 1)).logits


def loss_of(model, batch):
    logits = logits_of(model, batch)
    if "labels" in batch:
        return torch.nn.functional.cross_entropy(logits, batch["labels"])
    each = torch.nn.functional.cross_entropy(logits.transpose(1, 2), batch["targets"], reduction="none")
    weights = batch.get("weights", torch.ones_like(each))
    return (each * weights).sum() / weights.sum()


def stored_name(name):
    """What a parameter is called in the file."""
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


def make(name):
    folder, config, rate = CASES[name]
    torch.manual_seed(sum(map(ord, name)))
    model = get_peft_model(load_base(folder), config).eval()
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

    batch = make_batch(folder)
    before = {key: weight.detach().clone() for key, weight in trained.items()}
    train(model, batch, trained, rate)
    rounded = logits_of(model, batch).detach().double()
    with torch.no_grad():
        for key, weight in trained.items():
            weight.copy_(before[key])
    model.zero_grad()

    # In float64, for 20 steps are long enough to make rounding visible.
    model.double()
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
    golden = {key: value.tolist() for key, value in batch.items()}
    golden |= {"base": folder, "rate": rate, "losses": losses, "parameters": sum(w.numel() for w in trained.values())}
    (out / "golden.json").write_text(json.dumps(golden) + "\n")
    print(name, golden["parameters"], losses[0], losses[-1])


@torch.no_grad()
def check(folder):
    """Lets PEFT load what this package wrote: FOLDER/CASE/ with an adapter, and the logits that it gives in TypeScript."""
    for path in sorted(Path(folder).iterdir()):
        expected = json.loads((path / "expected.json").read_text())
        model = PeftModel.from_pretrained(load_base(expected["base"]), path).eval()
        logits = logits_of(model, make_batch(expected["base"])).flatten()
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
