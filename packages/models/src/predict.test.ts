import * as tf from '@tensorflow/tfjs';
import {expect, it} from 'vitest';
import {encoders, readEncoder} from '../golden/encoder-fixture.js';
import {loadClassifier, loadMultipleChoice, loadSpanExtractor} from './index.js';

it.each(encoders)('%s predicts what it has learnt, of texts, pairs and questions', async (name) => {
  const read = await readEncoder(name, []);
  const texts: [string, string][] = [
    ['who sat?', 'The Cat  sat on the mat.'],
    ['who ran?', 'a big dog ran to the house.'],
  ];
  const classifier = await loadClassifier(name, {read, head: 'new', labels: ['cat', 'dog'], scope: 'a'});
  const learn = (loss: () => tf.Scalar, steps: number) => {
    const optimizer = tf.train.adam(0.02);
    for (let step = 0; step < steps; step++) optimizer.minimize(loss);
    optimizer.dispose();
  };
  const inputs = texts.map(([first, second]) => classifier.tokenizer.encodePair(first, second));
  learn(() => classifier.loss({inputs, labels: [0, 1]}), 40);
  expect((await classifier.predict(texts)).map(({labels}) => labels)).toEqual([['cat'], ['dog']]);

  const choice = await loadMultipleChoice(name, {read, head: 'new', scope: 'b'});
  const [[question, cat], [, dog]] = texts;
  const other = 1 - (await choice.predict(question, [cat, dog]));
  const choices = [cat, dog].map((text) => choice.tokenizer.encodePair(question, text));
  learn(() => choice.loss({inputs: [choices], labels: [other]}), 10);
  expect(await choice.predict(question, [cat, dog])).toBe(other);

  const extractor = await loadSpanExtractor(name, {read, head: 'new', scope: 'c'});
  const [sat, ran] = ['The Cat', 'a big dog'].map(
    (text) => extractor.tokenizer.encode(text, {addSpecialTokens: false}).length,
  );
  const starts = inputs.map(({sequenceIds}) => sequenceIds.indexOf(1));
  learn(() => extractor.loss({inputs, starts, ends: [starts[0] + sat - 1, starts[1] + ran - 1]}), 40);
  const spans = [await extractor.predict(...texts[0]), await extractor.predict(...texts[1])];
  expect(spans.map(({text}) => text)).toEqual(['The Cat', 'a big dog']);
  for (const model of [classifier, choice, extractor]) model.dispose();
});
