/** The character by which byte-level tokenizers write each byte: itself where it is printable, U+0100 and up elsewhere. */
const CHARACTERS: string[] = [];
for (let byte = 0, others = 0; byte < 256; byte++) {
  CHARACTERS.push(String.fromCharCode(isPrintable(byte) ? byte : 256 + others++));
}

const BYTES = new Map(CHARACTERS.map((character, byte) => [character, byte]));

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', {ignoreBOM: true});

/** A text's UTF-8, a character a byte. */
export function byteCharacters(text: string): string {
  let made = '';
  for (const byte of encoder.encode(text)) made += CHARACTERS[byte];
  return made;
}

/** The text that tokens of such characters spell; a token with any other character stands for itself. */
export function textOfByteCharacters(tokens: readonly string[]): string {
  const bytes: number[] = [];
  for (const token of tokens) {
    const own = Array.from(token, (character) => BYTES.get(character));
    for (const byte of own.includes(undefined) ? encoder.encode(token) : own) bytes.push(byte ?? 0);
  }
  return decoder.decode(Uint8Array.from(bytes));
}
