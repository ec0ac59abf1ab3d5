/** What each code unit of a text stands for in the text that it was made of. */
interface Origins {
  /** Where that begins, in code units. */
  starts: Int32Array;
  /** Where it ends. */
  ends: Int32Array;
}

/** A text, which knows where it comes from if somebody wants to know. */
export interface TracedText {
  text: string;
  origins?: Origins | undefined;
}

/** A text as it came, of which each character stands for itself. */
export function traced(text: string): TracedText {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let start = 0; start < text.length; ) {
    const end = start + lengthAt(text, start);
    starts.fill(start, start, end);
    ends.fill(end, start, end);
    start = end;
  }
  return {text, origins: {starts, ends}};
}

/** What the code units from `start` to `end` stand for. Nothing is empty, and stands where it is. */
export function originOf({origins}: TracedText, start: number, end: number): [start: number, end: number] {
  return origins && start < end ? [origins.starts[start], origins.ends[end - 1]] : [start, end];
}

/** A part of a text. */
export function sliceText<T extends TracedText>(x: T, start: number, end = x.text.length): T {
  const {text, origins} = x;
  const part = origins && {starts: origins.starts.subarray(start, end), ends: origins.ends.subarray(start, end)};
  return {...x, text: text.slice(start, end), origins: part};
}

/** A stretch of a text, and what takes its place. */
export type Edit = [start: number, end: number, made: string];

/**
 * Which character of a stretch each character that takes its place stands for: of `each` the one of the same number, and
 * the last where there are more; of `last` always that.
 */
type Rule = 'each' | 'last';

/** Replaces all matches of a regular expression. */
export function replaceText<T extends TracedText>(
  x: T,
  regex: RegExp,
  make: (match: string) => string,
  rule: Rule = 'each',
): T {
  const {text, origins} = x;
  if (!origins) return {...x, text: text.replace(regex, (match) => make(match))};
  return editText(
    x,
    Array.from(text.matchAll(regex), ({0: match, index}): Edit => [index, index + match.length, make(match)]),
    rule,
  );
}

/** Replaces stretches, given in their order. */
export function editText<T extends TracedText>(x: T, edits: Iterable<Edit>, rule: Rule = 'each'): T {
  const {text, origins} = x;
  const parts: string[] = [];
  /** The old code unit that each new one stands for. */
  const units: number[] = [];
  let last = 0;
  const keep = (end: number) => {
    parts.push(text.slice(last, end));
    if (origins) for (let unit = last; unit < end; unit++) units.push(unit);
  };
  for (const [start, end, made] of edits) {
    keep(start);
    parts.push(made);
    last = end;
    if (!origins) continue;
    let old = start;
    const next = () => old + lengthAt(text, old);
    while (rule === 'last' && next() < end) old = next();
    for (let at = 0; at < made.length; ) {
      const length = lengthAt(made, at);
      for (let unit = 0; unit < length; unit++) units.push(old);
      at += length;
      if (next() < end) old = next();
    }
  }
  keep(text.length);
  const own = origins && {
    starts: Int32Array.from(units, (unit) => origins.starts[unit]),
    ends: Int32Array.from(units, (unit) => origins.ends[unit]),
  };
  return {...x, text: parts.join(''), origins: own};
}

/** Puts characters before a text, which stand for its first one. Nothing before an empty text. */
export function prependText<T extends TracedText>(x: T, prefix: string): T {
  const {text} = x;
  if (text === '') return x;
  const end = lengthAt(text, 0);
  return editText(x, [[0, end, prefix + text.slice(0, end)]], 'last');
}

/** Code units of the character there. */
function lengthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
