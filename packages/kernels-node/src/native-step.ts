import {
  type Distance,
  type RuleConstants,
  ruleConstants,
  SLOT_COUNT,
  type StepDistance,
  type SubsetProjectAttrs,
  type SubsetStepAttrs,
  type SubsetStepsAttrs,
  type TopKMaskAttrs,
} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {Eager} from './eager.js';
import type {NativeAddon} from './native-addon.js';
import {NativeMemory} from './native-memory.js';
import type {Handle, NodeBackend} from './node-backend.js';

// As in `native/settings.h`.
const RULES = {given: 0, sgd: 1, momentum: 2, adam: 3} as const;
const DISTANCES: Record<StepDistance, number> = {absolute: 0, relative: 1, weighted: 2, fisher: 3};
const NUMBERS: readonly (keyof RuleConstants)[] = [
  ...(['keep', 'pull', 'rate', 'momentum', 'fresh1', 'beta2', 'fresh2', 'root2', 'epsilon'] as const),
];

/** Steps of several silos in one op of ours: update rule, distance, choice and reset. See `native/`. */
export function nativeSubsetSteps(
  inputs: readonly TensorInfo[],
  backend: NodeBackend,
  addon: NativeAddon,
  {steps}: SubsetStepsAttrs,
): TensorInfo[] {
  let next = 0;
  const take = (count: number) => {
    next += count;
    return inputs.slice(next - count, next);
  };
  const given = steps.map((attrs): Step => {
    const {sizes, numbers, scaled} = attrs;
    const count = sizes.length;
    return {
      ...{theta: take(count), gradients: take(count), slots: take(SLOT_COUNT[numbers.rule] * count)},
      ...{importances: [], state: take(3), scales: take(scaled ? 1 : 0)},
      settings: {...attrs, rule: RULES[numbers.rule], constants: ruleConstants(numbers)},
      isInPlace: attrs.overwrite === true && mayWriteInPlace(attrs),
    };
  });
  return run(backend, addon, given);
}

/** A projection by the same op, in which what is proposed takes the gradients' place. */
export function nativeSubsetProject(
  inputs: readonly TensorInfo[],
  backend: NodeBackend,
  addon: NativeAddon,
  attrs: SubsetProjectAttrs,
): TensorInfo[] {
  const count = attrs.sizes.length;
  return run(backend, addon, [
    {
      theta: inputs.slice(count, 2 * count),
      gradients: inputs.slice(0, count),
      slots: [],
      importances: inputs.slice(2 * count, -3),
      state: inputs.slice(-3),
      scales: [],
      settings: {...attrs, rule: RULES.given, constants: {}},
      isInPlace: false,
    },
  ]);
}

/** A mask in one op of ours. */
export function nativeTopKMask(
  [x, y, importance]: readonly TensorInfo[],
  backend: NodeBackend,
  attrs: TopKMaskAttrs,
): TensorInfo[] {
  const eager = new Eager(backend);
  const given = (info?: TensorInfo) => (info ? [info] : []);
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    const settings = settingsOf(eager, [
      {
        ...{theta: [x], importances: given(importance), scales: [], isInPlace: false},
        settings: {...attrs, reselect: true, rule: RULES.given, constants: {}},
      },
    ]);
    const [mask] = eager.runOwn(
      'SubsetTuningTopKMask',
      [...handles(backend, [x, ...given(y), ...given(importance)]), ...settings],
      [eager.int('Y', given(y).length), eager.int('M', given(importance).length)],
      1,
    );
    results = [backend.createOutputTensor(mask)];
    return undefined;
  });
  return results;
}

/** Where what is chosen anew is written last, it is remembered until then: that is worth it where little is chosen. */
function mayWriteInPlace({reselect, k, sizes}: SubsetStepAttrs): boolean {
  return !reselect || k * 16 <= sizes.reduce((sum, size) => sum + size, 0);
}

interface Settings {
  k: number;
  distance: Distance | StepDistance;
  eta: number;
  reselect: boolean;
  rule: number;
  constants: RuleConstants;
}

/** A silo's part of what the op takes. */
interface Step {
  theta: readonly TensorInfo[];
  gradients: readonly TensorInfo[];
  slots: readonly TensorInfo[];
  importances: readonly TensorInfo[];
  /** Mask, seeds, info. */
  state: readonly TensorInfo[];
  /** One or none. */
  scales: readonly TensorInfo[];
  settings: Settings;
  /** Whether new parameters are written where the old ones lie, if that is memory of ours. */
  isInPlace: boolean;
}

function run(backend: NodeBackend, addon: NativeAddon, steps: readonly Step[]): TensorInfo[] {
  const eager = new Eager(backend);
  const kept = steps.flatMap(({theta, isInPlace}) => (isInPlace ? [] : theta));
  const gradients = steps.flatMap((step) => step.gradients);
  const importances = steps.flatMap((step) => step.importances);
  const state = [0, 1, 2].flatMap((i) => steps.map((step) => step.state[i]));
  const scales = steps.flatMap((step) => step.scales);
  const written = steps.flatMap(({theta, slots, isInPlace}) => [...(isInPlace ? theta : []), ...slots]);
  const slotCount = steps.reduce((sum, {slots}) => sum + slots.length, 0);
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    // What is still to be uploaded is, before a slot is touched.
    const before = handles(backend, [...kept, ...gradients]);
    const after = handles(backend, [...importances, ...state]);
    const scale = handles(backend, scales);
    const settings = settingsOf(eager, steps);
    const read = [...kept, ...gradients, ...importances, ...state, ...scales];
    const memory = new NativeMemory(eager, backend, addon, written, read);
    try {
      const outputs = eager.runOwn(
        'SubsetTuningSteps',
        [
          ...before,
          ...memory.others,
          ...after,
          eager.ints(memory.sources),
          eager.ints(memory.keys),
          ...scale,
          ...settings,
        ],
        [
          eager.int('G', steps.length),
          eager.int('N', gradients.length),
          eager.int('T', kept.length),
          eager.int('S', slotCount),
          eager.int('F', memory.others.length),
          eager.int('M', importances.length),
          eager.int('C', scales.length),
        ],
        gradients.length + 3 * steps.length + slotCount,
      );
      results = inOrder(steps, outputs, memory, (handle) => backend.createOutputTensor(handle));
      if (memory.others.length > 0) addon.reportMemory();
    } catch (error) {
      memory.giveBack();
      throw error;
    }
    return undefined;
  });
  return results;
}

/** The op's outputs, which are lists over all silos, as the contract has them: silo by silo. */
function inOrder(
  steps: readonly Step[],
  outputs: readonly Handle[],
  memory: NativeMemory,
  toTensor: (handle: Handle) => TensorInfo,
): TensorInfo[] {
  const count = steps.reduce((sum, {theta}) => sum + theta.length, 0);
  const [parameters, state] = [outputs.slice(0, count), outputs.slice(count, count + 3 * steps.length)];
  const slots = outputs.slice(count + 3 * steps.length);
  let written = 0;
  const toWritten = (handle: Handle) => memory.toOutput(handle, written++);
  return steps.flatMap((step, i) => [
    ...parameters.splice(0, step.theta.length).map(step.isInPlace ? toWritten : toTensor),
    ...slots.splice(0, step.slots.length).map(toWritten),
    ...[0, 1, 2].map((j) => toTensor(state[j * steps.length + i])),
  ]);
}

function handles(backend: NodeBackend, infos: readonly TensorInfo[]): {id: number}[] {
  return backend.getInputTensorIds(infos).map((id) => ({id}));
}

/** The last two inputs of each op, as `native/settings.h` lays them out. */
function settingsOf(
  eager: Eager,
  steps: readonly Pick<Step, 'theta' | 'importances' | 'scales' | 'isInPlace' | 'settings'>[],
): Handle[] {
  const whole = steps.flatMap(({theta, importances, scales, isInPlace, settings}) => {
    const {k, distance, reselect, rule, constants} = settings;
    const {decay = 0, nesterov = 0} = constants;
    return [
      ...[theta.length, Number(isInPlace), Number(importances.length > 0), scales.length],
      ...[rule, decay, nesterov, DISTANCES[distance], Number(reselect), k % 2 ** 32, Math.floor(k / 2 ** 32)],
    ];
  });
  const numbers = steps.flatMap(({settings: {constants, eta}}) => [
    ...NUMBERS.map((name) => constants[name] ?? 0),
    eta,
  ]);
  return [eager.ints(whole), eager.floats(numbers)];
}
