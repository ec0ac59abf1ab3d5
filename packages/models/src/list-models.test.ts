import {expect, it} from 'vitest';
import {listModels, loadEncoder, loadEncoderDecoder, loadModel} from './index.js';

const loaders = new Set([loadEncoder, loadEncoderDecoder, loadModel].map(({name}) => name));

it('lists each model once, with a loader that there is, and gives a list of one’s own', () => {
  const list = listModels();
  expect(new Set(list.map(({id}) => id)).size).toBe(list.length);
  for (const {id, loader, parameters, license} of list) {
    expect(id).toMatch(/^[\w.-]+\/[\w.-]+$/);
    expect(loaders).toContain(loader);
    expect(parameters).toBeGreaterThan(1e6);
    expect(license).not.toBe('');
  }
  list[0].id = 'another';
  expect(listModels()[0].id).not.toBe('another');
});
