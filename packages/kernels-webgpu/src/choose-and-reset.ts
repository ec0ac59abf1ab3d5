import {maskWords, type SelectionAttrs} from '@subset-tuning/kernels';
import type {TensorInfo} from '@tensorflow/tfjs-core';
import {metricParams} from './metric.js';
import type {Params} from './params.js';
import {cutIntoPieces} from './pieces.js';
import type {Recorder, Words} from './recorder.js';
import {Head, scratchLayout} from './scratch-layout.js';
import {findKth, forEachPiece, groupsOf, list, measure, scan, tally, type Walk} from './select.js';
import {BY_FOUR_WORDS} from './shaders/four-words.js';
import {CHECK, PREDICT, REPORT} from './shaders/predict.js';
import {COUNT_OLD, NEW_MASK, OLD_RANKS} from './shaders/scan.js';
import {SETTLE} from './shaders/settle.js';
import type {Rule} from './shaders/update-rule.js';

/** What makes a silo's proposals. */
export interface Proposer {
  rule: Rule;
  /** Its buffers for each tensor, by name. */
  tensorWords: (tensor: number) => Record<string, Words>;
  params: Params;
  scale?: Words;
  /** Importances by which distances are weighed; for `fisher` Adam's second moments are. */
  importance?: (tensor: number) => Words;
}

/**
 * A step, or what of it follows the proposals. One pass over everything makes, measures and decides; those whose
 * distance lies in the predicted window are candidates, and what follows looks only at a list of them: three levels of a
 * histogram, one pass that sorts them, one that packs the seeds. Where the window missed, a second pass over everything
 * makes all that lie farther than zero candidates.
 *
 * Temporary memory: about six bits a parameter at most, the new mask and seeds beside the old ones, and a constant.
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
  const n = sizes.reduce((sum, size) => sum + size, 0);
  const reach = reachOf(n, k);
  const capacity = reselect ? Math.min(n, LIST_REACHES * reach) : 0;
  const {length, ...layout} = scratchLayout(words, capacity);
  const scratch = recorder.scratch(length);
  const values = current.map(({shape}) => recorder.output(shape, 'float32'));
  const tensors = current.map(
    (theta, tensor): Record<string, Words> => ({
      theta: recorder.words(theta),
      next: recorder.words(values[tensor]),
      ...proposer.tensorWords(tensor),
    }),
  );
  const weights = proposer.importance ?? (attrs.distance === 'fisher' ? (i: number) => tensors[i].slot1 : undefined);
  const info = recorder.own(infoInfo);
  const walk: Walk = {
    recorder,
    pieces: cutIntoPieces(sizes, recorder.longestPiece),
    tensorWords: (tensor) => ({...tensors[tensor], ...(weights && {weights: weights(tensor)})}),
    whole: {
      scratch,
      mask: recorder.words(maskInfo),
      seeds: recorder.words(seedsInfo),
      info: recorder.words(info),
    },
    params: {
      ...layout,
      ...proposer.params,
      ...metricParams(attrs, proposer.importance !== undefined),
      words,
      k,
      reach,
      capacity,
      kept: reselect ? 0 : 1,
      scaled: proposer.scale ? 1 : 0,
    },
  };
  recorder.clear(scratch, 0, layout.ranks);
  if (proposer.scale) recorder.copy(proposer.scale, scratch, Head.scale);
  const once = (shader: typeof PREDICT) => recorder.dispatch(shader, 1, walk.params, walk.whole);

  scan(walk, COUNT_OLD, OLD_RANKS);
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
  tally(walk);
  once(CHECK);
  list(walk, proposer.rule);
  findKth(walk, weights ? 'silo weighed' : 'silo', NEW_MASK);
  forEachPiece(walk, SETTLE, groupsOf(BY_FOUR_WORDS));
  once(REPORT);
  return [...values, mask, seeds, info];
}

/** How many times as many candidates as a window should reach up or down the list has room for. */
const LIST_REACHES = 8;

/**
 * How many ranks a window should reach to each side: all where they are few, else so few that they cost little, and of a
 * small budget an eighth, for what enters and leaves in a step is a part of the budget.
 */
function reachOf(n: number, k: number): number {
  return n <= 1024 ? n : Math.max(128, Math.min(n >>> 8, k >>> 3));
}
