import {readFileSync} from 'node:fs';
import {describe, expect, it, vi} from 'vitest';
import {type ChatMessage, renderChat} from './chat-template.js';
import {readChatTemplates} from './read-chat-templates.js';

// What transformers makes of the same: see golden/make-chats.py.
interface Golden {
  templates: Record<string, string>;
  tokens: Record<string, string>;
  cases: {
    template: string;
    messages: ChatMessage[];
    addGenerationPrompt: boolean;
    variables: Record<string, unknown>;
    text?: string;
    error?: string;
  }[];
}
const golden = JSON.parse(readFileSync(new URL('../../golden/chats.json', import.meta.url), 'utf8')) as Golden;
const templates = {texts: new Map(Object.entries(golden.templates)), tokens: golden.tokens};
const hello = [{role: 'user', content: 'Hello'}];
const render = (text: string, options = {}) =>
  renderChat({texts: new Map([['default', text]]), tokens: {}}, hello, options);

describe('a chat', () => {
  it.each(Object.keys(golden.templates))('is the text that transformers makes: %s', async (name) => {
    const cases = golden.cases.filter(({template}) => template === name);
    expect(cases.length).toBeGreaterThanOrEqual(10);
    for (const {messages, text, error, ...options} of cases) {
      const rendered = renderChat(templates, messages, options);
      if (text !== undefined) expect(await rendered).toBe(text);
      else await expect(rendered).rejects.toThrow(`failed: ${error}`);
    }
  });

  it('may name the date', async () => {
    const [, day, month, year] =
      /^(\d\d) (\w{3,4}) (\d{4})$/.exec(await render('{{ strftime_now("%d %b %Y") }}')) ?? [];
    const now = new Date();
    expect(Math.abs(Date.parse(`${day} ${month} ${year}`) - now.getTime())).toBeLessThan(3 * 24 * 3600 * 1000);
    expect(await render('{{ strftime_now("100%% %q") }}')).toBe('100% %q');
  });

  it.each<[what: string, template: string, message: RegExp]>([
    ['a huge range', '{% for a in range(10000000000) %}{% endfor %}', /more than 16384 numbers/],
    ['a range without a step', '{{ range(0, 5, 0) }}', /more than 16384 numbers, or none/],
    [
      'a text that doubles',
      `{% set x = "ab" %}${'{% set x = x ~ x %}'.repeat(60)}{{ x }}`,
      /something of a length of \d+/,
    ],
    [
      'a list that doubles',
      `{% set x = [1, 2] %}${'{% set x = x + x %}'.repeat(60)}{{ x }}`,
      /something of a length of \d+/,
    ],
    ['a macro that calls what is not there', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', /not a function/],
    ['no Jinja', '{% if %}', /^applyChatTemplate: the template "default" failed: /],
    ['deep nesting', `{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`, /failed: /],
    ['what is too long', 'x'.repeat(2 ** 18 + 1), /has 262145 characters, expected at most 262144/],
    ['globals of JavaScript', '{{ constructor.constructor("return process")() }}', /failed: /],
    ['what refuses', '{{ raise_exception("only German") }}', /failed: only German/],
  ])('refuses a template with %s', async (_, template, message) => {
    await expect(render(template)).rejects.toThrow(message);
  });

  it.each([
    '{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}',
    '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}',
  ])('gives up a template that takes too long: %s', async (template) => {
    let now = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now++ * 100);
    try {
      await expect(render(template)).rejects.toThrow('it takes more than 5000 ms');
    } finally {
      clock.mockRestore();
    }
  });

  it.each<[given: unknown[], message: string]>([
    [['hello'], 'applyChatTemplate: messages is "hello", expected an array of {role, content}, at least one'],
    [[[]], 'applyChatTemplate: messages is [], expected an array of {role, content}, at least one'],
    [[['hello']], 'applyChatTemplate: message 0 is "hello", expected an object with role, content'],
    [[[{role: 'user'}]], 'applyChatTemplate: message 0: content is undefined, expected a string'],
    [[hello, {addGenerationPrompt: 1}], 'applyChatTemplate: addGenerationPrompt is 1, expected true or false'],
    [
      [hello, {add_generation_prompt: true}],
      'applyChatTemplate: there is no option "add_generation_prompt" (true), expected addGenerationPrompt, template, variables',
    ],
    [[hello, {template: 'rag'}], 'applyChatTemplate: template is "rag", expected "default"'],
  ])('refuses %o', async ([messages, options], message) => {
    const texts = new Map([['default', '']]);
    const js = renderChat as unknown as (...given: unknown[]) => Promise<string>;
    await expect(js({texts, tokens: {}}, messages, options ?? {})).rejects.toThrow(message);
  });

  it('needs a template', async () => {
    await expect(renderChat({texts: new Map(), tokens: {}}, hello, {})).rejects.toThrow(
      'applyChatTemplate: template is "default", expected a model that has one: this has none',
    );
  });
});

describe('the templates of a folder', () => {
  const read = (files: Record<string, unknown>) =>
    readChatTemplates(async (name) => {
      if (!(name in files)) throw Object.assign(new Error(name), {code: 'ENOENT'});
      const file = files[name];
      return new TextEncoder().encode(typeof file === 'string' ? file : JSON.stringify(file));
    });
  const config = 'tokenizer_config.json';

  it.each<[files: Record<string, unknown>, texts: Record<string, string>, tokens: Record<string, string>]>([
    [{}, {}, {}],
    [
      {[config]: {chat_template: 'a', bos_token: '<s>', eos_token: {content: '</s>'}}},
      {default: 'a'},
      {bos_token: '<s>', eos_token: '</s>'},
    ],
    [
      {
        [config]: {
          chat_template: [
            {name: 'default', template: 'a'},
            {name: 'rag', template: 'b'},
          ],
          pad_token: null,
        },
      },
      {default: 'a', rag: 'b'},
      {},
    ],
    [{[config]: {chat_template: 'a'}, 'chat_template.jinja': 'own'}, {default: 'own'}, {}],
    [{'chat_template.jinja': 'own'}, {default: 'own'}, {}],
  ])('are those of %o', async (files, texts, tokens) => {
    const found = await read(files);
    expect([Object.fromEntries(found.texts), found.tokens]).toEqual([texts, tokens]);
  });

  it.each<[files: Record<string, unknown>, message: string]>([
    [{[config]: []}, 'tokenizer_config.json is not a JSON object'],
    [{[config]: '{'}, 'tokenizer_config.json is not JSON in UTF-8'],
    [
      {[config]: {chat_template: 7}},
      'tokenizer_config.json: chat_template is 7, expected a string or up to 64 of {name, template}',
    ],
    [
      {[config]: {chat_template: [{name: 'a'}]}},
      'tokenizer_config.json: chat_template has {"name":"a"}, expected {name, template}, both strings',
    ],
    [{[config]: {bos_token: 1}}, 'tokenizer_config.json: bos_token is 1, expected a string'],
    [{'chat_template.jinja': 'x'.repeat(2 ** 18 + 1)}, 'chat_template.jinja has 262145 bytes, expected at most 262144'],
  ])('are not those of %o', async (files, message) => {
    await expect(read(files)).rejects.toThrow(message);
  });
});
