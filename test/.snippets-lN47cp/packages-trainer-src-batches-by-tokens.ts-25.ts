























import {batchesByTokens} from '@subset-tuning/trainer';
const examples = [[1, 2], [1, 2, 3], [4, 5]];
const batches = batchesByTokens(examples, {tokens: 4, seed: 1, lengthOf: (row) => row.length});
batches.next().value; // [[4, 5], [1, 2]] or [[1, 2, 3]], …