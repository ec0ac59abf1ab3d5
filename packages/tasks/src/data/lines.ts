import type {DataBytes} from './open-data.js';

/** The longest line. The longest of the data sets that are known here has 80 kB. */
const MAX_LINE = 2 ** 24;

/** Bytes of a file that is read line by line. */
export const MAX_FILE = 2 ** 33;

/** A line of a file, without its end. */
export interface Line {
  /** File and number, as errors name it. */
  where: string;
  text: string;
}

/**
 * The lines of a file, as they come. They end in LF or CRLF, the last one may lack its end, and a byte order mark at the
 * start is dropped.
 *
 * @throws where a line is longer than the limit, before more of it is kept, or is no UTF-8; where there are more bytes
 * than the file may have.
 */
export async function* linesOf(
  file: string,
  bytes: DataBytes,
  {line: longest = MAX_LINE, file: most = MAX_FILE} = {},
): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});
  let number = 1;
  let total = 0;
  /** What has come of a line whose end has not. */
  let begun: Uint8Array[] = [];
  let length = 0;

  const keep = (part: Uint8Array) => {
    length += part.length;
    if (length > longest)
      throw new Error(`${file}, line ${number} has more than ${longest} bytes, expected at most that`);
    begun.push(part);
  };
  const end = (): Line => {
    const where = `${file}, line ${number}`;
    let text: string;
    try {
      text = decoder.decode(begun.length === 1 ? begun[0] : concatenate(begun, length));
    } catch (cause) {
      throw new Error(`${where} is no UTF-8`, {cause});
    }
    if (number === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    if (text.endsWith('\r')) text = text.slice(0, -1);
    number++;
    begun = [];
    length = 0;
    return {where, text};
  };

  for await (const part of partsOf(bytes)) {
    total += part.length;
    if (total > most) throw new Error(`${file} has more than ${most} bytes, expected at most that`);
    let from = 0;
    for (let to = part.indexOf(LINE_FEED); to >= 0; to = part.indexOf(LINE_FEED, from)) {
      keep(part.subarray(from, to));
      yield end();
      from = to + 1;
    }
    if (from < part.length) keep(part.subarray(from));
  }
  if (length > 0) yield end();
}

const LINE_FEED = 10;

/** All of a file as text. */
export async function textOf(file: string, bytes: DataBytes, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of partsOf(bytes)) {
    length += part.length;
    if (length > most) throw new Error(`${file} has more than ${most} bytes, expected at most that`);
    parts.push(part);
  }
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(concatenate(parts, length));
  } catch (cause) {
    throw new Error(`${file} is no UTF-8`, {cause});
  }
}

async function* partsOf(bytes: DataBytes): AsyncGenerator<Uint8Array> {
  if (ArrayBuffer.isView(bytes)) {
    yield bytes;
    return;
  }
  const reader = bytes.getReader();
  let ended = false;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
    ended = true;
  } finally {
    if (!ended) await reader.cancel().catch(() => {}); // what went wrong before is what is told
  }
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}
