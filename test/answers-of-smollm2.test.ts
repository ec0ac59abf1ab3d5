import {readFileSync} from 'node:fs';
import {register} from '@subset-tuning/kernels-wasm';
import {type ChatMessage, loadModel} from '@subset-tuning/models';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {describe, expect, it} from 'vitest';
import {hasTfjsNode, loadTfjsNode} from './backends/load-tfjs-node.js';
import {realModel} from './real-model.js';

// What transformers answers: see packages/models/golden/make-generation.py.
interface Golden {
  chats: {messages: ChatMessage[]; prompt: string; ids: number[]; answer: string}[];
}
const path = realModel('smollm2');
if (hasTfjsNode()) loadTfjsNode();

describe.skipIf(path === undefined)('SmolLM2-135M-Instruct', () => {
  it.each(['wasm', ...(hasTfjsNode() ? ['tensorflow'] : [])])(
    'answers 20 chats with the 64 tokens of transformers on %s',
    async (backend) => {
      const file = new URL('../packages/models/golden/gguf/smollm2-generation.json', import.meta.url);
      const {chats} = JSON.parse(readFileSync(file, 'utf8')) as Golden;
      expect(chats.length).toBe(20);
      expect(await tf.setBackend(backend)).toBe(true);
      const undo = backend === 'wasm' ? register({replace: ['BatchMatMul', '_FusedMatMul']}) : () => {};
      const {numTensors} = tf.memory();
      const model = await loadModel(path ?? '');
      try {
        for (const {messages, prompt, ids} of chats) {
          expect(await model.applyChatTemplate(messages, {addGenerationPrompt: true})).toBe(prompt);
          expect(model.tokenizer.encode(prompt, {addSpecialTokens: false})).toEqual(ids);
        }
        const prompts = chats.map(({prompt}) => prompt);
        const answers = await model.generate(prompts, {maxTokens: 64, addSpecialTokens: false});
        expect(answers).toEqual(chats.map(({answer}) => answer));
      } finally {
        model.dispose();
        undo();
      }
      expect(tf.memory().numTensors).toBe(numTensors);
    },
  );
});
