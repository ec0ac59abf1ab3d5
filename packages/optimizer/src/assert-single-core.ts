import {Variable, version_core} from '@tensorflow/tfjs-core';

/**
 * Refuses variables that another copy of tfjs-core made. Two copies share the engine and the kernels but neither
 * classes nor gradients, and fail later in ways that are hard to read.
 */
export function assertSingleCore(variable: Variable): void {
  if (variable.constructor === Variable) return;
  throw new Error(
    `variable '${variable.name}' was made by another copy of @tensorflow/tfjs-core than the one that ` +
      `@subset-tuning/optimizer uses (${version_core}), expected one copy: see \`npm ls @tensorflow/tfjs-core\``,
  );
}
