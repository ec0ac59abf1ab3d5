import {check, isObject, type Kind, text} from '@subset-tuning/checks';
import type {SubsetState} from '@subset-tuning/kernels';
import type {Scalar, Tensor, Variable} from '@tensorflow/tfjs-core';

/**
 * How parameters are grouped into silos, each with a budget of its own: every tensor by itself, the tensors of a layer
 * together, the whole model, or by a function (or a table) from a variable's name to its silo's name.
 */
export type SiloKind = 'tensor' | 'layer' | 'global' | Readonly<Record<string, string>> | ((name: string) => string);

export const siloKind: Kind = {
  expected: "tensor, layer, global, a function of a variable's name, or an object from its name to its silo's",
  is: (value) =>
    value === 'tensor' ||
    value === 'layer' ||
    value === 'global' ||
    typeof value === 'function' ||
    (isObject(value) && Object.values(value).every(text.is)),
};

/** Who is in a silo. */
export interface SiloMembers {
  name: string;
  variables: Variable[];
  /** The variables' sizes. */
  sizes: number[];
  /** Whether it is of one variable that is tuned whole. */
  isWhole: boolean;
}

/** A group of parameters with a budget of its own. */
export interface Silo extends SiloMembers {
  state: SubsetState<Tensor>;
  budget: number;
  /** At most so many entries are in the subset: what is known of that without a look at the device. */
  bound: number;
  /** Whether the last step passed the silo by, since none of its variables had a gradient. */
  rested: boolean;
  /** How many elements had no gradient at the last step, where the kernel counts them among those that are not finite. */
  absent: number;
  /** How many gradient elements were not finite, where the kernel does not see gradients. */
  nonFiniteGradients?: Scalar;
}

/**
 * Groups variables into silos, in the order in which they are first met. One that is tuned whole has a silo to itself.
 *
 * @param savedNameOf what a variable was called when it was saved: so a table finds it that was saved with it and has not
 * all of the variables' own names.
 */
export function groupBySilo(
  {silos: kind = 'tensor', whole = []}: {silos?: SiloKind; whole?: readonly string[]},
  variables: readonly Variable[],
  savedNameOf: (variable: Variable) => string,
): SiloMembers[] {
  const isOther = typeof kind === 'object' && variables.some(({name}) => !Object.hasOwn(kind, name));
  const isOtherWhole = whole.some((name) => !variables.some((variable) => variable.name === name));
  const groups = new Map<string, SiloMembers>();
  for (const variable of variables) {
    const isWhole = whole.includes(isOtherWhole ? savedNameOf(variable) : variable.name);
    const name = isWhole ? variable.name : siloOf(kind, isOther ? savedNameOf(variable) : variable.name);
    // A silo of others may be called what one that is tuned whole is.
    const key = `${isWhole} ${name}`;
    const silo = groups.get(key) ?? {name, variables: [], sizes: [], isWhole};
    silo.variables.push(variable);
    silo.sizes.push(variable.size);
    groups.set(key, silo);
  }
  return [...groups.values()];
}

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
  check('siloOf: kind', kind, siloKind);
  check('siloOf: name', name, text);
  if (kind === 'tensor') return name;
  if (kind === 'global') return 'global';
  if (kind === 'layer') return /^.*[./]\d+(?=[./])/.exec(name)?.[0] ?? /^(.+)[./]/.exec(name)?.[1] ?? name;
  const silo = typeof kind === 'function' ? kind(name) : Object.hasOwn(kind, name) ? kind[name] : undefined;
  if (typeof silo === 'string') return silo;
  throw new Error(`silos: no silo for variable '${name}', expected a silo's name, got ${String(silo)}`);
}
