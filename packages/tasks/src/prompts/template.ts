import {show} from '@subset-tuning/checks';

/** What is used of the library, whose own types do not resolve by Node's rules. */
interface Jinja {
  Environment: new (parent?: Environment) => Environment;
  Interpreter: new (
    environment: Environment,
  ) => {
    /** What everything goes through that a template does. */
    evaluate(node: Node | undefined, environment: Environment): Value;
    run(program: unknown): Value;
  };
  Template: new (source: string) => {parsed: unknown};
}

interface Environment {
  set(name: string, value: unknown): unknown;
}

interface Value {
  type: string;
  value: unknown;
}

interface Node {
  type: string;
  value?: unknown;
  operand?: Node;
  test?: Node;
  filter?: Node;
  property?: Node;
  callee?: Node;
}

/** Renders a template, given what it knows by name. */
export type Render = (template: string, values: object) => string;

const GLOBALS = {true: true, false: false, none: null, True: true, False: false, None: null, range};
/** Most entries of a range: a template may come from a file. */
const MAX_RANGE = 1e6;
/** Parsed templates: few, and each is rendered for every row. */
const MOST_PARSED = 1000;

let loaded: Promise<Render> | undefined;

/** The renderer, which loads Jinja at its first use. */
export function loadRenderer(): Promise<Render> {
  loaded ??= makeRenderer().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function makeRenderer(): Promise<Render> {
  const {Environment, Interpreter, Template}: Jinja = await import('@huggingface/jinja');
  const parsed = new Map<string, unknown>();

  /** Refuses names that are not defined, as lm-evaluation-harness does; the library leaves them out. */
  class StrictInterpreter extends Interpreter {
    /** Operands of `is defined` and `default`, which may be undefined. */
    readonly #asked = new WeakSet<Node>();

    override evaluate(node: Node | undefined, environment: Environment): Value {
      if (!node) return super.evaluate(node, environment);
      const asks = nameOf(node.type === 'TestExpression' ? node.test : node.filter);
      if (node.operand && ['defined', 'undefined', 'default', 'd'].includes(asks)) this.#asked.add(node.operand);
      const value = super.evaluate(node, environment);
      if (value.type !== 'UndefinedValue' || this.#asked.has(node)) return value;
      if (node.type === 'Identifier') throw new Error(`there is no ${show(node.value)}`);
      if (node.type === 'MemberExpression') throw new Error(`there is no ${show(node.property?.value)} in it`);
      return value;
    }
  }

  return (template, values) => {
    try {
      let program = parsed.get(template);
      if (program === undefined) {
        // The library drops one line end at the end of a template.
        program = new Template(template.endsWith('\n') ? `${template}\n` : template).parsed;
        if (parsed.size < MOST_PARSED) parsed.set(template, program);
      }
      const environment = new Environment();
      for (const [name, value] of Object.entries({...GLOBALS, ...values})) {
        if (value !== undefined) environment.set(name, value);
      }
      return String(new StrictInterpreter(environment).run(program).value);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : show(cause);
      const known = Object.keys(values).join(', ');
      throw new Error(`the template ${show(template)} failed: ${reason}; it knows ${known}`, {cause});
    }
  };
}

/** Jinja's `range`, of whole numbers. */
function range(first: unknown, end?: unknown, step: unknown = 1): number[] {
  const [start, stop, by] = (end === undefined ? [0, first, step] : [first, end, step]).map(Number);
  const count = Math.max(0, Math.ceil((stop - start) / by));
  if (![start, stop, by].every(Number.isSafeInteger) || by === 0 || count > MAX_RANGE) {
    throw new Error(
      `range is of ${start}, ${stop} and ${by}, expected whole numbers, and at most ${MAX_RANGE} entries`,
    );
  }
  return Array.from({length: count}, (_, i) => start + i * by);
}

/** The name of a test or of a filter, which may be called with arguments. */
function nameOf(node: Node | undefined): string {
  return String(node?.callee?.value ?? node?.value ?? '');
}
