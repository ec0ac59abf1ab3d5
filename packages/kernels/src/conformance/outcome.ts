import {Info, maskWords, Path, type SelectionAttrs} from '../contract.js';
import {bitsOf, joinRow, subsetRow} from '../reference/rows.js';
import {seedRow} from '../reference/subset-step.js';
import type {SubsetStateArrays} from '../subset-state.js';
import {assertCloseFloats, assertEqual, assertSameFloats, assertSameInts, assertTrue} from './compare.js';
import {assertFarthestChosen, distanceBounds, type ImportanceBounds} from './selection.js';

/** A silo's parameters and state, before a step or after it. */
export interface SiloArrays {
  parameters: Float32Array[];
  state: SubsetStateArrays;
}

/** Places of `info` that depend on neither rounding nor the way of selecting. */
const COUNTS = ['nonFiniteGradients', 'nonFiniteProposals'] as const;

/** Throws unless a step did what the reference did, bit for bit. */
export function assertSameOutcome(
  got: SiloArrays,
  want: SiloArrays,
  before: SiloArrays,
  attrs: Pick<SelectionAttrs, 'reselect'>,
): void {
  want.parameters.forEach((parameter, i) => {
    assertSameFloats(`parameters[${i}]`, got.parameters[i], parameter);
  });
  assertSameInts('mask', got.state[0], want.state[0]);
  assertSameFloats('seeds', got.state[1], want.state[1]);
  for (const place of ['size', 'entered', 'left', 'threshold', ...COUNTS] as const) {
    assertEqual(`info.${place}`, got.state[2][Info[place]], want.state[2][Info[place]]);
  }
  assertHistory(got.state[2], before.state[2], attrs);
}

/**
 * Throws unless a step did what the reference did, where proposals may be off by their tolerance, and distances with
 * them. What was chosen must then agree with itself.
 *
 * @param want what the reference did, whose counts must be met
 * @param proposal the reference's proposals as one row
 */
export function assertCloseOutcome(
  got: SiloArrays,
  want: SiloArrays,
  before: SiloArrays,
  proposal: Float32Array,
  tolerance: Float64Array,
  attrs: SelectionAttrs,
  importance?: ImportanceBounds,
): void {
  const {sizes, reselect, k} = attrs;
  assertEqual('length of mask', got.state[0].length, maskWords(sizes));
  const theta = joinRow(before.parameters);
  const seed = seedRow(theta, before.state, sizes);
  const wasChosen = new Set(subsetRow(before.state, sizes));
  const indices = subsetRow(got.state, sizes);
  const chosen = new Set(indices);

  const newTheta = joinRow(got.parameters);
  const expected = seed.map((value, i) => {
    if (!chosen.has(i)) return value;
    return Number.isFinite(proposal[i]) ? proposal[i] : theta[i];
  });
  assertCloseFloats(
    'parameters',
    newTheta,
    expected,
    tolerance.map((t, i) => (chosen.has(i) ? t : 0)),
  );
  const outside = (row: Float32Array) => row.filter((_, i) => !chosen.has(i));
  assertSameFloats('parameters outside the subset', outside(newTheta), outside(seed));

  const seeds = new Float32Array(reselect ? Math.max(1, k) : before.state[1].length);
  indices.forEach((i, rank) => {
    bitsOf(seeds)[rank] = bitsOf(seed)[i];
  });
  assertSameFloats('seeds', got.state[1], seeds);

  const info = got.state[2];
  assertEqual('info.size', info[Info.size], chosen.size);
  assertEqual('info.entered', info[Info.entered], indices.filter((i) => !wasChosen.has(i)).length);
  assertEqual('info.left', info[Info.left], [...wasChosen].filter((i) => !chosen.has(i)).length);
  for (const place of COUNTS) assertEqual(`info.${place}`, info[Info[place]], want.state[2][Info[place]]);
  assertHistory(info, before.state[2], attrs);
  if (!reselect) {
    assertSameInts('mask of a kept subset', got.state[0], before.state[0]);
    assertEqual('info.threshold', info[Info.threshold], before.state[2][Info.threshold]);
    return;
  }
  const bounds = distanceBounds(proposal, seed, attrs, tolerance, importance);
  assertFarthestChosen((i) => chosen.has(i), bounds, k, 'the step');
  const threshold = new Float32Array(Int32Array.of(info[Info.threshold]).buffer)[0];
  const nearest = (row: Float64Array) =>
    indices.reduce((least, i) => Math.min(least, row[i]), Number.POSITIVE_INFINITY);
  assertTrue(
    chosen.size === 0 ? threshold === 0 : threshold >= nearest(bounds.low) && threshold <= nearest(bounds.high),
    `info.threshold is the float ${threshold}; expected ${nearest(bounds.low)} to ${nearest(bounds.high)}`,
  );
}

/** Each selection is one hit or one miss, and the path says which; a kept subset is neither. */
function assertHistory(got: Int32Array, before: Int32Array, {reselect}: Pick<SelectionAttrs, 'reselect'>): void {
  const hit = got[Info.hits] - before[Info.hits];
  const miss = got[Info.misses] - before[Info.misses];
  if (reselect) {
    assertTrue(
      (hit === 1 && miss === 0) || (hit === 0 && miss === 1),
      `a selection added ${hit} hits and ${miss} misses; expected one in all`,
    );
    assertEqual('info.path', got[Info.path], hit === 1 ? Path.hit : Path.miss);
  } else {
    assertEqual('hits that a kept subset added', hit, 0);
    assertEqual('misses that a kept subset added', miss, 0);
    assertEqual('info.path', got[Info.path], Path.kept);
  }
}
