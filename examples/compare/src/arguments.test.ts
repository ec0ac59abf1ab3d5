import {describe, expect, it} from 'vitest';
import {createCommand} from './arguments.js';

/** What the command says before it ends, or the options. */
function parse(...given: string[]): {options?: object; said: string} {
  let said = '';
  const command = createCommand()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => {
        said += text;
      },
      writeErr: (text) => {
        said += text;
      },
    });
  try {
    return {options: command.parse(given, {from: 'user'}).opts(), said};
  } catch {
    return {said};
  }
}

describe('the arguments', () => {
  it('are read', () => {
    const {options} = parse(
      '--budgets',
      '1e3, 20,full',
      '--methods',
      'subset,full',
      '--seeds',
      '5',
      '--name',
      'first.1',
    );
    expect(options).toMatchObject({
      ...{model: 'tiny-translator', task: 'formal-german', budgets: [1000, 20, 'full'], methods: ['subset', 'full']},
      ...{seeds: 5, steps: 60, tokensPerStep: 1024, backend: 'wasm', name: 'first.1', out: 'results'},
    });
  });

  it.each([
    [['--budgets', '1e3,0'], "option '--budgets <list>' argument '1e3,0' is invalid. Expected whole numbers"],
    [
      ['--budgets', '1.5'],
      "argument '1.5' is invalid. Expected whole numbers of at least 1, such as 1000 or 1e3, or full",
    ],
    [['--budgets', ''], "argument '' is invalid. Expected whole numbers"],
    [['--budgets', '10,1e1'], 'each once.'],
    [['--methods', 'subset,,full'], 'Expected names separated by commas, each once.'],
    [['--methods', 'full,full'], 'Expected names separated by commas, each once.'],
    [['--seeds', '0'], "option '--seeds <n>' argument '0' is invalid. Expected a whole number of at least 1."],
    [['--steps', '-1'], 'Expected a whole number of at least 1.'],
    [['--jobs', 'two'], 'Expected a whole number of at least 1.'],
    [['--backend', 'abacus'], 'Allowed choices are tensorflow, wasm, webgpu.'],
    [['--name', '../up'], 'Expected letters, digits, dots, dashes and underscores.'],
    [['--model', ' '], 'Expected some text.'],
    [['--seds', '1'], "unknown option '--seds' (Did you mean --seeds?)"],
    [['more'], 'too many arguments'],
  ])('%s are refused', (given, message) => {
    const {options, said} = parse(...given);
    expect(options).toBeUndefined();
    expect(said).toContain(message);
    expect(said).toContain('Usage: npm run compare --');
  });
});
