import {mkdirSync, renameSync, writeFileSync} from 'node:fs';
import {basename, join, resolve} from 'node:path';
import {Tinypool} from 'tinypool';
import type {Arguments} from './arguments.js';
import type {Cell, CellResult} from './cell.js';
import {cellStore} from './cell-store.js';
import {claims, type Findings, readFindings} from './claims.js';
import {compare, notRun} from './compare.js';
import {type Comparison, type LeftOut, planGroups} from './comparison.js';
import {qualityFigure, toPng} from './figures.js';
import {METHODS} from './methods.js';
import {claimedPairs} from './rival-claims.js';
import type {WrittenShape} from './run-cell.js';
import {figureOf, summarise} from './summary.js';
import {summaryTable} from './table.js';
import {TASKS} from './tasks/tasks.js';
import {verdicts} from './verdicts.js';

/** Does what the command was asked for. */
export async function runComparison({plan, soFar, jobs, out, name, data, ...asked}: Arguments): Promise<void> {
  const comparison: Comparison = {...asked, methods: asked.methods ?? Object.keys(METHODS)};
  checkNames('--methods', comparison.methods, METHODS);
  checkNames('--task', [comparison.task], TASKS);
  // Where threads share no sum, a result does not depend on what else runs. TensorFlow reads these when it is loaded.
  Object.assign(process.env, {TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', TF_CPP_MIN_LOG_LEVEL: '2'});
  const pool = new Tinypool({
    filename: new URL('./run-cell.js', import.meta.url).href,
    minThreads: plan || soFar ? 1 : jobs,
    maxThreads: plan || soFar ? 1 : jobs,
    isolateWorkers: false,
  });
  try {
    const {model, task, backend} = comparison;
    const {modules, selfAttentions, ...shape}: WrittenShape = await pool.run(
      {model, task, data, backend},
      {name: 'shapeOf'},
    );
    const {groups, leftOut} = planGroups(comparison, {
      ...shape,
      projections: () => modules,
      attentions: () => selfAttentions,
    });
    for (const one of leftOut) console.error(`left out: ${sayLeftOut(one)}`);
    if (plan) {
      for (const {method, budget, choice} of groups) console.log(`${method} at ${budget}: ${JSON.stringify(choice)}`);
      return;
    }
    const folder = join(resolve(out), name ?? `${basename(comparison.model)}-${comparison.task}`);
    const began = performance.now();
    const result = await compare(comparison, groups, {
      store: cellStore(join(folder, 'cells')),
      run: soFar ? notRun : (cell): Promise<CellResult> => pool.run({cell, data}, {name: 'runCell'}),
      onCell(cell, {loss}, {done, left}) {
        const minutes = ((performance.now() - began) / 60_000 / done) * left;
        const time = left === 0 ? 'the last' : `${left} or more left, about ${sayMinutes(minutes)}`;
        console.error(`${sayCell(cell)}: loss ${loss?.toFixed(3) ?? 'not finite'}; ${time}`);
      },
    });
    const missing = [...leftOut, ...result.leftOut];
    for (const one of result.leftOut) console.error(`left out: ${sayLeftOut(one)}`);
    const rows = summarise(comparison, result);
    const said = verdicts(comparison, result);
    const table = summaryTable(rows, result, said, missing);
    write(folder, 'summary.json', `${JSON.stringify(rows, null, 1)}\n`);
    write(folder, 'table.md', table);
    const pairs = claimedPairs(comparison, result);
    const findings: Findings = {model, task, metric: TASKS[task].metric.name, verdicts: said, pairs};
    write(folder, 'verdicts.json', `${JSON.stringify(findings, null, 1)}\n`);
    write(resolve(out), 'claims.md', claims(readFindings(resolve(out))));
    // Where nothing could be compared there is nothing to draw.
    for (const axis of rows.length > 0 ? (['parameters', 'bytes'] as const) : []) {
      const svg = qualityFigure(rows, axis, figureOf(result.seed, TASKS[comparison.task].metric.name));
      write(folder, `${axis}.svg`, `${svg}\n`);
      write(folder, `${axis}.png`, toPng(svg));
    }
    console.log(`${table}\n${folder}`);
  } finally {
    await pool.destroy();
  }
}

function checkNames(option: string, given: readonly string[], known: Readonly<Record<string, unknown>>): void {
  for (const name of given) {
    if (Object.hasOwn(known, name)) continue;
    throw new Error(`${option} is "${name}", expected one of ${Object.keys(known).join(', ')}`);
  }
}

function write(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(folder, {recursive: true});
  const file = join(folder, name);
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function sayCell({method, choice, learningRate, seed, split}: Cell): string {
  if (method === 'seed') return 'seed';
  const run = split === 'validation' ? 'validation' : `seed ${seed}`;
  return `${method}, ${choice.parameters} values, learning rate ${learningRate}, ${run}`;
}

function sayLeftOut({method, budget, reason}: LeftOut): string {
  return `${method} at ${budget}: ${reason}`;
}

function sayMinutes(minutes: number): string {
  return minutes < 1 ? `${Math.ceil(60 * minutes)} s` : `${Math.ceil(minutes)} min`;
}
