import {describe, expect, it} from 'vitest';
import {siloOf} from './index.js';

describe('siloOf', () => {
  it.each([
    ['tensor', 'model.layers.3.mlp.up_proj.weight', 'model.layers.3.mlp.up_proj.weight'],
    ['layer', 'model.layers.3.mlp.up_proj.weight', 'model.layers.3'],
    ['layer', 'model.layers.12.input_layernorm.weight', 'model.layers.12'],
    ['layer', 'model.embed_tokens.weight', 'model.embed_tokens'],
    ['layer', 'dense_1/kernel', 'dense_1'],
    ['layer', 'weights', 'weights'],
    ['global', 'anything', 'global'],
  ] as const)('%s of %s', (kind, name, expected) => {
    expect(siloOf(kind, name)).toBe(expected);
  });

  it('asks a function or a table', () => {
    expect(siloOf((name) => name[0], 'abc')).toBe('a');
    expect(siloOf({abc: 'x'}, 'abc')).toBe('x');
    expect(() => siloOf({}, 'toString')).toThrow("no silo for variable 'toString'");
  });
});
