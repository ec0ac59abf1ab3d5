/** A failure that may be over in a while. */
export class TemporaryError extends Error {
  override readonly name = 'TemporaryError';
  /** How many milliseconds to wait before another try, where the server said so. */
  readonly after: number | undefined;

  constructor(message: string, {after, cause}: {after?: number | undefined; cause?: unknown} = {}) {
    super(message, {cause});
    this.after = after;
  }
}
