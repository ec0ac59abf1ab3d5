import {describe, expect, it} from 'vitest';
import {drawSoon} from './draw-soon.js';
import {notice} from './state.js';

describe('drawSoon', () => {
  it('draws on after a figure that cannot be drawn, and says so', async () => {
    drawSoon({}, () => Promise.reject(new Error('no room')));
    await new Promise<void>((drawn) => drawSoon({}, drawn));
    expect(notice.value).toEqual({kind: 'error', text: 'A figure could not be drawn: no room'});
  });
});
