import {describe, expect, it} from 'vitest';
import {JoinedReads, type Range} from './join-reads.js';

const MEGA = 2 ** 20;

/** A file whose every byte tells its place, what has been asked for of it, and how much was under way at most. */
function file() {
  const asked: Range[] = [];
  let [underWay, most] = [0, 0];
  const read = async (begin: number, end: number) => {
    asked.push([begin, end]);
    underWay += end - begin;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= end - begin;
    return Uint8Array.from({length: end - begin}, (_, i) => (begin + i) % 251);
  };
  return {asked, read, most: () => most};
}

const placesOf = (sizes: readonly number[], gap = 0): Range[] => {
  let at = 100;
  return sizes.map((size) => {
    const begin = at;
    at += size + gap;
    return [begin, begin + size];
  });
};

async function readAll(joined: JoinedReads, ranges: readonly Range[]) {
  for (const [begin, end] of ranges) {
    const bytes = await joined.read(begin, end);
    expect([bytes.length, bytes.buffer.byteLength]).toEqual([end - begin, end - begin]);
    expect([bytes[0], bytes[bytes.length - 1]]).toEqual([begin % 251, (end - 1) % 251]);
  }
}

describe('reads that are told', () => {
  it.each<[string, Range[], number]>([
    ['neighbours', placesOf(Array(300).fill(1000)), 1],
    ['neighbours with gaps of an alignment', placesOf(Array(300).fill(1000), 31), 1],
    ['far from one another', placesOf(Array(5).fill(1000), 100_000), 5],
    ['of 5 MiB', placesOf(Array(9).fill(5 * MEGA)), 3],
    ['one larger than all that is read at once', placesOf([1000, 20 * MEGA, 1000, 1000]), 3],
  ])('come together: %s', async (_, ranges, requests) => {
    const {asked, read} = file();
    const joined = new JoinedReads(read);
    joined.plan(ranges);
    await readAll(joined, ranges);
    expect(asked.length).toBe(requests);
    const sent = asked.reduce((sum, [begin, end]) => sum + end - begin, 0);
    expect(sent).toBeLessThanOrEqual(ranges[ranges.length - 1][1] - ranges[0][0]);
  });

  it('come ahead of their time, but not too much of them', async () => {
    const {asked, read, most} = file();
    const joined = new JoinedReads(read);
    const ranges = placesOf(Array(12).fill(12 * MEGA));
    joined.plan(ranges);
    const [begin, end] = ranges[0];
    await joined.read(begin, end);
    expect(asked.length).toBe(4);
    await readAll(joined, ranges.slice(1));
    expect(asked.length).toBe(12);
    expect(most()).toBeLessThanOrEqual(48 * MEGA);
  });

  it('come once; again, and others, by themselves', async () => {
    const {asked, read} = file();
    const joined = new JoinedReads(read);
    const ranges = placesOf([10, 20]);
    joined.plan(ranges);
    await readAll(joined, ranges);
    await readAll(joined, [[120, 125], ...ranges]);
    expect(asked).toEqual([
      [100, 130],
      [120, 125],
      [100, 110],
      [110, 130],
    ]);
  });

  it('that fail, fail for whoever asks for them, and for nobody else', async () => {
    const {read} = file();
    const joined = new JoinedReads(async (begin, end) => {
      if (begin > 100) throw new Error(`no bytes ${begin} to ${end}`);
      return read(begin, end);
    });
    const ranges = placesOf([10, 10, 10], 100_000);
    joined.plan(ranges);
    await readAll(joined, ranges.slice(0, 1)); // the others have failed by now
    await expect(joined.read(...ranges[1])).rejects.toThrow('no bytes 100110 to 100120');
  });
});
