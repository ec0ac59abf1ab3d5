import {expect, it} from 'vitest';
import {type Line, linesOf, textOf} from './lines.js';

const encoder = new TextEncoder();

async function all(lines: AsyncGenerator<Line>): Promise<string[]> {
  const texts: string[] = [];
  for await (const {text} of lines) texts.push(text);
  return texts;
}

/** A stream of a text in parts of so many bytes, and whether it was given up. */
function streamOf(
  text: string,
  size: number,
): {stream: ReadableStream<Uint8Array>; state: {canceled: boolean; read: number}} {
  const bytes = encoder.encode(text);
  const state = {canceled: false, read: 0};
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.read >= bytes.length) controller.close();
        else controller.enqueue(bytes.subarray(state.read, state.read + size));
        state.read += size;
      },
      cancel() {
        state.canceled = true;
      },
    },
    {highWaterMark: 0},
  );
  return {stream, state};
}

it('gives the same lines however the bytes come', async () => {
  const text = '\uFEFFeins\r\nzwei 🦦\n\n\u2028vier\r';
  const lines = ['eins', 'zwei 🦦', '', '\u2028vier'];
  expect(await all(linesOf('f', encoder.encode(text)))).toEqual(lines);
  for (const size of [1, 2, 3, 5, 100]) expect(await all(linesOf('f', streamOf(text, size).stream))).toEqual(lines);
  expect(await all(linesOf('f', encoder.encode('a\n')))).toEqual(['a']);
  expect(await all(linesOf('f', new Uint8Array()))).toEqual([]);
});

it('refuses a line that is too long before it has come', async () => {
  const {stream, state} = streamOf(`kurz\n${'x'.repeat(1000)}\n`, 10);
  await expect(all(linesOf('f', stream, {line: 20}))).rejects.toThrow('f, line 2 has more than 20 bytes');
  expect(state.canceled).toBe(true);
  expect(state.read).toBeLessThan(60);
});

it('refuses a file that is too long, and bytes that are no UTF-8', async () => {
  await expect(all(linesOf('f', streamOf('a\nb\nc\n', 2).stream, {file: 3}))).rejects.toThrow(
    'f has more than 3 bytes',
  );
  await expect(textOf('f', streamOf('abcdef', 2).stream, 3)).rejects.toThrow('f has more than 3 bytes');
  await expect(all(linesOf('f', Uint8Array.of(97, 10, 0xff, 10)))).rejects.toThrow('f, line 2 is no UTF-8');
  await expect(textOf('f', Uint8Array.of(0xff), 3)).rejects.toThrow('f is no UTF-8');
});

it('gives a stream up that is not read to its end', async () => {
  const {stream, state} = streamOf('a\nb\nc\n', 2);
  for await (const {text} of linesOf('f', stream)) {
    expect(text).toBe('a');
    break;
  }
  expect(state.canceled).toBe(true);
});
