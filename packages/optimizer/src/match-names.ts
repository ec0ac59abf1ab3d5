import {show} from '@subset-tuning/checks';

/**
 * Which saved variable each variable goes on from. By name, where the names say so beyond doubt: they are the same ones,
 * or the one list holds the other and no two names differ but for a number at their ends. Else by position: a model that
 * is loaded beside another has `kernel_1` where that has `kernel`.
 *
 * @param saved the saved variables, in registration order.
 * @param names the variables' names, in registration order.
 * @returns by the variable's name the saved one. By name, variables that were not saved are missing, and saved ones that
 * are not among the variables are there under their own names.
 * @throws where neither fits, naming the first pair that does not.
 */
export function matchNames(saved: readonly string[], names: readonly string[]): Map<string, string> {
  const all = new Set([...saved, ...names]);
  const isSame = all.size === saved.length && all.size === names.length;
  const isNested = all.size === Math.max(saved.length, names.length);
  if (isSame || (isNested && new Set([...all].map(stem)).size === all.size)) {
    return new Map(saved.map((name) => [name, name]));
  }
  if (saved.length !== names.length) {
    throw new Error(
      `the saved state is of ${show(saved)}, expected ${show(names)}: neither the names fit nor how many there are`,
    );
  }
  for (const [i, name] of names.entries()) {
    if (stem(name) === stem(saved[i])) continue;
    throw new Error(
      `the saved state is of other variables: ${show(saved[i])} stands where ${show(name)} is expected, ` +
        'or that name but for a number at its end',
    );
  }
  return new Map(names.map((name, i) => [name, saved[i]]));
}

/** A name without the number that tfjs-layers appends where it is taken. */
function stem(name: string): string {
  return name.replace(/(_\d+)+$/, '');
}
