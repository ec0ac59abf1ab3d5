import type {GenerationPrompt, SpanPrompt} from './prompt.js';

/** Prompts for a question about a paragraph. */
export type SquadPrompts = {
  causal: GenerationPrompt;
  textToText: GenerationPrompt;
  encoder: SpanPrompt;
};

const ENCODER: SpanPrompt = {kind: 'span', question: '{{question}}', context: '{{context}}'};
// T5 also put spaces around punctuation, which made its own tokenizer's work easier; that is left out here.
const T5 = {kind: 'generation', context: 'question: {{question}} context: {{context}}', until: ['</s>']} as const;

/** The prompts of SQuAD 1.1 and XQuAD; the causal one is that of the task `xquad_en` of lm-evaluation-harness 0.4.13. */
export const SQUAD_PROMPTS: SquadPrompts = {
  causal: {
    kind: 'generation',
    context: 'Context: {{context}}\n\nQuestion: {{question}}\n\nAnswer:',
    targets: {each: 'answers', text: '{{item.text}}'},
    until: ['\n'],
  },
  textToText: {...T5, targets: {each: 'answers', text: '{{item.text}}'}},
  encoder: ENCODER,
};

/** What the prompts of SQuAD 2.0 teach to say where there is no answer. */
export const SQUAD2_NO_ANSWER = 'unanswerable';

/** The prompts of SQuAD 2.0; the causal one is that of the task `squadv2` of lm-evaluation-harness 0.4.13. */
export const SQUAD2_PROMPTS: SquadPrompts = {
  causal: {
    kind: 'generation',
    context: 'Title: {{title}}\n\nBackground: {{context}}\n\nQuestion: {{question}}\n\nAnswer:',
    targets: {each: 'answers', text: '{{item.text}}', none: SQUAD2_NO_ANSWER},
    until: ['\n'],
  },
  textToText: {...T5, targets: {each: 'answers', text: '{{item.text}}', none: SQUAD2_NO_ANSWER}},
  encoder: ENCODER,
};
