import {type Distance, SMALLEST_NORMAL, type StepDistance, type SubsetStepAttrs} from '@subset-tuning/kernels';
import {floatOf, INFINITE} from './bits.js';
import {scratch} from './scratch.js';

const {seeds, proposals, proposalBits, distances, distanceBits, weights, squares, words} = scratch;

const f32 = Math.fround;

/** 2⁻¹⁰⁰: no difference this large depends on whether a subnormal counts as zero. */
const FAR = 2 ** -100;
/** A little less than the half unit in the last place by which a distance may be rounded up. */
const ROUNDED = 1 - 2 ** -23;

/** How distances are measured. */
export interface Metric {
  distance: Distance;
  eta: number;
  /** By what a distance is multiplied, where it is. */
  weighing?: Weighing;
}

/**
 * A distance is multiplied by its weight divided by `divisor`; a weight below `least` counts as zero. The weight of each
 * element is in the scratch: as it is, or as the root of its square.
 */
export interface Weighing {
  by: 'weights' | 'squares';
  divisor: number;
  least: number;
}

/** The weights are importances as they are given. */
export const GIVEN: Weighing = {by: 'weights', divisor: 1, least: SMALLEST_NORMAL};

/** The metric of a step's distance. That of `fisher` weighs by the roots of Adam's second moments. */
export function metricOf(
  {distance, eta}: {distance: StepDistance; eta: number},
  numbers?: SubsetStepAttrs['numbers'],
): Metric {
  if (distance !== 'fisher') return {distance, eta};
  const correction2 = numbers?.rule === 'adam' ? numbers.correction2 : 1;
  const divisor = f32(Math.sqrt(correction2));
  return {distance: 'absolute', eta, weighing: {by: 'squares', divisor, least: Math.sqrt(SMALLEST_NORMAL)}};
}

/** Writes the distances of the block's proposals from its seeds into the scratch, and zeros up to the next word. */
export function measure(length: number, {distance, eta, weighing}: Metric): void {
  if (distance === 'relative') relative(length, Math.fround(eta));
  else if (distance === 'weighted') weighted(length);
  else absolute(length);
  if (weighing) weigh(length, weighing);
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
  const {distance, weighing} = metric;
  const isMeasured = distance !== 'absolute' || floor < FAR;
  if (isMeasured) measure(length, metric);
  // The root, the quotient and the product are rounded too.
  const share = weighing ? floor * weighing.divisor * ROUNDED * ROUNDED * ROUNDED : 0;
  const by = weighing?.by;
  for (let base = 0; base < length; base += 32) {
    if (isMeasured) words[base >>> 5] = measuredWord(base, least);
    else if (by === 'squares') words[base >>> 5] = squaredWord(base, share * share);
    else if (by === 'weights') words[base >>> 5] = weighedWord(base, share);
    else words[base >>> 5] = absoluteWord(base, floor);
  }
  const past = 32 - (length & 31);
  if (past < 32) words[length >>> 5] &= -1 >>> past;
  return isMeasured;
}

/** The distance of proposal j that {@link mark} has marked and not measured, as bits. */
export function distanceAt(j: number, weighing: Weighing | undefined): number {
  // Unweighted it is no question of subnormals here.
  if (weighing)
    distances[0] = weighed(flush(Math.abs(Math.fround(flush(proposals[j]) - flush(seeds[j])))), j, weighing);
  else distances[0] = Math.abs(proposals[j] - seeds[j]);
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

/** Of 32 proposals those whose weighed distance is no less. Rounded as distances are, for they may overflow. */
function weighedWord(base: number, share: number): number {
  let word = 0;
  for (let j = base; j < base + 32; j += 4) {
    const four =
      +!(Math.abs(f32(proposals[j] - seeds[j]) * weights[j]) < share) |
      (+!(Math.abs(f32(proposals[j + 1] - seeds[j + 1]) * weights[j + 1]) < share) << 1) |
      (+!(Math.abs(f32(proposals[j + 2] - seeds[j + 2]) * weights[j + 2]) < share) << 2) |
      (+!(Math.abs(f32(proposals[j + 3] - seeds[j + 3]) * weights[j + 3]) < share) << 3);
    word = (word >>> 4) | (four << 28);
  }
  return word;
}

/**
 * As {@link weighedWord}, by the squares of distances, so that no root is taken. They are not rounded: where one might
 * overflow as a distance, all are marked.
 */
function squaredWord(base: number, square: number): number {
  let word = 0;
  let sum = 0;
  for (let j = base; j < base + 32; j += 4) {
    const a = (proposals[j] - seeds[j]) ** 2;
    const b = (proposals[j + 1] - seeds[j + 1]) ** 2;
    const c = (proposals[j + 2] - seeds[j + 2]) ** 2;
    const d = (proposals[j + 3] - seeds[j + 3]) ** 2;
    sum += a + b + (c + d);
    const four =
      +!(a * squares[j] < square) |
      (+!(b * squares[j + 1] < square) << 1) |
      (+!(c * squares[j + 2] < square) << 2) |
      (+!(d * squares[j + 3] < square) << 3);
    word = (word >>> 4) | (four << 28);
  }
  return sum < 2 ** 255 ? word : -1;
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

function weigh(length: number, weighing: Weighing): void {
  for (let j = 0; j < length; j++) {
    // What is not finite stays so, whatever its weight: see isNonFinite.
    if (!isNonFinite(j)) distances[j] = weighed(distances[j], j, weighing);
  }
}

/** A distance times its weight. NaN counts as zero. */
function weighed(distance: number, j: number, {by, divisor, least}: Weighing): number {
  const weight = by === 'squares' ? f32(Math.sqrt(squares[j])) : Math.abs(weights[j]);
  const product = Math.fround(distance * (weight < least ? 0 : Math.fround(weight / divisor)));
  return product >= SMALLEST_NORMAL ? product : 0;
}

function flush(x: number): number {
  return Math.abs(x) < SMALLEST_NORMAL ? 0 : x;
}
