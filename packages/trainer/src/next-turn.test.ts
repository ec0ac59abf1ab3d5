import {afterEach, describe, expect, it, vi} from 'vitest';
import {nextTurn} from './next-turn.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const MESSAGES = globalThis.MessageChannel;

describe.each([
  ['by a message', MESSAGES],
  ['by a timer, where there are no messages', undefined],
])('nextTurn %s', (_, messages) => {
  it('lets timers and other messages run', async () => {
    vi.stubGlobal('MessageChannel', messages);
    const ran: string[] = [];
    setTimeout(() => ran.push('timer'));
    const {port1, port2} = new MESSAGES();
    port1.onmessage = () => {
      ran.push('message');
      port1.close();
    };
    port2.postMessage(undefined);
    let turns = 0;
    for (; ran.length < 2 && turns < 10_000; turns++) await nextTurn();
    expect(ran.sort()).toEqual(['message', 'timer']);
    expect(turns).toBeGreaterThan(0);
  });
});

it('goes on where no frame is drawn, as in a hidden tab, and uses no timer', async () => {
  const never = vi.fn(() => 0);
  for (const name of ['requestAnimationFrame', 'setTimeout', 'setImmediate']) vi.stubGlobal(name, never);
  for (let i = 0; i < 100; i++) await nextTurn();
  expect(never).not.toHaveBeenCalled();
});
