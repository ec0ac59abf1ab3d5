import {INFO_LENGTH, maskWords, type SelectionAttrs} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {metricUniforms} from './metric.js';
import type {Painter, Uniforms} from './painter.js';
import {scan, sums} from './scan.js';
import {beginSearch, classify, findKth, type Measured} from './select.js';
import {measure, settle} from './shaders/measure.js';
import {SUM_ENTERED} from './shaders/scan.js';
import {PACK_SEEDS, READ_MASK, REPORT, SEEK_RANKS, SEEK_STRIDES, STRIDE, WRITE_MASK} from './shaders/state.js';
import type {Rule} from './shaders/update-rule.js';
import type {Texture} from './texture.js';

/** What makes a silo's proposals. */
export interface Proposer {
  rule: Rule;
  uniforms: Uniforms;
  /** What the rule reads of each tensor, by name, but for slots. */
  reads: (tensor: number) => Record<string, TensorInfo>;
  /** slots[j] is slot j of each tensor. */
  slots: readonly (readonly TensorInfo[])[];
  scale?: TensorInfo;
  /** Importances by which distances are weighed; for `fisher` Adam's second moments are. */
  importances?: readonly TensorInfo[];
}

/**
 * A step, or what of it follows the proposals, for the contract's inputs in its order of outputs.
 *
 * Passes over all parameters: one updates the slots, proposes and writes down each distance; about four find the k-th
 * (the later four of eight skip most blocks); one looks at the distances once more; one writes the new values, for which
 * it makes the chosen proposals again. Temporary memory: a word a parameter for the distances, a third of that for masks,
 * ranks and counts, and a word a chosen parameter, besides the new tensors themselves.
 */
export function chooseAndReset(
  painter: Painter,
  current: readonly TensorInfo[],
  [maskInfo, seedsInfo, infoInfo]: readonly TensorInfo[],
  attrs: SelectionAttrs,
  {rule, uniforms: numbers, reads, slots, scale, importances}: Proposer,
): TensorInfo[] {
  const {sizes, k, reselect} = attrs;
  const words = maskWords(sizes);
  const scaled = scale !== undefined;
  const isWeighed = importances !== undefined || attrs.distance === 'fisher';
  const common = {
    ...(scale ? {scale: painter.tensor(scale)} : {}),
    seeds: painter.tensor(seedsInfo),
    before: readMask(painter, maskInfo, words),
  };
  const uniforms = {...numbers, ...metricUniforms(attrs)};

  let first = 0;
  const newSlots: TensorInfo[][] = slots.map(() => []);
  const tensors = current.map((info, i) => {
    const theta = painter.tensor(info);
    const shared = {
      ...common,
      theta,
      ...Object.fromEntries(Object.entries(reads(i)).map(([name, one]) => [name, painter.tensor(one)])),
    };
    // The new values' own places are those of the slots and the distances too.
    const [value, next] = painter.output(info.shape, 'float32');
    const tensor = {
      ...{value, next, shared, first, size: sizes[i], distances: painter.lanes(next)},
      newSlots: {} as Record<string, Texture>,
    };
    const targets: Record<string, Texture> = {result: tensor.distances};
    const old: Record<string, Texture> = {};
    slots.forEach((slot, j) => {
      const [newSlot, texture] = painter.output(info.shape, 'float32');
      newSlots[j].push(newSlot);
      targets[`next${j}`] = texture;
      tensor.newSlots[`slot${j}`] = texture;
      old[`slot${j}`] = painter.tensor(slot[i]);
    });
    painter.draw(measure(rule, scaled, isWeighed), {
      targets,
      reads: {...shared, ...old, ...(importances && {weights: painter.tensor(importances[i])})},
      uniforms: {...uniforms, first},
      count: sizes[i],
    });
    first += Math.ceil(sizes[i] / 32);
    return tensor;
  });

  const settleAll = (after?: Texture) => {
    for (const {next, shared, newSlots, first, size} of tensors) {
      painter.draw(settle(rule, scaled, !reselect), {
        targets: {result: next},
        reads: {...shared, ...newSlots, ...(after ? {after} : {})},
        uniforms: {...uniforms, first},
        count: size,
      });
    }
    return [...tensors.map(({value}) => value), ...newSlots.flat()];
  };
  const report = (from: Record<'report' | 'choice' | 'sums', Texture>, groups: number) => {
    const [info, result] = painter.output([2 * INFO_LENGTH], 'int32');
    painter.draw(REPORT, {
      targets: {result},
      reads: {...from, info: painter.tensor(infoInfo), before: common.before},
      uniforms: {words, groups, kept: reselect ? 0 : 1},
      count: 2 * INFO_LENGTH,
    });
    return info;
  };

  if (!reselect) {
    const {choice, report: counts} = beginSearch(painter, tensors, 0);
    const values = settleAll();
    const info = report({report: counts, choice, sums: common.before}, 0);
    return [...values, painter.share(maskInfo), painter.share(seedsInfo), info];
  }

  const {choice, report: counts} = findKth(painter, tensors, k);
  const sides = classify(painter, tensors, words, choice);
  const after = scan(painter, 'sides', {reads: {sides, choice}, count: words});
  const [mask, maskResult] = painter.output([2 * words], 'int32');
  painter.draw(WRITE_MASK, {targets: {result: maskResult}, reads: {after}, count: 2 * words});
  const values = settleAll(after);
  const seeds = packSeeds(painter, tensors, {after, report: counts}, words, k);
  const entered = sums(painter, SUM_ENTERED, {reads: {after, before: common.before}, count: words});
  const last = entered[entered.length - 1];
  const info = report({report: counts, choice, sums: last.sums}, last.count);
  return [...values, mask, seeds, info];
}

/** The words of the old mask, each with how many entries are chosen before it. */
function readMask(painter: Painter, info: TensorInfo, words: number): Texture {
  const result = painter.grid('uint', words);
  painter.draw(READ_MASK, {targets: {result}, reads: {mask: painter.tensor(info)}, count: words});
  return scan(painter, 'mask', {reads: {words: result}, count: words});
}

/** The seeds of the new subset, in index order. */
function packSeeds(
  painter: Painter,
  tensors: readonly (Measured & {shared: Record<string, Texture>})[],
  {after, report}: Record<'after' | 'report', Texture>,
  words: number,
  k: number,
): TensorInfo {
  const count = Math.max(1, k);
  const strides = painter.grid('uint', Math.ceil(count / STRIDE) + 1);
  const places = painter.grid('uint', count);
  painter.draw(SEEK_STRIDES, {
    targets: {result: strides},
    reads: {after},
    uniforms: {words},
    count: Math.ceil(count / STRIDE) + 1,
  });
  painter.draw(SEEK_RANKS, {targets: {result: places}, reads: {after, strides}, count});
  const [seeds, result] = painter.output([count], 'float32');
  for (const {shared, first, size} of tensors) {
    painter.draw(PACK_SEEDS, {
      targets: {result},
      reads: {...shared, places, report},
      uniforms: {first, size},
      count,
    });
  }
  return seeds;
}
