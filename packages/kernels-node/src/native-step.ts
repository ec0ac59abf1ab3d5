import {
  type Distance,
  type RuleConstants,
  ruleConstants,
  SLOT_COUNT,
  type StepDistance,
  type SubsetProjectAttrs,
  type SubsetStepAttrs,
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

/** A step in one op of ours: update rule, distance, choice and reset. See `native/`. */
export function nativeSubsetStep(
  inputs: readonly TensorInfo[],
  backend: NodeBackend,
  addon: NativeAddon,
  attrs: SubsetStepAttrs,
): TensorInfo[] {
  const {sizes, numbers, scaled} = attrs;
  const afterSlots = (2 + SLOT_COUNT[numbers.rule]) * sizes.length;
  const constants = ruleConstants(numbers);
  const isInPlace = attrs.overwrite === true && mayWriteInPlace(attrs);
  return run(backend, addon, {
    theta: inputs.slice(0, sizes.length),
    gradients: inputs.slice(sizes.length, 2 * sizes.length),
    slots: inputs.slice(2 * sizes.length, afterSlots),
    importances: [],
    state: inputs.slice(afterSlots, afterSlots + 3),
    scales: scaled ? inputs.slice(-1) : [],
    settings: {...attrs, rule: RULES[numbers.rule], constants},
    isInPlace,
  });
}

/** A projection by the same op, in which what is proposed takes the gradients' place. */
export function nativeSubsetProject(
  inputs: readonly TensorInfo[],
  backend: NodeBackend,
  addon: NativeAddon,
  attrs: SubsetProjectAttrs,
): TensorInfo[] {
  const count = attrs.sizes.length;
  return run(backend, addon, {
    theta: inputs.slice(count, 2 * count),
    gradients: inputs.slice(0, count),
    slots: [],
    importances: inputs.slice(2 * count, -3),
    state: inputs.slice(-3),
    scales: [],
    settings: {...attrs, rule: RULES.given, constants: {}},
    isInPlace: false,
  });
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
    const settings = settingsOf(eager, {...attrs, reselect: true, rule: RULES.given, constants: {}});
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

/** What the op takes, in its order. */
interface Step {
  theta: readonly TensorInfo[];
  gradients: readonly TensorInfo[];
  slots: readonly TensorInfo[];
  importances: readonly TensorInfo[];
  state: readonly TensorInfo[];
  scales: readonly TensorInfo[];
  settings: Settings;
  /** Whether new parameters are written where the old ones lie, if that is memory of ours. */
  isInPlace: boolean;
}

function run(backend: NodeBackend, addon: NativeAddon, step: Step): TensorInfo[] {
  const eager = new Eager(backend);
  const {theta, gradients, slots, importances, state, scales, isInPlace} = step;
  const count = theta.length;
  const toTensor = (handle: Handle) => backend.createOutputTensor(handle);
  let results: TensorInfo[] = [];
  eager.tidy(() => {
    // What is still to be uploaded is, before a slot is touched.
    const [before, after] = [
      [...(isInPlace ? [] : theta), ...gradients],
      [...importances, ...state],
    ].map((all) => handles(backend, all));
    const scale = handles(backend, scales);
    const settings = settingsOf(eager, step.settings);
    const written = [...(isInPlace ? theta : []), ...slots];
    const read = [...(isInPlace ? [] : theta), ...gradients, ...importances, ...state, ...scales];
    const memory = new NativeMemory(eager, backend, addon, written, read);
    try {
      const outputs = eager.runOwn(
        'SubsetTuningStep',
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
          eager.int('N', count),
          eager.int('T', isInPlace ? 0 : count),
          eager.int('S', slots.length),
          eager.int('F', memory.others.length),
          eager.int('M', importances.length),
          eager.int('C', scales.length),
        ],
        count + 3 + slots.length,
      );
      const [parameters, state] = [outputs.slice(0, count), outputs.slice(count, count + 3)];
      const others = outputs.slice(count + 3);
      results = isInPlace
        ? memory.toOutputs([...parameters, ...others])
        : [...parameters.map(toTensor), ...memory.toOutputs(others)];
      results.push(...state.map(toTensor));
      if (memory.others.length > 0) addon.reportMemory();
    } catch (error) {
      memory.giveBack();
      throw error;
    }
    return undefined;
  });
  return results;
}

function handles(backend: NodeBackend, infos: readonly TensorInfo[]): {id: number}[] {
  return backend.getInputTensorIds(infos).map((id) => ({id}));
}

/** The last two inputs of each op, as `native/settings.h` lays them out. */
function settingsOf(eager: Eager, {k, distance, eta, reselect, rule, constants}: Settings): Handle[] {
  const {decay = 0, nesterov = 0} = constants;
  const whole = [rule, decay, nesterov, DISTANCES[distance], Number(reselect), k % 2 ** 32, Math.floor(k / 2 ** 32)];
  return [eager.ints(whole), eager.floats([...NUMBERS.map((name) => constants[name] ?? 0), eta])];
}
