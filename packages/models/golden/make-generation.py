"""What transformers answers with SmolLM2-135M-Instruct to 20 chats: the golden values of generation on a real model.

    python make-generation.py SmolLM2-135M-Instruct.Q4_1.gguf

Writes gguf/smollm2-generation.json beside itself: each chat as the file's template renders it, its ids, the greedily made
tokens (at most 64) and, for each of those, how far its logit was above the next one's. Each chat is answered alone.
Made with torch 2.13.0 (CPU), transformers 5.24.0, gguf 0.19.0.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

HERE = Path(__file__).parent
NEW_TOKENS = 64
QUESTIONS = [
    "What is the capital of France?", "Write a haiku about the sea.", "What is 12 plus 30?",
    "Translate 'good morning' into German.", "Name three colours of the rainbow.", "Who wrote Romeo and Juliet?",
    "Explain photosynthesis in two sentences.", "Give me a recipe for pancakes.", "Why is the sky blue?",
    "Write a Python function that adds two numbers.", "What does the word 'ubiquitous' mean?",
    "List the planets of the solar system.", "Tell me a joke about cats.", "How do I boil an egg?",
    "Was ist die Hauptstadt von Deutschland?", "Summarise: The cat sat on the mat because it was tired.",
    "Is 17 a prime number?", "Continue the story: Once upon a time, there was a small dragon",
]
CHATS = [[{"role": "user", "content": question}] for question in QUESTIONS] + [
    [{"role": "system", "content": "You answer in one word."}, {"role": "user", "content": "Which animal barks?"}],
    [
        {"role": "user", "content": "My name is Ada. What is a compiler?"},
        {"role": "assistant", "content": "A compiler turns source code into machine code."},
        {"role": "user", "content": "And an interpreter?"},
    ],
]


@torch.no_grad()
def answer(model, tokenizer, messages):
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").input_ids
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=NEW_TOKENS, do_sample=False, output_logits=True,
        return_dict_in_generate=True,
    )
    leads = [(first - second).item() for first, second in (logits[0].topk(2).values for logits in out.logits)]
    made = out.sequences[0, ids.shape[1]:].tolist()
    text = tokenizer.decode(made, skip_special_tokens=True)
    return {"messages": messages, "prompt": prompt, "ids": ids[0].tolist(), "made": made,
            "leads": [round(lead, 4) for lead in leads], "answer": text}


def main():
    path = Path(sys.argv[1])
    tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    chats = [answer(model, tokenizer, messages) for messages in CHATS]
    print(f"smallest leads: {sorted(min(chat['leads']) for chat in chats)}")
    versions = {module.__name__: module.__version__ for module in (torch, transformers)}
    text = json.dumps({"chats": chats, "versions": versions}, ensure_ascii=False)
    (HERE / "gguf" / "smollm2-generation.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
