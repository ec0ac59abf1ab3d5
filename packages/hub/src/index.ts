export type {ByteSource} from './cache/cache.js';
export {hub, type ReadFile} from './hub.js';
export type {HubOptions, Progress} from './hub-options.js';
