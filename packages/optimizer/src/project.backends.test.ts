import * as tf from '@tensorflow/tfjs';
import {afterEach, describe, expect, it} from 'vitest';
import {type NamedTensor, project} from './index.js';

afterEach(() => tf.disposeVariables());

const bases: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
  rmsprop: () => tf.train.rmsprop(0.1, 0.9, 0.5),
};
const names = ['a', 'b', 'c'];
/** Far apart, so that a moment of another variable's shows; one of them has another shape. */
const gradientOf: Record<string, number[]> = {a: [100, 50], b: [0.001, 0.002], c: [3, -1, 2]};

/** What a step's gradients say: a small letter has one, a capital one null, a letter after `-` undefined. */
function gradientsOf(step: string, dictionary: boolean): {given: NamedTensor[] | tf.NamedTensorMap; made: tf.Tensor[]} {
  const made: tf.Tensor[] = [];
  const list = [...step.matchAll(/-?[a-cA-C]/g)].map(([letter]) => {
    const name = letter.replace('-', '').toLowerCase();
    if (letter.startsWith('-')) return {name, tensor: undefined};
    if (letter !== name) return {name, tensor: null};
    const tensor = tf.tensor1d(gradientOf[name]);
    made.push(tensor);
    return {name, tensor};
  });
  const given: unknown = dictionary ? Object.fromEntries(list.map(({name, tensor}) => [name, tensor])) : list;
  return {given: given as NamedTensor[], made};
}

async function valuesAfter(make: () => tf.Optimizer, steps: string[], dictionary = false): Promise<number[][]> {
  const variables = names.map((name) => tf.variable(tf.onesLike(tf.tensor1d(gradientOf[name])), true, name));
  const optimizer = make();
  for (const step of steps) {
    const {given, made} = gradientsOf(step, dictionary);
    optimizer.applyGradients(given as tf.NamedTensorMap);
    tf.dispose(made);
  }
  const values = await Promise.all(variables.map(async (variable) => [...(await variable.data())]));
  optimizer.dispose();
  tf.dispose(variables);
  return values;
}

describe('project gives the base what it would have had', () => {
  const projected = (make: () => tf.Optimizer) => () => project(make(), {density: 1, variables: names});

  it.each(
    Object.entries(bases).flatMap(([name, make]) =>
      [
        ['abc', 'abc', 'abc'],
        ['abc', 'Abc', 'Abc', 'abc'],
        ['ABc', 'aBc', 'abc', 'abC'],
        ['abc', '-ab-c', 'aBc', 'abc'],
        ['bca', 'Bca', 'bcA'],
      ].map((steps) => ({name, make, steps})),
    ),
  )('$name, steps $steps', async ({make, steps}) => {
    const stock = await valuesAfter(make, steps);
    expect(await valuesAfter(projected(make), steps)).toEqual(stock);
    expect(await valuesAfter(projected(make), steps, true)).toEqual(stock);
  });

  it.each(Object.entries(bases))(
    '%s, in whichever order the gradients come, and with or without nulls',
    async (_, make) => {
      const stock = await valuesAfter(make, ['abc', 'aBc', 'abc', 'abC']);
      for (const dictionary of [false, true]) {
        expect(await valuesAfter(projected(make), ['abc', 'ca', 'bca', 'ba'], dictionary)).toEqual(stock);
      }
    },
  );

  it('and what minimize makes of a list of variables of which one is frozen meanwhile', async () => {
    const run = async (make: () => tf.Optimizer, prefix: string) => {
      const [a, b] = ['a', 'b'].map((name) => tf.variable(tf.tensor1d([1, 1]), true, prefix + name));
      const optimizer = make();
      const loss = () => tf.sum(tf.add(tf.mul(a, 100), tf.mul(b, 0.001))) as tf.Scalar;
      optimizer.minimize(loss, false, [a, b]);
      a.trainable = false;
      for (let step = 0; step < 3; step++) optimizer.minimize(loss, false, [a, b]);
      optimizer.dispose();
      return [[...(await a.data())], [...(await b.data())]];
    };
    const stock = await run(() => tf.train.adam(0.1), 'stock/');
    expect(await run(() => project(tf.train.adam(0.1), {density: 1}), 'ours/')).toEqual(stock);
  });

  it('but for a list that is refused, which takes no place', async () => {
    const weights = ['a', 'b'].map((name) => tf.variable(tf.tensor1d([1, 1]), true, name));
    const optimizer = project(tf.train.adam(0.1), {density: 1, variables: ['a', 'b']});
    const gradient = tf.tensor1d([1, 1]);
    expect(() => optimizer.applyGradients([{name: 'other', tensor: gradient}])).toThrow("unknown variable 'other'");
    optimizer.applyGradients(weights.map(({name}) => ({name, tensor: gradient})));
    expect((await optimizer.getWeights()).map(({name}) => name).filter((name) => name.endsWith('/m'))).toHaveLength(2);
    gradient.dispose();
    optimizer.dispose();
  });
});

/** Gradient descent by the gradient's sign, which keeps its number of steps in a variable. */
class SignDescent extends tf.Optimizer {
  static readonly className = 'SignDescent';
  readonly steps: tf.Variable = tf.variable(tf.scalar(0, 'int32'), false);

  applyGradients(gradients: tf.NamedTensorMap): void {
    for (const [name, gradient] of Object.entries(gradients)) {
      const variable: tf.Variable = tf.engine().registeredVariables[name];
      variable.assign(tf.tidy(() => tf.sub(variable, tf.sign(gradient))));
    }
    this.steps.assign(tf.tidy(() => tf.add(this.steps, tf.scalar(1, 'int32'))));
  }

  override async getWeights(): Promise<NamedTensor[]> {
    return [{name: 'iter', tensor: this.steps}];
  }

  override async setWeights([{tensor}]: NamedTensor[]): Promise<void> {
    this.steps.assign(tf.clone(tensor));
  }

  getConfig(): tf.serialization.ConfigDict {
    return {};
  }

  override dispose(): void {
    this.steps.dispose();
  }
}

describe("a base of one's own", () => {
  it('is not disposed of by reading what it goes on with', async () => {
    const weights = tf.variable(tf.tensor1d([5, 2, 3, 4]), true, 'weights');
    const optimizer = project(new SignDescent(), {density: 1});
    const loss = () => tf.sum(tf.square(weights)) as tf.Scalar;
    optimizer.minimize(loss);
    const checkpoint = await optimizer.getWeights();
    tf.dispose(checkpoint.map(({tensor}) => tensor));
    optimizer.minimize(loss);
    expect([...(await weights.data())]).toEqual([3, 0, 1, 2]);
    const [base] = (await optimizer.getWeights()).filter(({name}) => name === 'base/iter');
    expect([...(await base.tensor.data())]).toEqual([2]);
    const other = project(new SignDescent(), {density: 1});
    await other.setWeights(await optimizer.getWeights());
    expect((await other.getWeights()).map(({name}) => name)).toEqual(
      (await optimizer.getWeights()).map(({name}) => name),
    );
    other.dispose();
    optimizer.dispose();
  });
});
