/**
 * The line that PEFT's `print_trainable_parameters` prints, for a budget and a model's size.
 *
 * @example
 * ```ts
 * import {trainableParameters} from '@subset-tuning/optimizer';
 * trainableParameters(160, 1_598_880);
 * // 'trainable params: 160 || all params: 1,598,880 || trainable%: 0.0100'
 * ```
 */
export function trainableParameters(trainable: number, all: number): string {
  const count = (n: number) => n.toLocaleString('en-US');
  const share = ((100 * trainable) / all).toFixed(4);
  return `trainable params: ${count(trainable)} || all params: ${count(all)} || trainable%: ${share}`;
}
