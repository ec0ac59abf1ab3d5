"""Makes translation.json.gz: 2,200 translations with their references, and what sacrebleu says of each and of all.

    pip install sacrebleu==2.6.0 numpy==2.4.6
    python make_translation.py > translation.json.gz
"""

import gzip
import json
import random
import sys

import numpy as np
import sacrebleu
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import _bootstrap_resample, _compute_p_value, _paired_ar_test, _paired_bs_test, Result

SEED = 11
WORDS = (
    "der die das Hund Katze Haus, geht kommt schläft! heute nicht sehr (klein) groß. ß ü ab a the cat's John's 's it's "
    "3.14 1,000 10-20 2.000,50 $5 50% e-mail don’t „Welt“ «oui» ¿qué? — … &quot;yes&quot; &amp; &lt;b&gt; <skipped> foo-bar "
    "U.S.A. x.y,z a.1 1.a STRASSE İstanbul ΟΔΟΣ Μάϊος русский язык 😀 👍🏽 👩‍👩‍👧 𝔘nicode 世界 こんにちは カタカナ 東京都。 「引用」 ｡ ３ Ⅳ ½ ² ٣ "
    "हिन्दी עברית العربية، é e\u0301 \u200b \u00ad \u00a0 \u3000 \u2028 \x1c \x85 \ufeff + = ~ ^ ` | \\ / @ # * _ [x] {y} ..."
).split(" ")
BY_HAND = [
    ("", ["Leer."]), ("Leer.", [""]), ("", [""]), ("   ", ["a"]), ("a", ["a"]), ("a", ["b"]), ("\n", ["\n"]),
    ("...", ["!!!", "..."]), ("?!", ["."]), (". , ; :", [". , : ;", "…"]), ("、。", ["。、"]), ("\"", ["''"]),
    ("ab", ["abcdefgh", "ab", "ba"]), ("a\x1cb\x85c\u200bd\ufeffe\u2028f", ["a b c d e f", "abcdef"]),
    ("Zeile-\neins\n-zwei", ["Zeileeins zwei"]), ("a a a a a a a a", ["a", "a a a"]), ("1 2 3 4 5", ["5 4 3 2 1"]),
    ("ひらがな", ["ひらがな", "カタカナ"]), ("カタカナ", ["カタカナ"]), ("ㇰㇱㇲ", ["ㇰㇱ"]), ("㈱ ㍻ 豈 ⺀ ㇀", ["㈱㍻豈⺀㇀"]),
]
BLEUS = [
    dict(effective_order=True), dict(tokenize="intl"), dict(tokenize="char", smooth_method="add-k"),
    dict(tokenize="none", smooth_method="none"), dict(smooth_method="floor", lowercase=True, effective_order=True),
    dict(tokenize="intl", smooth_method="floor", smooth_value=0.5), dict(smooth_method="add-k", smooth_value=2, max_ngram_order=2),
]
CHRFS = [
    dict(), dict(word_order=2), dict(char_order=3, beta=1, lowercase=True, whitespace=True),
    dict(word_order=1, eps_smoothing=True), dict(beta=3, whitespace=True, eps_smoothing=True),
]
TERS = [
    dict(), dict(normalized=True, case_sensitive=True), dict(no_punct=True),
    dict(normalized=True, asian_support=True), dict(normalized=True, no_punct=True, asian_support=True),
]


def sentence(generator, least, most):
    return " ".join(generator.choice(WORDS) for _ in range(generator.randint(least, most)))


def edited(generator, text):
    """The text with words left out, added, replaced, moved in runs and changed in case."""
    words = text.split(" ")
    for _ in range(generator.randint(0, 4)):
        at = generator.randint(0, len(words))
        kind = generator.randint(0, 4)
        if kind == 0:
            del words[at : at + 1]
        elif kind == 1:
            words.insert(at, generator.choice(WORDS))
        elif kind == 2:
            words[at : at + 1] = [generator.choice(WORDS)]
        elif kind == 3:
            run = words[at : at + generator.randint(1, 4)]
            del words[at : at + len(run)]
            to = generator.randint(0, len(words))
            words[to:to] = run
        else:
            words[at : at + 1] = [word.upper() for word in words[at : at + 1]]
    return " ".join(words)


def make_rows():
    generator = random.Random(SEED)
    rows = list(BY_HAND)
    # Few words over and over: TER has more shifts to try than it does.
    for length in (40, 60, 60, 80, 80, 100, 100, 120):
        rows.append(tuple(" ".join(generator.choice("abcd") for _ in range(length)) for _ in range(2)))
    rows = [(hypothesis, references if isinstance(references, list) else [references]) for hypothesis, references in rows]
    while len(rows) < 2200:
        length = 400 if len(rows) % 400 == 0 else 60 if len(rows) % 40 == 0 else 12
        first = sentence(generator, 0 if length == 12 else length // 2, length)
        references = [first] + [edited(generator, first) for _ in range(generator.choice([0, 0, 1, 1, 2, 3]))]
        hypothesis = edited(generator, first) if generator.random() < 0.9 else sentence(generator, 0, 12)
        rows.append((hypothesis, references))
    return [(hypothesis, references, edited(generator, edited(generator, hypothesis))) for hypothesis, references in rows]


def check(metric, hypotheses, references, streams):
    corpus = metric.corpus_score(hypotheses, streams)
    return {
        "signature": str(metric.get_signature()),
        "name": corpus.name,
        "corpus": corpus.score,
        "sentences": [metric.sentence_score(h, r).score for h, r in zip(hypotheses, references)],
    }


def resampled(metric, hypotheses, others, streams):
    """Intervals and comparisons by sacrebleu's own functions, and the same in float64 where it takes float32."""
    stats = metric._extract_corpus_statistics(hypotheses, streams)
    other = metric._extract_corpus_statistics(others, streams)
    _, scores = _bootstrap_resample(stats, metric, 1000)
    score = metric.corpus_score(hypotheses, streams, n_bootstrap=1000)
    baseline = {score.name: (stats, Result(score.score))}
    args = (baseline, "other", others, streams, {score.name: metric})
    bs = _paired_bs_test(*args, n_samples=1000, seed=12345)[1][score.name]
    ar = _paired_ar_test(*args, n_samples=10000, seed=12345)[1][score.name]

    indices = np.random.default_rng(12345).choice(len(stats), size=(1000, len(stats)), replace=True)
    exact, exact_other = (
        np.array([metric._compute_score_from_stats(list(map(float, np.array(s, dtype="float64")[i].sum(0)))).score for i in indices])
        for s in (stats, other)
    )
    differences = np.abs(exact_other - exact)
    low, high = np.sort(exact)[[25, 974]]
    return {
        "signature": str(metric.get_signature()),
        "float32": {"mean": score._mean, "halfWidth": score._ci, "scores": [s.score for s in scores[:20]]},
        "float64": {
            "mean": exact.mean(),
            "halfWidth": 0.5 * (high - low),
            "percentiles": list(np.percentile(exact, [2.5, 97.5])),
            "scores": list(exact[:20]),
            "p": _compute_p_value(differences - differences.mean(), abs(score.score - bs.score)),
        },
        "other": {"score": bs.score, "mean": bs.mean, "halfWidth": bs.ci},
        "bootstrapP": bs.p_value,
        "randomisationP": ar.p_value,
    }


def main():
    rows = make_rows()
    hypotheses, references, others = map(list, zip(*rows))
    most = max(len(r) for r in references)
    streams = [[r[i] if i < len(r) else None for r in references] for i in range(most)]
    # The test compares 300 rows, with the first reference alone, so that it takes little time.
    few = slice(300, 600)
    single = [[r[0] for r in references[few]]]
    # A system that is about as good: some lines are edited, some come from the reference.
    generator = random.Random(SEED)
    similar = [
        other if i % 10 == 0 else edited(generator, reference[0]) if i % 10 == 5 else own
        for i, (own, other, reference) in enumerate(zip(hypotheses[few], others[few], references[few]))
    ]
    made = {
        "sacrebleu": sacrebleu.__version__,
        "numpy": np.__version__,
        "hypotheses": hypotheses,
        "references": references,
        "bleu": [{"options": o, **check(BLEU(**o), hypotheses, references, streams)} for o in BLEUS],
        "chrf": [{"options": o, **check(CHRF(**o), hypotheses, references, streams)} for o in CHRFS],
        "ter": [{"options": o, **check(TER(**o), hypotheses, references, streams)} for o in TERS],
        "resampled": {
            "rows": [few.start, few.stop],
            "others": similar,
            "bleu": resampled(BLEU(), hypotheses[few], similar, single),
            "chrf": resampled(CHRF(), hypotheses[few], similar, single),
            "ter": resampled(TER(), hypotheses[few], similar, single),
        },
    }
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"), default=float)
    sys.stdout.buffer.write(gzip.compress(text.encode(), 9, mtime=0))


main()
