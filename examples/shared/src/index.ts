export * from './numbers.js';
export * from './use-backend.js';
