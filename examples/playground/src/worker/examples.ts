import type {CausalModel, Example} from '@subset-tuning/models';
import {encodePair, prompt, type SentencePair} from '@subset-tuning/tasks';

/** How the translator was taught: English, `<de>`, German, `</s>`. */
const FORMAT = {separator: '<de>', end: '</s>'};
/** The longest answer, in tokens. */
const MOST_TOKENS = 48;

/** How a kind of model reads a question, and what it is taught. */
export interface Dialect {
  encode(pair: SentencePair): Promise<Example>;
  answer(model: CausalModel, questions: readonly string[]): Promise<string[]>;
}

/** English in, German out. */
export const translating = (model: CausalModel): Dialect => ({
  encode: async (pair) => encodePair(pair, model.tokenizer, FORMAT),
  answer: (asked, questions) =>
    asked.generate(
      questions.map((question) => prompt(question, FORMAT)),
      {maxTokens: MOST_TOKENS},
    ),
});

/** A prompt in, an answer out: by the model's own chat template where it has one, else one text after the other. */
export const answering = (model: CausalModel): Dialect => {
  const hasTemplate = model.chatTemplates.texts.size > 0;
  const ask = (question: string) =>
    hasTemplate ? model.applyChatTemplate([{role: 'user', content: question}], {addGenerationPrompt: true}) : question;
  const end = model.config.eosTokenIds[0];
  return {
    encode: async ({source, target}) => {
      const asked = model.tokenizer.encode(await ask(source), {addSpecialTokens: !hasTemplate});
      const text = hasTemplate ? target : ` ${target}`;
      const answer = model.tokenizer.encode(text, {addSpecialTokens: false});
      return {ids: [...asked, ...answer, ...(end === undefined ? [] : [end])], sourceLength: asked.length};
    },
    answer: async (asked, questions) =>
      asked.generate(await Promise.all(questions.map(ask)), {maxTokens: MOST_TOKENS, addSpecialTokens: !hasTemplate}),
  };
};
