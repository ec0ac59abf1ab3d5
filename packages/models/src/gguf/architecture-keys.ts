import {anything, type Kind, show} from '@subset-tuning/checks';
import {COUNT, type Fields, field, whatOf} from './field.js';

const isZero = (value: unknown): boolean => Number(value) === 0;
const isAny = (): boolean => true;

/** Keys that would change what a model computes, and the values that do not. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
  'rope.scaling.attn_factor': (value) => Number(value) === 1,
  // Of yarn alone, which is refused.
  'rope.scaling.original_context_length': isAny,
  'rope.scaling.finetuned': isAny,
  'attention.causal': (value) => value === true,
  final_logit_softcapping: isZero,
  expert_count: isZero,
  expert_used_count: isZero,
};

/** Reads the keys of a file's architecture, such as `llama.block_count`, and knows which have been read. */
export class ArchitectureKeys {
  readonly #fields: Fields;
  readonly #prefix: string;
  readonly #read = new Set<string>();

  constructor(fields: Fields, architecture: string) {
    this.#fields = fields;
    this.#prefix = `${architecture}.`;
  }

  /** The value of a key, or `missing` where there is none. */
  get<Value>(key: string, kind: Kind = anything, missing?: Value): Value {
    this.#read.add(key);
    return field(this.#fields, this.#prefix + key, kind, missing);
  }

  count(key: string, missing?: number): number {
    return Number(this.get<number | bigint>(key, COUNT, missing));
  }

  /** Refuses any count but this one. */
  same(key: string, expected: number): void {
    const value = this.count(key, expected);
    if (value !== expected) this.fail(key, value, String(expected));
  }

  fail(key: string, value: unknown, expected: string): never {
    throw new Error(`${whatOf(this.#fields.name, this.#prefix + key)} is ${show(value)}, expected ${expected}`);
  }

  /** Refuses keys that nothing has read, unless their value changes nothing. */
  finish(): void {
    for (const [key, value] of this.#fields.metadata) {
      const own = key.startsWith(this.#prefix) ? key.slice(this.#prefix.length) : undefined;
      if (own === undefined || this.#read.has(own) || NEUTRAL[own]?.(value)) continue;
      this.fail(own, value, 'none: this is not computed here');
    }
  }
}
