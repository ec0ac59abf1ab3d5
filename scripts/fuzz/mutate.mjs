// Makes wrong files of a right one, the same for the same seed.

/** Random whole numbers from a seed (mulberry32). */
function randomFrom(seed) {
  let state = seed >>> 0;
  /** @param {number} below */
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Numbers at which readers go wrong. */
const NUMBERS = [
  ...[0n, 1n, 2n, 3n, 31n, 32n, 33n, 127n, 128n, 255n, 256n, 65_535n, 65_536n, 2n ** 20n, 2n ** 24n, 2n ** 31n - 1n],
  ...[2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 60n, 2n ** 62n, 2n ** 63n - 1n],
  ...[2n ** 63n, 2n ** 64n - 32n, 2n ** 64n - 1n],
];
const TEXTS = ['-1', '1e999', '1.5', '""', '[]', '{}', 'null', '[[[[', '}', '\\u0000', '\\ud800', '"__proto__":', ','];

/** Where a whole number may lie: a byte with three zero bytes behind it. */
function numberPlaces(bytes) {
  const places = [];
  for (let at = 0; at + 8 <= bytes.length; at++) {
    if (bytes[at] !== 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0) places.push(at);
  }
  return places;
}

/** Where digits stand in a text, each run of them with its end. */
function digitPlaces(bytes) {
  return Array.from(Buffer.from(bytes).toString('latin1').matchAll(/\d+/g), ({0: run, index}) => [
    index,
    index + run.length,
  ]);
}

const splice = (bytes, begin, end, inserted) =>
  Uint8Array.from(Buffer.concat([bytes.subarray(0, begin), inserted, bytes.subarray(end)]));

/** The ways to change a file. Each gets a copy, and a place, which lies in the header more often than not. */
const CHANGES = [
  function flipBit(bytes, random, at) {
    bytes[at] ^= 1 << random(8);
    return bytes;
  },
  function setByte(bytes, random, at) {
    bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random(256)][random(6)];
    return bytes;
  },
  function setNumber(bytes, random, at) {
    const value = NUMBERS[random(NUMBERS.length)];
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (random(2) === 0 && at + 4 <= bytes.length) view.setUint32(at, Number(value & 0xffff_ffffn), true);
    else if (at + 8 <= bytes.length) view.setBigUint64(at, value, true);
    return bytes;
  },
  function setKnownNumber(bytes, random, at, {numbers}) {
    const place = numbers.length > 0 ? numbers[random(numbers.length)] : at;
    return CHANGES[2](bytes, random, Math.min(place, bytes.length - 1));
  },
  function setDigits(bytes, random, at, {digits}) {
    const [begin, end] = digits.length > 0 ? digits[random(digits.length)] : [at, at + 1];
    const text = random(4) === 0 ? TEXTS[random(TEXTS.length)] : String(NUMBERS[random(NUMBERS.length)]);
    return splice(bytes, begin, end, Buffer.from(text));
  },
  function cut(bytes, random, at) {
    return bytes.subarray(0, random(2) === 0 ? at : random(bytes.length));
  },
  function remove(bytes, random, at) {
    return splice(bytes, at, Math.min(bytes.length, at + 1 + random(64)), new Uint8Array());
  },
  function insert(bytes, random, at) {
    const inserted = random(2) === 0 ? Buffer.from(TEXTS[random(TEXTS.length)]) : new Uint8Array(1 + random(64));
    return splice(bytes, at, at, inserted);
  },
  function repeat(bytes, random, at) {
    const part = bytes.slice(at, at + 1 + random(256));
    return splice(bytes, at, at, Buffer.concat(Array.from({length: 1 + random(8)}, () => part)));
  },
  function copyOver(bytes, random, at) {
    const from = random(bytes.length);
    bytes.copyWithin(at, from, from + 1 + random(64));
    return bytes;
  },
];

/**
 * A file with one to four changes.
 *
 * @param {Uint8Array} file
 * @param {number} headerLength how many bytes are not the tensors' own
 * @param {number} seed
 */
export function mutate(file, headerLength, seed) {
  const random = randomFrom(seed);
  const header = file.subarray(0, headerLength);
  const known = {numbers: numberPlaces(header), digits: digitPlaces(header)};
  let bytes = Uint8Array.from(file);
  for (let left = 1 + (random(2) === 0 ? 0 : random(4)); left > 0 && bytes.length > 0; left--) {
    const at = random(Math.min(bytes.length, random(3) === 0 ? bytes.length : headerLength));
    bytes = Uint8Array.from(CHANGES[random(CHANGES.length)](bytes, random, at, known));
  }
  return bytes;
}
