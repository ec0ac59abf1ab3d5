import type {Distance} from '@subset-tuning/kernels';
import {SMALLEST_NORMAL} from '@subset-tuning/kernels';
import {floatOf, INFINITE} from './bits.js';
import {scratch} from './scratch.js';

const {seeds, proposals, proposalBits, distances, distanceBits, words} = scratch;

/** 2⁻¹⁰⁰: no difference this large depends on whether a subnormal counts as zero. */
const FAR = 2 ** -100;
/** A little less than the half unit in the last place by which a distance may be rounded up. */
const ROUNDED = 1 - 2 ** -23;

export interface Metric {
  distance: Distance;
  eta: number;
}

/** Writes the distances of the block's proposals from its seeds into the scratch, and zeros up to the next word. */
export function measure(length: number, {distance, eta}: Metric): void {
  if (distance === 'relative') relative(length, Math.fround(eta));
  else if (distance === 'weighted') weighted(length);
  else absolute(length);
  for (let j = length; j & 31; j++) distances[j] = 0;
}

/**
 * Marks in the scratch's words which of the block's distances are `least` or more, or NaN. Measures them where it must,
 * and where it need not marks a few too many: the caller measures what is marked. Branchless, so that the time does not
 * depend on how many there are.
 *
 * @param least bits, of a distance greater than zero
 * @returns whether the distances are measured
 */
export function mark(length: number, metric: Metric, least: number): boolean {
  // Differences are float64 here: what float32 takes for infinity starts just below 2¹²⁸.
  const floor = Math.min(floatOf(least), 2 ** 128) * ROUNDED;
  const isMeasured = metric.distance !== 'absolute' || floor < FAR;
  if (isMeasured) measure(length, metric);
  for (let base = 0; base < length; base += 32) {
    words[base >>> 5] = isMeasured ? measuredWord(base, least) : absoluteWord(base, floor);
  }
  const past = 32 - (length & 31);
  if (past < 32) words[length >>> 5] &= -1 >>> past;
  return isMeasured;
}

/** The absolute distance of proposal j, where it is no question of subnormals, as bits. */
export function absoluteAt(j: number): number {
  distances[0] = Math.abs(proposals[j] - seeds[j]);
  return distanceBits[0];
}

/** Of 32 proposals those whose absolute difference from their seed is greater. Branchless. */
export function beyond(base: number, ceiling: number): number {
  let word = 0;
  for (let j = base; j < base + 32; j += 4) {
    const four =
      +(Math.abs(proposals[j] - seeds[j]) > ceiling) |
      (+(Math.abs(proposals[j + 1] - seeds[j + 1]) > ceiling) << 1) |
      (+(Math.abs(proposals[j + 2] - seeds[j + 2]) > ceiling) << 2) |
      (+(Math.abs(proposals[j + 3] - seeds[j + 3]) > ceiling) << 3);
    word = (word >>> 4) | (four << 28);
  }
  return word;
}

function measuredWord(base: number, least: number): number {
  let word = 0;
  for (let j = base; j < base + 32; j += 4) {
    const four =
      ((least - 1 - distanceBits[j]) >>> 31) |
      (((least - 1 - distanceBits[j + 1]) >>> 31) << 1) |
      (((least - 1 - distanceBits[j + 2]) >>> 31) << 2) |
      (((least - 1 - distanceBits[j + 3]) >>> 31) << 3);
    word = (word >>> 4) | (four << 28);
  }
  return word;
}

function absoluteWord(base: number, floor: number): number {
  let word = 0;
  for (let j = base; j < base + 32; j += 4) {
    const four =
      +!(Math.abs(proposals[j] - seeds[j]) < floor) |
      (+!(Math.abs(proposals[j + 1] - seeds[j + 1]) < floor) << 1) |
      (+!(Math.abs(proposals[j + 2] - seeds[j + 2]) < floor) << 2) |
      (+!(Math.abs(proposals[j + 3] - seeds[j + 3]) < floor) << 3);
    word = (word >>> 4) | (four << 28);
  }
  return word;
}

/** False where the measured distance j counts as zero: its proposal is not finite, or it is no number. */
export function isDistance(j: number): boolean {
  return distanceBits[j] <= INFINITE && !isNonFinite(j);
}

/** Whether proposal j of the block is not finite. Its distance is then infinite or NaN, whatever its seed. */
export function isNonFinite(j: number): boolean {
  return (proposalBits[j] & INFINITE) === INFINITE;
}

// Storing rounds to float32. `abs` comes last, so that a NaN too has no sign bit.

function absolute(length: number): void {
  for (let j = 0; j < length; j++) {
    distances[j] = Math.abs(flush(Math.fround(flush(proposals[j]) - flush(seeds[j]))));
  }
}

function relative(length: number, eta: number): void {
  for (let j = 0; j < length; j++) {
    const b = flush(seeds[j]);
    const difference = flush(Math.fround(flush(proposals[j]) - b));
    distances[j] = Math.abs(flush(Math.fround(difference / Math.fround(Math.abs(b) + eta))));
  }
}

function weighted(length: number): void {
  for (let j = 0; j < length; j++) {
    const b = flush(seeds[j]);
    const difference = flush(Math.fround(flush(proposals[j]) - b));
    distances[j] = Math.abs(flush(Math.fround(difference * b)));
  }
}

function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? 0 : x;
}
