import {Info, Path} from '@subset-tuning/kernels';
import {shader} from './shader.js';

/** The places of info that are this backend's: the last k-th distance (1 where the budget was not used up, 0 for none), */
const LAST = Info.own;
/** how it moved the last two times, */
const MOVE = Info.own + 1;
const MOVE_BEFORE = Info.own + 2;
/** and how far off predictions were, which fades. All in float bits. */
const ERROR = Info.own + 3;

/** What a prediction is taken to be off by at first: a quarter of an octave. */
const FIRST_ERROR = 1 << 21;
/** The farthest that a prediction goes on, half an octave. */
const FARTHEST = 1 << 22;
/** The narrowest window reaches a 256th of an octave to each side, the widest 16 octaves. */
const NARROWEST = 1 << 15;
const WIDEST = 1 << 27;

/** One thread: nothing is predicted, and all that lie farther than zero are candidates. */
export const PREPARE = shader(
  'prepare',
  {scratch: 'atomic'},
  [],
  `
  if (thread > 0u) {
    return;
  }
  atomicStore(&scratch[HEAD_least], select(SMALLEST, NEVER, params.k == 0u));
  atomicStore(&scratch[HEAD_most], NEVER);`,
);

/**
 * One thread: where the k-th distance is expected. It goes on as it moved before, by the smaller of the last two moves
 * where they agree in direction, else not at all; the window reaches four times as far as predictions were off.
 */
export const PREDICT = shader(
  'predict',
  {info: 'read', scratch: 'atomic'},
  [],
  `
  if (thread > 0u) {
    return;
  }
  let last = info[${LAST}];
  var least = SMALLEST;
  var most = NEVER;
  var center = 0u;
  if (params.k == 0u) {
    least = NEVER;
  } else if (last == 1u) {
    center = 1u;
  } else if (last > 1u) {
    let a = bitcast<i32>(info[${MOVE}]);
    let b = bitcast<i32>(info[${MOVE_BEFORE}]);
    let shift = select(min(0, max(a, b)), max(0, min(a, b)), a > 0);
    // At most half an octave, so that the sum cannot wrap around.
    center = u32(clamp(i32(last) + clamp(shift, -${FARTHEST}, ${FARTHEST}), i32(SMALLEST), i32(INFINITE)));
    let reach = clamp(4u * info[${ERROR}], ${NARROWEST}u, ${WIDEST}u);
    least = max(center, SMALLEST + reach) - reach;
    most = center + reach;
  }
  atomicStore(&scratch[HEAD_least], least);
  atomicStore(&scratch[HEAD_most], most);
  atomicStore(&scratch[HEAD_center], center);`,
);

/** One thread: whether the window held the k-th distance; if not, all that lie farther than zero become candidates. */
export const CHECK = shader(
  'check',
  {scratch: 'atomic'},
  [],
  `
  if (thread > 0u || head(HEAD_center) == 0u) {
    return;
  }
  let reach_least = head(HEAD_reachLeast);
  let reach_most = head(HEAD_reachMost);
  let enough = reach_least >= params.k || head(HEAD_least) == SMALLEST;
  if (enough && reach_most < params.k && reach_least > reach_most) {
    return;
  }
  atomicStore(&scratch[HEAD_again], 1u);
  atomicStore(&scratch[HEAD_least], SMALLEST);
  atomicStore(&scratch[HEAD_most], NEVER);
  atomicStore(&scratch[HEAD_reachLeast], 0u);
  atomicStore(&scratch[HEAD_reachMost], 0u);`,
);

/** One thread: brings info up to date. */
export const REPORT = shader(
  'report',
  {scratch: 'atomic', info: 'write'},
  [],
  `
  if (thread > 0u) {
    return;
  }
  info[${Info.nonFiniteGradients}] = head(HEAD_nonFiniteGradients);
  info[${Info.nonFiniteProposals}] = head(HEAD_nonFiniteProposals);
  if (params.kept == 1u) {
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
  info[${Info.threshold}] = threshold;
  let center = head(HEAD_center);
  if (center > 0u && head(HEAD_again) == 0u) {
    info[${Info.path}] = ${Path.hit}u;
    info[${Info.hits}] += 1u;
  } else {
    info[${Info.path}] = ${Path.miss}u;
    info[${Info.misses}] += 1u;
  }

  let before = info[${LAST}];
  let last = select(threshold, 1u, size > 0u && size < params.k);
  info[${LAST}] = last;
  if (before > 1u && last > 1u) {
    info[${MOVE_BEFORE}] = info[${MOVE}];
    info[${MOVE}] = last - before;
    let off = max(last, center) - min(last, center);
    info[${ERROR}] = max(off, info[${ERROR}] / 8u * 7u);
  } else {
    info[${MOVE}] = 0u;
    info[${MOVE_BEFORE}] = 0u;
    info[${ERROR}] = ${FIRST_ERROR}u;
  }`,
);
