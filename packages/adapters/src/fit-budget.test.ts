import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {type BudgetedMethod, fitBudget} from './fit-budget.js';
import {layerMatrices} from './layer-matrices.js';
import {loraBudget} from './lora-budget.js';

const side = fc.integer({min: 1, max: 40});

/** Names and shapes of a model of some layers, each with the same modules. */
const models = fc
  .record({
    layers: fc.integer({min: 1, max: 4}),
    modules: fc.array(fc.tuple(side, side), {minLength: 1, maxLength: 5}),
    width: side,
  })
  .map(({layers, modules, width}) => {
    const weights = new Map([['embed.weight', {shape: [50, width]}]]);
    for (let layer = 0; layer < layers; layer++) {
      for (const [i, shape] of modules.entries()) weights.set(`layers.${layer}.mlp.m${i}.weight`, {shape: [...shape]});
      weights.set(`layers.${layer}.norm.bias`, {shape: [width]});
      weights.set(`layers.${layer}.norm.weight`, {shape: [width]});
    }
    return weights;
  });

const sizeOf = (shape: readonly number[]) => shape.reduce((size, one) => size * one, 1);

describe('fitBudget', () => {
  it('never exceeds the budget, and says how little it can be where it refuses', () => {
    const methods: BudgetedMethod[] = ['subset', 'lift', 'lora', 'bitfit', 'vectors', 'full'];
    fc.assert(
      fc.property(
        models,
        fc.constantFrom(...methods),
        fc.integer({min: 1, max: 20_000}),
        (weights, method, parameters) => {
          let chosen: {parameters: number};
          try {
            chosen = fitBudget({method, parameters}, weights);
          } catch (error) {
            const least = Number(/expected at least (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
            const fewer = Number(/expected fewer than the (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
            expect(least > parameters || fewer <= parameters).toBe(true);
            // What it says that it can, it can.
            const able = least > 0 ? least : fewer - 1;
            if (able > 0) expect(fitBudget({method, parameters: able}, weights).parameters).toBe(able);
            return;
          }
          expect(chosen.parameters).toBeLessThanOrEqual(parameters);
          expect(chosen.parameters).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('counts what there is', () => {
    const weights = new Map([
      ['embed.weight', {shape: [10, 4]}],
      ['layers.0.up.weight', {shape: [8, 4]}],
      ['layers.0.norm.weight', {shape: [4]}],
      ['layers.0.up.bias', {shape: [8]}],
    ]);
    const fit = (method: BudgetedMethod, parameters: number) => fitBudget({method, parameters}, weights);
    expect(fit('subset', 21)).toEqual({parameters: 21, density: 0.25});
    expect(fit('lift', 8)).toEqual({parameters: 8, density: 0.25});
    expect(fit('bitfit', 99)).toEqual({parameters: 8});
    expect(fit('vectors', 99)).toEqual({parameters: 12});
    expect(fit('full', 99)).toEqual({parameters: 84});
    expect(fit('lora', 30)).toEqual({rank: 2, modules: ['up'], weights: ['layers.0.up.weight'], parameters: 24});
    expect(() => fit('full', 83)).toThrow('full: parameters is 83, expected at least 84, all that it tunes');
    expect(() => fit('subset', 84)).toThrow('subset: parameters is 84, expected fewer than the 84 that there are');
    expect(() => fit('lora', 11)).toThrow(
      'loraBudget: parameters is 11, expected at least 12: rank 1 of layers.0.up.weight',
    );
  });
});

describe('loraBudget', () => {
  it('stores rank · (rows + columns) of each of its matrices, and no set of modules comes nearer', () => {
    fc.assert(
      fc.property(models, fc.integer({min: 1, max: 5000}), (weights, parameters) => {
        const all = layerMatrices(weights);
        const smallest = Math.min(...all.map(({rows, columns}) => rows + columns));
        if (parameters < smallest) {
          expect(() => loraBudget(weights, {parameters})).toThrow(`expected at least ${smallest}: rank 1 of`);
          return;
        }
        const chosen = loraBudget(weights, {parameters});
        const stored = chosen.weights.reduce((sum, name) => {
          const [rows, columns] = weights.get(name)?.shape ?? [];
          expect(chosen.rank).toBeLessThanOrEqual(Math.min(rows, columns));
          return sum + sizeOf([chosen.rank, rows]) + sizeOf([columns, chosen.rank]);
        }, 0);
        expect(stored).toBe(chosen.parameters);
        // By hand: each rank of each set of modules in all layers.
        const modules = [...new Set(all.map(({module}) => module))];
        for (let set = 1; set < 2 ** modules.length; set++) {
          const own = all.filter(({module}) => (set >> modules.indexOf(module)) & 1);
          const most = Math.min(...own.map(({rows, columns}) => Math.min(rows, columns)));
          for (let rank = 1; rank <= most; rank++) {
            const used = own.reduce((sum, {rows, columns}) => sum + rank * (rows + columns), 0);
            if (used <= parameters) expect(used).toBeLessThanOrEqual(chosen.parameters);
          }
        }
      }),
    );
  });

  const weights = new Map<string, {shape: number[]}>(
    [0, 1, 2].flatMap((layer) => [
      [`h.${layer}.attn.q.weight`, {shape: [10, 10]}],
      [`h.${layer}.mlp.up.weight`, {shape: [30, 10]}],
    ]),
  );

  it('takes the last layers where all of them are too many', () => {
    expect(loraBudget(weights, {parameters: 59})).toEqual({
      ...{rank: 1, modules: ['q'], weights: ['h.1.attn.q.weight', 'h.2.attn.q.weight'], parameters: 40},
    });
    expect(loraBudget(weights, {parameters: 60}).weights).toEqual([0, 1, 2].map((layer) => `h.${layer}.attn.q.weight`));
  });

  it('takes the modules that it is told', () => {
    expect(loraBudget(weights, {parameters: 250, modules: ['up']})).toMatchObject({
      rank: 2,
      modules: ['up'],
      parameters: 240,
    });
    expect(() => loraBudget(weights, {parameters: 250, modules: ['k']})).toThrow(
      'loraBudget: there is no module "k", expected some of q, up',
    );
    expect(() => loraBudget(new Map(), {parameters: 250})).toThrow(
      'loraBudget: of 0 weights none is a matrix of a layer, expected at least one',
    );
  });
});
