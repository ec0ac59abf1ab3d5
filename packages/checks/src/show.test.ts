import {describe, expect, it} from 'vitest';
import {show} from './show.js';

const itself: Record<string, unknown> = {};
itself.self = itself;

describe('show', () => {
  it.each<[unknown, string]>([
    ['0.1', '"0.1"'],
    [0.1, '0.1'],
    [Number.NaN, 'NaN'],
    [12n, '12n'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Symbol('x'), 'Symbol(x)'],
    [() => 1, 'a function'],
    [show, 'the function show'],
    [[1, 'a', null], '[1,"a",null]'],
    [{steps: [1, 2], to: Number.NaN}, '{"steps":[1,2],"to":NaN}'],
    [Object.create(null), '{}'],
    [Array.from({length: 12}, (_, i) => i), '[0,1,2,3,4,5,6,7,8,9,…]'],
    [itself, '{"self":{"self":{"self":{…}}}}'],
    [new Map([[1, 2]]), 'a Map of 1'],
    [new ArrayBuffer(8), 'an ArrayBuffer of 8 bytes'],
    [new Float32Array(2), 'a Float32Array of 8 bytes'],
    [new URL('https://example.org'), 'a URL'],
    [new (class Example {})(), 'an Example'],
  ])('%o as %s', (value, expected) => {
    expect(show(value)).toBe(expected);
  });

  it('is short whatever the value', () => {
    const long = 'x'.repeat(1_000_000);
    const wide = Object.fromEntries(Array.from({length: 100_000}, (_, i) => [`key ${i}`, long]));
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(show(deep)).toBe('[[[[…]]]]');
    expect(show({deep})).toBe('{"deep":[[[…]]]}');
    for (const value of [long, wide, [long, long], {[long]: long}, 10n ** 1000n]) expect(show(value).length).toBe(101);
  });
});
