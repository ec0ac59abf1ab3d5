import type {AdaptableModel} from '@subset-tuning/adapters';
import type {Scalar} from '@tensorflow/tfjs-core';

/** What models are tuned for, in a comparison. */
export interface ComparedTask {
  description: string;
  /** The figure of {@link OpenTask.measure} that the summary is about. */
  metric: {name: string; higherIsBetter: boolean};
  /**
   * Loads a model, and reads the task's rows as it is given them.
   *
   * @param data The folder of data sets, for tasks that are not of this repository's own data.
   */
  open(model: string, data: string | undefined): Promise<OpenTask>;
}

/** A model that a method can tune. */
export interface TunedModel extends AdaptableModel {
  dispose(): void;
}

/** A model with a task's rows, which it has read. */
export interface OpenTask {
  model: TunedModel;
  /** Training rows, shuffled anew each time they have been gone through. */
  batches(options: {tokens: number; seed: number}): Iterable<TaskBatch>;
  /** The mean loss of rows that are not trained on; by that of `validation` learning rates are chosen. */
  loss(split: 'validation' | 'test'): Promise<number>;
  /**
   * Called before the model is tuned: gives what measures a loss on texts of another kind than what is tuned on. By how much
   * it rises is what was forgotten.
   */
  watchUnrelated(): Promise<() => Promise<number>>;
  /**
   * Figures of the test rows, by name.
   *
   * @param loss What {@link OpenTask.loss} of the test rows is.
   */
  measure(loss: number): Promise<Record<string, number>>;
}

/** What is learnt from in one step. */
export interface TaskBatch {
  tokens: number;
  loss(): Scalar;
}
