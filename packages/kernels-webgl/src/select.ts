import type {Painter, Uniforms} from './painter.js';
import {
  ADD_BLOCKS,
  ADD_SUMS,
  BLOCK,
  CHOOSE,
  CHOOSE_FIRST,
  CLASSIFY,
  FAN_IN,
  HISTOGRAM,
  HISTOGRAM_FIRST,
  LEVEL_BITS,
} from './shaders/histogram.js';
import type {Shader} from './shaders/shader.js';
import type {Texture} from './texture.js';

/** A silo's tensor while its entries are chosen. */
export interface Measured {
  size: number;
  /** Its first word of the mask. */
  first: number;
  distances: Texture;
}

/** One texel with what is known of the k-th distance, and one with counts. */
export interface Kth {
  choice: Texture;
  report: Texture;
}

/**
 * The first level of the search, which also counts what is not finite.
 *
 * @returns besides, the counters of each block
 */
export function beginSearch(painter: Painter, tensors: readonly Measured[], k: number): Kth & {counters: Texture} {
  const counters = painter.grid('uvec4', allBlocks(tensors));
  countBlocks(painter, tensors, HISTOGRAM_FIRST, counters);
  const choice = painter.grid('uvec4', 1);
  const report = painter.grid('uvec4', 1);
  const {sums, groups} = addUp(painter, tensors, counters);
  painter.draw(CHOOSE_FIRST, {targets: {choice, report}, reads: {sums}, uniforms: {k, groups}, count: 1});
  return {choice, report, counters};
}

/**
 * Finds the bits of the k-th largest distance, four a pass from the highest on: each block of each tensor counts, by
 * their next four bits, the distances that begin with the bits that are known. All in integers, exact for any size.
 */
export function findKth(painter: Painter, tensors: readonly Measured[], k: number): Kth {
  const begun = beginSearch(painter, tensors, k);
  let {choice, counters: prior} = begun;
  let counters = painter.grid('uvec4', allBlocks(tensors));
  for (let shift = 28 - LEVEL_BITS; shift >= 0; shift -= LEVEL_BITS) {
    countBlocks(painter, tensors, HISTOGRAM, counters, {prior, choice}, {shift});
    const {sums, groups} = addUp(painter, tensors, counters);
    [prior, counters] = [counters, prior];
    const next = painter.grid('uvec4', 1);
    painter.draw(CHOOSE, {targets: {choice: next}, reads: {sums, last: choice}, uniforms: {groups}, count: 1});
    choice = next;
  }
  return {choice, report: begun.report};
}

/** Of each word of the silo's mask, what lies above the k-th distance and what is as far. */
export function classify(painter: Painter, tensors: readonly Measured[], words: number, choice: Texture): Texture {
  const sides = painter.grid('uvec2', words);
  for (const {size, first, distances} of tensors) {
    painter.draw(CLASSIFY, {
      targets: {sides},
      reads: {distances, choice},
      uniforms: {size},
      from: tensors.length > 1 ? first : undefined,
      count: Math.ceil(size / 32),
    });
  }
  return sides;
}

function blocksOf({size}: Measured): number {
  return Math.ceil(size / BLOCK);
}

function allBlocks(tensors: readonly Measured[]): number {
  return tensors.reduce((sum, tensor) => sum + blocksOf(tensor), 0);
}

/** Counts each block of each tensor by four bits of its distances. */
function countBlocks(
  painter: Painter,
  tensors: readonly Measured[],
  shader: Shader,
  counters: Texture,
  reads: Record<string, Texture> = {},
  uniforms: Uniforms = {},
): void {
  let from = 0;
  for (const tensor of tensors) {
    const count = blocksOf(tensor);
    painter.draw(shader, {
      targets: {counters},
      reads: {distances: tensor.distances, ...reads},
      uniforms: {size: tensor.size, ...uniforms},
      from: tensors.length > 1 ? from : undefined,
      count,
    });
    from += count;
  }
}

/** Adds up the blocks' histograms until they are few. */
function addUp(painter: Painter, tensors: readonly Measured[], counters: Texture): {sums: Texture; groups: number} {
  const blocks = allBlocks(tensors);
  let groups = Math.ceil(blocks / FAN_IN);
  let sums = painter.grid('uvec4', 4 * groups);
  painter.draw(ADD_BLOCKS, {targets: {sums}, reads: {counters}, uniforms: {blocks}, count: 4 * groups});
  while (groups > FAN_IN) {
    const parts = sums;
    const uniforms = {groups};
    groups = Math.ceil(groups / FAN_IN);
    sums = painter.grid('uvec4', 4 * groups);
    painter.draw(ADD_SUMS, {targets: {sums}, reads: {parts}, uniforms, count: 4 * groups});
  }
  return {sums, groups};
}
