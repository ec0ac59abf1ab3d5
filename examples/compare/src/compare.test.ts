import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {ModelShape} from '@subset-tuning/adapters';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {type Cell, type CellResult, cellHash} from './cell.js';
import {cellStore} from './cell-store.js';
import {compare, notRun} from './compare.js';
import {type Comparison, planGroups} from './comparison.js';
import {summarise} from './summary.js';
import {summaryTable} from './table.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compare-'));
});
afterEach(() => rmSync(folder, {recursive: true, force: true}));

const comparison: Comparison = {
  ...{model: 'tiny-translator', task: 'formal-german', methods: ['subset', 'vectors', 'full']},
  ...{budgets: [50, 300, 'full'], seeds: 2, steps: 5, tokensPerStep: 64, backend: 'wasm'},
};
const model: ModelShape = {
  weights: new Map([
    ['layers.0.up.weight', {shape: [30, 20]}],
    ['layers.0.norm.weight', {shape: [20]}],
  ]),
  projections: () => [{name: 'layers.0.up', inputs: 20, outputs: 30, layout: 'out-in'}],
};

/** A result that depends on the cell alone, best at a rate that falls with the budget. */
async function run({method, choice, learningRate, seed, split}: Cell): Promise<CellResult> {
  const loss = Math.abs(Math.log10(learningRate || 1) + Math.log10(choice.parameters || 1)) + seed / 1e4;
  const stored = {parameters: choice.parameters, bytes: 8 * choice.parameters};
  if (split === 'validation') return {...stored, loss};
  const chrF = 50 - loss - (method === 'full' ? 1 : 0);
  return {...stored, loss, unrelatedLoss: 1 + seed / 10, figures: {chrF, formal: 0.5}};
}

/** Runs a comparison that breaks off after some cells, and says which were run. */
async function comparing(most = Number.POSITIVE_INFINITY) {
  const ran: string[] = [];
  const {groups, leftOut} = planGroups(comparison, model);
  const result = await compare(comparison, groups, {
    store: cellStore(folder),
    run(cell) {
      if (ran.length === most) throw new Error('cut off');
      ran.push(cellHash(cell));
      return run(cell);
    },
  });
  return {ran, leftOut, result, summary: summarise(comparison, result)};
}

describe('compare', () => {
  it('chooses rates by the same rule for all, and runs each cell once', async () => {
    const {ran, leftOut, result, summary} = await comparing();
    expect(new Set(ran).size).toBe(ran.length);
    expect(readdirSync(folder).sort()).toEqual(ran.map((hash) => `${hash}.json`).sort());
    const rows = summary.map(({method, budget, parameters, learningRate}) => [
      method,
      budget,
      parameters,
      learningRate,
    ]);
    expect(rows).toEqual([
      ['subset', 50, 50, 0.03],
      ['vectors', 50, 20, 0.03],
      ['subset', 300, 300, 0.003],
      ['vectors', 300, 20, 0.03],
      ['vectors', 620, 20, 0.03],
      ['full', 620, 620, 0.001],
    ]);
    expect(leftOut.map(({method, budget}) => [method, budget])).toEqual([
      ['full', 50],
      ['full', 300],
      ['subset', 620],
    ]);
    for (const {learningRate, tried} of result.groups) {
      expect(tried[0].learningRate).toBeLessThan(learningRate);
      expect(tried.at(-1)?.learningRate).toBeGreaterThan(learningRate);
    }
    // Seeds 1 and 2: 0.1 and 0.2 more than the untuned model's 1.
    expect(summary.every(({forgotten}) => Math.abs(forgotten - 0.15) < 1e-12)).toBe(true);
    expect(summary.every(({low, mean, high}) => low < mean && mean < high)).toBe(true);
    const table = summaryTable(summary, result, [], leftOut);
    expect(table).toContain('| vectors | 620 | 20 | 160 |');
    expect(table).toContain('- full at 50: full: parameters is 50, expected at least 620, all that it tunes');
  });

  it('goes on where it was cut off, and comes to the same', async () => {
    const whole = await comparing();
    rmSync(folder, {recursive: true});
    let sum = 0;
    for (const most of [1, 4, 9]) {
      await expect(comparing(most)).rejects.toThrow('cut off');
      sum += most;
    }
    const {ran, summary} = await comparing();
    expect(ran.length).toBe(whole.ran.length - sum);
    expect(JSON.stringify(summary)).toBe(JSON.stringify(whole.summary));
    expect((await comparing()).ran).toEqual([]);
  });

  it('runs a cell again whose file is broken, of another cell, or half written', async () => {
    const whole = await comparing();
    const files = readdirSync(folder).sort();
    const [first, second, third] = files.map((file) => join(folder, file));
    writeFileSync(first, readFileSync(first, 'utf8').slice(0, 40));
    writeFileSync(second, readFileSync(third));
    writeFileSync(third, JSON.stringify({...JSON.parse(readFileSync(third, 'utf8')), result: {loss: '1'}}));
    writeFileSync(`${files[3]}.new`, 'half');
    const again = await comparing();
    expect(again.ran.map((hash) => `${hash}.json`).sort()).toEqual(files.slice(0, 3));
    expect(again.summary).toEqual(whole.summary);
    rmSync(`${files[3]}.new`);
  });

  it('leaves out a method for which no rate is best, and goes on with the others', async () => {
    const {groups} = planGroups({...comparison, methods: ['subset', 'vectors'], budgets: [50]}, model);
    const result = await compare(comparison, groups, {
      store: cellStore(folder),
      run: async (cell) => ({...(await run(cell)), ...(cell.method === 'vectors' && {loss: null})}),
    });
    expect(result.groups.map(({method}) => method)).toEqual(['subset']);
    const reason = 'the best learning rate is 1e-8, at the end of all that are tried';
    expect(result.leftOut).toEqual([{method: 'vectors', budget: 50, reason}]);
  });
});

it('says what was not run to its end, and of the rest what it came to, where nothing is to be run', async () => {
  const whole = await comparing();
  const other = {...comparison, methods: [...comparison.methods, 'random']};
  const {groups} = planGroups({...other, budgets: [50]}, model);
  const result = await compare(other, groups, {store: cellStore(folder), run: notRun});
  expect(result.groups).toEqual(whole.result.groups.filter(({budget}) => budget === 50));
  expect(result.leftOut).toEqual([{method: 'random', budget: 50, reason: 'not run to its end yet'}]);
  rmSync(folder, {recursive: true});
  await expect(compare(other, groups, {store: cellStore(folder), run: notRun})).rejects.toThrow('not run to its end');
});

describe('cellHash', () => {
  const cell: Cell = {
    ...{version: 1, model: 'm', task: 't', method: 'subset', choice: {parameters: 5, density: 0.5}},
    ...{learningRate: 0.1, steps: 1, tokensPerStep: 2, seed: 3, backend: 'wasm', split: 'test'},
  };

  it('is of all that the cell says, in whatever order', () => {
    expect(cellHash(cell)).toMatch(/^[0-9a-f]{64}$/);
    const turned = Object.fromEntries(Object.entries({...cell, choice: {density: 0.5, parameters: 5}}).reverse());
    expect(cellHash(turned as unknown as Cell)).toBe(cellHash(cell)); // the same keys
    const others: Partial<Cell>[] = [
      {seed: 4},
      {learningRate: 0.2},
      {backend: 'webgpu'},
      {split: 'validation'},
      {choice: {parameters: 5}},
    ];
    expect(new Set([cell, ...others.map((other) => ({...cell, ...other}))].map(cellHash)).size).toBe(6);
  });
});
