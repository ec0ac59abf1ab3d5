import {show} from '@subset-tuning/checks';
import {asFloat32, type Gguf} from '@subset-tuning/gguf';
import type {OpenFile} from '../read-folder.js';
import type {Weight} from '../weight.js';
import type {ConfigJson} from './architectures.js';
import {storedWeight} from './stored-weights.js';

/**
 * The weights of a GGUF file by their names in a checkpoint, if they are exactly those of these shapes.
 *
 * @param name What errors call the file.
 * @param others Tensors that are no weights.
 * @param source What the file is read from, if not from memory.
 */
export function readGgufWeights(
  name: string,
  file: Gguf,
  shapes: ReadonlyMap<string, readonly number[]>,
  config: ConfigJson,
  others: readonly string[] = [],
  source?: OpenFile,
): Map<string, Weight> {
  const weights = new Map<string, Weight>();
  const taken = new Set(others);
  for (const [weight, shape] of shapes) {
    const {restore, ...stored} = storedWeight(weight, shape, config);
    const found = file.tensors.get(stored.name);
    if (!found) throw new Error(`${name} has no tensor ${stored.name}, expected one of shape [${stored.shape}]`);
    if (found.shape.join() !== stored.shape.join()) {
      throw new Error(`${name}: ${stored.name} has the shape ${show(found.shape)}, expected [${stored.shape}]`);
    }
    taken.add(stored.name);
    weights.set(weight, {
      ...(source && {place: {file: source, range: file.range(stored.name)}}),
      shape,
      read: async () => {
        const values = asFloat32(await file.read(stored.name));
        return restore ? restore(values) : values;
      },
    });
  }
  for (const stored of file.tensors.keys()) {
    if (!taken.has(stored)) throw new Error(`${name}: the tensor ${show(stored)} is no part of this model`);
  }
  return weights;
}
