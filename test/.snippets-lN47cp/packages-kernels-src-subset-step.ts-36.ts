



































const numbers = {rule: 'sgd', learningRate: 1, weightDecay: 0, decayTowards: 'zero'} as const;
const parameters = [tf.tensor1d([1, 2, 3])];
const gradients = [tf.tensor1d([0, -0.5, 2])];
const step = subsetStep({parameters, gradients, slots: [], state: createState([3]), numbers, k: 1});
step.parameters[0].print(); // [1, 2, 1]