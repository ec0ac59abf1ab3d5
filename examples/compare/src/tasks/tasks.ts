import type {ComparedTask} from './compared-task.js';
import {formalGerman} from './formal-german.js';
import {gsm8k, rteLikelihood} from './language-tasks.js';
import {pairClassification} from './pair-classification.js';
import {xquad} from './xquad.js';

/** The tasks by the names that the command is given. A new one is one file and one entry. */
export const TASKS: Readonly<Record<string, ComparedTask>> = {
  'formal-german': formalGerman,
  xquad,
  boolq: pairClassification('boolq', 'superglue/BoolQ'),
  rte: pairClassification('rte', 'superglue/RTE'),
  gsm8k,
  'rte-likelihood': rteLikelihood,
};
