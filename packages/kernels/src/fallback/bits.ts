import * as tf from '@tensorflow/tfjs-core';
import {LARGEST} from './distances.js';
import {joinRow, pieces} from './rows.js';

const WORD = 32;

/**
 * A row of 0 and 1 (int32) from the words of a mask. Plain ops have no shift or bitwise and that every backend knows, so
 * bits are peeled off from the highest down by comparison and subtraction, which are exact in int32.
 */
export function unpackBits(words: tf.Tensor, sizes: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const zero = tf.scalar(0, 'int32');
    const sign = tf.less(words, zero);
    let rest = tf.where(sign, tf.sub(words, tf.scalar(-(2 ** 31), 'int32')), words);
    const bits: tf.Tensor[] = [tf.cast(sign, 'int32')];
    for (let bit = WORD - 2; bit >= 0; bit--) {
      const value = tf.scalar(2 ** bit, 'int32');
      const isSet = tf.greaterEqual(rest, value);
      rest = tf.where(isSet, tf.sub(rest, value), rest);
      bits.unshift(tf.cast(isSet, 'int32'));
    }
    const padded = tf.reshape(tf.stack(bits, 1), [words.size * WORD]);
    return joinRow(pieces(padded, sizes.map(paddedSize)).map((piece, i) => tf.slice(piece, [0], [sizes[i]])));
  });
}

/** Inverse of {@link unpackBits}. */
export function packBits(row: tf.Tensor, sizes: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const padded = joinRow(pieces(row, sizes).map((piece, i) => tf.pad(piece, [[0, paddedSize(sizes[i]) - sizes[i]]])));
    const values = tf.tensor1d(
      Int32Array.from({length: WORD}, (_, bit) => 1 << bit),
      'int32',
    );
    return tf.sum(tf.mul(tf.reshape(padded, [padded.size / WORD, WORD]), values), 1);
  });
}

function paddedSize(size: number): number {
  return Math.ceil(size / WORD) * WORD;
}

/** The float32 bits of a scalar that is zero, positive and normal, or infinite, as an int32 scalar. */
export function floatBits(x: tf.Tensor): tf.Tensor {
  const int = (value: number) => tf.scalar(value, 'int32');
  const powers = tf.tensor1d(Float32Array.from({length: 254}, (_, i) => 2 ** (i - 126)));
  const exponent = tf.sum(tf.cast(tf.greaterEqual(x, powers), 'int32'));
  const power = tf.gather(powers, tf.maximum(tf.sub(exponent, int(1)), int(0)));
  const finite = tf.lessEqual(x, LARGEST);
  const fraction = tf.sub(tf.div(tf.where(finite, x, power), power), 1);
  const mantissa = tf.cast(tf.mul(fraction, 2 ** 23), 'int32');
  const bits = tf.add(tf.mul(exponent, int(2 ** 23)), mantissa);
  return tf.where(finite, tf.where(tf.equal(exponent, int(0)), int(0), bits), int(0x7f800000));
}
