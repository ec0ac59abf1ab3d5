import {expect, it} from 'vitest';
import {trainableParameters} from './index.js';

it('trainableParameters reads as PEFT prints it', () => {
  // peft 0.17: f"trainable params: {t:,d} || all params: {a:,d} || trainable%: {100 * t / a:.4f}"
  expect(trainableParameters(294_912, 124_734_720)).toBe(
    'trainable params: 294,912 || all params: 124,734,720 || trainable%: 0.2364',
  );
});
