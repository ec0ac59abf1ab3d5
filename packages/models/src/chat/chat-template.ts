import {
  check,
  checkFields,
  checkOptions,
  flag,
  type Kind,
  type Kinds,
  object,
  optional,
  show,
  text,
} from '@subset-tuning/checks';

/** One message of a chat. Templates may read other fields too, such as `tool_calls`. */
export interface ChatMessage {
  /** Who says it: `user`, `assistant`, and in most templates `system`. */
  role: string;
  content: string;
  [field: string]: unknown;
}

/** The chat templates that a checkpoint has. */
export interface ChatTemplates {
  /** Jinja by name; `default` is the one that is taken where no other is asked for. */
  texts: ReadonlyMap<string, string>;
  /** What the templates know by `bos_token`, `eos_token` and the like. */
  tokens: Readonly<Record<string, string>>;
}

/** What rendering a chat can be told. */
export interface ChatTemplateOptions {
  /** Ends the text with what the model's answer begins with. Default false. */
  addGenerationPrompt?: boolean;
  /** Which of the checkpoint's templates. Default `default`. */
  template?: string;
  /** What else the template reads, such as `tools`, `enable_thinking` or `date_string`. */
  variables?: Readonly<Record<string, unknown>>;
}

const MESSAGES: Kind = {
  expected: 'an array of {role, content}, at least one',
  is: (value) => Array.isArray(value) && value.length > 0,
};
const MESSAGE: Kinds<Pick<ChatMessage, 'role' | 'content'>> = {role: text, content: text};
const OPTIONS: Kinds<ChatTemplateOptions> = {
  addGenerationPrompt: optional(flag),
  template: optional(text),
  variables: optional(object('an object')),
};

/** The longest template; published ones have up to some ten thousand characters. */
const MAX_TEMPLATE = 2 ** 18;
const MAX_LIST = 2 ** 14;
const MAX_TEXT = 2 ** 24;
/** How long a template may take; a chat of a thousand messages takes a fraction of a second. */
const MAX_MILLISECONDS = 5000;

/** What is used of the library, whose own types do not resolve by Node's rules. */
interface Jinja {
  Environment: new (parent?: Environment) => Environment;
  Interpreter: new (
    environment: Environment,
  ) => {
    /** What everything goes through that a template does. */
    evaluate(statement: unknown, environment: Environment): {value: unknown};
    run(program: unknown): {value: unknown};
  };
  Template: new (source: string) => {parsed: unknown};
}

interface Environment {
  set(name: string, value: unknown): unknown;
}

/** What transformers gives every template. */
const GLOBALS = {
  ...{true: true, false: false, none: null, True: true, False: false, None: null},
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
  range: (...given: number[]) => {
    const [start, stop, step = 1] = given.length === 1 ? [0, given[0]] : given;
    const length = Math.max(0, Math.ceil((stop - start) / step));
    if (!(length <= MAX_LIST)) throw new Error(`range(${given.join(', ')}) has more than ${MAX_LIST} numbers, or none`);
    return Array.from({length}, (_, i) => start + i * step);
  },
  strftime_now: (format: unknown) => formatDate(new Date(), String(format)),
};

/** A local date as Python's `strftime` writes it in English; what it does not know stays as it is. */
function formatDate(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const inWords = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-US', options).format(date);
  const parts: Record<string, () => string> = {
    ...{'%Y': () => String(date.getFullYear()), '%m': () => two(date.getMonth() + 1), '%d': () => two(date.getDate())},
    ...{'%B': () => inWords({month: 'long'}), '%b': () => inWords({month: 'short'})},
    ...{'%A': () => inWords({weekday: 'long'}), '%a': () => inWords({weekday: 'short'})},
    ...{'%H': () => two(date.getHours()), '%M': () => two(date.getMinutes()), '%S': () => two(date.getSeconds())},
    '%%': () => '%',
  };
  return format.replace(/%./g, (part) => parts[part]?.() ?? part);
}

/**
 * The text of a chat, as transformers' `apply_chat_template` renders it. A template is a program from outside: one that
 * goes on too long or makes too much is given up.
 *
 * @throws where there is no such template, where it is no Jinja, does too much, or refuses the messages.
 */
export async function renderChat(
  {texts, tokens}: ChatTemplates,
  messages: readonly ChatMessage[],
  options: ChatTemplateOptions,
): Promise<string> {
  const what = 'applyChatTemplate';
  check(`${what}: messages`, messages, MESSAGES);
  for (const [i, message] of messages.entries()) checkFields(`${what}: message ${i}`, message, MESSAGE);
  checkOptions(what, options, OPTIONS);
  const {addGenerationPrompt = false, template = 'default', variables = {}} = options;
  const source = texts.get(template);
  if (source === undefined) {
    const known = texts.size > 0 ? [...texts.keys()].map(show).join(', ') : 'a model that has one: this has none';
    throw new Error(`${what}: template is ${show(template)}, expected ${known}`);
  }
  if (source.length > MAX_TEMPLATE) {
    throw new Error(
      `${what}: the template ${show(template)} has ${source.length} characters, expected at most ${MAX_TEMPLATE}`,
    );
  }
  // Not a static import: who renders no chat loads no Jinja.
  const {Environment, Interpreter, Template}: Jinja = await import('@huggingface/jinja');

  const start = performance.now();
  /** Gives up where a template does too much: no loop or call goes on without `evaluate`. */
  class BoundedInterpreter extends Interpreter {
    override evaluate(statement: unknown, environment: Environment): {value: unknown} {
      if (performance.now() - start > MAX_MILLISECONDS) throw new Error(`it takes more than ${MAX_MILLISECONDS} ms`);
      const result = super.evaluate(statement, environment);
      const {value} = result;
      const limit = Array.isArray(value) ? MAX_LIST : typeof value === 'string' ? MAX_TEXT : Infinity;
      const {length = 0} = Object(value) as {length?: number};
      if (length > limit) throw new Error(`it makes something of a length of ${length}, expected at most ${limit}`);
      return result;
    }
  }

  try {
    const globals = new Environment();
    for (const [name, value] of Object.entries(GLOBALS)) globals.set(name, value);
    const environment = new Environment(globals);
    const given = {...tokens, ...variables, messages, add_generation_prompt: addGenerationPrompt};
    for (const [name, value] of Object.entries(given)) environment.set(name, value);
    return String(new BoundedInterpreter(environment).run(new Template(source).parsed).value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : show(cause);
    throw new Error(`${what}: the template ${show(template)} failed: ${reason}`, {cause});
  }
}
