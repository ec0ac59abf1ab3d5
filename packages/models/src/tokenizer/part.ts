import {anything, checkOptions, isObject, type Kinds, show} from '@subset-tuning/checks';

/**
 * Which of these types a part of a tokenizer.json is of.
 *
 * @throws where it is none of them: what cannot be done as the Python tokenizers do it is refused by name.
 */
export function typeOf<Type extends string>(what: string, json: unknown, types: readonly Type[]): Type {
  const found = isObject(json) ? json.type : undefined;
  const type = types.find((known) => known === found);
  if (type !== undefined) return type;
  const seen = isObject(json) ? `has the type ${show(found)}` : `is ${show(json)}`;
  throw new Error(`${what} ${seen}, expected one of ${types.join(', ')}`);
}

/** A part of a tokenizer.json with fields of these kinds and no other. */
export function readPart<Fields extends object>(what: string, json: unknown, kinds: Kinds<Fields>): Fields {
  const fields = json as Fields; // checkOptions makes it true or throws
  checkOptions(what, fields, kinds);
  return fields;
}

/** Parts of a sequence, of sequences in it too. */
const MOST_PARTS = 64;

/** The parts of a part in order, with what they are called: those of a `Sequence` in `field`, or it alone. */
export function partsOf(what: string, json: unknown, field: string): [what: string, json: unknown][] {
  const parts: [string, unknown][] = [];
  const left: [string, unknown][] = [[what, json]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [name, part] = next;
    if (!isObject(part) || part.type !== 'Sequence') parts.push([name, part]);
    else {
      readPart(name, part, {type: anything, [field]: PARTS});
      const inner = (part[field] as unknown[]).map((each, i): [string, unknown] => [`${name}.${field}[${i}]`, each]);
      if (inner.length > MOST_PARTS) inner.length = MOST_PARTS + 1;
      left.push(...inner.reverse());
    }
    if (parts.length + left.length > MOST_PARTS || name.length > 1000) {
      throw new Error(`${what} has more than ${MOST_PARTS} parts, expected at most that`);
    }
  }
  return parts;
}

const PARTS = {expected: 'an array of parts', is: Array.isArray};
