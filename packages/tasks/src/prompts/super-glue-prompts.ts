import {SUPER_GLUE_LABELS, type SuperGlueName} from '../data/super-glue-rows.js';
import type {ChoicePrompt, GenerationPrompt, PairPrompt} from './prompt.js';

/** The prompts of a task of SuperGLUE. */
export type SuperGluePrompts = {
  /** For a causal model: which of some continuations is likeliest, as lm-evaluation-harness 0.4.13 asks. */
  causal: ChoicePrompt;
  /** Text to text, as T5 was trained. */
  textToText: GenerationPrompt;
  /** For an encoder with a head that classifies, or chooses among texts. */
  encoder: PairPrompt | ChoicePrompt;
};

/** The label where the row has one. */
const LABEL = '{{ label if label is defined }}';
const T5 = {kind: 'generation', until: ['</s>']} as const;

/** The label's name, as T5 writes it. */
function named(name: keyof typeof SUPER_GLUE_LABELS): readonly string[] {
  return [`{{ ${JSON.stringify(SUPER_GLUE_LABELS[name])}[label] if label is defined }}`];
}

function entailment(premise: string, hypothesis: string): SuperGluePrompts {
  return {
    causal: {
      kind: 'choices',
      context: `{{ ${premise} }}\nQuestion: {{ ${hypothesis} }} True or False?\nAnswer:`,
      choices: ['True', 'False'],
      right: LABEL,
    },
    textToText: {
      ...T5,
      context: `rte hypothesis: {{ ${hypothesis} }} premise: {{ ${premise} }}`,
      targets: named('rte'),
    },
    encoder: {
      kind: 'pair',
      first: `{{ ${premise} }}`,
      second: `{{ ${hypothesis} }}`,
      labels: SUPER_GLUE_LABELS.rte,
      label: LABEL,
    },
  };
}

/** Two sentences in which T5 was not told apart pronoun and words as its rule expects. */
const WSC_PONY =
  'The boy continued to whip the pony , and eventually the pony threw him over. John laughed out quite loud. \\"Good for ';
const WSC_PEBBLE =
  'When they had eventually calmed down a bit , and had gotten home, Mr. Farley put the magic pebble in an iron safe . Some day they might want to use ';
const WSC_PEBBLE_END = ' , but really for now, what more could they wish for?';

/** The text with a pronoun between stars, and spaces before signs taken out, as lm-evaluation-harness does. */
const WSC_MARKED = [
  "{%- set before = text.split()[:span2_index] | join(' ') -%}",
  '{%- set after = text[(before | length) + (span2_text | length) + 1:] -%}',
  "{%- set marked = before + ' *' + span2_text + '*' + after -%}",
  `{%- set marked = marked.replace(" n't", "n't").replace(' )', ')').replace('( ', '(') -%}`,
  `{%- set marked = marked.replace('" ', '"').replace(' "', '"') -%}`,
  `{%- set marked = marked.replace(" '", "'").replace(' .', '.').replace(' ,', ',') -%}`,
].join('');

/** The prompts of SuperGLUE's tasks and diagnostics. */
export const SUPER_GLUE_PROMPTS: Readonly<Record<SuperGlueName, SuperGluePrompts>> = {
  boolq: {
    causal: {
      kind: 'choices',
      context: '{{passage}}\nQuestion: {{question}}?\nAnswer:',
      choices: ['no', 'yes'],
      right: LABEL,
    },
    textToText: {...T5, context: 'boolq passage: {{passage}} question: {{question}}', targets: named('boolq')},
    encoder: {
      kind: 'pair',
      first: '{{question}}',
      second: '{{passage}}',
      labels: SUPER_GLUE_LABELS.boolq,
      label: LABEL,
    },
  },
  cb: {
    causal: {
      kind: 'choices',
      context: '{{premise}}\nQuestion: {{hypothesis}}. True, False, or Neither?\nAnswer:',
      choices: ['True', 'False', 'Neither'],
      right: LABEL,
    },
    textToText: {...T5, context: 'cb hypothesis: {{hypothesis}} premise: {{premise}}', targets: named('cb')},
    encoder: {
      kind: 'pair',
      first: '{{premise}}',
      second: '{{hypothesis}}',
      labels: SUPER_GLUE_LABELS.cb,
      label: LABEL,
    },
  },
  copa: {
    causal: {
      kind: 'choices',
      context: "{{ premise.strip()[:-1] }} {{ {'cause': 'because', 'effect': 'therefore'}[question] }}",
      // The choices begin with a space of their own, beside that of the delimiter.
      choices: [' {{ choice1[0].lower() }}{{ choice1[1:] }}', ' {{ choice2[0].lower() }}{{ choice2[1:] }}'],
      right: LABEL,
    },
    textToText: {
      ...T5,
      context: 'copa choice1: {{choice1}} choice2: {{choice2}} premise: {{premise}} question: {{question}}',
      targets: named('copa'),
    },
    encoder: {
      kind: 'choices',
      context: "{{ premise }} {{ {'cause': 'What was the cause?', 'effect': 'What happened as a result?'}[question] }}",
      choices: ['{{choice1}}', '{{choice2}}'],
      right: LABEL,
      delimiter: '',
    },
  },
  multirc: {
    causal: {
      kind: 'choices',
      context: '{{paragraph}}\nQuestion: {{question}}\nAnswer:',
      choices: ['{{answer}}\nIs the answer correct? yes', '{{answer}}\nIs the answer correct? no'],
      // As lm-evaluation-harness has it: label 1, a right answer, is the second choice, "no".
      right: LABEL,
    },
    textToText: {
      ...T5,
      context: 'multirc question: {{question}} answer: {{answer}} paragraph: {{paragraph}}',
      targets: named('multirc'),
    },
    encoder: {
      kind: 'pair',
      first: '{{paragraph}}',
      second: '{{question}} {{answer}}',
      labels: SUPER_GLUE_LABELS.multirc,
      label: LABEL,
    },
  },
  record: {
    causal: {
      kind: 'choices',
      context:
        "{% for part in passage.strip().split('\n@highlight\n') %}{{ part + '\n\n' if loop.first else '  - ' + part + '.\n' }}{% endfor %}",
      choices: {each: 'entities', text: "  - {{ query.replace('@placeholder', item) }}"},
      right: '{{ item in answers }}',
    },
    textToText: {
      ...T5,
      context: [
        "{%- set text = passage.replace('.\n@highlight\n', '. ').replace('?\n@highlight\n', '? ') -%}",
        "{%- set text = text.replace('!\n@highlight\n', '! ').replace('\"\n@highlight\n', '\" ') -%}",
        "{%- set text = text.replace(\"'\n@highlight\n\", \"' \").replace('\n@highlight\n', '. ') -%}",
        "record query: {{ query }} entities: {{ entities | join(', ') }} passage: {{ text }}",
      ].join(''),
      targets: {each: 'answers', text: '{{ item }}'},
    },
    encoder: {
      kind: 'choices',
      context: '{{passage}}',
      choices: {each: 'entities', text: "{{ query.replace('@placeholder', item) }}"},
      right: '{{ item in answers }}',
      delimiter: '',
    },
  },
  rte: entailment('premise', 'hypothesis'),
  wic: {
    causal: {
      kind: 'choices',
      context:
        "Sentence 1: {{sentence1}}\nSentence 2: {{sentence2}}\nQuestion: Is the word '{{sentence1[start1:end1]}}' used in the same way in the two sentences above?\nAnswer:",
      choices: ['no', 'yes'],
      right: LABEL,
    },
    textToText: {
      ...T5,
      context: 'wic sentence1: {{sentence1}} sentence2: {{sentence2}} word: {{word}}',
      targets: named('wic'),
    },
    encoder: {
      kind: 'pair',
      first: '{{word}}: {{sentence1}}',
      second: '{{sentence2}}',
      labels: SUPER_GLUE_LABELS.wic,
      label: LABEL,
    },
  },
  wsc: {
    causal: {
      kind: 'choices',
      context: `${WSC_MARKED}Passage: {{ marked }}\nQuestion: In the passage above, does the pronoun "*{{ span2_text }}*" refer to "*{{ span1_text }}*"?\nAnswer:`,
      choices: ['no', 'yes'],
      right: LABEL,
    },
    textToText: {
      ...T5,
      context: [
        `{%- set pony = "${WSC_PONY}" -%}{%- set pebble = "${WSC_PEBBLE}" -%}{%- set end = "${WSC_PEBBLE_END}" -%}`,
        "{%- if text == pony + 'him,\" he said. ' -%}{%- set marked = pony + '*' + span2_text + '* ,\" he said.' -%}",
        "{%- elif text == pebble + 'it' + end -%}{%- set marked = pebble + '*' + span2_text + '*' + end -%}",
        "{%- else -%}{%- set words = text.split(' ') -%}",
        "{%- set marked = (words[:span2_index] + ['*' + span2_text + '*'] + words[span2_index + 1:]) | join(' ') -%}",
        '{%- endif -%}wsc: {{ marked }}',
      ].join(''),
      // T5 names what the pronoun refers to, and learns from the rows alone where it is the noun phrase.
      targets: ['{{ span1_text if label is defined and label == 1 }}'],
    },
    encoder: {
      kind: 'pair',
      first: `${WSC_MARKED}{{ marked }}`,
      second: '{{ span1_text }}',
      labels: SUPER_GLUE_LABELS.wsc,
      label: LABEL,
    },
  },
  axb: entailment('sentence1', 'sentence2'),
  axg: entailment('premise', 'hypothesis'),
};
