

















































import {encodePair} from '@subset-tuning/tasks';
const vocabulary = ['<s>', '</s>', '<de>', 'Go.', 'Geh.'];
const encode = (text: string, {addSpecialTokens = true} = {}) => [
  ...(addSpecialTokens ? [0] : []),
  ...text.split(/(<de>|<.s>)/).filter(Boolean).map((word) => vocabulary.indexOf(word)),
];
const pair = {source: 'Go.', target: 'Geh.'};
encodePair(pair, {encode}, {separator: '<de>', end: '</s>'}); // {ids: [0, 3, 2, 4, 1], sourceLength: 3}