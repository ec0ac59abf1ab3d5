export {check} from './check.js';
export {checkFields, type Kinds} from './check-fields.js';
export {checkOptions} from './check-options.js';
export {
  abortSignal,
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
export {cut, show} from './show.js';
