import {createState, Info, type SubsetStateArrays, stateFromArrays} from '@subset-tuning/kernels';
import * as tf from '@tensorflow/tfjs-core';
import {findVariable} from './find-variable.js';
import {firstPositions, firstState} from './first-state.js';
import {matchNames} from './match-names.js';
import {planSilos} from './plan-silos.js';
import {siloFromSaved} from './saved-state.js';
import {type SavedTensor, savedName, savedVariables} from './saved-variable.js';
import {groupBySilo, type Silo} from './silos.js';
import {sameSubset, seedsOf} from './stand-ins.js';
import type {SubsetOptions} from './subset-options.js';
import {sum} from './sum.js';

/** The variables that share a budget, and what is kept of them. */
export interface Members {
  /** In registration order. None is without elements: there is nothing to keep of such. */
  variables: tf.Variable[];
  silos: Silo[];
  /** By the names that they are saved under. */
  slots: Map<string, tf.Tensor>;
}

/** The slots that a variable needs: name → shape. They start as zeros. */
export type SlotShapes = (variable: tf.Variable) => Record<string, number[]>;

const RESTED = {rested: true, absent: 0};

/**
 * Variables at their first step.
 *
 * @throws where the budget, a silo or what is in the subset at the start is not as described.
 */
export function newMembers(
  variables: tf.Variable[],
  options: SubsetOptions,
  slotShapes: SlotShapes,
  step: number,
): Members {
  // Whoever is to be tuned whole is there, if only to join later.
  for (const name of options.whole ?? []) findVariable(name);
  const silos = planSilos(variables, options, step);
  const chosen = silos.map((silo) => firstPositions(silo, silo.budget, options.initialSubset));
  // From here on nothing can fail but an allocation.
  return {
    variables,
    slots: emptySlots(variables, slotShapes),
    silos: silos.map((silo, i) => {
      const bound = sum(chosen[i].map(({length}) => length));
      return {...silo, ...RESTED, bound, state: firstState(silo.variables, chosen[i])};
    }),
  };
}

/**
 * Variables that go on from a saved state.
 *
 * @param given those that are known already, or have a gradient. Of further ones that were saved, the names decide.
 * @returns a function that makes the members, once all is checked. It leaves `saved` as it is.
 * @throws where what was saved does not fit the variables, or its parts do not fit one another.
 */
export function restoredMembers(
  saved: ReadonlyMap<string, SavedTensor>,
  given: readonly tf.Variable[],
  options: SubsetOptions,
  slotShapes: SlotShapes,
): () => Members {
  const parts = savedVariables(saved);
  const names = given.map(({name}) => name);
  const savedNames = matchNames([...parts.keys()], names);
  const savedOf = ({name}: tf.Variable) => parts.get(savedNames.get(name) ?? '');
  // In the order in which they were saved, and then those that were not.
  const order = [...new Set([...savedNames.keys(), ...names])];
  const variables = order.map((name) => given.find((variable) => variable.name === name) ?? findSaved(name));
  const silos = groupBySilo(options, variables, ({name}) => savedNames.get(name) ?? name);
  const states = silos.map((silo) => siloFromSaved(silo, savedOf));
  const slots = variables.flatMap((variable) => {
    const own = savedOf(variable);
    return Object.entries(slotShapes(variable)).map(([slot, shape]) => {
      const values = own?.floats('slots', slot, shape);
      return {name: savedName('slots', variable.name, slot), shape, values};
    });
  });
  for (const part of parts.values()) part.checkAllTaken();
  return () => ({
    variables,
    slots: new Map(
      slots.map(({name, shape, values}) => {
        // Of a copy: the cpu backend computes with the very array that it is given.
        return [name, tf.keep(values === undefined ? tf.zeros(shape) : tf.tensor(values.slice(), shape))];
      }),
    ),
    silos: silos.map((silo, i) => {
      const {arrays, budget} = states[i] ?? {arrays: undefined, budget: 0};
      const bound = arrays === undefined ? 0 : arrays[2][Info.size];
      return {...silo, ...RESTED, budget, bound, state: stateOf(silo, arrays)};
    }),
  });
}

/**
 * Takes in variables whose first gradient came later: each joins its silo, with what it holds now for its seed. They have
 * a share of the budget from the next selection on.
 *
 * @throws where a silo is not as described; nothing has changed then.
 */
export function joinMembers(
  members: Members,
  added: readonly tf.Variable[],
  options: SubsetOptions,
  slotShapes: SlotShapes,
): void {
  for (const group of groupBySilo(options, added, ({name}) => name)) {
    const silo = members.silos.find(({name, isWhole}) => name === group.name && isWhole === group.isWhole);
    if (silo === undefined) {
      members.silos.push({...group, ...RESTED, budget: 0, bound: 0, state: stateOf(group)});
    } else {
      const state = tf.tidy(() => sameSubset(silo, [...seedsOf(silo), ...group.variables]));
      tf.dispose(silo.state);
      const variables = [...silo.variables, ...group.variables];
      Object.assign(silo, {...RESTED, variables, sizes: [...silo.sizes, ...group.sizes], state});
    }
    members.variables.push(...group.variables);
    for (const [name, slot] of emptySlots(group.variables, slotShapes)) members.slots.set(name, slot);
  }
}

export function disposeMembers({silos, slots}: Members): void {
  tf.dispose([...slots.values()]);
  for (const {state, nonFiniteGradients} of silos) {
    tf.dispose(state);
    nonFiniteGradients?.dispose();
  }
}

/** A silo's state, kept: of these arrays, or with nothing in the subset. */
export function stateOf({sizes}: Pick<Silo, 'sizes'>, arrays?: SubsetStateArrays): Silo['state'] {
  const state = arrays === undefined ? createState(sizes) : stateFromArrays(arrays);
  for (const tensor of state) tf.keep(tensor);
  return state;
}

function emptySlots(variables: readonly tf.Variable[], slotShapes: SlotShapes): Map<string, tf.Tensor> {
  return new Map(
    variables.flatMap((variable) =>
      Object.entries(slotShapes(variable)).map(([slot, shape]): [string, tf.Tensor] => [
        savedName('slots', variable.name, slot),
        tf.keep(tf.zeros(shape)),
      ]),
    ),
  );
}

function findSaved(name: string): tf.Variable {
  try {
    return findVariable(name);
  } catch (error) {
    throw new Error(`the saved state is also of '${name}', expected to find it`, {cause: error});
  }
}
