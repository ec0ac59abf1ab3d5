import * as tf from '@tensorflow/tfjs-core';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {type CausalModel, collate, loadModel} from './index.js';

let model: CausalModel;
beforeAll(async () => {
  model = await loadModel(new URL('../golden/tiny-llama', import.meta.url));
});
afterAll(() => model.dispose());

// As a caller in JavaScript has them: without types.
const js = () =>
  ({
    ...{loadModel, collate, ...model.tokenizer},
    generate: model.generate.bind(model),
    stream: model.stream.bind(model),
    loss: model.loss.bind(model),
    logits: model.logits.bind(model),
    hidden: model.hidden.bind(model),
  }) as unknown as Record<string, (...given: unknown[]) => unknown>;

const folder = 'the path or the URL of a folder or a GGUF file';
const rows = 'an array of rows, each an array of numbers';
const batch = {inputs: [[1]], targets: [[1]], weights: [[1]]};

describe('a wrong call is answered by name and leaves nothing behind', () => {
  it.each<[name: string, given: unknown[], message: string]>([
    ['loadModel', [], `loadModel: folder is undefined, expected ${folder}`],
    ['loadModel', [''], `loadModel: folder is "", expected ${folder}`],
    ['loadModel', [{id: 'm'}], `loadModel: folder is {"id":"m"}, expected ${folder}`],
    ['loadModel', ['m', {id: 7}], 'loadModel: id is 7, expected a string'],
    ['loadModel', ['m', {read: 'disk'}], 'loadModel: read is "disk", expected a function'],
    [
      'loadModel',
      ['m', {scop: 'a'}],
      expect.stringContaining('loadModel: there is no option "scop" ("a"), expected id'),
    ],
    ['collate', [], 'collate: examples is undefined, expected an array of {ids, sourceLength}'],
    ['collate', [[[1, 2]]], 'collate: example 0 is [1,2], expected an object with ids, sourceLength'],
    ['collate', [[{ids: 'ab', sourceLength: 1}]], 'collate: example 0: ids is "ab", expected an array of token ids'],
    ['collate', [[{ids: [1, 2]}]], 'collate: example 0: sourceLength is undefined, expected a number'],
    ['generate', ['Where?'], 'generate: prompts is "Where?", expected an array of strings'],
    ['generate', [[1]], 'generate: prompts is [1], expected an array of strings'],
    ['generate', [['a'], 8], expect.stringContaining('generate: the options are 8, expected an object with maxTokens')],
    ['generate', [['a'], {maxTokens: '8'}], 'generate: maxTokens is "8", expected a whole number of at least 1'],
    ['generate', [['a'], {stop: '</s>'}], 'generate: stop is "</s>", expected an array of token ids'],
    ['generate', [['a'], {max_tokens: 8}], expect.stringContaining('generate: there is no option "max_tokens" (8)')],
    [
      'generate',
      [['a'], {stopTexts: '.'}],
      'generate: stopTexts is ".", expected an array of strings, none of them empty',
    ],
    [
      'generate',
      [['a'], {stopTexts: ['']}],
      'generate: stopTexts is [""], expected an array of strings, none of them empty',
    ],
    ['generate', [['a'], {temperature: -1}], 'generate: temperature is -1, expected a number of at least 0'],
    ['generate', [['a'], {topK: 0}], 'generate: topK is 0, expected a whole number of at least 1'],
    ['generate', [['a'], {topP: 1.5}], 'generate: topP is 1.5, expected a number above 0 and at most 1'],
    ['generate', [['a'], {seed: 0.5}], 'generate: seed is 0.5, expected a whole number of at least 0'],
    ['generate', [['a'], {signal: true}], 'generate: signal is true, expected an AbortSignal'],
    ['generate', [['a'], {numBeams: 0}], 'generate: numBeams is 0, expected a whole number of at least 1'],
    [
      'generate',
      [['a'], {numBeams: 2, earlyStopping: 'maybe'}],
      `generate: earlyStopping is "maybe", expected true, false or 'never'`,
    ],
    ['generate', [['a'], {lengthPenalty: 2}], 'generate: lengthPenalty is 2, expected numBeams of at least 2 with it'],
    ['generate', [['a'], {numBeams: 2, topP: 0.5}], 'generate: topP is 0.5, expected no numBeams (2) beside it'],
    ['stream', [['a']], 'stream: prompt is ["a"], expected a string'],
    ['stream', ['a', {topP: 0}], 'stream: topP is 0, expected a number above 0 and at most 1'],
    [
      'stream',
      ['a', {batchSize: 2}],
      expect.stringContaining('stream: there is no option "batchSize" (2), expected max'),
    ],
    ['loss', [], 'loss: batch is undefined, expected an object with inputs, targets, weights'],
    ['loss', [new Map()], 'loss: batch is a Map of 0, expected an object with inputs, targets, weights'],
    ['loss', [{...batch, inputs: [1]}], `loss: batch: inputs is [1], expected ${rows}`],
    [
      'loss',
      [{...batch, targets: [Int32Array.of(1)]}],
      `loss: batch: targets is [an Int32Array of 4 bytes], expected ${rows}`,
    ],
    ['loss', [batch, {recompute: 1}], 'loss: recompute is 1, expected true or false'],
    ['loss', [batch, {recomptue: true}], 'loss: there is no option "recomptue" (true), expected recompute'],
    ['hidden', ['a'], `hidden: ids is "a", expected ${rows}`],
    ['logits', ['a'], `logits: ids is "a", expected ${rows}`],
    ['encode', [['a']], 'encode: text is ["a"], expected a string'],
    ['encode', ['a', {addSpecialTokens: 1}], 'encode: addSpecialTokens is 1, expected true or false'],
    [
      'encode',
      ['a', {addspecial: true}],
      'encode: there is no option "addspecial" (true), expected addSpecialTokens, maxTokens',
    ],
    ['encode', ['a', {maxTokens: 0}], 'encode: maxTokens is 0, expected at least 1, the special tokens'],
    ['encodePair', ['a'], 'encodePair: second is undefined, expected a string'],
    ['encodePair', ['a', 'b', {maxTokens: 1.5}], 'encodePair: maxTokens is 1.5, expected a whole number of at least 0'],
    ['decode', [1], 'decode: ids is 1, expected an array of token ids'],
  ])('%s of %o', async (name, given, message) => {
    const {numTensors} = tf.memory();
    await expect(async () => js()[name](...given)).rejects.toMatchObject({message});
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
