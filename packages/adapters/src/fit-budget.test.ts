import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import type {LinearModule} from './adaptable-model.js';
import {type BudgetedMethod, fitBudget} from './fit-budget.js';
import {loraBudget} from './lora-budget.js';
import type {ModelShape} from './model-shape.js';

const side = fc.integer({min: 1, max: 40});

/** A model of linear layers of these [outputs, inputs], and of other weights. */
function modelOf(layers: Record<string, [number, number]>, others: Record<string, number[]> = {}): ModelShape {
  const modules = Object.entries(layers).map(
    ([name, [outputs, inputs]]): LinearModule => ({name, inputs, outputs, layout: 'out-in'}),
  );
  const shapes = [...modules.map(({name, inputs, outputs}) => [`${name}.weight`, [outputs, inputs]] as const)];
  const weights = new Map([...Object.entries(others), ...shapes].map(([name, shape]) => [name, {shape}]));
  return {weights, projections: () => modules};
}

/** Models of some layers, each with the same modules. */
const models = fc
  .record({
    layers: fc.integer({min: 1, max: 4}),
    modules: fc.array(fc.tuple(side, side), {minLength: 1, maxLength: 5}),
    width: side,
  })
  .map(({layers, modules, width}) => {
    const matrices: Record<string, [number, number]> = {};
    const others: Record<string, number[]> = {'embed.weight': [50, width]};
    for (let layer = 0; layer < layers; layer++) {
      for (const [i, shape] of modules.entries())
        matrices[`layers.${layer}.mlp.${i % 2 ? 'up' : 'k_proj'}${i}`] = shape;
      others[`layers.${layer}.norm.bias`] = [width];
      others[`layers.${layer}.norm.weight`] = [width];
    }
    return modelOf(matrices, others);
  });

describe('fitBudget', () => {
  it('never exceeds the budget, and says how little it can be where it refuses', () => {
    const methods: BudgetedMethod[] = ['subset', 'lift', 'lora', 'dora', 'bitfit', 'vectors', 'full'];
    fc.assert(
      fc.property(
        models,
        fc.constantFrom(...methods),
        fc.integer({min: 1, max: 20_000}),
        (model, method, parameters) => {
          let chosen: {parameters: number};
          try {
            chosen = fitBudget({method, parameters}, model);
          } catch (error) {
            const least = Number(/expected at least (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
            const fewer = Number(/expected fewer than the (\d+)/.exec(String(error))?.[1] ?? Number.NaN);
            expect(least > parameters || fewer <= parameters).toBe(true);
            // What it says that it can, it can.
            const able = least > 0 ? least : fewer - 1;
            if (able > 0) expect(fitBudget({method, parameters: able}, model).parameters).toBe(able);
            return;
          }
          expect(chosen.parameters).toBeLessThanOrEqual(parameters);
          expect(chosen.parameters).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('counts what there is', () => {
    const model = modelOf(
      {'layers.0.k_proj': [6, 4], 'layers.0.down_proj': [8, 4]},
      {'embed.weight': [10, 4], 'layers.0.norm.weight': [4], 'layers.0.k_proj.bias': [6]},
    );
    const fit = (method: BudgetedMethod, parameters: number) => fitBudget({method, parameters}, model);
    expect(fit('subset', 53)).toEqual({parameters: 53, density: 0.5});
    expect(fit('lift', 14)).toEqual({parameters: 14, density: 0.25});
    expect(fit('bitfit', 99)).toEqual({parameters: 6});
    expect(fit('vectors', 99)).toEqual({parameters: 10});
    expect(fit('full', 106)).toEqual({parameters: 106});
    expect(fit('ia3', 99)).toEqual({parameters: 10});
    expect(fit('lora', 45)).toEqual({rank: 2, targets: ['layers.0.k_proj', 'layers.0.down_proj'], parameters: 44});
    expect(fit('lora', 33)).toEqual({rank: 3, targets: ['layers.0.k_proj'], parameters: 30});
    expect(fit('dora', 36)).toEqual({rank: 1, targets: ['layers.0.k_proj', 'layers.0.down_proj'], parameters: 36});
    expect(() => fit('full', 83)).toThrow('full: parameters is 83, expected at least 106, all that it tunes');
    expect(() => fit('ia3', 9)).toThrow('ia3: parameters is 9, expected at least 10, all that it tunes');
    expect(() => fit('subset', 106)).toThrow('subset: parameters is 106, expected fewer than the 106 that there are');
    expect(() => fit('lora', 9)).toThrow(
      'loraBudget: parameters is 9, expected at least 10: rank 1 of layers.0.k_proj',
    );
  });
});

describe('the budget of a subset of a model with a new head', () => {
  const model: ModelShape = {
    ...modelOf({'layers.0.k_proj': [6, 4], head: [2, 4]}, {'head.bias': [2], 'layers.0.norm.weight': [4]}),
    head: {output: 'head'},
  };

  it.each([
    ['subset', 38],
    ['lift', 34],
  ] as const)('holds all of its output layer: %s', (method, size) => {
    const whole = ['head.weight', 'head.bias'];
    const {whole: names, ...budget} = fitBudget({method, parameters: 17}, model);
    expect(budget).toEqual({parameters: 17, density: 17 / size});
    expect(names?.toSorted()).toEqual(whole.toSorted());
    expect(fitBudget({method, parameters: 10}, model).parameters).toBe(10);
    expect(() => fitBudget({method, parameters: 9}, model)).toThrow(
      `${method}: parameters is 9, expected at least the 10 that are trained whole`,
    );
  });
});

describe('loraBudget', () => {
  it('stores rank · (inputs + outputs) of each module; no set of modules comes nearer by more than a twentieth', () => {
    fc.assert(
      fc.property(models, fc.integer({min: 1, max: 5000}), fc.boolean(), (model, parameters, dora) => {
        const all = model.projections();
        const costOf = (module: LinearModule, rank: number) =>
          rank * (module.inputs + module.outputs) + (dora ? module.outputs : 0);
        const smallest = Math.min(...all.map((module) => costOf(module, 1)));
        if (parameters < smallest) {
          expect(() => loraBudget(model, {parameters, dora})).toThrow(`expected at least ${smallest}: rank 1 of`);
          return;
        }
        const chosen = loraBudget(model, {parameters, dora});
        const own = all.filter(({name}) => chosen.targets.includes(name));
        expect(own).toHaveLength(chosen.targets.length);
        for (const {inputs, outputs} of own) expect(chosen.rank).toBeLessThanOrEqual(Math.min(inputs, outputs));
        expect(own.reduce((sum, module) => sum + costOf(module, chosen.rank), 0)).toBe(chosen.parameters);
        // By hand: each rank of each set of modules in all layers.
        const kindOf = ({name}: LinearModule) => name.replace(/\d+/, '*');
        const kinds = [...new Set(all.map(kindOf))];
        for (let set = 1; set < 2 ** kinds.length; set++) {
          const some = all.filter((module) => (set >> kinds.indexOf(kindOf(module))) & 1);
          const most = Math.min(...some.map(({inputs, outputs}) => Math.min(inputs, outputs)));
          for (let rank = 1; rank <= most; rank++) {
            const used = some.reduce((sum, module) => sum + costOf(module, rank), 0);
            if (used > parameters) continue;
            const isEnough = chosen.parameters >= 0.95 * parameters;
            if (!isEnough) expect(used).toBeLessThanOrEqual(chosen.parameters);
            else if (used >= 0.95 * parameters) expect(some.length).toBeLessThanOrEqual(own.length);
          }
        }
      }),
    );
  });

  const model = modelOf(
    Object.fromEntries(
      [0, 1, 2].flatMap((layer): [string, [number, number]][] => [
        [`h.${layer}.attn.q`, [10, 10]],
        [`h.${layer}.mlp.up`, [30, 10]],
      ]),
    ),
  );

  it('takes the first layers where all of them are too many', () => {
    expect(loraBudget(model, {parameters: 59})).toEqual({
      ...{rank: 1, targets: ['h.0.attn.q', 'h.1.attn.q'], parameters: 40},
    });
    expect(loraBudget(model, {parameters: 60}).targets).toEqual([0, 1, 2].map((layer) => `h.${layer}.attn.q`));
  });

  it('takes of equals what comes last in a layer', () => {
    const kinds = ['q', 'k', 'v', 'o'];
    const square = modelOf(
      Object.fromEntries([0, 1].flatMap((layer) => kinds.map((kind) => [`h.${layer}.${kind}`, [10, 10]]))),
    );
    expect(loraBudget(square, {parameters: 80}).targets).toEqual(['h.0.v', 'h.1.v', 'h.0.o', 'h.1.o']);
    expect(loraBudget(square, {parameters: 20}).targets).toEqual(['h.0.o']);
    const pooled: ModelShape = {
      ...square,
      projections: () => [...square.projections(), {name: 'pooler', inputs: 10, outputs: 10, layout: 'out-in'}],
    };
    expect(loraBudget(pooled, {parameters: 20}).targets).toEqual(['h.0.o']);
  });

  it('takes the modules that it is told', () => {
    expect(loraBudget(model, {parameters: 250, targets: 'up'})).toEqual({
      ...{rank: 2, targets: [0, 1, 2].map((layer) => `h.${layer}.mlp.up`), parameters: 240},
    });
    expect(loraBudget(model, {parameters: 250, layers: 1, exclude: 'q'})).toMatchObject({rank: 6, parameters: 240});
    expect(() => loraBudget(model, {parameters: 250, targets: ['k']})).toThrow(
      'targets has "k", expected linear layers of the model, such as q, up',
    );
    expect(() => loraBudget({...model, projections: () => []}, {parameters: 250})).toThrow('there is no linear layer');
  });

  it('counts what is trained whole', () => {
    const weights = new Map([...model.weights, ['score.weight', {shape: [2, 10]}]]);
    const withHead: ModelShape = {
      weights,
      head: {output: 'score'},
      projections: () => [...model.projections(), {name: 'score', inputs: 10, outputs: 2, layout: 'out-in'}],
    };
    const biased = new Map([...weights, ['h.0.attn.q.bias', {shape: [10]}]]);
    expect(fitBudget({method: 'bitfit', parameters: 99}, {...withHead, weights: biased})).toEqual({parameters: 30});
    expect(loraBudget(withHead, {parameters: 80})).toMatchObject({rank: 1, parameters: 80});
    expect(() => loraBudget(withHead, {parameters: 39})).toThrow(
      'expected at least 40: rank 1 of h.0.attn.q, and 20 that are trained whole',
    );
  });
});
