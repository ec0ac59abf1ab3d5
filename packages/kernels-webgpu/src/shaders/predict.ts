import {Info, Path} from '@subset-tuning/kernels';
import {shader} from './shader.js';

/** The places of info that are this backend's, in float bits: the window, 0 where nothing is known, */
const LEAST = Info.own;
const MOST = Info.own + 1;
/** how the threshold moved the last two times, */
const MOVE = Info.own + 2;
const MOVE_BEFORE = Info.own + 3;
/** and how far an edge goes next where it should go further out. */
const STRIDE_DOWN = Info.own + 4;
const STRIDE_UP = Info.own + 5;

/** The shortest stride, 1/256 of an octave, and the longest. */
const SHORTEST = 1 << 15;
const LONGEST = 1 << 28;
/** The farthest that a window is moved on, half an octave. */
const FARTHEST = 1 << 22;

/** One thread: nothing is predicted, and all that lie farther than zero are candidates. */
export const PREPARE = shader(
  'prepare',
  {scratch: 'atomic'},
  [],
  `
  atomicStore(&scratch[HEAD_least], select(SMALLEST, NEVER, params.k == 0u));
  atomicStore(&scratch[HEAD_most], NEVER);`,
  1,
);

/**
 * One thread: the window in which the k-th distance is expected. It is where it should have been the last time, moved on
 * as the threshold moved before: by the smaller of the last two moves where they agree in direction, else not at all, so that it
 * follows a drift but neither a jump nor noise.
 */
export const PREDICT = shader(
  'predict',
  {info: 'read', scratch: 'atomic'},
  [
    `
fn moved(edge: u32, shift: i32) -> u32 {
  if (edge <= SMALLEST || edge >= INFINITE) {
    return edge; // leaves all to the window
  }
  return u32(clamp(i32(edge) + shift, i32(SMALLEST), i32(INFINITE)));
}`,
  ],
  `
  var least = SMALLEST;
  var most = NEVER;
  var predicted = 0u;
  if (params.k == 0u) {
    least = NEVER;
  } else if (info[${LEAST}] != 0u) {
    let a = bitcast<i32>(info[${MOVE}]);
    let b = bitcast<i32>(info[${MOVE_BEFORE}]);
    let agreed = select(min(0, max(a, b)), max(0, min(a, b)), a > 0);
    let shift = clamp(agreed, -${FARTHEST}, ${FARTHEST});
    least = moved(info[${LEAST}], min(0, shift));
    most = moved(info[${MOST}], shift);
    predicted = 1u;
  }
  atomicStore(&scratch[HEAD_least], least);
  atomicStore(&scratch[HEAD_most], most);
  atomicStore(&scratch[HEAD_predicted], predicted);`,
  1,
);

/**
 * One thread: whether the k-th distance lies in the window. Where it lies above, all above the window are the candidates;
 * where it lies below, all that lie farther than zero, which are made again. It says whether the list has room for all
 * candidates, or whether what follows has to look at all words.
 */
export const CHECK = shader(
  'check',
  {scratch: 'atomic'},
  [
    `
fn expect_candidates(count: u32) {
  atomicStore(&scratch[HEAD_fits], select(0u, 1u, count <= params.capacity));
}`,
  ],
  `
  let reach_least = head(HEAD_reachLeast);
  let exceed_most = head(HEAD_exceedMost);
  let enough = reach_least >= params.k || head(HEAD_least) == SMALLEST;
  expect_candidates(reach_least - exceed_most);
  if (head(HEAD_predicted) == 0u || (enough && exceed_most < params.k && reach_least > exceed_most)) {
    return;
  }
  if (exceed_most >= params.k) {
    expect_candidates(exceed_most);
    atomicStore(&scratch[HEAD_rise], 1u);
    atomicStore(&scratch[HEAD_least], head(HEAD_most) + 1u);
  } else {
    expect_candidates(NEVER);
    atomicStore(&scratch[HEAD_again], 1u);
    atomicStore(&scratch[HEAD_least], SMALLEST);
  }
  atomicStore(&scratch[HEAD_most], NEVER);
  atomicStore(&scratch[HEAD_exceedMost], 0u);`,
  1,
);

/**
 * One thread: brings info up to date, with the window of the next step. It should reach `reach` ranks down from the k-th
 * distance and as far up: so it bears what enters and leaves in a step, however far distances jump. An edge that does not
 * even hold an eighth of that goes further out, twice as far each time.
 */
export const REPORT = shader(
  'report',
  {scratch: 'atomic', info: 'write'},
  [
    `
fn stride_down() -> u32 { return max(${SHORTEST}u, info[${STRIDE_DOWN}]); }
fn stride_up() -> u32 { return max(${SHORTEST}u, info[${STRIDE_UP}]); }`,
  ],
  `
  info[${Info.nonFiniteGradients}] = head(HEAD_nonFiniteGradients);
  info[${Info.nonFiniteProposals}] = head(HEAD_nonFiniteProposals);
  if (kept == 1u) {
    info[${Info.entered}] = 0u;
    info[${Info.left}] = 0u;
    info[${Info.path}] = ${Path.kept}u;
    return;
  }
  let size = head(HEAD_size);
  let threshold = select(head(HEAD_prefix), 0u, size == 0u);
  info[${Info.size}] = size;
  info[${Info.entered}] = head(HEAD_entered);
  info[${Info.left}] = head(HEAD_left);
  let before = info[${Info.threshold}];
  info[${MOVE_BEFORE}] = info[${MOVE}];
  info[${MOVE}] = select(threshold - before, 0u, before == 0u || threshold == 0u);
  info[${Info.threshold}] = threshold;
  if (head(HEAD_predicted) == 1u && head(HEAD_again) == 0u) {
    info[${Info.path}] = ${Path.hit}u;
    info[${Info.hits}] += 1u;
  } else {
    info[${Info.path}] = ${Path.miss}u;
    info[${Info.misses}] += 1u;
  }

  let wanted = head(HEAD_wanted);
  let candidates = head(HEAD_candidates);
  var least = min(head(HEAD_least), threshold);
  if (head(HEAD_prefix + 2u) != NEVER) {
    least = head(HEAD_prefix + 2u);
  } else if (head(HEAD_least) > SMALLEST && 8u * (candidates - wanted) < params.reach) {
    least = max(least, SMALLEST + stride_down()) - stride_down();
    info[${STRIDE_DOWN}] = min(${LONGEST}u, 2u * stride_down());
  }
  var most = min(INFINITE, max(head(HEAD_most), threshold));
  if (head(HEAD_prefix + 1u) != NEVER) {
    most = head(HEAD_prefix + 1u);
  } else if (8u * wanted < params.reach) {
    most = min(INFINITE, most + stride_up());
    info[${STRIDE_UP}] = min(${LONGEST}u, 2u * stride_up());
  }
  info[${LEAST}] = select(least, 0u, size == 0u);
  info[${MOST}] = most;`,
  1,
);
