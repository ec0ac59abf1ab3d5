import {check, map} from '@subset-tuning/checks';

/** What is known of a weight before it is tuned. */
export interface WeightShape {
  readonly shape: readonly number[];
}

/** A matrix of one of a model's numbered layers. */
export interface LayerMatrix {
  /** Its weight's name, such as `model.layers.2.self_attn.q_proj.weight`. */
  name: string;
  /** The last part of it that says what it is: `q_proj`. */
  module: string;
  layer: number;
  rows: number;
  columns: number;
}

const WEIGHTS = map('a Map of names to weights');

/**
 * The matrices of a model's numbered layers, in the order of its weights: what LoRA and LIFT are put on. Embeddings are
 * none.
 *
 * @param weights by name, as in a model's `weights`; shapes are all that is read.
 *
 * @example
 * ```ts
 * import {layerMatrices} from '@subset-tuning/adapters';
 *
 * const weights = new Map([['embed.weight', {shape: [99, 8]}], ['layers.0.mlp.up.weight', {shape: [16, 8]}]]);
 * console.log(layerMatrices(weights)); // [{name: 'layers.0.mlp.up.weight', module: 'up', layer: 0, rows: 16, columns: 8}]
 * ```
 */
export function layerMatrices(weights: ReadonlyMap<string, WeightShape>): LayerMatrix[] {
  check('layerMatrices: weights', weights, WEIGHTS);
  return [...weights].flatMap(([name, {shape}]) => {
    const found = /(?:^|[./])(\d+)[./](?:.*[./])?([^./]+)[./](?:weight|kernel)$/.exec(name);
    if (!found || shape.length !== 2) return [];
    const [, layer, module] = found;
    const [rows, columns] = shape;
    return [{name, module, layer: Number(layer), rows, columns}];
  });
}
