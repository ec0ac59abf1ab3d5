import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {dirname} from 'node:path';
import {useBackend} from '@subset-tuning/example-shared';
import {loadSpanExtractor} from '@subset-tuning/models';
import {dataSets, getTask, loadSplit, spanView} from '@subset-tuning/tasks';
import {expect, it} from 'vitest';
import {realModel} from '../../../test/real-model.js';
import {textData} from '../../../test/text-data.js';

const model = realModel('minilm');
const data = textData();

it.runIf(model && data)('XQuAD’s rows are prepared as transformers prepares them, token for token', async () => {
  const file = new URL('../../../packages/tasks/golden/training.json', import.meta.url);
  const {maxTokens, stride, windows, sha256} = JSON.parse(readFileSync(file, 'utf8')).xquad;
  await useBackend('wasm');
  const extractor = await loadSpanExtractor(dirname(model ?? ''), {head: 'new'});
  const rows = await loadSplit(dataSets.xquad, `${data}/xquad`, 'en');
  const {encoder} = getTask('xquad').prompts;
  const {examples} = await spanView(encoder, rows, extractor.tokenizer, {maxTokens, stride});
  extractor.dispose();
  expect(examples).toHaveLength(windows);
  const text = examples.map(({ids, start, end}) => JSON.stringify([ids, start, end])).join('\n');
  expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
});
