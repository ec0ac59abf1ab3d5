import type {GenerationRequest, SpanRequest} from '../prompts/render-prompt.js';
import type {Answer} from './answer.js';
import type {Answering, GeneratingModel, TextModel} from './evaluated-model.js';

/** How texts are asked for. */
export interface TextOptions {
  addSpecialTokens: boolean;
  /** Default 256, or half of the model's places where those are fewer. */
  maxTokens?: number;
  batchSize: number;
  signal?: AbortSignal | undefined;
}

/** What a model writes after each context: the likeliest token each time, as far as where the prompt says that it ends. */
export async function askTexts(
  model: GeneratingModel,
  requests: readonly GenerationRequest[],
  {addSpecialTokens, batchSize, signal, ...options}: TextOptions,
): Promise<Answer[]> {
  const {maxTokens = Math.min(256, Math.floor((model.maxRowTokens ?? model.config.maxPositions) / 2))} = options;
  const answers = new Array<Answer>(requests.length);
  // Rows of one prompt end at the same texts; those of several prompts are not mixed here.
  const [{until}] = requests;
  const prompts = requests.map(({context}) => cutAtStart(model, context, maxTokens, addSpecialTokens));
  for (const isCut of [false, true]) {
    const some = [...prompts.keys()].filter((i) => prompts[i].isCut === isCut);
    if (some.length === 0) continue;
    const texts = await model.generate(
      some.map((i) => prompts[i].text),
      {
        ...{maxTokens, batchSize, stopTexts: until.filter((text) => text !== '')},
        // What is cut has those that it had.
        addSpecialTokens: addSpecialTokens && !isCut,
        ...(signal && {signal}),
      },
    );
    for (const [at, i] of some.entries()) {
      const said = texts[at];
      const how = {until, do_sample: false, temperature: 0, max_gen_toks: maxTokens};
      answers[i] = {requests: [[requests[i].context, how]], responses: [said], said, scores: {}};
    }
  }
  return answers;
}

/** A prompt that leaves room for an answer, cut at its start as lm-evaluation-harness does. */
function cutAtStart(
  {tokenizer, config, maxRowTokens = config.maxPositions}: TextModel,
  text: string,
  maxTokens: number,
  addSpecialTokens: boolean,
): {text: string; isCut: boolean} {
  // Encoder and decoder have places of their own.
  const room = config.decoderStartTokenId === undefined ? maxRowTokens - maxTokens : maxRowTokens;
  const ids = tokenizer.encode(text, {addSpecialTokens});
  if (ids.length <= room) return {text, isCut: false};
  if (room < 1) {
    throw new Error(
      `evaluate: maxTokens is ${maxTokens}, expected fewer than the model has places for, ${maxRowTokens}`,
    );
  }
  return {text: tokenizer.decode(ids.slice(-room), {skipSpecialTokens: false}), isCut: true};
}

/** The answers that an encoder finds in the contexts. */
export async function askSpans(model: Answering, requests: readonly SpanRequest[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const {question, context} of requests) {
    const {text: said} = await model.predict(question, context);
    answers.push({requests: [[question, context]], responses: [said], said, scores: {}});
  }
  return answers;
}
