import type {Distance} from '@subset-tuning/kernels';
import type {Params} from './params.js';

const METRIC: Record<Distance, number> = {absolute: 0, relative: 1, weighted: 2};

/** The distance's uniforms. */
export function metricParams({distance, eta}: {distance: Distance; eta: number}): Params {
  return {metric: METRIC[distance], eta};
}
