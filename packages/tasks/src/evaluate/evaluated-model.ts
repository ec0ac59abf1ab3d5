// What an evaluation needs of a model, by the kind of prompt. The models of `@subset-tuning/models` have it, and so may
// any other: this package knows none.

/** A model that an evaluation asks: which one a prompt's kind says. */
export type EvaluatedModel = ChoosingModel | GeneratingModel | MultipleChoice | Classifying | Answering;

/** For a {@link ChoicePrompt}: says how likely continuations are. `CausalModel` and `EncoderDecoderModel` do. */
export interface ChoosingModel extends TextModel {
  /**
   * @param rows Token ids of each context and of what follows it.
   * @returns The natural logarithm of each continuation's probability, and whether greedy generation would say it.
   */
  logProbabilities(
    rows: readonly (readonly [context: readonly number[], continuation: readonly number[]])[],
    options: {batchSize?: number; signal?: AbortSignal},
  ): Promise<{sum: number; isGreedy: boolean}[]>;
}

/** For a {@link GenerationPrompt}: continues or answers texts. `CausalModel` and `EncoderDecoderModel` do. */
export interface GeneratingModel extends TextModel {
  /** What the model says after each text, or to it, without the text itself. */
  generate(prompts: readonly string[], options: GenerationOptions): Promise<string[]>;
}

/** How a {@link GeneratingModel} is asked. */
export interface GenerationOptions {
  maxTokens: number;
  stopTexts: readonly string[];
  addSpecialTokens: boolean;
  batchSize: number;
  signal?: AbortSignal;
}

/** For a {@link ChoicePrompt} of an encoder: gives the number of the best choice. `MultipleChoiceModel` does. */
export interface MultipleChoice extends NamedModel {
  /** The number of the best choice, counted from 0. */
  predict(question: string, choices: readonly string[]): Promise<number>;
}

/** For a {@link PairPrompt}: scores every label of texts or pairs. `SequenceClassifier` does. */
export interface Classifying extends NamedModel {
  readonly labels: readonly string[];
  /** A score for each label, in their order, of each text or pair. */
  predict(
    texts: readonly (string | readonly [first: string, second: string])[],
    options: {batchSize?: number},
  ): Promise<{scores: ArrayLike<number>}[]>;
}

/** For a {@link SpanPrompt}: finds an answer in a context. `SpanExtractor` does. */
export interface Answering extends NamedModel {
  /** The answer, a part of the context. */
  predict(question: string, context: string): Promise<{text: string}>;
}

/** What files say of a model. */
export interface NamedModel {
  readonly id: string;
  /** For the number of parameters that files tell. */
  readonly weights?: ReadonlyMap<string, {readonly size: number}>;
}

/** What all models have that read and write text. */
export interface TextModel extends NamedModel {
  readonly tokenizer: TextTokenizer;
  readonly config: {
    /** Longer texts are cut at their start. */
    readonly maxPositions: number;
    readonly eosTokenIds: readonly number[];
    /** What a model of encoder and decoder has. */
    readonly decoderStartTokenId?: number;
  };
  /** How many tokens a text may have, where an adapter takes places. Default: `config.maxPositions`. */
  readonly maxRowTokens?: number;
  /** For chats. */
  applyChatTemplate?(
    messages: readonly {role: string; content: string}[],
    options: {addGenerationPrompt: boolean},
  ): Promise<string>;
  readonly chatTemplates?: {readonly texts: ReadonlyMap<string, string>};
}

/** Text to token ids and back. */
export interface TextTokenizer {
  /** The token ids of a text. */
  encode(text: string, options?: {addSpecialTokens?: boolean}): number[];
  /** The text of token ids. */
  decode(ids: readonly number[], options?: {skipSpecialTokens?: boolean}): string;
}
