import {type CausalModel, collate} from '@subset-tuning/models';
import {adamw, dynamicSubset} from '@subset-tuning/optimizer';
import type {Dialect} from './examples.js';

const PAIR = {source: 'Where is your money?', target: 'Wo ist Ihr Geld?'};
/** About as many tokens as a small step has. */
const ROWS = 16;
const STEPS = 2;

/** Milliseconds that a step of training takes, without the first, which compiles; a rate of 0 leaves the weights alone. */
export async function measureStep(model: CausalModel, dialect: Dialect): Promise<number> {
  const example = await dialect.encode(PAIR);
  const batch = collate(Array.from({length: ROWS}, () => example));
  const optimizer = dynamicSubset(adamw({learningRate: 0}), {density: 0.001});
  const step = async () => {
    const cost = optimizer.minimize(() => model.loss(batch), true);
    await cost?.data();
    cost?.dispose();
  };
  try {
    await step();
    const began = performance.now();
    for (let i = 0; i < STEPS; i++) await step();
    return (performance.now() - began) / STEPS;
  } finally {
    optimizer.dispose();
  }
}
