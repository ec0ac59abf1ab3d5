


























import {collate} from '@subset-tuning/models';
collate([{ids: [1, 7, 4, 9, 2], sourceLength: 3}, {ids: [1, 4, 2], sourceLength: 2}]);
// inputs  [[1, 7, 4, 9], [1, 4, 0, 0]]
// targets [[7, 4, 9, 2], [4, 2, 0, 0]]
// weights [[0, 0, 1, 1], [0, 1, 0, 0]]