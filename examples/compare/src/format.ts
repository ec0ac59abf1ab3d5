import type {Interval} from './interval.js';

/** A table in Markdown. */
export function tableOf([head, ...body]: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A mean with its interval, where it has one. */
export function spread({mean, low, high}: Interval, text: (value: number) => string = digits): string {
  return low === high ? text(mean) : `${text(mean)} (${text(low)} to ${text(high)})`;
}

/** Three digits or so. */
function digits(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

/** With its sign. */
export function signed(value: number, text: (size: number) => string = digits): string {
  return `${value < 0 ? '−' : '+'}${text(Math.abs(value))}`;
}

/** A whole number. */
export function count(value: number): string {
  return value.toLocaleString('en');
}
