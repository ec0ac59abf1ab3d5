import '@tensorflow/tfjs';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {loadFamily} from '../golden/load-family.js';
import type {CausalModel, Decorator} from './index.js';

let model: CausalModel;
beforeEach(async () => {
  model = await loadFamily('llama');
});
afterEach(() => model.dispose());

/** A decorator that counts passes. */
function counting() {
  let passes = 0;
  const decorator: Decorator = {
    begin: () => {
      passes++;
      return (verbs) => verbs;
    },
  };
  const passesOf = (run: () => void) => {
    const before = passes;
    run();
    return passes - before;
  };
  return {decorator, passesOf};
}
const pass = () => model.logits([[1, 2, 3]]).dispose();

it('takes off one of the same decorators, and what is off stays off', () => {
  const {decorator, passesOf} = counting();
  const [first, second] = [model.decorate(decorator), model.decorate(decorator)];
  expect(passesOf(pass)).toBe(2);
  first();
  expect(passesOf(pass)).toBe(1);
  first();
  expect(passesOf(pass)).toBe(1);
  second();
  expect(passesOf(pass)).toBe(0);
});
