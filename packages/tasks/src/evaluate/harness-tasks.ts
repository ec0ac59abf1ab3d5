/** What lm-evaluation-harness 0.4.13 calls a task of ours with one of its prompts, and its version. */
export interface HarnessTask {
  readonly name: string;
  /** Of the built-in tasks, `metadata.version` of the harness's own file. */
  readonly version?: number;
  readonly dataSet?: readonly [path: string, name: string];
  /** Whether the target is the right choice's text, where else it is its number. */
  readonly targetIsText?: boolean;
}

const superGlue = (name: string, version: number, task = name, more: Partial<HarnessTask> = {}): HarnessTask => ({
  ...{name: task, version, dataSet: ['aps/super_glue', name]},
  ...more,
});

/** By task and prompt. */
const TASKS: Readonly<Record<string, HarnessTask>> = {
  'boolq causal': superGlue('boolq', 2),
  'cb causal': superGlue('cb', 1),
  'copa causal': superGlue('copa', 1, 'copa', {targetIsText: true}),
  'multirc causal': superGlue('multirc', 2),
  'record causal': superGlue('record', 2, 'record', {targetIsText: true}),
  'rte causal': superGlue('rte', 0, 'sglue_rte'),
  'wic causal': superGlue('wic', 1),
  'wsc causal': superGlue('wsc.fixed', 1, 'wsc'),
  'gsm8k causal': {name: 'gsm8k', version: 3, dataSet: ['openai/gsm8k', 'main']},
  'xquad causal': {name: 'xquad_en', version: 1, dataSet: ['google/xquad', 'xquad.en']},
  'gsm8k chainOfThought': {name: 'gsm8k_cot', version: 3, dataSet: ['openai/gsm8k', 'main']},
};

/** The harness's name for a task with a prompt; what it does not know is called by its own names. */
export function harnessTask(task: string, prompt: string): HarnessTask {
  const key = `${task} ${prompt}`;
  return Object.hasOwn(TASKS, key) ? TASKS[key] : {name: prompt === 'causal' ? task : `${task}_${prompt}`};
}
