import {type FusedRule, maskWords, type SelectionAttrs, type StepDistance} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import * as binary from './generated/subset.js';
import {loadModule} from './load-module.js';
import {memoryOf, pointerTo, type WasmBackend, withScratch} from './wasm-backend.js';

/** What `assembly/subset.ts` exports. */
interface SubsetModule {
  readonly JOB_BYTES: WebAssembly.Global;
  readonly ROW_BYTES: WebAssembly.Global;
  readonly TABLE_BYTES: WebAssembly.Global;
  readonly CANDIDATE_BYTES: WebAssembly.Global;
  readonly CHANGE_BYTES: WebAssembly.Global;
  topKMask(job: number): void;
  subsetStep(job: number): void;
  denseAdam(job: number): void;
}

/** One tensor of the silo and what goes with it. */
export interface JobRow {
  size: number;
  /** The current values, or a mask's y. */
  theta?: TensorInfo | undefined;
  /** The gradients; the proposals where there is no rule; a mask's x. */
  gradient: TensorInfo;
  slots?: readonly TensorInfo[];
  /** The new values, or the mask. */
  out: TensorInfo;
  /** By which distances are multiplied. */
  importance?: TensorInfo | undefined;
}

/** What a kernel hands to the module. */
export interface SubsetJob {
  rows: readonly JobRow[];
  /** The rule's numbers, or what is done without a rule. */
  numbers: FusedRule | 'mask' | 'project';
  selection: Pick<SelectionAttrs, 'k' | 'distance' | 'eta' | 'reselect'>;
  /** `seeds` has room for the old subset and for the new one. */
  state?: {mask: TensorInfo; seeds: TensorInfo; info: TensorInfo};
  /** A scalar by which every gradient is multiplied. */
  scale?: TensorInfo | undefined;
}

/** How many entries there is room for in the window's list, a multiple of 16, and in the log of changed words. */
export interface Rooms {
  list: number;
  log: number;
}

/** The fields of `Job` in `assembly/subset/job.ts` that the caller writes, in their order, 4 bytes each. */
const FIELDS = [
  ...(['rows', 'rowCount', 'rule', 'mask', 'seeds', 'seedRoom', 'info', 'list', 'listRoom', 'log', 'logRoom'] as const),
  ...(['tables', 'k', 'reselect', 'distance', 'eta', 'scale', 'decay', 'decayFactor', 'nesterov'] as const),
  ...(['c0', 'c1', 'c2', 'c3', 'c4', 'weighed', 'root2'] as const),
] as const;
type Fields = Partial<Record<(typeof FIELDS)[number], number>>;
const FLOATS: ReadonlySet<string> = new Set(['eta', 'scale', 'decayFactor', 'c0', 'c1', 'c2', 'c3', 'c4', 'root2']);

const RULES = {mask: 0, project: 1, sgd: 2, momentum: 3, adam: 4} as const;
const DISTANCE_NUMBERS: Record<StepDistance, number> = {absolute: 0, relative: 1, weighted: 2, fisher: 0};
const WEIGHED = {not: 0, byImportance: 1, byFisher: 2} as const;

const MOST_CANDIDATES = 2 ** 18;
const MOST_CHANGES = 2 ** 19;
/** The histogram takes the list's place. */
const HISTOGRAM_BYTES = 2 ** 18;

/** Room for a 32nd of the elements in the window and for every word to change: at most 4 MiB and 6 MiB. */
function roomsFor(sizes: readonly number[]): Rooms {
  const words = maskWords(sizes);
  return {
    list: Math.min(32 * words, Math.max(2 ** 14, Math.min(MOST_CANDIDATES, 16 * Math.ceil(words / 16)))),
    log: Math.min(words, MOST_CHANGES),
  };
}

/**
 * Runs a function of the module in the backend's own memory. All that it writes must be allocated before: only scratch
 * memory is asked for here, and before anything is changed.
 *
 * @throws if the heap has no room for the scratch memory; nothing is changed then.
 */
export function runSubsetJob(
  backend: WasmBackend,
  run: 'topKMask' | 'subsetStep' | 'denseAdam',
  {rows, numbers, selection, state, scale}: SubsetJob,
  rooms = roomsFor(rows.map(({size}) => size)),
): void {
  const memory = memoryOf(backend);
  const module = loadModule<SubsetModule>(binary, memory);
  const rowBytes: number = module.ROW_BYTES.value;
  const rowsAt = aligned(module.JOB_BYTES.value);
  const tablesAt = rowsAt + aligned(rowBytes * rows.length);
  const listAt = tablesAt + aligned(module.TABLE_BYTES.value);
  const logAt = listAt + Math.max(aligned(module.CANDIDATE_BYTES.value * rooms.list), HISTOGRAM_BYTES);
  const bytes = logAt + aligned(module.CHANGE_BYTES.value * rooms.log);

  withScratch(backend, bytes, (job) => {
    const at = (tensor: TensorInfo | undefined) => (tensor ? pointerTo(backend, tensor) : 0);
    const ints = new Uint32Array(memory.buffer);
    const floats = new Float32Array(memory.buffer);
    const fields: Fields = {
      rows: job + rowsAt,
      rowCount: rows.length,
      mask: at(state?.mask),
      seeds: at(state?.seeds),
      seedRoom: state?.seeds.shape[0] ?? 0,
      info: at(state?.info),
      list: job + listAt,
      listRoom: rooms.list,
      log: job + logAt,
      logRoom: rooms.log,
      tables: job + tablesAt,
      k: selection.k,
      reselect: selection.reselect ? 1 : 0,
      distance: DISTANCE_NUMBERS[selection.distance],
      eta: selection.eta,
      weighed: rows[0].importance
        ? WEIGHED.byImportance
        : WEIGHED[selection.distance === 'fisher' ? 'byFisher' : 'not'],
      scale: scale ? floats[at(scale) / 4] : 1,
      ...ruleFields(numbers),
    };
    FIELDS.forEach((name, i) => {
      (FLOATS.has(name) ? floats : ints)[job / 4 + i] = fields[name] ?? 0;
    });
    rows.forEach(({size, theta, gradient, slots = [], out, importance}, i) => {
      const row = [size, at(theta), at(gradient), at(slots[0]), at(slots[1]), at(out), at(importance)];
      ints.set(row, (job + rowsAt + i * rowBytes) / 4);
    });
    module[run](job);
  });
}

/** What the module needs of a rule: see `assembly/subset/rule.ts`. */
function ruleFields(numbers: SubsetJob['numbers']): Fields {
  if (typeof numbers === 'string') return {rule: RULES[numbers]};
  const {learningRate, weightDecay, decayTowards} = numbers;
  const rate = learningRate * weightDecay;
  const toZero = decayTowards === 'zero';
  const decay = weightDecay === 0 ? {} : {decay: toZero ? 1 : 2, decayFactor: toZero ? 1 - rate : rate};
  const common = {rule: RULES[numbers.rule], ...decay};
  switch (numbers.rule) {
    case 'sgd':
      return {...common, c0: -learningRate};
    case 'momentum':
      return {...common, c0: -learningRate, c1: numbers.momentum, nesterov: numbers.nesterov ? 1 : 0};
    case 'adam': {
      const root = Math.sqrt(numbers.correction2);
      return {
        ...common,
        c0: 1 - numbers.beta1,
        c1: numbers.beta2,
        c2: 1 - numbers.beta2,
        c3: (-learningRate * root) / numbers.correction1,
        c4: numbers.epsilon * root,
        root2: root,
      };
    }
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
