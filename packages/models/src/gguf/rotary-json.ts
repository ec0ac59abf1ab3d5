import {type Kind, oneOf, optional} from '@subset-tuning/checks';
import {asFloat32, type Gguf} from '@subset-tuning/gguf';
import {RotaryFactors} from '../families/rotary-config.js';
import type {ArchitectureKeys} from './architecture-keys.js';

/** The tensor that divides a Llama's rotary frequencies one by one, as the scaling of Llama 3.1 and later does. */
export const ROTARY_FACTORS = 'rope_freqs.weight';

/** Factors of one head: there are half as many as it has elements. */
const MOST_FACTORS = 512;

/** Those factors, if a file has them. They are few, and the architecture is made of them, so they are read first. */
export async function readRotaryFactors({tensors, read}: Gguf): Promise<number[] | undefined> {
  const shape = tensors.get(ROTARY_FACTORS)?.shape;
  if (shape?.length !== 1 || shape[0] > MOST_FACTORS) return undefined; // and then refused as a weight
  return Array.from(asFloat32(await read(ROTARY_FACTORS)));
}

const NUMBER: Kind = {expected: 'a number', is: (value) => typeof value === 'number'};
const POSITIVE: Kind = {expected: 'a number above 0', is: (value) => typeof value === 'number' && value > 0};

/** The `rope_parameters` that a file's keys stand for. */
export function rotaryJson(keys: ArchitectureKeys, factors?: readonly number[]): Record<string, unknown> {
  const rope_theta = keys.get<number>('rope.freq_base', POSITIVE, 10_000);
  const type = keys.get<string>('rope.scaling.type', oneOf(['none', 'linear']), 'linear');
  const old = keys.get<number | undefined>('rope.scale_linear', optional(NUMBER));
  const given = keys.get<number>('rope.scaling.factor', NUMBER, old ?? 1);
  const factor = type === 'none' || given === 0 ? 1 : given; // as llama.cpp takes them
  if (!factors) return factor === 1 ? {rope_theta} : {rope_type: 'linear', rope_theta, factor};
  if (factor !== 1) keys.fail('rope.scaling.factor', factor, `1 beside the tensor ${ROTARY_FACTORS}`);
  return {rope_type: new RotaryFactors(factors), rope_theta};
}
