import {show} from '@subset-tuning/checks';
import type {PairRequest} from '../prompts/render-prompt.js';
import {type Answer, response} from './answer.js';
import {largest} from './ask-choices.js';
import type {Classifying} from './evaluated-model.js';

/**
 * Which label an encoder gives each text or pair. Labels are those of the same name, where the model has all of the
 * prompt's names, else those of the same number.
 *
 * @throws where the model has another number of labels than the prompt.
 */
export async function askPairs(
  model: Classifying,
  requests: readonly PairRequest[],
  {batchSize}: {batchSize: number},
): Promise<Answer[]> {
  const texts = requests.map(({first, second}) => (second === undefined ? first : ([first, second] as const)));
  const found = await model.predict(texts, {batchSize});
  return requests.map(({first, second, labels}, i) => {
    const {labels: known} = model;
    if (known.length !== labels.length) {
      throw new Error(`evaluate: the model has the labels ${show(known)}, expected ${labels.length}, ${show(labels)}`);
    }
    const places = labels.every((label) => known.includes(label))
      ? labels.map((label) => known.indexOf(label))
      : [...labels.keys()];
    const scores = places.map((place) => found[i].scores[place]);
    const said = largest(scores);
    return {
      requests: labels.map((label) => [...(second === undefined ? [first] : [first, second]), label]),
      responses: scores.map((score, label) => response(score, label === said)),
      said,
      scores: {},
    };
  });
}
