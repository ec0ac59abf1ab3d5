import {type Kept, keep} from '../store.js';
import {complain} from './state.js';

/** After so many milliseconds without a change it is kept. */
const REST = 400;

const timers = new Map<keyof Kept, ReturnType<typeof setTimeout>>();

/** Keeps what the reader is typing, once that rests. */
export function keepLater<Key extends keyof Kept>(key: Key, value: Kept[Key]): void {
  forgetLater(key);
  timers.set(
    key,
    setTimeout(() => {
      keep(key, value).catch((error: unknown) => complain('What you typed is not kept', error));
    }, REST),
  );
}

/** Keeps not what would have been kept later. */
export function forgetLater(key: keyof Kept): void {
  clearTimeout(timers.get(key));
}
