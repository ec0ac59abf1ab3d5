import {describe, expect, it} from 'vitest';
import {checkOptions} from './check-options.js';
import {
  arrayOf,
  bytes,
  callable,
  flag,
  type Kind,
  map,
  number,
  oneOf,
  optional,
  text,
  typedArray,
  wholeNumber,
} from './kind.js';

const kinds = {steps: wholeNumber(1), rate: optional(number('a number above 0', (rate) => rate > 0))};

describe('checkOptions', () => {
  it.each<[unknown, string]>([
    [undefined, 'walk: the options are undefined, expected an object with steps, rate'],
    [null, 'walk: the options are null, expected an object with steps, rate'],
    [7, 'walk: the options are 7, expected an object with steps, rate'],
    [[], 'walk: the options are [], expected an object with steps, rate'],
    [new Map([['steps', 1]]), 'walk: the options are a Map of 1, expected an object with steps, rate'],
    [{}, 'walk: steps is undefined, expected a whole number of at least 1'],
    [{step: 3}, 'walk: there is no option "step" (3), expected steps, rate'],
    [{steps: 3, toString: 1}, 'walk: there is no option "toString" (1), expected steps, rate'],
    [{steps: '3'}, 'walk: steps is "3", expected a whole number of at least 1'],
    [{steps: 3, rate: -1}, 'walk: rate is -1, expected a number above 0'],
    [{steps: 3, rate: null}, 'walk: rate is null, expected a number above 0'],
    [{steps: 3, rate: Number.NaN}, 'walk: rate is NaN, expected a number above 0'],
  ])('of %o says: %s', (options, message) => {
    expect(() => checkOptions('walk', options as {steps: number}, kinds)).toThrow(new Error(message));
  });

  it('takes what is right', () => {
    checkOptions('walk', {steps: 3}, kinds);
    checkOptions('walk', {steps: 3, rate: undefined}, kinds);
    checkOptions('walk', Object.assign(Object.create(null), {steps: 3, rate: 0.5}), kinds);
  });
});

describe('a kind', () => {
  it.each<[string, Kind, unknown[], unknown[]]>([
    ['flag', flag, [true, false], [0, 'true']],
    ['text', text, [''], [1, undefined, new Uint8Array(1)]],
    ['callable', callable, [() => 1], [{}, undefined]],
    ['bytes', bytes, [new Uint8Array(1), Buffer.from('a')], [new ArrayBuffer(1), [1], new Uint16Array(1), 'a']],
    ['typedArray', typedArray('Float32Array'), [new Float32Array(1)], [[1], new Float64Array(1)]],
    ['map', map('a Map'), [new Map()], [{}, new WeakMap(), new Set()]],
    ['oneOf', oneOf(['a', 'b']), ['a'], ['c', ['a'], 0]],
    ['arrayOf', arrayOf(text, 'an array of strings'), [[], ['a']], ['a', ['a', 1], {0: 'a', length: 1}]],
    ['wholeNumber', wholeNumber(0, 2), [0, 2], [3, -1, 0.5, 1n, '1', Number.POSITIVE_INFINITY]],
    ['number', number('a number'), [0.5, -1], [Number.POSITIVE_INFINITY, Number.NaN, '1']],
  ])('%s', (_, kind, right, wrong) => {
    expect(right.filter((value) => !kind.is(value))).toEqual([]);
    expect(wrong.filter((value) => kind.is(value))).toEqual([]);
  });
});
