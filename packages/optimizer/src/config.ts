import {show} from '@subset-tuning/checks';
import * as tf from '@tensorflow/tfjs-core';
import {decodeNames, encodeNames} from './encode-names.js';
import type {Members} from './members.js';
import {adafactor} from './rules/adafactor.js';
import {adam, adamw} from './rules/adam.js';
import {momentum} from './rules/momentum.js';
import {sgd} from './rules/sgd.js';
import type {SubsetOptions} from './subset-options.js';
import type {UpdateRule} from './update-rule.js';

const rules: Record<string, (options: never) => UpdateRule> = {sgd, momentum, adam, adamw, adafactor};

/**
 * The rule that a rule's `config` describes.
 *
 * @throws where there is no rule of that name.
 *
 * @example
 * ```ts
 * import {adamw, ruleFromConfig} from '@subset-tuning/optimizer';
 * const rule = ruleFromConfig(adamw({learningRate: 1e-3}).config);
 * ```
 */
export function ruleFromConfig(config: unknown): UpdateRule {
  if (!isRecord(config)) throw new Error(`rule is ${show(config)}, expected an object`);
  const {rule: name, ...options} = config;
  if (typeof name !== 'string' || !Object.hasOwn(rules, name)) {
    throw new Error(`rule is ${show(name)}, expected one of ${Object.keys(rules).join(', ')}`);
  }
  // The options are what the rule of this name wrote into its own config.
  return rules[name](options as never);
}

/** The registered optimizer that `{className, config}` describes. */
export function optimizerFromConfig(value: unknown): tf.Optimizer {
  if (!isRecord(value) || typeof value.className !== 'string' || !isRecord(value.config)) {
    throw new Error(`optimizer is ${show(value)}, expected {className, config}`);
  }
  const plain = (name: string) => name.replaceAll('_', '').toLowerCase();
  const {className} = value;
  const {classNameMap} = tf.serialization.SerializationMap.getMap();
  // tfjs-layers changes the case of class names inside a config.
  const name = Object.keys(classNameMap).find((known) => plain(known) === plain(className));
  if (name === undefined) throw new Error(`optimizer ${show(className)} is not registered with tf.serialization`);
  const [cls, fromConfig] = classNameMap[name];
  const optimizer: unknown = fromConfig(cls, toConfigDict(value.config));
  if (!(optimizer instanceof tf.Optimizer)) throw new Error(`'${name}' is a registered class, but no tf.Optimizer`);
  return optimizer;
}

/** JSON, and so without what is undefined, which a ConfigDict may not hold. */
export function toConfigDict(value: Record<string, unknown>): tf.serialization.ConfigDict {
  const config: tf.serialization.ConfigDict = JSON.parse(JSON.stringify(value));
  return config;
}

/**
 * Options as JSON. A function of names becomes the table of what it said, and a table keeps what it said. Names of
 * variables are written so that tfjs-layers' rewriting of strings leaves them alone.
 */
export function optionsToConfig(
  {silos, variables, whole, initialSubset: _, ...options}: SubsetOptions,
  members: Members,
): Record<string, unknown> {
  const isKnown = members.variables.length > 0;
  const said = () =>
    Object.fromEntries(members.silos.flatMap(({name, variables}) => variables.map((one) => [one.name, name])));
  const table = typeof silos === 'function' || (typeof silos === 'object' && isKnown) ? said() : silos;
  const names = isKnown ? members.variables.map(({name}) => name) : variables;
  // Those that have not joined yet are wanted under the names that were given.
  const inWhole = members.silos.flatMap(({isWhole, variables}) => (isWhole ? variables.map(({name}) => name) : []));
  const isAllThere = inWhole.length === whole?.length;
  return {
    ...options,
    ...(table === undefined ? {} : {silos: typeof table === 'string' ? table : Object.entries(table).map(encodeNames)}),
    ...(variables === undefined || names === undefined ? {} : {variables: encodeNames(names)}),
    ...(whole === undefined ? {} : {whole: encodeNames(isAllThere ? inWhole : whole)}),
  };
}

/** Inverse of {@link optionsToConfig}. tfjs-layers adds `customObjects` to every config that it loads. */
export function optionsFromConfig(config: tf.serialization.ConfigDict): SubsetOptions {
  const {silos, variables, whole, customObjects: _, ...options} = config;
  const pairs = Array.isArray(silos) ? silos.map((pair) => decodeNames(pair)) : undefined;
  const named = pairs === undefined ? silos : Object.fromEntries(pairs);
  return {
    ...options,
    ...(named === undefined || named === null ? {} : {silos: named}),
    ...(variables === undefined || variables === null ? {} : {variables: decodeNames(variables)}),
    ...(whole === undefined || whole === null ? {} : {whole: decodeNames(whole)}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
