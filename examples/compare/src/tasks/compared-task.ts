import type {CausalModel, Example} from '@subset-tuning/models';

/** What models are tuned for, in a comparison. */
export interface ComparedTask {
  description: string;
  /** The figure of {@link LoadedTask.measure} that the summary is about. */
  metric: {name: string; higherIsBetter: boolean};
  /** Reads the task's rows, as a model is given them. */
  load(model: CausalModel): LoadedTask;
}

/** Rows of a task, encoded. */
export interface LoadedTask {
  train: readonly Example[];
  /** By whose loss learning rates are chosen. */
  validation: readonly Example[];
  test: readonly Example[];
  /** Of another kind than what is tuned on: by how much their loss rises is what was forgotten. */
  unrelated: readonly Example[];
  /** Figures of the test rows, by name. */
  measure(model: CausalModel): Promise<Record<string, number>>;
}
