import {check, text} from '@subset-tuning/checks';
import type {GenerationPrompt} from './prompt.js';

/** Prompts for translation. */
export type TranslationPrompts = {
  /** As lm-evaluation-harness 0.4.13 asks in `wmt16-en-de` and the like. */
  causal: GenerationPrompt;
  /** As T5 was trained: "translate English to German: …". */
  textToText: GenerationPrompt;
};

/**
 * The prompts for translation between two languages.
 *
 * @param source The English name of the language, such as `English`.
 *
 * @example
 * ```ts
 * import {renderPrompt, translationPrompts} from '@subset-tuning/tasks';
 * const {causal} = translationPrompts('English', 'German');
 * const {context} = await renderPrompt(causal, {source: 'Go.', target: 'Geh.'}); // 'English phrase: Go.\nGerman phrase:'
 * ```
 */
export function translationPrompts(source: string, target: string): TranslationPrompts {
  check('translationPrompts: source', source, text);
  check('translationPrompts: target', target, text);
  return {
    causal: {
      kind: 'generation',
      context: `${source} phrase: {{source}}\n${target} phrase:`,
      targets: ['{{target}}'],
      until: ['\n'],
      // That of the harness, and the space with which its targets begin.
      delimiter: '  ',
    },
    textToText: {
      kind: 'generation',
      context: `translate ${source} to ${target}: {{source}}`,
      targets: ['{{target}}'],
      until: ['</s>'],
    },
  };
}
