import * as tf from '@tensorflow/tfjs-core';
import {assertSingleCore} from './assert-single-core.js';

/**
 * The variable of this name.
 *
 * @throws where there is none, or where it is not float32 or another copy of tfjs-core's.
 */
export function findVariable(name: string): tf.Variable {
  const registered: Record<string, tf.Variable> = tf.engine().registeredVariables;
  const variable = Object.hasOwn(registered, name) ? registered[name] : undefined;
  if (variable === undefined) throw new Error(`unknown variable '${name}', expected the name of a tf.Variable`);
  assertSingleCore(variable);
  if (variable.dtype !== 'float32') {
    throw new Error(`variable '${name}' has dtype ${variable.dtype}, expected float32`);
  }
  return variable;
}
