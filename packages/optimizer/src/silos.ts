/**
 * How parameters are grouped into silos, each with a budget of its own: every tensor by itself, the tensors of a layer
 * together, the whole model, or by a function (or a table) from a variable's name to its silo's name.
 */
export type SiloKind = 'tensor' | 'layer' | 'global' | Readonly<Record<string, string>> | ((name: string) => string);

/**
 * The name of the silo that a variable belongs to.
 *
 * `layer` takes the name up to its last numbered part (`model.layers.3.mlp.up_proj.weight` → `model.layers.3`), or
 * else what stands before its last `.` or `/` (`dense_1/kernel` → `dense_1`).
 *
 * @throws where a table has no entry for the name.
 *
 * @example
 * ```ts
 * import {siloOf} from '@subset-tuning/optimizer';
 * siloOf('layer', 'model.layers.3.mlp.up_proj.weight'); // 'model.layers.3'
 * ```
 */
export function siloOf(kind: SiloKind, name: string): string {
  if (kind === 'tensor') return name;
  if (kind === 'global') return 'global';
  if (kind === 'layer') return /^.*[./]\d+(?=[./])/.exec(name)?.[0] ?? /^(.+)[./]/.exec(name)?.[1] ?? name;
  const silo = typeof kind === 'function' ? kind(name) : Object.hasOwn(kind, name) ? kind[name] : undefined;
  if (typeof silo === 'string') return silo;
  throw new Error(`silos: no silo for variable '${name}', expected a silo's name, got ${String(silo)}`);
}
