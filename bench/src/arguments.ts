import {parseArgs} from 'node:util';
import {BACKENDS_OF_NODE} from './backends.js';
import {QUESTIONS} from './questions.js';

const BACKENDS = [...BACKENDS_OF_NODE, 'webgl'];
const WITH_PYTORCH = ['cpu', 'wasm'];

export const HELP = `npm run bench -- ${Object.keys(QUESTIONS).join('|')}|mat-mul [options]

  --backend NAME  ${BACKENDS.join(', ')}; default: cpu
  --n N           how many parameters; may be given several times; default: 1e6 and 1e7
  --density X     the share of them that is chosen; may be given several times; default: 1e-4, 1e-2, 0.1 and 0.5
  --python CMD    a Python that has PyTorch, to be measured too; for step on ${WITH_PYTORCH.join(' and ')}
  --json FILE     where to write the rows
  --help          prints this

mat-mul is about wasm and takes --json alone.`;

export interface Arguments {
  question: string;
  backend: string;
  sizes: number[];
  densities: number[];
  python?: string | undefined;
  json?: string | undefined;
  help: boolean;
}

/** @throws if an argument is not as {@link HELP} says */
export function readArguments(): Arguments {
  const {positionals, values} = parseArgs({
    allowPositionals: true,
    options: {
      backend: {type: 'string', default: 'cpu'},
      n: {type: 'string', multiple: true, default: ['1e6', '1e7']},
      density: {type: 'string', multiple: true, default: ['1e-4', '1e-2', '0.1', '0.5']},
      python: {type: 'string'},
      json: {type: 'string'},
      help: {type: 'boolean', default: false},
    },
  });
  const {backend, python, json, help} = values;
  const sizes = numbers('n', values.n, (n) => Number.isInteger(n) && n > 0, 'a positive integer');
  const densities = numbers('density', values.density, (x) => x > 0 && x <= 1, 'above 0 and at most 1');
  const [question = ''] = positionals;
  const questions = [...Object.keys(QUESTIONS), 'mat-mul'];
  if (!help && (positionals.length !== 1 || !questions.includes(question))) {
    throw new Error(`the question is '${positionals.join(' ')}'; expected ${questions.join(' or ')}`);
  }
  if (!BACKENDS.includes(backend)) throw new Error(`--backend is '${backend}'; expected ${BACKENDS.join(' or ')}`);
  if (python !== undefined && !(question === 'step' && WITH_PYTORCH.includes(backend))) {
    throw new Error(`--python is for step on ${WITH_PYTORCH.join(' and ')} alone`);
  }
  return {question, backend, sizes, densities, python, json, help};
}

function numbers(name: string, texts: string[], fits: (x: number) => boolean, expected: string): number[] {
  return texts.map((text) => {
    const value = Number(text);
    if (text.trim() === '' || !fits(value)) throw new Error(`--${name} is '${text}'; expected ${expected}`);
    return value;
  });
}
