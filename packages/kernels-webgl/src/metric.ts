import type {Distance} from '@subset-tuning/kernels';
import type {Uniforms} from './painter.js';

const METRIC: Record<Distance, number> = {absolute: 0, relative: 1, weighted: 2};

/** The distance's uniforms. */
export function metricUniforms({distance, eta}: {distance: Distance; eta: number}): Uniforms {
  return {metric: METRIC[distance], eta};
}
