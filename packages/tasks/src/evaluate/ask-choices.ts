import type {ChoiceRequest} from '../prompts/render-prompt.js';
import {type Answer, response} from './answer.js';
import {encodeChoice} from './encode-choice.js';
import type {ChoosingModel, MultipleChoice} from './evaluated-model.js';

/** How choices are asked about. */
export interface ChoiceOptions {
  addSpecialTokens: boolean;
  /** What stands before each choice and is none of it. */
  delimiter: string;
  normalization: 'none' | 'characters' | 'bytes';
  batchSize: number;
  signal?: AbortSignal | undefined;
}

/** Which choices are likeliest. */
export async function askChoices(
  model: ChoosingModel,
  requests: readonly ChoiceRequest[],
  {addSpecialTokens, delimiter, normalization, batchSize, signal}: ChoiceOptions,
): Promise<Answer[]> {
  const pairs = requests.flatMap(({context, choices}) =>
    choices.map((choice) => encodeChoice(model, context, choice, addSpecialTokens)),
  );
  const found = await model.logProbabilities(pairs, {batchSize, ...(signal && {signal})});
  let at = 0;
  return requests.map(({context, choices, right}) => {
    const likely = found.slice(at, at + choices.length);
    at += choices.length;
    // As lm-evaluation-harness counts them: without the delimiter, a character is a code point.
    const texts = choices.map((choice) => choice.slice(delimiter.length));
    const best = {
      none: largest(likely.map(({sum}) => sum)),
      characters: largest(likely.map(({sum}, i) => sum / [...texts[i]].length)),
      bytes: largest(likely.map(({sum}, i) => sum / new TextEncoder().encode(texts[i]).length)),
    };
    const isRight = (choice: number) => (right.includes(choice) ? 1 : 0);
    return {
      requests: choices.map((choice) => [context, choice]),
      responses: likely.map(({sum, isGreedy}) => response(sum, isGreedy)),
      said: best[normalization],
      scores: {acc: isRight(best.none), acc_norm: isRight(best.characters), acc_bytes: isRight(best.bytes)},
    };
  });
}

/** Which choice an encoder's head takes. */
export async function askMultipleChoice(model: MultipleChoice, requests: readonly ChoiceRequest[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const {context, choices, right} of requests) {
    const said = await model.predict(context, choices);
    answers.push({
      requests: choices.map((choice) => [context, choice]),
      responses: choices.map((_, i) => response(i === said ? 1 : 0, i === said)),
      said,
      scores: {acc: right.includes(said) ? 1 : 0},
    });
  }
  return answers;
}

/** Where the largest is; of equally large ones, the first. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
