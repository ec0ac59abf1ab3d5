import {activeBackend} from './active-backend.js';

/**
 * How many elements of an int32 tensor a 32-bit word of the state takes. Two on webgl: it keeps int32 in float32
 * textures, by value, and so exactly only up to 2²⁴.
 */
export function elementsPerWord(backendName = activeBackend()): 1 | 2 {
  return backendName === 'webgl' ? 2 : 1;
}

/** The elements that hold these words: the words themselves, or their halves, low half first. */
export function splitWords(words: Int32Array, perWord = elementsPerWord()): Int32Array {
  if (perWord === 1) return words;
  const halves = new Int32Array(2 * words.length);
  words.forEach((word, i) => {
    halves[2 * i] = word & 0xffff;
    halves[2 * i + 1] = word >>> 16;
  });
  return halves;
}

/** Inverse of {@link splitWords}. */
export function joinWords(elements: Int32Array, perWord: 1 | 2): Int32Array {
  if (perWord === 1) return elements;
  return new Int32Array(elements.length / 2).map((_, i) => elements[2 * i] | (elements[2 * i + 1] << 16));
}
