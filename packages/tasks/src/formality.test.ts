import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {address, addressesFormally, addressesNobody, formalShare} from './formality.js';

/**
 * `label` is what a reader says who knows the English. `address` and `pair` stand only where the rule is known to
 * differ: what `address(german)` says, and whether `addressesFormally(english, german)`.
 */
const rows = readFileSync(new URL('../fixtures/address.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [english, german, label, address, pair] = line.split('\t');
    return {english, german, label, address, pair};
  });

describe('hand-labelled lines', () => {
  it('hold at least 60 lines with every label', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map((row) => row.label))).toEqual(new Set(['formal', 'informal', 'none', 'mixed']));
  });

  it('are labelled right as often as the README says', () => {
    expect(rows).toHaveLength(96);
    expect(rows.filter(({german, label}) => address(german) === label)).toHaveLength(80);
    expect(
      rows.filter(({english, german, label}) => addressesFormally(english, german) === (label === 'formal')),
    ).toHaveLength(93);
  });

  it.each(rows)('address: $german', ({german, label, address: known}) => {
    expect(address(german)).toBe(known || label);
  });

  it.each(rows)('addressesFormally: $english → $german', ({english, german, label, pair}) => {
    expect(addressesFormally(english, german)).toBe(pair ? pair === 'yes' : label === 'formal');
  });

  it.each(rows.filter((row) => row.label !== 'none'))('addressesNobody is false: $german', ({english, german}) => {
    expect(addressesNobody(english, german)).toBe(false);
  });

  it.each(rows.filter((row) => row.label === 'none' && row.address !== 'informal'))(
    'addressesNobody: $german',
    ({english, german}) => {
      expect(addressesNobody(english, german)).toBe(true);
    },
  );
});

describe('formalShare', () => {
  it('counts the formal sentences alone', () => {
    expect(formalShare(['Wo wohnen Sie?', 'Wo wohnst du?', 'Es regnet.', 'Sie sagten: „Du kannst gehen.“'])).toBe(0.25);
    expect(formalShare(['Kommen Sie!'])).toBe(1);
    expect(formalShare(['', 'Hund'])).toBe(0);
  });

  it('refuses an empty list', () => {
    expect(() => formalShare([])).toThrow('expected at least one sentence');
  });
});
