import type {StepDistance} from '@subset-tuning/kernels';
import type {Uniforms} from './painter.js';

const METRIC: Record<StepDistance, number> = {absolute: 0, relative: 1, weighted: 2, fisher: 0};

/** The distance's uniforms. */
export function metricUniforms({distance, eta}: {distance: StepDistance; eta: number}): Uniforms {
  return {metric: METRIC[distance], eta};
}
