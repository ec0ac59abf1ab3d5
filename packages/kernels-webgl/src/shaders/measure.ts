import {DISTANCE} from './distance.js';
import {rarely, type Shader, shader, type Write} from './shader.js';
import {SEEDS} from './source.js';
import {type Rule, ruleCode} from './update-rule.js';

/** Updates the slots, proposes, and measures how far each proposal lies from its seed; weighs that where it should. */
function measureShader(rule: Rule, scaled: boolean, isWeighed: boolean): Shader {
  const {reads, slots, declare, propose, weight} = ruleCode(rule, scaled);
  const distance = 'distance_bits(proposal, seed)';
  const writes: Record<string, Write> = {
    result: 'uint',
    ...Object.fromEntries(Array.from({length: slots}, (_, j) => [`next${j}`, 'float' as const])),
  };
  return shader(
    `measure ${rule}${scaled ? ' scaled' : ''}${isWeighed ? ' weighed' : ''}`,
    {reads: {...SEEDS.reads, ...reads, ...(isWeighed ? weight.reads : {})}, writes},
    [SEEDS.code, DISTANCE, declare],
    `
  uint theta = theta_here(i);
  uint seed = seed_of(i, theta);
${propose}
  result = ${isWeighed ? `weighed(${distance}, ${weight.code})` : distance} | (fine ? 0u : BAD_GRADIENT);`,
  );
}

/** Gives what is chosen its proposal and everything else its seed. With a kept subset, a bad proposal changes nothing. */
function settleShader(rule: Rule, scaled: boolean, kept: boolean): Shader {
  const {reads, declare, again} = ruleCode(rule, scaled);
  const mask = kept ? 'before' : 'after';
  return shader(
    `settle ${rule}${scaled ? ' scaled' : ''}${kept ? ' kept' : ''}`,
    {reads: {...SEEDS.reads, ...reads, ...(kept ? {} : {after: 'grid'})}, writes: {result: 'float'}},
    [SEEDS.code, declare],
    `
  uint theta = theta_here(i);
  uint seed = seed_of(i, theta);
  uint value = seed;
${rarely(
  `(${mask}_at(first + (i >> 5)).x & bit_of(i)) != 0u`,
  `${again}
  value = ${kept ? 'is_finite(proposal) ? proposal : theta' : 'proposal'};`,
)}
  result = uintBitsToFloat(value);`,
  );
}

/** A function's results by its arguments. */
function remember<A extends (string | boolean)[]>(make: (...args: A) => Shader): (...args: A) => Shader {
  const made = new Map<string, Shader>();
  return (...args) => {
    const key = args.join();
    const known = made.get(key) ?? make(...args);
    made.set(key, known);
    return known;
  };
}

export const measure = remember(measureShader);
export const settle = remember(settleShader);

/** Measures x from y. */
export const MEASURE_PAIR = shader(
  'measure pair',
  {reads: {x: 'tensor', y: 'tensor'}, writes: {result: 'uint'}},
  [DISTANCE],
  '  result = distance_bits(x_here(i), y_here(i));',
);

/** Measures x from y, and weighs that. */
export const MEASURE_WEIGHED_PAIR = shader(
  'measure weighed pair',
  {reads: {x: 'tensor', y: 'tensor', weights: 'tensor'}, writes: {result: 'uint'}},
  [DISTANCE],
  '  result = weighed(distance_bits(x_here(i), y_here(i)), abs(flushed(weights_here(i))));',
);

/** Measures x from zero. */
export const MEASURE_SINGLE = shader(
  'measure single',
  {reads: {x: 'tensor'}, writes: {result: 'uint'}},
  [DISTANCE],
  '  result = distance_bits(x_here(i), 0u);',
);
