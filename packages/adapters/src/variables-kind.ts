import type {Kind} from '@subset-tuning/checks';
import {Variable} from '@tensorflow/tfjs-core';

export const VARIABLES: Kind = {
  expected: 'an array of variables',
  is: (value) => Array.isArray(value) && value.every((one) => one instanceof Variable),
};
