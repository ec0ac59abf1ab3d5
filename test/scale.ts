import {inject} from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The environment's `TEST_SCALE`, as `vitest.config.ts` reads it. */
    testScale: number;
  }
}

/** How much the tests try: 0.1 by `npm test`, 1 by `npm run test:all`, 10 by a backend's `npm run conformance`. */
export const testScale = inject('testScale');

/** How many random cases run at this scale, of so many at scale 1. */
export const randomCases = (count: number): number => Math.ceil(testScale * count);

/** As many, of code made of stock ops: webgl compiles shaders for each of its shapes, so that a fifth has to do there. */
export const randomShapes = (count: number, backend: string): number => {
  return randomCases(backend === 'webgl' ? count / 5 : count);
};

/**
 * All cases at a scale, 1 where none is given; below it a third. For backends on which a case takes seconds; below 0.1, for
 * what only asks whether the tests run. Not each third one: cases come in threes, of which that would be always the same.
 */
export const someCases = <T>(cases: readonly T[], scale = 1): readonly T[] => {
  return testScale < scale ? cases.filter((_, at) => at % 3 === Math.floor(at / 3) % 3) : cases;
};
