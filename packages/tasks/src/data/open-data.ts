/** The bytes of a file, all at once or as they come. */
export type DataBytes = Uint8Array | ReadableStream<Uint8Array>;

/**
 * Opens a file of a data set by its name; more bytes than the limit are an error, the sooner the better. What
 * `@subset-tuning/models` and `@subset-tuning/hub` read models with is one too.
 *
 * @throws where there is no such file.
 */
export type OpenData = (file: string, limit: number) => Promise<DataBytes>;
