import type {KernelConfig} from '@tensorflow/tfjs-core';
import {subsetProjectConfig} from './subset-project.js';
import {subsetStepConfig} from './subset-step.js';
import {topKMaskConfig} from './top-k-mask.js';

/** The kernels of subset tuning. */
export const subsetKernels: readonly KernelConfig[] = [topKMaskConfig, subsetProjectConfig, subsetStepConfig];
