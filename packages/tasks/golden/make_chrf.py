"""Makes chrf.json: what sacrebleu says of hypotheses and references, sentence by sentence and as a corpus.

    pip install sacrebleu==2.6.0
    python make_chrf.py > chrf.json
"""

import json
import random
import sys

import sacrebleu
from sacrebleu.metrics import CHRF

SEED = 7

BY_HAND = [
    ("Ich war da.", ["Ich war da."]),
    ("Ich war da.", ["Ich war dort.", "Ich bin da gewesen.", "Da war ich!"]),
    ("Wo wohnen Sie?", ["Wo wohnst du?", "Wo wohnt ihr?"]),
    ("", ["Leer."]),
    ("Leer.", [""]),
    ("", [""]),
    ("   ", ["a"]),
    ("a", ["a"]),
    ("a", ["b"]),
    ("ab", ["abcdefgh", "ab", "ba"]),
    ("Ja", ["ja", "JA"]),
    ("(hallo) „Welt“, 'gut'!", ["(hallo) Welt, gut!", "hallo (Welt) …"]),
    ("...", ["!!!", "..."]),
    ("!a a! !! ! a.b", ["!a a! !! ! a.b c"]),
    ("zwei  Räume\tund\u00a0ein\u3000weiter", ["zwei Räume und ein weiter"]),
    ("a\x1cb\x85c\u200bd\ufeffe\u2028f", ["a b c d e f", "abcdef"]),
    ("Straße größer übermäßig", ["Strasse groesser uebermaessig", "Stra\u00dfe gro\u0308\u00dfer"]),
    ("👍🏽 gut 👩‍👩‍👧 𝔘nicode", ["👍 gut 👩‍👧 Unicode", "𝔘"]),
    ("こんにちは 世界", ["こんばんは世界"]),
    ("aaaaaaaaaa", ["aaa", "aaaaaaaaaaaaaaaaaaaa"]),
    ("Der Hund bellt laut in der Nacht.", ["Nachts bellt der Hund laut.", "Der Hund bellt in der Nacht laut."]),
    ("Ich habe, was ich brauche.", ["Ich habe, was ich benötige.", "Ich habe alles, was ich brauche."]),
]


def random_rows(count):
    generator = random.Random(SEED)
    words = "der die das Hund Katze Haus, geht kommt schläft! heute nicht sehr (klein) groß. 😀 ß ü ab a".split()
    def sentence():
        return " ".join(generator.choice(words) for _ in range(generator.randrange(0, 9)))
    return [(sentence(), [sentence() for _ in range(generator.randrange(1, 5))]) for _ in range(count)]


def main():
    rows = BY_HAND + random_rows(40)
    hypotheses = [hypothesis for hypothesis, _ in rows]
    most = max(len(references) for _, references in rows)
    streams = [[refs[i] if i < len(refs) else None for _, refs in rows] for i in range(most)]
    scores = {}
    for order in (0, 1, 2):
        metric = CHRF(word_order=order)
        scores[order] = {
            "corpus": metric.corpus_score(hypotheses, streams).score,
            "sentences": [metric.sentence_score(hypothesis, references).score for hypothesis, references in rows],
        }
    made = {
        "sacrebleu": sacrebleu.__version__,
        "rows": [{"hypothesis": hypothesis, "references": references} for hypothesis, references in rows],
        "wordOrder": scores,
    }
    json.dump(made, sys.stdout, ensure_ascii=True, indent=1)
    print()


main()
