import {mkdir, writeFile} from 'node:fs/promises';
import {dirname} from 'node:path';
import {parseArgs} from 'node:util';
import {startBackend} from './backends.js';
import {kernels} from './kernels.js';
import {matMul} from './mat-mul.js';
import type {Grid, Row} from './rows.js';
import {step} from './step.js';

const QUESTIONS: Record<string, (grid: Grid) => void> = {step, kernels};

const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {
    backend: {type: 'string', default: 'cpu'},
    n: {type: 'string', multiple: true, default: ['1e6', '4e6', '1e7']},
    density: {type: 'string', multiple: true, default: ['1e-4', '1e-2', '0.1', '0.5']},
    python: {type: 'string'},
    json: {type: 'string'},
  },
});
const [question] = positionals;
if (values.python !== undefined && question !== 'step') throw new Error('--python is for the question step alone');

const rows: unknown[] = [];
if (question === 'mat-mul') {
  rows.push(...(await matMul()));
} else if (Object.hasOwn(QUESTIONS, question ?? '')) {
  const sizes = numbers('n', values.n, (n) => Number.isInteger(n) && n > 0, 'a positive integer');
  const densities = numbers('density', values.density, (x) => x > 0 && x <= 1, 'above 0 and at most 1');
  await startBackend(values.backend);
  const table: Record<string, string | number>[] = [];
  QUESTIONS[question]({
    backend: values.backend,
    sizes,
    densities,
    python: values.python,
    onRow: (row) => {
      rows.push(row);
      table.push(line(row));
      console.log(Object.values(line(row)).join('  '));
    },
  });
  console.table(table);
} else {
  throw new Error(`the question is ${JSON.stringify(question)}; expected step, kernels or mat-mul`);
}

if (values.json !== undefined) {
  await mkdir(dirname(values.json), {recursive: true});
  await writeFile(values.json, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
  console.log(`${rows.length} rows in ${values.json}`);
}

function numbers(name: string, texts: string[], fits: (x: number) => boolean, expected: string): number[] {
  return texts.map((text) => {
    const value = Number(text);
    if (text.trim() === '' || !fits(value)) throw new Error(`--${name} is '${text}'; expected ${expected}`);
    return value;
  });
}

function line({n, density, kernel, path, selection, ours, other, ratio}: Row): Record<string, string | number> {
  return {
    n,
    density,
    kernel: path === 'fused' ? kernel : `${kernel} (${path})`,
    ours: `${ours.median.toFixed(1)} ms${selection ? `, ${selection}` : ''}`,
    spread: `${ours.min.toFixed(1)}–${ours.max.toFixed(1)}`,
    other: `${other.name} ${other.median.toFixed(1)} ms`,
    ratio: `× ${ratio.toFixed(2)}`,
  };
}
