import {clone, engine, keep, scalar, type Tensor, tensor1d, tidy, zeros} from '@tensorflow/tfjs-core';
import {
  type FusedRule,
  INFO_LENGTH,
  Info,
  maskWords,
  SLOT_COUNT,
  type StepDistance,
  type SubsetState,
  SubsetStep,
  SubsetSteps,
} from '../contract.js';
import {distancesOf} from '../distance.js';
import {createState, readState, stateFromArrays, stateFromPositions} from '../subset-state.js';
import {type SubsetStepResult, subsetStep} from '../subset-step.js';
import {subsetSteps} from '../subset-steps.js';
import {assertEqual, assertSameFloats, assertTrue} from './compare.js';
import {assertPath, assertUntouched, disposeAll, toArrays, toTensors} from './guard.js';
import type {CheckedOptions, ConformanceCase} from './options.js';
import {Random} from './random.js';
import {runSteps, type Step} from './silo-runs.js';
import {SILOS, startOf} from './subset-project-cases.js';
import {budgets} from './top-k-mask-cases.js';
import {valuesOf} from './values.js';

/** Every rule, each with the numbers of its step t ≥ 1. */
export const RULES: Record<string, (t: number) => FusedRule> = {
  sgd: () => ({rule: 'sgd', learningRate: 0.1, weightDecay: 0, decayTowards: 'zero'}),
  momentum: () => ({...RULE, rule: 'momentum', momentum: 0.9, nesterov: false}),
  nesterov: () => ({...RULE, rule: 'momentum', momentum: 0.9, nesterov: true}),
  adam: (t) => ({
    ...RULE,
    rule: 'adam',
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    correction1: 1 - 0.9 ** t,
    correction2: 1 - 0.999 ** t,
  }),
};
const RULE = {learningRate: 0.03, weightDecay: 0, decayTowards: 'zero'} as const;

const DECAYS = [
  {weightDecay: 0, decayTowards: 'zero'},
  {weightDecay: 0.3, decayTowards: 'zero'},
  {weightDecay: 0.3, decayTowards: 'seed'},
] as const;

/** With a learning rate of 1 and dyadic values nothing is ever rounded. */
const EXACT: FusedRule = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'};

export function subsetStepCases(options: CheckedOptions): ConformanceCase[] {
  const byRule = Object.entries(RULES).flatMap(([rule, numbersAt]) =>
    DECAYS.flatMap((decay) =>
      distancesOf(numbersAt(1)).map((distance) => ({
        name: `${SubsetStep}: ${rule}, decay ${decay.weightDecay} towards ${decay.decayTowards}, ${distance}`,
        run: async () => {
          const random = new Random(options.seed);
          for (const shapes of SILOS) {
            const start = startOf(shapes, 'normal', random);
            const total = start.reduce((sum, {length}) => sum + length, 0);
            const ks = [...budgets(total), ...budgets(total).reverse()];
            const steps = ks.map(
              (k, i): Step => ({
                k,
                distance,
                numbers: {...numbersAt(i + 1), ...decay},
                gradients: startOf(shapes, 'normal', random),
                ...(i % 2 === 0 ? {} : {scale: 0.37}),
              }),
            );
            await runSteps(start, shapes, steps, options);
          }
        },
      })),
    ),
  );
  const nonFinite = Object.entries(RULES).map(([rule, numbersAt]) => ({
    name: `${SubsetStep}: ${rule}, gradients that are not finite change nothing`,
    run: async () => {
      const random = new Random(options.seed);
      const shapes = [[65], [31, 2]];
      const distances = distancesOf(numbersAt(1));
      const steps = Array.from(
        {length: 6},
        (_, i): Step => ({
          k: 40,
          distance: distances[(3 * i) % distances.length],
          numbers: {...numbersAt(i + 1), weightDecay: 0.3, decayTowards: i % 2 === 0 ? 'zero' : 'seed'},
          gradients: startOf(shapes, 'nonFinite', random),
          ...(i < 3 ? {} : {scale: 0.5}),
          reselect: i !== 4,
        }),
      );
      await runSteps(startOf(shapes, 'normal', random), shapes, steps, options);
    },
  }));
  const odd = Object.entries(RULES).map(([rule, numbersAt]) => ({
    name: `${SubsetStep}: ${rule}, gradients of zeros, ties and subnormals`,
    run: async () => {
      const random = new Random(options.seed);
      const shapes = [[65], [3]];
      const kinds = ['zero', 'zeros', 'equal', 'ties', 'subnormal', 'normal'] as const;
      const steps = kinds.map((kind, i) => ({
        k: 20,
        numbers: numbersAt(i + 1),
        gradients: startOf(shapes, kind, random),
      }));
      for (const distance of distancesOf(numbersAt(1)).filter((one) => one === 'absolute' || one === 'fisher')) {
        for (const seedKind of ['normal', 'zero', 'subnormal'] as const) {
          const all = steps.map((step) => ({...step, distance}));
          await runSteps(startOf(shapes, seedKind, random), shapes, all, options);
        }
      }
    },
  }));
  return [
    ...byRule,
    ...nonFinite,
    ...odd,
    {name: `${SubsetStep}: proposals that are not finite`, run: () => overflow(options)},
    {name: `${SubsetStep}: a scale that is not finite changes nothing`, run: () => badScale(options)},
    {name: `${SubsetStep}: ties are chosen in order, zeros never`, run: () => ties(options)},
    {name: `${SubsetStep}: a kept subset, given or chosen`, run: () => kept(options)},
    ...(['absolute', 'fisher'] as const).flatMap((distance) => [
      {name: `${SubsetStep}: 65,537 parameters over ten steps, ${distance}`, run: () => many(options, distance)},
      {
        name: `${SubsetStep}: 300,388 parameters, budgets and gradients jump, ${distance}`,
        run: () => jumps(options, distance),
      },
    ]),
    {name: `${SubsetStep}: tensors that share their data are left alone`, run: () => shared(options)},
    {name: `${SubsetStep}: clones of slots and state keep what they held`, run: () => cloned(options)},
    {name: `${SubsetSteps}: several silos at once, as one after the other`, run: () => together(options)},
    {name: `${SubsetStep}: a state that another backend left`, run: () => foreign(options)},
    {name: `${SubsetStep}: results outlive tf.tidy where kept`, run: () => tidied(options)},
    ...(options.predicts
      ? (['absolute', 'fisher'] as const).map((distance) => ({
          name: `${SubsetStep}: a slow run hits, a jump misses, ${distance}`,
          run: () => predicts(options, distance),
        }))
      : []),
  ];
}

async function overflow(options: CheckedOptions): Promise<void> {
  const shapes = [[4], [3]];
  const start = [Float32Array.of(3e38, -3e38, 1, 2), Float32Array.of(3e38, 1, -1)];
  const gradients = [Float32Array.of(-3e38, 3e38, 1, 0), Float32Array.of(3e38, 4, 2)];
  const step: Step = {numbers: EXACT, gradients, k: 7, isExact: true};
  await runSteps(start, shapes, [step, {...step, k: 2}, {...step, reselect: false}], options);
}

async function badScale(options: CheckedOptions): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[65], [2]];
  const step = {numbers: EXACT, k: 9, isExact: true};
  const steps = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 0, 0.25].map(
    (scale): Step => ({...step, scale, gradients: startOf(shapes, 'ties', random)}),
  );
  await runSteps(startOf(shapes, 'ties', random), shapes, steps, options);
}

async function ties(options: CheckedOptions): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[40], [31], [70]];
  for (const kind of ['equal', 'ties', 'zero'] as const) {
    const steps = [1, 40, 41, 71, 72, 141, 100, 50, 0, 3].map(
      (k): Step => ({k, numbers: EXACT, gradients: startOf(shapes, kind, random), isExact: true}),
    );
    await runSteps(startOf(shapes, 'ties', random), shapes, steps, options);
  }
}

async function kept(options: CheckedOptions): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[65], [40]];
  const start = startOf(shapes, 'normal', random);
  const steps = Array.from(
    {length: 9},
    (_, i): Step => ({
      k: [0, 3, 105][i % 3],
      numbers: {...RULES.adam(i + 1), weightDecay: 0.3, decayTowards: 'seed'},
      gradients: startOf(shapes, i === 3 ? 'nonFinite' : 'normal', random),
      reselect: i === 4 || i === 7,
    }),
  );
  await runSteps(start, shapes, steps, options);
  const positions = [Uint32Array.of(2, 31, 33, 64), Uint32Array.of(0, 39)];
  const subset = positions.map((places, i) => ({
    positions: places,
    seeds: Float32Array.from(places, (place) => start[i][place]),
  }));
  await runSteps(start, shapes, steps, options, stateFromPositions(subset, [65, 40]));
}

async function many(options: CheckedOptions, distance: StepDistance): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[65_537], [129, 3]];
  const steps = Array.from(
    {length: 10},
    (_, i): Step => ({
      k: i < 6 ? 656 : 33_000,
      distance,
      numbers: {...RULES.adam(i + 1), weightDecay: 0.01, decayTowards: 'seed'},
      gradients: startOf(shapes, 'normal', random),
      scale: 0.8,
    }),
  );
  await runSteps(startOf(shapes, 'normal', random), shapes, steps, options);
}

/** Enough parameters for samples of them; what is expected of a step is wrong each time but the third. */
async function jumps(options: CheckedOptions, distance: StepDistance): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[300_001], [129, 3]];
  const start = startOf(shapes, 'normal', random);
  const direction = startOf(shapes, 'normal', random);
  const ks = [3000, 3000, 3000, 60_000, 300, 300, 3000];
  const steps = ks.map((k, i): Step => {
    const gradients = direction.map((array) => array.map((value) => value + 0.3 * random.normal()));
    // One word in 8 goes far, and what is not finite comes into it.
    if (i === 5) for (let j = 0; j < gradients[0].length; j++) if ((j >> 5) % 8 === 3) gradients[0][j] *= 1e4;
    if (i >= 5) gradients[0][1111] = Number.NaN;
    const numbers: FusedRule = {...RULES.adam(i + 1), weightDecay: 0.3, decayTowards: i < 4 ? 'zero' : 'seed'};
    return {k, distance, numbers, gradients};
  });
  await runSteps(start, shapes, steps, options);
}

/** Two parameters that are clones, and two gradients that are: as a sum's gradients are. */
async function shared(options: CheckedOptions): Promise<void> {
  assertPath(SubsetStep, options);
  const first = tensor1d([1, 2, 3, 4]);
  const gradient = tensor1d([1, 0, 0, 2]);
  const parameters = [first, clone(first)];
  const gradients = [gradient, clone(gradient)];
  const step = subsetStep({parameters, gradients, slots: [], state: createState([4, 4]), numbers: EXACT, k: 3});
  assertSameFloats('parameters[0]', await step.parameters[0].data<'float32'>(), Float32Array.of(0, 2, 3, 2));
  assertSameFloats('parameters[1]', await step.parameters[1].data<'float32'>(), Float32Array.of(1, 2, 3, 2));
  assertSameFloats('the shared parameter', await first.data<'float32'>(), Float32Array.of(1, 2, 3, 4));
  assertSameFloats('the shared gradient', await gradient.data<'float32'>(), Float32Array.of(1, 0, 0, 2));
  disposeAll([...parameters, ...gradients, ...step.parameters, ...step.state]);
}

/** Silos of unlike rules, sizes and settings, several steps: by one call bit for bit as by a call each. */
async function together(options: CheckedOptions): Promise<void> {
  assertPath(SubsetStep, options);
  const random = new Random(options.seed);
  const silos: {shapes: number[][]; rule: string; ks: number[]; distance: StepDistance}[] = [
    {shapes: [[65], [40]], rule: 'momentum', ks: [20, 105, 3, 3], distance: 'weighted'},
    {shapes: [[300, 301]], rule: 'adam', ks: [90, 90, 91, 90], distance: 'absolute'},
    {shapes: [[7]], rule: 'sgd', ks: [0, 7, 2, 2], distance: 'relative'},
    {shapes: [[40_000], [3], [20_001]], rule: 'adam', ks: [60, 60, 6000, 60], distance: 'absolute'},
    {shapes: [[20_000]], rule: 'adam', ks: [50, 50, 50, 50], distance: 'fisher'},
    {shapes: [[5000]], rule: 'nesterov', ks: [50, 50, 50, 50], distance: 'relative'},
  ];
  const begin = (starts: Float32Array[][]) =>
    silos.map(({shapes, rule}, i) => {
      const sizes = starts[i].map(({length}) => length);
      const slots = Array.from({length: SLOT_COUNT[RULES[rule](1).rule]}, () => shapes.map((shape) => zeros(shape)));
      return {parameters: toTensors(starts[i], shapes), slots, state: createState(sizes)};
    });
  const starts = silos.map(({shapes}) => startOf(shapes, 'normal', random));
  let [joint, single]: SubsetStepResult[][] = [begin(starts), begin(starts)];
  for (let step = 0; step < 4; step++) {
    const settings = silos.map(({shapes, rule, ks, distance}, i) => ({
      numbers: {...RULES[rule](step + 1), ...DECAYS[i % DECAYS.length]},
      ...{k: ks[step], distance, eta: 2 ** -i},
      gradients: toTensors(startOf(shapes, 'normal', random), shapes),
      reselect: step !== 2 || i % 2 === 0,
      overwrite: step > 0 && i !== 4,
      ...(i % 2 === 0 ? {} : {scale: scalar(0.37)}),
    }));
    const given = joint.map((silo, i) => ({...silo, ...settings[i]}));
    const result = subsetSteps(given);
    if (result === undefined) {
      const owned = given.flatMap(({slots, state}) => [...slots.flat(), ...state]);
      assertTrue(!owned.some(({isDisposed}) => isDisposed), 'subsetSteps gave nothing; expected it to consume nothing');
    }
    const next = result ?? given.map(subsetStep);
    const wanted = single.map((silo, i) => subsetStep({...silo, ...settings[i]}));
    for (const [i, {parameters, slots, state}] of next.entries()) {
      for (const [j, tensors] of [parameters, ...slots].entries()) {
        const arrays = await toArrays(tensors);
        for (const [n, want] of (await toArrays([wanted[i].parameters, ...wanted[i].slots][j])).entries()) {
          assertSameFloats(`silo ${i}, step ${step}, ${j === 0 ? 'parameters' : 'slots'}[${n}]`, arrays[n], want);
        }
      }
      const [got, want] = await Promise.all([state, wanted[i].state].map(readState));
      for (const [part, array] of got.entries()) {
        // The way to it may differ.
        const end = part === 2 ? Info.path : array.length;
        const what = `part ${part} of the state of silo ${i}, step ${step}`;
        assertEqual(what, array.subarray(0, end).join(), want[part].subarray(0, end).join());
      }
    }
    for (const {gradients, scale} of settings) disposeAll([...gradients, ...(scale ? [scale] : [])]);
    for (const {parameters} of [...joint, ...single]) disposeAll(parameters);
    [joint, single] = [next, wanted];
  }
  for (const {parameters, slots, state} of [...joint, ...single])
    disposeAll([...parameters, ...slots.flat(), ...state]);
}

/** Whatever lies in the places that are a backend's own, it may predict wrongly by it, and no more. */
async function foreign(options: CheckedOptions): Promise<void> {
  const random = new Random(options.seed);
  for (const [size, k] of [
    [65, 20],
    [5003, 200],
  ]) {
    const shapes = [[size], [40]];
    const start = startOf(shapes, 'normal', random);
    const steps = [k, k, 3].map((k, i): Step => {
      return {k, numbers: RULES.sgd(i + 1), gradients: startOf(shapes, 'normal', random)};
    });
    const words = [-1, 1, 123_456, 0x7fffffff, -0x80000000, 0x3f000000, 0x7f800000, 0x7fc00000];
    for (const filling of [...words.map((word) => () => word), () => random.pick(words), () => random.bits()]) {
      const info = new Int32Array(INFO_LENGTH).map((_, place) => (place < Info.own ? 0 : filling()));
      const state = stateFromArrays([new Int32Array(maskWords([size, 40])), new Float32Array(1), info]);
      await runSteps(start, shapes, steps, options, state);
    }
  }
}

/** In steps that select and that keep, with budgets that grow and shrink. */
async function cloned(options: CheckedOptions): Promise<void> {
  assertPath(SubsetStep, options);
  const random = new Random(options.seed);
  const shapes = [[65], [40]];
  let parameters = toTensors(startOf(shapes, 'normal', random), shapes);
  let slots: Tensor[][] = [0, 1].map(() => shapes.map((shape) => zeros(shape)));
  let state: SubsetState<Tensor> = createState([65, 40]);
  for (const [i, k] of [20, 50, 50, 7, 7].entries()) {
    const gradients = toTensors(startOf(shapes, 'normal', random), shapes);
    const clones = slots.flat().map((slot) => clone(slot));
    const [mask, seeds, info] = state;
    const clonedState: SubsetState<Tensor> = [clone(mask), clone(seeds), clone(info)];
    const before = {slots: await toArrays(clones), state: await readState(clonedState)};
    const next = subsetStep({parameters, gradients, slots, state, numbers: RULES.adam(i + 1), k, reselect: i !== 2});
    await assertUntouched('clones of slots', clones, before.slots);
    for (const [part, array] of (await readState(clonedState)).entries()) {
      assertEqual(`part ${part} of the cloned state`, array.join(), before.state[part].join());
    }
    disposeAll([...parameters, ...gradients, ...clones, ...clonedState]);
    ({parameters, slots, state} = next);
  }
  disposeAll([...parameters, ...slots.flat(), ...state]);
}

async function tidied(options: CheckedOptions): Promise<void> {
  assertPath(SubsetStep, options);
  const numbers = RULES.adam(1);
  const parameters = [tensor1d([1, 2, 3])];
  const gradients = [tensor1d([0, 1, 0])];
  let slots: Tensor[][] = [[tensor1d([0, 0, 0])], [tensor1d([0, 0, 0])]];
  let state: SubsetState<Tensor> = createState([3]);
  const before = engine().memory().numTensors;
  const kept = tidy(() => {
    const step = subsetStep({parameters, gradients, slots, state, numbers, k: 1});
    for (const tensor of [...step.slots.flat(), ...step.state]) keep(tensor);
    slots = step.slots;
    state = step.state;
    return step.parameters;
  });
  assertEqual('tensors that a tidied step adds, but for its parameters', engine().memory().numTensors - before, 1);
  assertEqual('info.size after tf.tidy', (await readState(state))[2][Info.size], 1);
  assertTrue((await slots[1][0].data())[1] > 0, 'slot v is not positive after tf.tidy; expected it to be');
  disposeAll([...parameters, ...gradients, ...kept, ...slots.flat(), ...state]);
}

async function predicts(options: CheckedOptions, distance: StepDistance): Promise<void> {
  const random = new Random(options.seed);
  const shapes = [[20_011], [129, 3]];
  const direction = startOf(shapes, 'normal', random);
  const slow = Array.from(
    {length: 40},
    (_, i): Step => ({
      k: 200,
      distance,
      numbers: RULES.adam(i + 1),
      gradients: direction.map((array) => array.map((value) => value + 0.3 * random.normal())),
    }),
  );
  const jump: Step = {
    k: 12_000,
    distance,
    numbers: RULES.adam(41),
    gradients: shapes.map((_, i) => valuesOf('normal', direction[i].length, random)),
  };
  const start = startOf(shapes, 'normal', random);
  const calm = (await runSteps(start, shapes, slow, options))[2];
  assertTrue(calm[Info.misses] >= 1, 'the first selection had nothing to predict from; expected a miss');
  assertTrue(calm[Info.hits] >= 20, `a slow run of 40 steps hit ${calm[Info.hits]} times; expected at least 20`);
  const rough = (await runSteps(start, shapes, [...slow, jump], options))[2];
  assertEqual('misses that a budget 60 times as large adds', rough[Info.misses] - calm[Info.misses], 1);
}
