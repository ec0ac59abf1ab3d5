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

/** The `@example` blocks of all docstrings in a TypeScript source; one without a fence is code as a whole. */
export function findDocstringSnippets(file: string, source: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const comment of source.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const before = source.slice(0, comment.index).split('\n').length;
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\*(\/| )?|\*\/\s*$/, ''));
    for (let start = 0; start < lines.length; start++) {
      if (!lines[start]?.startsWith('@example')) continue;
      const next = lines.findIndex((line, i) => i > start && /^@\w/.test(line));
      const end = next < 0 ? lines.length : next;
      const block = lines.slice(start, end);
      if (block.some((line) => line.startsWith('```'))) {
        snippets.push(...findBlocks(file, block, before + start));
      } else {
        const code = block.join('\n').replace('@example', '').trimEnd();
        snippets.push({file, line: before + start, code, runs: true});
      }
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
