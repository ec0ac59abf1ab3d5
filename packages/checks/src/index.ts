export {check} from './check.js';
export {checkOptions, type Kinds} from './check-options.js';
export {
  anything,
  arrayOf,
  bytes,
  callable,
  flag,
  isObject,
  type Kind,
  map,
  number,
  object,
  oneOf,
  optional,
  text,
  typedArray,
  wholeNumber,
} from './kind.js';
export {show} from './show.js';
