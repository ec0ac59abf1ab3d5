import {expect, it} from 'vitest';
import {adviceFor} from './advice.js';

it.each([
  'Array buffer allocation failed',
  'RangeError: Invalid array buffer length',
  'RuntimeError: memory access out of bounds',
  'Aborted(Cannot enlarge memory arrays)',
])('says what to do where memory ran out: %s', (message) => {
  expect(adviceFor(message)).toContain('fewer tokens a step');
});

it('adds nothing to what speaks for itself', () => {
  expect(adviceFor('line 3: expected a source, a tab and a target')).toBe('');
});
