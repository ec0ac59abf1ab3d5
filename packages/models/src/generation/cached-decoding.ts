import * as tf from '@tensorflow/tfjs-core';
import {ints} from '../ints.js';
import {type KeyValueCache, pickCache} from '../key-value-cache.js';
import type {Decoding} from './decoding.js';

/** A pass over new tokens: their logits, from the cache so far and into the next one, whose tensors it keeps. */
export type CachedPass = (cache: KeyValueCache, next: KeyValueCache) => tf.Tensor2D;

/** Decoding with a key/value cache that goes with the rows. */
export abstract class CachedDecoding implements Decoding {
  abstract readonly rooms: readonly number[];
  protected readonly prompts: readonly (readonly number[])[];
  /** The length of the longest prompt. */
  protected readonly width: number;
  /** The length of each row's prompt. */
  protected lengths: readonly number[];
  #step = 0;
  #cache: KeyValueCache = {};

  constructor(prompts: readonly (readonly number[])[]) {
    this.prompts = prompts;
    this.lengths = prompts.map(({length}) => length);
    this.width = Math.max(...this.lengths);
  }

  abstract start(): tf.Tensor2D;

  /** Reads one token a row, the `step`th after the start, counted from 1. */
  protected abstract readNext(tokens: readonly number[], step: number): tf.Tensor2D;

  next(from: readonly number[], tokens: readonly number[]): tf.Tensor2D {
    const rows = this.lengths.length;
    if (from.length !== rows || from.some((row, i) => row !== i)) {
      const all = this.#cache;
      this.#cache = tf.tidy(() => pickCache(all, ints(from)));
      tf.dispose(all);
      this.lengths = from.map((row) => this.lengths[row]);
    }
    this.#step++;
    return this.readNext(tokens, this.#step);
  }

  dispose(): void {
    tf.dispose(this.#cache);
    this.#cache = {};
  }

  /** The logits of a pass, whose cache takes the place of the last one. */
  protected run(pass: CachedPass): tf.Tensor2D {
    const cache = this.#cache;
    const next: KeyValueCache = {};
    let logits: tf.Tensor2D;
    try {
      logits = tf.tidy(() => pass(cache, next));
    } catch (error) {
      tf.dispose(next);
      throw error;
    }
    this.#cache = next;
    tf.dispose(cache);
    return logits;
  }
}
