/** What a signature says, in its order: `nrefs:1|case:mixed`. */
export type SignatureFields = Readonly<Record<string, string | number>>;

/** What a metric makes of a corpus, or of one row. */
export interface Score {
  /** As papers write it: `BLEU`, `chrF2++`. */
  readonly name: string;
  readonly value: number;
  /** All that the value depends on besides the texts, in sacrebleu's format. */
  readonly signature: string;
  /** The numbers that the value was made of, and those that are usually told beside it. */
  readonly details: Details;
}

/** Numbers beside a score, by name. */
export type Details = Readonly<Record<string, number | readonly number[]>>;

/**
 * A score that is made of sums: a row (a sentence, a question) gives a vector of statistics, and the sum of the vectors
 * gives the score. So one piece of code bootstraps and compares any of them, and none counts a row twice.
 *
 * @typeParam Prediction what a system says of a row
 * @typeParam Reference what it should have said; a list where several answers are right
 */
export interface Metric<Prediction, Reference> {
  readonly name: string;
  /** Whether more is better; for an error rate less is. */
  readonly higherIsBetter: boolean;
  /** How many statistics a row has. */
  readonly size: number;
  /** What a signature says of this metric, and of these references where the score depends on their number. */
  signature(references: readonly Reference[]): SignatureFields;
  /**
   * The statistics of one row, as many as `size` says.
   *
   * @param row where the row is, for errors
   * @throws Error where the prediction or the reference is not such as the metric takes.
   */
  statistics(prediction: Prediction, reference: Reference, row: string): ArrayLike<number>;
  /** The score of summed statistics, which it leaves as they are. */
  aggregate(sum: ArrayLike<number>): {readonly value: number; readonly details: Details};
}
