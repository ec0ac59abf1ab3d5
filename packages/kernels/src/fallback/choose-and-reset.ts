import * as tf from '@tensorflow/tfjs-core';
import {INFO_LENGTH, Info, Path, type SelectionAttrs, type SubsetState} from '../contract.js';
import {floatBits, packBits, unpackBits} from './bits.js';
import {distancesBetween, finite, orZero} from './distances.js';
import {count, selectLargest} from './select.js';

/** Θ(0) as a row: where a parameter is in the subset the seed that the state remembers, else the parameter itself. */
export function seedRow(theta: tf.Tensor, [mask, seeds]: SubsetState<tf.Tensor>, sizes: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const bits = unpackBits(mask, sizes);
    const rank = tf.minimum(tf.cumsum(bits, 0, true), tf.scalar(seeds.size - 1, 'int32'));
    return tf.where(tf.cast(bits, 'bool'), tf.gather(seeds, rank), theta);
  });
}

/** Steps 2 to 4 of the method for rows that lay a silo's tensors end to end; the new values and the new state. */
export function chooseAndReset(
  proposal: tf.Tensor,
  theta: tf.Tensor,
  seed: tf.Tensor,
  importance: tf.Tensor | undefined,
  state: SubsetState<tf.Tensor>,
  nonFiniteGradients: tf.Tensor,
  {sizes, k, distance, eta, reselect}: SelectionAttrs,
): [newTheta: tf.Tensor, newState: SubsetState<tf.Tensor>] {
  const [mask, seeds, info] = state;
  const before = tf.tidy(() => tf.cast(unpackBits(mask, sizes), 'bool'));
  const finiteProposal = finite(proposal);
  const nonFiniteProposals = count(tf.logicalNot(finiteProposal));
  const old = (place: number) => tf.reshape(tf.slice(info, [place], [1]), []);
  const int = (value: number) => tf.scalar(value, 'int32');

  if (!reselect) {
    const newTheta = tf.where(before, tf.where(finiteProposal, proposal, theta), seed);
    const newInfo = infoRow(info, [
      count(before),
      int(0),
      int(0),
      old(Info.threshold),
      nonFiniteGradients,
      nonFiniteProposals,
      int(Path.kept),
      old(Info.hits),
      old(Info.misses),
    ]);
    return [newTheta, [tf.clone(mask), tf.clone(seeds), newInfo]];
  }

  const metric = distance === 'fisher' ? 'absolute' : distance;
  const distances = distancesBetween(proposal, seed, metric, eta, importance);
  const chosen = selectLargest(distances, k);
  const size = count(chosen);
  const smallest = tf.tidy(() => tf.min(tf.where(chosen, distances, tf.fill([seed.size], Number.POSITIVE_INFINITY))));
  const newInfo = infoRow(info, [
    size,
    tf.tidy(() => count(tf.logicalAnd(chosen, tf.logicalNot(before)))),
    tf.tidy(() => count(tf.logicalAnd(before, tf.logicalNot(chosen)))),
    tf.where(tf.greater(size, int(0)), floatBits(smallest), int(0)),
    nonFiniteGradients,
    nonFiniteProposals,
    int(Path.miss),
    old(Info.hits),
    tf.add(old(Info.misses), int(1)),
  ]);
  const newMask = packBits(tf.cast(chosen, 'int32'), sizes);
  return [tf.where(chosen, proposal, seed), [newMask, packSeeds(seed, chosen, size, k), newInfo]];
}

/** The seeds of the chosen entries in index order, then zeros. Floats are only ever gathered, so their bits stay. */
function packSeeds(seed: tf.Tensor, chosen: tf.Tensor, size: tf.Tensor, k: number): tf.Tensor {
  return tf.tidy(() => {
    const capacity = Math.max(1, k);
    // What is not chosen adds up in one place past the end, which is then cut off.
    const place = tf.tidy(() => {
      const rank = tf.cumsum(tf.cast(chosen, 'int32'), 0, true);
      return tf.where(chosen, rank, tf.fill([seed.size], capacity, 'int32'));
    });
    const everywhere = tf.range(0, seed.size, 1, 'int32');
    const indices = tf.scatterND(tf.reshape(place, [seed.size, 1]), everywhere, [capacity + 1]);
    const packed = tf.gather(seed, tf.slice(indices, 0, capacity));
    return orZero(tf.less(tf.range(0, capacity, 1, 'int32'), size), packed);
  });
}

/** The info tensor: what the step reports, then the backend's own places as they were. */
function infoRow(info: tf.Tensor, reported: tf.Tensor[]): tf.Tensor {
  const own = tf.slice(info, [Info.own], [INFO_LENGTH - Info.own]);
  return tf.concat([tf.stack(reported), own]);
}
