import type {ChoiceRequest, GenerationRequest} from '../prompts/render-prompt.js';
import {Unfit} from './training-view.js';

/**
 * What a model is to say: the right choices or the targets, each with the delimiter before it.
 *
 * @throws Unfit where it is not known.
 */
export function wantedTexts(request: ChoiceRequest | GenerationRequest, right: 'first' | 'all' = 'first'): string[] {
  const texts =
    request.kind === 'choices'
      ? request.right.map((choice) => request.choices[choice])
      : request.targets.map((target) => request.delimiter + target);
  if (texts.length === 0) throw new Unfit('unlabelled', 'it is not known what is right');
  return right === 'first' ? texts.slice(0, 1) : texts;
}
