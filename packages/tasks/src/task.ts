import type {DataSet} from './data/data-set.js';
import type {Prompt} from './prompts/prompt.js';

/** What a model is trained on and asked about: rows, the prompts that are made of them, and how answers are scored. */
export interface Task<Row extends object = object> {
  readonly name: string;
  /** What is asked, in a few words. */
  readonly description: string;
  readonly dataSet: DataSet<Row>;
  readonly splits: TaskSplits;
  /** Prompts by their form, such as `causal`, `textToText` and `encoder`. Any may be put in another's place. */
  readonly prompts: Readonly<Record<string, Prompt>>;
  /** What the labels are called by their numbers, where rows have such. */
  readonly labels?: readonly string[];
  /** How many shots are usual. Default none. */
  readonly shots?: number;
  /** The first is the one that is told where there is room for one. */
  readonly metrics: readonly TaskMetric[];
}

/** Which of the data set's splits are for what. */
export interface TaskSplits {
  /** What is trained on and shots are taken from. A diagnostic has none. */
  readonly train?: string;
  /** What is asked about. */
  readonly evaluation: string;
}

/** A metric by its name, with what it is told. */
export interface TaskMetric {
  /** The metric's function in this package, such as `accuracy`. */
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** A Jinja template over the row: rows for which it is the same are one row to the metric, such as a question's answers. */
  readonly groupBy?: string;
}
