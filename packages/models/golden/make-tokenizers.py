"""Small tokenizers of every kind that is read, and what Python's tokenizers make of texts: golden values of the tests.

    python make-tokenizers.py

Writes tokenizers.json (the tokenizers, the texts, their ids, the ids' texts) and characters.json (classes of characters)
beside itself. The models are those of tokenizers.json, if it lies there: to train some draws lots. Made with tokenizers 0.23.3
and Python 3.11, whose `unicodedata` is Unicode 14.
"""

import hashlib
import json
import random
import unicodedata
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

HERE = Path(__file__).parent
CORPUS = [
    "Where do you live? Wo wohnst du? I don't know what you mean, he'll say: she's reading \"The Castle\" – again!",
    "Kannst du mir helfen? Können Sie mir helfen? Straße, größer, naïve café, e\u0301t\u00e9.",
    "for i in range(10):\n    print(i * 2)\n\n\nreturn x == 3 and y != 44 or z <= 555\t# 1234567",
    "Привет, как дела? Γειά σου Κόσμε ΣΑΣ. مرحبا ١٢٣ بالعالم. שלום עולם. नमस्ते दुनिया १२३. สวัสดี",
    "日本語のテキスト。中文文本,你好吗?한국어 텍스트. ｆｕｌｌ ｗｉｄｔｈ １２３",
    "HTTP/1.1 200 OK; it's It'S IT'LL we've You'Re I'm fooBar FooBar XMLParser",
]
TEXTS = [
    *CORPUS,
    "", " ", "  ", "     ", "\n", "\n\n", " \n ", "\t", "a", " a", "a ", "  two  spaces  ", "trailing \n\n\n", "\r\nwindows\r\n",
    "1 ½", "1½2", "x²+y³", "①②③", "٣٤٥ ٣", "Ⅷ and ⅷ", "12345 123 1234567", "3.14159", "1,234.50", "１２３", "𝟏𝟐𝟑", "〇一二三",
    "a\ufeffb", "\ufeffstart", "a\u0085b", "a\u00a0b", "a\u2028b\u2029c", "a\u200bb\u200cc\u200dd", "a\u3000b", "a\u180eb", "a\x0bb\x0cc",
    "a\x1cb\x1fc", "\u0085\u0085 x", " \u00a0 x", "x\ufeff \ufeffx",
    "e\u0301", "\u00e9", "q\u0323\u0307", "a\u0301\u0301\u0301", "\u0301alone", "각 \u1100\u1161\u11a8", "ﬁ ﬃ ℌ ™", "İstanbul ıi", "ΣΊΣΥΦΟΣ Σ",
    "🙂", "🙂!", "👨‍👩‍👧‍👦 👍🏽 🇩🇪", "😀😀😀", "a🙂b", "\U0001f3f4\U000e0067\U000e0062", "𠀀𠀁", "\U0010ffff", "\ue000",
    "it's It'S I'LL 'tis 'ſ 'S'T", "''s ''", "don’t", "$5 +3 =2 <x> ^ ` ~ |", "¿qué? ¡sí! «ja» „so“", "a_b-c.d/e\\f", "…—–", "( [ { ) ] }",
    "foo   bar", "foo \n bar", "foo\n  bar\n", "\n  x", "a\n\n\nb", "a \n\n b", "tab\tand\nline", "   lead", "end   ",
    "日本 unknown", "你好world你好", "ไทย ภาษา", "हिन्दी में", "Ελλάδα", "ГОСТ 12.1", "▁x", "x▁y ▁▁ z", "▁", "Ġx Ċ", "<0x41>", "<unk> <pad>",
    "<s>raw</s>x<de>", "a<s>b", "<s><s>", " <s> ", "x <s> y", "<s", "</s>\n<s>", "A<tag>B <tag> C<tag>", "[MASK] it [MASK]it it[MASK]",
    "word words sword word's word.", "word", "xword wordx \u00e9word word\u00e9 _word word_ 1word", "NORM norm Norm nORM xNorm",
    "<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n", "lineé\u0300́ x", "x" * 60, "ab" * 40, " " * 40, "\n" * 20 + "x", "é" * 30,
    "aaaaaaaaaaaaaaaaaaaaaaaab", "HELLO Hello hello hELLO", "The `code` ``and'' ``quotes``", "1st 2nd 3rd", "%d %s {} {0}", "http://x.y/?a=1&b=2#c",
    "\x00a\x00", "\x7f", "\ufffd", "\u0600\u06dd\u070f", "a\u061db\u2e52c\u166dd", "\U0001e95e\U00011c41", "ǅ ǈ ʰ ª º", "\u0903\u0940 \u20dd",
]


def added(id, content, special=True, **flags):
    return {"id": id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": special, **flags}


def bytes_of(vocabulary):
    return {**vocabulary, **{f"<0x{byte:02X}>": len(vocabulary) + byte for byte in range(256)}}


def train(trainer, model, pre_tokenizer=None, normalizer=None):
    tokenizer = Tokenizer(model)
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    return json.loads(tokenizer.to_str())["model"]


METASPACE = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA_3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
GPT_4O = rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CASE}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CASE}|" + (
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK_3 = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|" + (
    r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
REGEXES = {
    "gpt-2": GPT_2, "llama-3": LLAMA_3, "qwen-2": LLAMA_3.replace("{1,3}", ""), "gpt-4o": GPT_4O, "deepseek-3": DEEPSEEK_3,
    **{source: source for source in [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", "[一-龥぀-ゟ゠-ヿ]+", r"\p{N}{1,3}", r"\p{N}",
                                     r"\p{N}+", r"\d", r"\d+", r"\s", r"\s+", " +", " {2,}", r"\n", r"\n+"]},
}


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def sequence(field, *parts):
    return {"type": "Sequence", field: list(parts)}


def template(vocabulary, before=(), after=()):
    tokens = {token: {"id": token, "ids": [vocabulary[token]], "tokens": [token]} for token in (*before, *after)}
    special = lambda token: {"SpecialToken": {"id": token, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {"type": "TemplateProcessing", "single": [*map(special, before), text, *map(special, after)],
            "pair": [text, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": tokens}


def make_models():
    specials = ["<pad>", "<s>", "</s>", "<unk>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    byte_level = train(
        trainers.BpeTrainer(vocab_size=440, special_tokens=specials, initial_alphabet=alphabet, show_progress=False),
        models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False))
    characters = train(trainers.BpeTrainer(vocab_size=260, special_tokens=specials, show_progress=False),
                       models.BPE(unk_token="<unk>", fuse_unk=True), pre_tokenizers.Metaspace())
    # As SentencePiece's byte-pair models become: no pre-tokenizer, bytes for what is in no token.
    fallback = {**characters, "byte_fallback": True, "vocab": bytes_of(characters["vocab"])}
    unigram = train(trainers.UnigramTrainer(vocab_size=200, special_tokens=specials, unk_token="<unk>", show_progress=False),
                    models.Unigram(), pre_tokenizers.Metaspace())
    pieces = unigram["vocab"] + [[f"<0x{byte:02X}>", -30.0] for byte in range(256)]
    word_piece = train(trainers.WordPieceTrainer(vocab_size=260, special_tokens=["[UNK]", "[CLS]", "[SEP]", "[MASK]"],
                                                 show_progress=False),
                       models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20), pre_tokenizers.BertPreTokenizer())
    return {
        "byte-level": byte_level, "byte-level, whole words": {**byte_level, "ignore_merges": True},
        "merges as texts": {**byte_level, "merges": [" ".join(merge) for merge in byte_level["merges"]]},
        "characters": characters, "characters, each unknown": {**characters, "fuse_unk": False},
        "characters, none unknown": {**characters, "unk_token": None}, "fallback": fallback,
        "fallback, few bytes": {**fallback, "vocab": {token: id for token, id in fallback["vocab"].items()
                                                      if id < len(characters["vocab"]) + 0xE4}},
        "unigram": {**unigram, "byte_fallback": False}, "unigram, bytes": {**unigram, "vocab": pieces, "byte_fallback": True},
        "word-piece": word_piece,
    }


def make_tokenizers(all_models):
    made = {}

    def add(name, model, normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None, more=()):
        vocabulary = all_models[model]["vocab"]
        if isinstance(vocabulary, list):
            vocabulary = {piece: id for id, (piece, _) in enumerate(vocabulary)}
        own = [token for token in ("<pad>", "<s>", "</s>", "<unk>", "[UNK]", "[CLS]", "[SEP]", "[MASK]") if token in vocabulary]
        tokens = [added(vocabulary[token], token) for token in own]
        new = {content: id for id, content in enumerate((content for content, _ in more if content not in vocabulary), len(vocabulary))}
        tokens += [added({**vocabulary, **new}[content], content, **flags) for content, flags in more]
        if callable(post_processor):
            post_processor = post_processor(vocabulary)
        made[name] = {"model": model, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer,
                      "post_processor": post_processor, "decoder": decoder, "added_tokens": tokens}

    def begin(vocabulary):
        return template(vocabulary, ["<s>"])

    digits = {"type": "Digits", "individual_digits": True}
    chat = [(token, {}) for token in ("<|im_start|>", "<|im_end|>", "<de>")]
    add("SmolLM2", "byte-level", None, sequence("pretokenizers", digits, BYTE_LEVEL), None,
        {**BYTE_LEVEL, "add_prefix_space": True}, chat)
    add("SmolLM2, merges as texts", "merges as texts", None, sequence("pretokenizers", digits, BYTE_LEVEL), None, BYTE_LEVEL)
    add("Llama 3", "byte-level, whole words", None,
        sequence("pretokenizers", split({"Regex": LLAMA_3}), {**BYTE_LEVEL, "use_regex": False}),
        lambda v: sequence("processors", {**BYTE_LEVEL, "add_prefix_space": True, "trim_offsets": False}, begin(v)), BYTE_LEVEL, chat)
    add("GPT-2", "byte-level", None, {**BYTE_LEVEL, "add_prefix_space": True}, {**BYTE_LEVEL, "trim_offsets": False}, BYTE_LEVEL)
    add("RoBERTa", "byte-level", None, {**BYTE_LEVEL, "add_prefix_space": True},
        lambda v: {"type": "RobertaProcessing", "sep": ["</s>", v["</s>"]], "cls": ["<s>", v["<s>"]], "trim_offsets": True,
                   "add_prefix_space": False}, BYTE_LEVEL, [("[MASK]", {"lstrip": True})])
    add("Qwen 2", "byte-level", {"type": "NFC"}, sequence("pretokenizers", split({"Regex": REGEXES["qwen-2"]}), {**BYTE_LEVEL, "use_regex": False}),
        {**BYTE_LEVEL, "trim_offsets": False}, BYTE_LEVEL, chat)
    add("NFC, byte-level", "byte-level", {"type": "NFC"}, BYTE_LEVEL, None, BYTE_LEVEL)
    add("DeepSeek V3", "byte-level", sequence("normalizers"),
        sequence("pretokenizers", split({"Regex": r"\p{N}{1,3}"}), split({"Regex": "[一-龥぀-ゟ゠-ヿ]+"}), split({"Regex": DEEPSEEK_3}),
                 {**BYTE_LEVEL, "use_regex": False}), begin, BYTE_LEVEL)
    add("DeepSeek Coder", "byte-level", None,
        sequence("pretokenizers", split({"Regex": r"[\r\n]"}), split({"Regex": r"\s?\p{L}+"}), split({"Regex": r"\s?\p{P}+"}),
                 split({"Regex": "[一-龥ࠀ-一가-퟿]+"}), digits, {**BYTE_LEVEL, "use_regex": False}), begin, BYTE_LEVEL)

    prepend = sequence("normalizers", {"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"})
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    spaces = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}
    llama = sequence("decoders", spaces, {"type": "ByteFallback"}, {"type": "Fuse"}, strip)
    add("Llama 2", "fallback", prepend, None, begin, llama, [("<de>", {}), ("<tag>", {"special": False, "normalized": True})])
    add("Llama 2, few bytes", "fallback, few bytes", prepend, None, begin, llama)
    first = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}
    add("Llama 2, not legacy", "fallback", None, first, begin, llama)
    add("Metaspace first after pieces", "fallback", None, sequence("pretokenizers", split({"String": "o"}), {**first, "split": True}),
        None, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": True})
    add("Gemma", "fallback", {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        split({"String": " "}, "MergedWithPrevious"), begin, sequence("decoders", spaces, {"type": "ByteFallback"}, {"type": "Fuse"}))
    add("tiny-llama", "characters", {"type": "NFC"}, sequence("pretokenizers", METASPACE, {"type": "Punctuation", "behavior": "Isolated"}),
        begin, METASPACE, [("<de>", {})])
    add("each unknown", "characters, each unknown", {"type": "NFD"}, METASPACE, None, METASPACE)
    add("none unknown", "characters, none unknown", {"type": "NFKC"}, METASPACE, None, None)
    add("Metaspace of old", "characters", None, {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True, "str_rep": "▁"}, None,
        {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True})
    add("Metaspace never", "characters", None, {**METASPACE, "prepend_scheme": "never"}, None, {**METASPACE, "prepend_scheme": "never"})
    add("T5 without its charsmap", "unigram", sequence("normalizers", {"type": "NFKC"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}),
        METASPACE, lambda v: template(v, (), ["</s>"]), METASPACE, [("[MASK]", {"lstrip": True})])
    add("ALBERT's quotes", "unigram", sequence(
        "normalizers", {"type": "Replace", "pattern": {"String": "``"}, "content": '"'}, {"type": "Replace", "pattern": {"String": "''"}, "content": '"'},
        {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "Strip", "strip_left": True, "strip_right": True}), METASPACE, begin, METASPACE)
    add("Unigram with bytes", "unigram, bytes", prepend, None, None, llama)
    add("BERT's words", "word-piece", {"type": "Lowercase"}, {"type": "BertPreTokenizer"},
        lambda v: {"type": "BertProcessing", "sep": ["[SEP]", v["[SEP]"]], "cls": ["[CLS]", v["[CLS]"]]},
        {"type": "WordPiece", "prefix": "##", "cleanup": True})
    add("WordPiece, as it is", "word-piece", None, sequence("pretokenizers", {"type": "WhitespaceSplit"}, {"type": "Punctuation", "behavior": "Contiguous"}),
        None, {"type": "WordPiece", "prefix": "##", "cleanup": False})
    bert = {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    pair = lambda v: {**template(v, ["[CLS]"], ["[SEP]"]), "pair": [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
        {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}]}
    word_pieces = {"type": "WordPiece", "prefix": "##", "cleanup": True}
    add("BERT", "word-piece", bert, {"type": "BertPreTokenizer"}, pair, word_pieces)
    add("BERT, cased", "word-piece", {**bert, "lowercase": False}, {"type": "BertPreTokenizer"}, pair, word_pieces)
    add("BERT, small with accents", "word-piece", {**bert, "strip_accents": False}, {"type": "BertPreTokenizer"}, pair, word_pieces)
    add("BERT, nothing done", "word-piece", {**bert, "clean_text": False, "handle_chinese_chars": False, "lowercase": False},
        {"type": "BertPreTokenizer"}, pair, word_pieces)
    add("Whitespace", "word-piece", None, {"type": "Whitespace"}, None, {"type": "BPEDecoder", "suffix": "e"})
    add("strips", "characters", {"type": "Strip", "strip_left": False, "strip_right": True}, METASPACE, None,
        sequence("decoders", spaces, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 2, "stop": 0}))

    flags = [("word", {"single_word": True}), ("<de>", {"lstrip": True}), ("<tag>", {"rstrip": True, "special": False}),
             ("[MASK]", {"lstrip": True, "rstrip": True}), ("<", {}), ("Norm", {"normalized": True, "special": False}),
             ("helf", {"normalized": True, "single_word": True}), ("日本語", {"single_word": True}), ("  ", {"special": False}), ("12", {"normalized": True})]
    add("added tokens", "byte-level", {"type": "Lowercase"}, sequence("pretokenizers", digits, BYTE_LEVEL), begin, BYTE_LEVEL, flags)
    add("added tokens, marked", "fallback", prepend, None, None, llama, flags)
    add("added tokens, not normalized", "characters", None, METASPACE, None, METASPACE, flags)

    for name, source in REGEXES.items():
        add(f"split by {name}", "byte-level", None, sequence("pretokenizers", split({"Regex": source}), {**BYTE_LEVEL, "use_regex": False}))
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        byte_split = lambda part: sequence("pretokenizers", part, {**BYTE_LEVEL, "use_regex": False})
        add(f"{behavior} spaces", "byte-level", None, byte_split(split({"String": " "}, behavior)))
        add(f"{behavior} but letters", "byte-level", None, byte_split(split({"Regex": r"\s?\p{L}+"}, behavior, True)))
        add(f"{behavior} punctuation", "byte-level", None, byte_split({"type": "Punctuation", "behavior": behavior}))
    add("digits together", "byte-level", None, sequence("pretokenizers", {"type": "Digits", "individual_digits": False}, BYTE_LEVEL), None, BYTE_LEVEL)
    return made


PAIRS = [("Where do you live?", "Wo wohnst du?", True, None), ("", "x", True, None), ("Where do you live?", "", False, None)] + [
    (first, second, special, most)
    for first, second in (("it's a bird", CORPUS[0]), (CORPUS[0], "it's a bird"), (CORPUS[1], CORPUS[2]))
    for special, most in ((True, 31), (True, 12), (False, 9), (False, 8))
]

PAIRED = ("Llama 3", "GPT-2", "RoBERTa", "T5 without its charsmap", "BERT's words", "BERT", "Whitespace")


def make_pair(tokenizer, first, second, special, most):
    """transformers cuts texts by this, too."""
    if most:
        tokenizer.enable_truncation(most, strategy="longest_first")
    made = tokenizer.encode(first, second, add_special_tokens=special)
    alone = tokenizer.encode(second, add_special_tokens=special).ids
    tokenizer.no_truncation()
    return {"first": first, "second": second, "special": special, "most": most, "ids": made.ids, "tokenTypes": made.type_ids,
            "sequenceIds": made.sequence_ids, "alone": alone}


def random_ids(size, seed):
    generator = random.Random(seed)
    return [[generator.randrange(size) for _ in range(generator.randrange(12))] for _ in range(12)]


def make_golden():
    kept = HERE / "tokenizers.json"
    all_models = json.loads(kept.read_text(encoding="utf-8"))["models"] if kept.exists() else make_models()
    made = make_tokenizers(all_models)
    golden = []
    for name, parts in made.items():
        whole = {"version": "1.0", "truncation": None, "padding": None, **parts, "model": all_models[parts["model"]]}
        tokenizer = Tokenizer.from_str(json.dumps(whole))
        ids = [tokenizer.encode(text).ids for text in TEXTS]
        plain = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
        drawn = random_ids(tokenizer.get_vocab_size(), name)
        golden.append({
            "name": name, "parts": parts, "size": tokenizer.get_vocab_size(), "ids": ids,
            "plainIds": None if ids == plain else plain, "decoded": [tokenizer.decode(each) for each in plain],
            "drawn": [{"ids": each, "decoded": tokenizer.decode(each)} for each in drawn],
            "pairs": [make_pair(tokenizer, *pair) for pair in PAIRS] if name in PAIRED else [],
        })
    lines = [json.dumps(each, ensure_ascii=False) for each in golden]
    head = json.dumps({"version": tokenizers.__version__, "models": all_models, "texts": TEXTS}, ensure_ascii=False)
    text = head[:-1] + ', "tokenizers": [\n' + ",\n".join(lines) + "\n]}\n"
    (HERE / "tokenizers.json").write_text(text, encoding="utf-8")


def ranges(points):
    found = []
    for point in points:
        if found and found[-1][1] == point - 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


def make_characters():
    """What of all characters of Unicode 14 is of which class, and a hash of all normal forms."""
    points = [point for point in range(0x110000) if unicodedata.category(chr(point)) not in ("Cn", "Cs")]
    splits = lambda part: ranges(p for p in points if len(part.pre_tokenize_str(f"a{chr(p)}a")) > 1)
    marks = "q\u0315{}\u0300\u0323"

    def digest(normalizer):
        text = "\n".join(normalizer.normalize_str(shape.format(chr(p))) for shape in ("{}", marks) for p in points)
        return hashlib.sha256(text.encode()).hexdigest()

    golden = {
        "unicode": unicodedata.unidata_version, "assigned": ranges(points),
        "numeric": splits(pre_tokenizers.Digits(individual_digits=True)), "punctuation": splits(pre_tokenizers.Punctuation()),
        "whiteSpace": splits(pre_tokenizers.WhitespaceSplit()), "noWord": splits(pre_tokenizers.Whitespace()),
        "letter": splits(pre_tokenizers.Split(Regex(r"[^a\P{L}]"), "isolated")),
        "sha256": {
            **{form: digest(getattr(normalizers, form)()) for form in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase")},
            "BERT": digest(normalizers.BertNormalizer()), "BERT, cased": digest(normalizers.BertNormalizer(lowercase=False)),
            "BERT, stripped": digest(normalizers.BertNormalizer(lowercase=False, strip_accents=True)),
        },
    }
    (HERE / "characters.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    make_golden()
    make_characters()
