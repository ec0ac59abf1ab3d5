import {kernels} from './kernels.js';
import {profile} from './profile.js';
import type {Grid} from './rows.js';
import {step} from './step.js';

/** The questions that any backend can be asked. */
export const QUESTIONS: Record<string, (grid: Grid) => Promise<void>> = {step, kernels, profile};
