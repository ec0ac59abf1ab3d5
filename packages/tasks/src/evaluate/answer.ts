/** What a model has said of a row. */
export interface Answer {
  /** What it was asked: the arguments of each request, as files have them. */
  requests: readonly (readonly unknown[])[];
  /** What came of each request: a text, or a number and whether it is the best. */
  responses: readonly Response[];
  /** The number of the choice or of the label, or the text. */
  said: number | string;
  /** Scores that the answer has of itself, by their names in lm-evaluation-harness. */
  scores: Readonly<Record<string, number>>;
}

/** As lm-evaluation-harness writes them, all as texts. */
export type Response = string | readonly [number: string, isBest: 'True' | 'False'];

/** A number with what Python writes for whether something holds. */
export function response(number: number, holds: boolean): Response {
  return [String(number), holds ? 'True' : 'False'];
}
