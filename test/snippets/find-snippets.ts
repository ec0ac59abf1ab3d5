/** A TypeScript block of a README, or an `@example` of a docstring. */
export interface Snippet {
  /** The file that holds it, as given. */
  readonly file: string;
  /** The line of its first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
  /** False for a block that opens with `ts no-run`: it is type-checked only. */
  readonly runs: boolean;
}

/** The blocks of a Markdown text that are fenced as `ts`. */
export function findReadmeSnippets(file: string, text: string): Snippet[] {
  return findBlocks(file, text.split('\n'), 1);
}

/**
 * The `@example` blocks of all docstrings in a TypeScript source.
 *
 * @throws where an example has no block that is fenced as `ts`: nothing would check it.
 */
export function findDocstringSnippets(file: string, source: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const comment of source.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const before = source.slice(0, comment.index).split('\n').length;
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\*(\/| )?|\*\/\s*$/, ''));
    for (let start = 0; start < lines.length; start++) {
      if (!lines[start]?.startsWith('@example')) continue;
      const next = lines.findIndex((line, i) => i > start && /^@\w/.test(line));
      const end = next < 0 ? lines.length : next;
      const found = findBlocks(file, lines.slice(start, end), before + start);
      if (found.length === 0)
        throw new Error(`${file}:${before + start}: an @example without a block fenced as \`\`\`ts`);
      snippets.push(...found);
    }
  }
  return snippets;
}

function findBlocks(file: string, lines: readonly string[], firstLine: number): Snippet[] {
  const snippets: Snippet[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\S*)\s*(.*)$/.exec(lines[i] ?? '');
    if (!fence) continue;
    const end = lines.findIndex((line, j) => j > i && line.startsWith('```'));
    if (end < 0) throw new Error(`${file}:${firstLine + i}: a block that never closes`);
    if (fence[1] === 'ts') {
      const code = lines.slice(i + 1, end).join('\n');
      snippets.push({file, line: firstLine + i + 1, code, runs: fence[2]?.trim() !== 'no-run'});
    }
    i = end;
  }
  return snippets;
}
