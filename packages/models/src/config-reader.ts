import {cut, isObject, show} from '@subset-tuning/checks';
import {HARMLESS, NEUTRAL} from './config-attributes.js';

/**
 * Reads a `config.json` from anyone, attribute by attribute, and knows which have been read: `finish` refuses all others
 * by name. In every method a null is as good as a missing attribute.
 */
export class ConfigReader {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #name: string;
  readonly #handled = new Set<string>();

  /**
   * @param json The parsed file.
   * @param name What errors call it.
   */
  constructor(json: unknown, name = 'config.json') {
    if (!isObject(json)) throw new Error(`${name} is not a JSON object`);
    this.#fields = new Map(Object.entries(json));
    this.#name = name;
  }

  get(key: string): unknown {
    this.#handled.add(key);
    return this.#fields.get(key) ?? undefined;
  }

  fail(key: string, value: unknown, expected: string): never {
    throw new Error(`${this.#name}: ${key} is ${show(value)}, expected ${expected}`);
  }

  /** Refuses any value but this one. */
  same(key: string, expected: unknown): void {
    this.oneOf(key, [expected], expected);
  }

  oneOf<T>(key: string, expected: readonly T[], missing?: T): T {
    const value = this.get(key) ?? missing;
    return expected.find((one) => one === value) ?? this.fail(key, value, expected.map(show).join(' or '));
  }

  flag(key: string, missing?: boolean): boolean {
    return this.oneOf(key, [true, false], missing);
  }

  /** A whole number. */
  count(key: string, most: number, missing?: number, least = 1): number {
    const value = this.get(key) ?? missing;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    return this.fail(key, value, `a whole number from ${least} to ${most}`);
  }

  /** A number above 0. */
  positive(key: string, missing?: number): number {
    return this.checkPositive(key, this.get(key) ?? missing);
  }

  checkPositive(key: string, value: unknown): number {
    if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
    return this.fail(key, value, 'a number above 0');
  }

  /** `eos_token_id`: a token, several, or none. */
  eosTokenIds(vocabularySize: number): number[] {
    return [this.get('eos_token_id') ?? []].flat().map((id: unknown) => {
      if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < vocabularySize) return id;
      return this.fail('eos_token_id', id, 'token ids below vocab_size');
    });
  }

  /** Takes attributes that say nothing about what this family computes. */
  ignore(keys: readonly string[]): void {
    for (const key of keys) this.#handled.add(key);
  }

  /** Refuses what has not been read, unless it changes nothing. */
  finish(): void {
    const harmless = new Set(HARMLESS);
    const unknown: string[] = [];
    for (const [key, value] of this.#fields) {
      if (this.#handled.has(key) || harmless.has(key)) continue;
      const isNeutral = Object.hasOwn(NEUTRAL, key) ? NEUTRAL[key] : undefined;
      if (!isNeutral) unknown.push(key);
      else if (!isNeutral(value)) this.fail(key, value, 'none: this is not computed here');
    }
    if (unknown.length === 0) return;
    throw new Error(
      `${this.#name}: attributes that are not known here: ${cut(unknown.slice(0, 20).join(', '))}; ` +
        'expected none, as they may change what the model computes',
    );
  }
}
