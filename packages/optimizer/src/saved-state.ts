import {
  INFO_LENGTH,
  maskWords,
  type SubsetState,
  type SubsetStateArrays,
  stateFromArrays,
} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import type {SiloMembers} from './silos.js';

/** The names that a silo's state is saved under. */
export function stateNames(silo: string): [mask: string, seeds: string, info: string] {
  return [`subset/${silo}/mask`, `subset/${silo}/seeds`, `subset/${silo}/info`];
}

/** The name that a slot is saved under, by the key of its variable. */
export function slotName(key: string, slot: string): string {
  return `slots/${key}/${slot}`;
}

/**
 * The names that variables' states are kept under: their own without the number that tfjs-layers appends where a name
 * is taken (`dense/kernel_1`), unless two would then be the same. So a model that is loaded beside the one that was
 * saved finds its state again.
 */
export function stateKeys(variables: readonly tf.Variable[]): Map<tf.Variable, string> {
  const short = (name: string) => name.replace(/_\d+$/, '');
  const count = new Map<string, number>();
  for (const {name} of variables) count.set(short(name), (count.get(short(name)) ?? 0) + 1);
  return new Map(
    variables.map((variable) => [
      variable,
      count.get(short(variable.name)) === 1 ? short(variable.name) : variable.name,
    ]),
  );
}

/**
 * Throws unless exactly what these silos and slots keep was saved.
 *
 * @param slots the slots' shapes by the names that they are saved under.
 */
export function checkSaved(
  saved: ReadonlyMap<string, tf.Tensor>,
  silos: readonly SiloMembers[],
  slots: ReadonlyMap<string, number[]>,
): void {
  const expected = expectedState(silos, slots);
  for (const name of saved.keys()) {
    if (!expected.has(name)) throw new Error(`saved '${name}' belongs to none of the variables`);
  }
  for (const [name, {shape, dtype}] of expected) {
    const tensor = saved.get(name);
    if (tensor === undefined) throw new Error(`saved weights lack '${name}'`);
    const fits =
      tensor.shape.length === shape.length && shape.every((size, i) => size === null || size === tensor.shape[i]);
    if (!fits || tensor.dtype !== dtype) {
      throw new Error(`saved '${name}' is ${tensor.dtype} [${tensor.shape}], expected ${dtype} [${shape}]`);
    }
  }
}

/** What a saved tensor must be like; null stands for any length. */
interface Kept {
  shape: (number | null)[];
  dtype: tf.DataType;
}

function expectedState(silos: readonly SiloMembers[], slots: ReadonlyMap<string, number[]>): Map<string, Kept> {
  const expected = new Map<string, Kept>();
  for (const [name, shape] of slots) expected.set(name, {shape, dtype: 'float32'});
  for (const {name, sizes} of silos) {
    const [mask, seeds, info] = stateNames(name);
    expected.set(mask, {shape: [maskWords(sizes)], dtype: 'int32'});
    expected.set(seeds, {shape: [null], dtype: 'float32'});
    expected.set(info, {shape: [INFO_LENGTH], dtype: 'int32'});
  }
  return expected;
}

/** A silo's state as the active backend keeps it, from saved tensors, which are disposed of; undefined for none. */
export function restoreState(saved: ReadonlyMap<string, tf.Tensor>, silo: string): SubsetState<tf.Tensor> | undefined {
  const [mask, seeds, info] = stateNames(silo).map((name) => saved.get(name));
  if (!mask || !seeds || !info) return undefined;
  const arrays: SubsetStateArrays = [mask.dataSync<'int32'>(), seeds.dataSync<'float32'>(), info.dataSync<'int32'>()];
  const state = stateFromArrays(arrays);
  tf.dispose([mask, seeds, info]);
  for (const tensor of state) tf.keep(tensor);
  return state;
}

/** A copy by way of the host: the optimizer writes its tensors in place, so a clone would change with them. */
export async function copyTensor(tensor: tf.Tensor): Promise<tf.Tensor> {
  const values = await tensor.data();
  return tf.tensor(values.slice(), tensor.shape, tensor.dtype);
}
