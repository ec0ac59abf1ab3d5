import type {StepDistance} from '@subset-tuning/kernels';
import type {Params} from './params.js';

const METRIC: Record<StepDistance, number> = {absolute: 0, relative: 1, weighted: 2, fisher: 0};

/** The distance's uniforms. */
export function metricParams({distance, eta}: {distance: StepDistance; eta: number}, important = false): Params {
  return {metric: METRIC[distance], eta, weighed: distance === 'fisher' ? 2 : important ? 1 : 0};
}
