import {METHODS} from './methods.js';

/** How much a run of the demo does. */
export interface Settings {
  methods: typeof METHODS;
  steps: number;
  tokensPerStep: number;
}

export const FULL: Settings = {methods: METHODS, steps: 60, tokensPerStep: 1024};

/** Fewer methods and steps: the two subsets and, to compare, the random one of the smaller size. */
export const QUICK: Settings = {methods: [METHODS[0], METHODS[1], METHODS[3]], steps: 30, tokensPerStep: 1024};
