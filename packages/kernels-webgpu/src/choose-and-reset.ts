import {maskWords, type SelectionAttrs} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {metricParams} from './metric.js';
import type {Params} from './params.js';
import {cutIntoPieces} from './pieces.js';
import type {Recorder, Words} from './recorder.js';
import {Head, scratchLayout} from './scratch-layout.js';
import {BY_WORD, findKth, forEachPiece, measure, measureAgain, scan, type Walk} from './select.js';
import {CHECK, PREDICT, REPORT} from './shaders/predict.js';
import {NEW_MASK, NEW_SUMS, OLD_RANKS, OLD_SUMS} from './shaders/scan.js';
import {SETTLE, UNPACK} from './shaders/settle.js';
import type {Rule} from './shaders/update-rule.js';

/** What makes a silo's proposals. */
export interface Proposer {
  rule: Rule;
  /** Its buffers for each tensor, by name. */
  tensorWords: (tensor: number) => Record<string, Words>;
  params: Params;
  scale?: Words;
}

/**
 * A step, or what of it follows the proposals. One pass over everything makes, measures and decides; those whose
 * distance lies in the predicted window are candidates, and what follows looks only at them: three levels of a
 * histogram, one pass that sorts them, one that packs the seeds. Where the window missed, a second pass over everything
 * makes all that lie farther than zero candidates.
 *
 * Temporary memory: three bits a parameter, the new mask and seeds beside the old ones, and a constant.
 *
 * @returns all new values, then the new state
 */
export function chooseAndReset(
  recorder: Recorder,
  current: readonly TensorInfo[],
  [maskInfo, seedsInfo, infoInfo]: readonly TensorInfo[],
  attrs: SelectionAttrs,
  proposer: Proposer,
): TensorInfo[] {
  const {sizes, k, reselect} = attrs;
  const words = maskWords(sizes);
  const {length, scans, ...layout} = scratchLayout(words);
  const scratch = recorder.scratch(length);
  const values = current.map(({shape}) => recorder.output(shape, 'float32'));
  const tensors = current.map((theta, tensor) => ({
    theta: recorder.words(theta),
    next: recorder.words(values[tensor]),
    ...proposer.tensorWords(tensor),
  }));
  const info = recorder.own(infoInfo);
  const walk: Walk = {
    recorder,
    scans,
    pieces: cutIntoPieces(sizes, recorder.longestPiece),
    tensorWords: (tensor) => tensors[tensor],
    whole: {
      scratch,
      mask: recorder.words(maskInfo),
      seeds: recorder.words(seedsInfo),
      info: recorder.words(info),
      calls: recorder.calls.words,
    },
    params: {
      ...layout,
      ...proposer.params,
      ...metricParams(attrs),
      words,
      k,
      reach: reachOf(sizes.reduce((sum, size) => sum + size, 0)),
      kept: reselect ? 0 : 1,
      scaled: proposer.scale ? 1 : 0,
    },
  };
  recorder.clear(scratch, 0, layout.ranks);
  recorder.clear(scratch, scans.old, length);
  if (proposer.scale) recorder.copy(proposer.scale, scratch, Head.scale);
  const once = (shader: typeof PREDICT) => recorder.dispatch(shader, 1, walk.params, walk.whole);

  scan(walk, 'old', OLD_SUMS, OLD_RANKS);
  forEachPiece(walk, UNPACK, BY_WORD);
  if (!reselect) {
    measure(walk, proposer.rule);
    once(REPORT);
    return [...values, recorder.share(maskInfo), recorder.share(seedsInfo), info];
  }

  const mask = recorder.output(maskInfo.shape, 'int32');
  const seeds = recorder.output([Math.max(1, k)], 'float32');
  Object.assign(walk.whole, {newMask: recorder.words(mask), newSeeds: recorder.words(seeds)});
  recorder.clear(walk.whole.newSeeds, 0, Math.max(1, k));
  once(PREDICT);
  measure(walk, proposer.rule);
  scan(walk, 'window', NEW_SUMS);
  once(CHECK);
  measureAgain(walk, proposer.rule);
  findKth(walk, 'silo', NEW_MASK);
  forEachPiece(walk, SETTLE, BY_WORD);
  once(REPORT);
  return [...values, mask, seeds, info];
}

/** How many ranks a window should reach to each side: all where they are few, else so few that they cost little. */
function reachOf(n: number): number {
  return n <= 1024 ? n : Math.max(128, n >>> 8);
}
