import {Info} from '@subset-tuning/kernels';
import {INFINITE, SMALLEST} from './bits.js';
import type {Candidates} from './candidates.js';
import {kthLargest} from './kth-largest.js';
import {LISTED, type Limits} from './settle.js';

/**
 * The places of info that are this backend's, all in float bits: the window, how the threshold moved before, how far the
 * lower edge goes down next where it should, and a lower edge that let in too many; last, how many ranks it should reach.
 */
const LEAST = Info.own;
const MOST = Info.own + 1;
const MOVE = Info.own + 2;
const MOVE_BEFORE = Info.own + 3;
const STRIDE = Info.own + 4;
const CROWD = Info.own + 5;
const REACH = Info.own + 6;

/** The most entries that a pass may leave undecided: 2 MiB of lists. */
const MOST_CANDIDATES = 1 << 17;
/** The shortest stride, 1/256 of an octave. */
const SHORTEST = 1 << 15;
const LONGEST = 1 << 28;
/** By how much a crowd is thought to sink in a step: it may have gone. */
const FORGET = 64;

/** How many candidates a silo of n parameters may have: all where they are few, else so few that they cost little. */
export function candidateRoom(n: number): number {
  return Math.min(n, Math.max(1024, Math.min(MOST_CANDIDATES, n >>> 4)));
}

/**
 * The window in which the k-th distance is expected, if anything is known (another backend's memory is nothing): where it
 * should have been the last time, moved on as the threshold moved before. That move is the smaller of the last two where
 * they agree in direction, else none, so that it follows a drift but neither a jump nor noise.
 */
export function predict(info: Int32Array): Limits | undefined {
  if (info[LEAST] < SMALLEST || info[MOST] < info[LEAST] || info[MOST] > INFINITE) return undefined;
  const [a, b] = [info[MOVE], info[MOVE_BEFORE]];
  const move = a > 0 ? Math.max(0, Math.min(a, b)) : Math.min(0, Math.max(a, b));
  // An edge that stays too low only lets in more, one that is too high misses.
  const reach = (info[Info.threshold] - info[LEAST]) >> 1;
  return {least: shift(info[LEAST], Math.min(move, reach)), most: shift(info[MOST], move), ties: LISTED};
}

/** An edge that leaves all to the window stays where it is. */
function shift(edge: number, move: number): number {
  return edge <= SMALLEST || edge >= INFINITE ? edge : clamp(edge + move);
}

/**
 * Notes a selection for the next {@link predict}. The window should have reached some ranks down from the k-th distance
 * and as many up: so it bears what enters and leaves in a step, however far distances jump, and its lists stay short.
 * That reach doubles where the window missed, and shrinks slowly. Where the window holds not even an eighth of it, the
 * lower edge goes down, twice as far each time; but where it once met a crowd, as when all that is not chosen lies one
 * learning rate away, it stays off. The upper edge opens if there is room for all that may come.
 *
 * @param limits between which the candidates lie
 * @param need how many of them were chosen
 * @param crowd the predicted lower edge if it let in too many, else 0
 */
export function remember(
  info: Int32Array,
  threshold: number,
  {least, most}: Limits,
  {distances, count, room}: Candidates,
  need: number,
  crowd: number,
  {k, n, isHit}: {k: number; n: number; isHit: boolean},
): void {
  const before = info[LEAST];
  let reach = Math.max(room >>> 5, info[REACH]);
  if (isHit) reach -= reach >>> 5;
  else if (before > 0 && crowd === 0) reach = Math.min(2 * reach, (3 * room) >>> 3);
  info[REACH] = reach;
  if (room === n) reach = n;
  info[MOVE_BEFORE] = info[MOVE];
  info[MOVE] = info[Info.threshold] > 0 && threshold > 0 ? threshold - info[Info.threshold] : 0;
  info[CROWD] = crowd || Math.max(0, info[CROWD] - FORGET);

  info[LEAST] = Math.min(least, threshold);
  if (need + reach <= count) {
    info[LEAST] = kthLargest(distances, count, need + reach).value;
    info[CROWD] = 0;
    info[STRIDE] = 0;
  } else if (least > SMALLEST && 8 * (count - need) < reach) {
    const isOff = info[CROWD] > 0 && info[CROWD] < threshold;
    info[LEAST] = isOff ? info[CROWD] + ((threshold - info[CROWD]) >>> 2) : clamp(info[LEAST] - stride(info));
  }

  if (need > reach) info[MOST] = kthLargest(distances, count, need - reach).value;
  else info[MOST] = 2 * k <= room && 8 * need < reach ? INFINITE : Math.max(most, threshold);

  if (threshold === 0) info[LEAST] = 0;
}

/** How far the lower edge goes; the next time it is twice as far. */
function stride(info: Int32Array): number {
  const length = Math.max(SHORTEST, info[STRIDE]);
  info[STRIDE] = Math.min(LONGEST, 2 * length);
  return length;
}

function clamp(bits: number): number {
  return Math.max(SMALLEST, Math.min(INFINITE, bits));
}
