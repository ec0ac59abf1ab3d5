

























const current = [tf.tensor1d([1, 2, 3])];
const proposals = [tf.tensor1d([1, 2.5, 5])];
const {parameters, state} = subsetProject({proposals, current, state: createState([3]), k: 1});
parameters[0].print(); // [1, 2, 5]