import {parseArgs} from 'node:util';
import {STEP_DISTANCES, type StepDistance} from '@subset-tuning/kernels';
import {CommandError} from './command.js';
import {QUESTIONS} from './questions.js';
import type {DawnOptions} from './start-webgpu.js';

const WITH_PYTORCH = ['cpu', 'wasm'];
/** Those that are asked about a model, with the backends that they are for. */
const OF_A_MODEL: Record<string, readonly string[]> = {
  load: ['cpu', 'wasm', 'tensorflow'],
  train: ['cpu', 'wasm', 'tensorflow', 'webgpu'],
};
const ALL_QUESTIONS = [...Object.keys(QUESTIONS), 'mat-mul', ...Object.keys(OF_A_MODEL)];

function help(backends: readonly string[]): string {
  return `bench ${ALL_QUESTIONS.join('|')} [options]

  --backend NAME  ${backends.join(', ')}; default: cpu
  --n N           how many parameters; may be given several times; default: 1e6 and 1e7
  --density X     the share of them that is chosen; may be given several times; default: 1e-4, 1e-2, 0.1 and 0.5;
                  for train: once, 1e-3
  --distance NAME what a step chooses by: ${STEP_DISTANCES.join(', ')}; default: absolute
  --software      takes a software renderer for webgpu's GPU
  --subgroups     gives webgpu's device subgroups, for which tfjs does not ask
  --turns N       how many turns two sides take, each of some calls; default: 3 to 5
  --model FILE    for load and train: a GGUF file, or a checkpoint's folder
  --tokens N      for train: how many tokens the step's one row has; default: 256
  --recompute     for train: computes activations twice instead of keeping them
  --without NAME  leaves out composed, copy or tf.train.adam; may be given several times
  --python CMD    a Python that has PyTorch, to be measured too; for step on ${WITH_PYTORCH.join(' and ')}, and for load
                  and train, which need transformers and gguf besides
  --threads N     for mat-mul: in headless Chromium, on so many threads
  --json FILE     where to write the rows
  --help          prints this

mat-mul is about wasm and takes --threads and --json alone.`;
}

export interface Arguments extends DawnOptions {
  question: string;
  backend: string;
  sizes: number[];
  densities: number[];
  distance: StepDistance;
  turns?: number | undefined;
  without: string[];
  model?: string | undefined;
  tokens: number;
  recompute: boolean;
  threads?: number | undefined;
  python?: string | undefined;
  json?: string | undefined;
}

/**
 * Undefined where help is asked for, which is printed.
 *
 * @param backends those that are to be had here
 * @throws if an argument is not as the help says
 */
export function readArguments(args: string[], backends: readonly string[]): Arguments | undefined {
  try {
    const {help: helps, ...options} = parse(args, backends);
    if (!helps) return options;
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : error}\n\n${help(backends)}`);
  }
  console.log(help(backends));
  return undefined;
}

function parse(args: string[], backends: readonly string[]): Arguments & {help: boolean} {
  const {positionals, values} = parseArgs({
    args,
    allowPositionals: true,
    options: {
      backend: {type: 'string', default: 'cpu'},
      n: {type: 'string', multiple: true, default: ['1e6', '1e7']},
      density: {type: 'string', multiple: true},
      distance: {type: 'string', default: 'absolute'},
      software: {type: 'boolean', default: false},
      subgroups: {type: 'boolean', default: false},
      turns: {type: 'string'},
      without: {type: 'string', multiple: true, default: []},
      model: {type: 'string'},
      tokens: {type: 'string', default: '256'},
      recompute: {type: 'boolean', default: false},
      threads: {type: 'string'},
      python: {type: 'string'},
      json: {type: 'string'},
      help: {type: 'boolean', default: false},
    },
  });
  const {backend, software, subgroups, without, model, recompute, python, json, help} = values;
  const [question = ''] = positionals;
  const sizes = positiveInteger('n', values.n);
  const given = values.density ?? (question === 'train' ? ['1e-3'] : ['1e-4', '1e-2', '0.1', '0.5']);
  const densities = numbers('density', given, (x) => x > 0 && x <= 1, 'above 0 and at most 1');
  const turns = values.turns === undefined ? undefined : positiveInteger('turns', [values.turns])[0];
  const threads = values.threads === undefined ? undefined : positiveInteger('threads', [values.threads])[0];
  if (threads !== undefined && question !== 'mat-mul') throw new Error('--threads is for mat-mul alone');
  const [tokens] = positiveInteger('tokens', [values.tokens]);
  if (!help && (positionals.length !== 1 || !ALL_QUESTIONS.includes(question))) {
    throw new Error(`the question is '${positionals.join(' ')}'; expected ${ALL_QUESTIONS.join(' or ')}`);
  }
  if (!backends.includes(backend)) throw new Error(`--backend is '${backend}'; expected ${backends.join(' or ')}`);
  const distance = STEP_DISTANCES.find((one) => one === values.distance);
  if (!distance) throw new Error(`--distance is '${values.distance}'; expected ${STEP_DISTANCES.join(' or ')}`);
  if ((software || subgroups) && backend !== 'webgpu') {
    throw new Error('--software and --subgroups are for --backend webgpu alone');
  }
  if (Object.hasOwn(OF_A_MODEL, question)) {
    checkModel(question, backend, model, densities);
  } else if (model !== undefined) {
    throw new Error(`--model is for ${Object.keys(OF_A_MODEL).join(' and ')} alone`);
  } else if (python !== undefined && !(question === 'step' && WITH_PYTORCH.includes(backend))) {
    throw new Error(`--python is for load, train, and step on ${WITH_PYTORCH.join(' and ')} alone`);
  }
  return {
    ...{question, backend, sizes, densities, distance, software, subgroups, turns, without},
    ...{model, tokens, recompute, threads, python, json, help},
  };
}

function checkModel(question: string, backend: string, model: string | undefined, densities: number[]): void {
  if (model === undefined) throw new Error(`${question} needs --model, a GGUF file or a checkpoint's folder`);
  const backends = OF_A_MODEL[question];
  if (!backends.includes(backend)) {
    throw new Error(`--backend is '${backend}'; expected ${backends.join(' or ')} for ${question}`);
  }
  if (question === 'train' && densities.length > 1) throw new Error('train takes --density once');
}

function positiveInteger(name: string, texts: string[]): number[] {
  return numbers(name, texts, (n) => Number.isInteger(n) && n > 0, 'a positive integer');
}

function numbers(name: string, texts: string[], fits: (x: number) => boolean, expected: string): number[] {
  return texts.map((text) => {
    const value = Number(text);
    if (text.trim() === '' || !fits(value)) throw new Error(`--${name} is '${text}'; expected ${expected}`);
    return value;
  });
}
