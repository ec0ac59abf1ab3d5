import type {Distance, StepDistance} from '@subset-tuning/kernels';
import type {Tensor} from '@tensorflow/tfjs-core';
import type {Silo} from './silos.js';

/** How a silo's subset is chosen at a step. */
interface Selection {
  k: number;
  reselect: boolean;
  distance: StepDistance;
  eta: number;
}

/** How a projection measures distances. */
export interface Weighing {
  distance: Distance;
  importance?: Tensor[];
}

/** One step's share of a silo's work. */
export interface SiloStep {
  silo: Silo;
  /** By variable; undefined for one that has none, which is left alone. */
  gradients: readonly (Tensor | undefined)[];
  /** The step, counted from 0. */
  step: number;
  selection: Selection;
}
