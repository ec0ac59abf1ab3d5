import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/**
 * A program that measures in a process of its own: it prints lines of JSON, the first by itself and each further one for
 * a line that it is sent. What it says on the standard error is passed on.
 */
export class MeasuringProcess {
  readonly #command: string;
  readonly #process;
  readonly #lines: AsyncIterator<string>;

  constructor(command: string, args: readonly string[]) {
    this.#command = command;
    this.#process = spawn(command, args, {stdio: ['pipe', 'pipe', 'inherit']});
    // A process that is gone is told of by the line that does not come.
    this.#process.stdin.on('error', () => {});
    this.#lines = createInterface({input: this.#process.stdout})[Symbol.asyncIterator]();
  }

  /**
   * The next line.
   *
   * @throws if the process cannot be started, or ends without it
   */
  async next<T>(): Promise<T> {
    const failed = new Promise<never>((_, reject) => this.#process.once('error', reject));
    const {value, done} = await Promise.race([this.#lines.next(), failed]);
    if (done) throw new Error(`'${this.#command}' ended before it had measured`);
    return JSON.parse(value);
  }

  /** Asks for a further line. */
  ask<T>(): Promise<T> {
    this.#process.stdin.write('\n');
    return this.next();
  }

  /** Lets the process end, and waits for that. */
  async end(): Promise<void> {
    const {exitCode, signalCode, pid} = this.#process;
    this.#process.stdin.end();
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    await new Promise((resolve) => this.#process.once('close', resolve));
  }
}
