// What is fuzzed: right files, and what is done with one, right or wrong.
import {readFileSync} from 'node:fs';
import {asFloat32 as dequantize, readGguf} from '@subset-tuning/gguf';
import {loadModel} from '@subset-tuning/models';
import {asFloat32, readSafetensors} from '@subset-tuning/safetensors';
import * as tf from '@tensorflow/tfjs';

const read = (path) => new Uint8Array(readFileSync(new URL(`../../packages/${path}`, import.meta.url)));

/** Loads a model of these files as a caller does, looks at it and frees it; nothing may be left, loaded or refused. */
async function load(files) {
  const before = tf.memory().numTensors;
  try {
    const model = await loadModel(files.has('config.json') ? 'folder' : 'model.gguf', {
      read: async (name) => {
        const bytes = files.get(name);
        if (bytes) return bytes;
        throw Object.assign(new Error(`there is no ${name}`), {code: 'ENOENT'});
      },
    });
    try {
      model.tokenizer.decode(model.tokenizer.encode('Where do you live?\n 12 🙂'));
    } finally {
      model.dispose();
    }
  } finally {
    const left = tf.memory().numTensors - before;
    // biome-ignore lint/correctness/noUnsafeFinally: what is left is worse than what was thrown
    if (left !== 0) throw new TypeError(`${left} tensors are left`);
  }
}

async function readEach(bytes) {
  const file = await readGguf(bytes);
  for (const name of file.tensors.keys()) dequantize(await file.read(name));
}

function widenEach(bytes) {
  for (const tensor of readSafetensors(bytes).tensors.values()) {
    if (['F32', 'F16', 'BF16'].includes(tensor.dtype)) asFloat32(tensor);
  }
}

const folder = 'models/golden/tiny-llama';
const others = ['config.json', 'tokenizer.json'].map((name) => [name, read(`${folder}/${name}`)]);

/** By target: the files, what uses one, and how many bytes of float32 a byte of such a file can become. */
export const TARGETS = {
  gguf: {
    floatBytes: (4 * 32) / 18, // of Q4_0
    uses: [
      {file: read('models/golden/gguf/byte-level.gguf'), use: (bytes) => load(new Map([['model.gguf', bytes]]))},
      {file: read('models/golden/gguf/sentencepiece.gguf'), use: (bytes) => load(new Map([['model.gguf', bytes]]))},
      {file: read('gguf/golden/every-type.gguf'), use: readEach},
    ],
    headerLength: async (file) => {
      const {tensors, read} = await readGguf(file);
      const [first] = tensors.keys();
      return (await read(first)).data.byteOffset;
    },
  },
  safetensors: {
    floatBytes: 2, // of F16
    uses: [
      {
        file: read(`${folder}/model.safetensors`),
        use: (bytes) => load(new Map([...others, ['model.safetensors', bytes]])),
      },
      {file: read('safetensors/golden/every-dtype.safetensors'), use: widenEach},
    ],
    headerLength: (file) => 8 + Number(new DataView(file.buffer).getBigUint64(0, true)),
  },
};
