import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import ts from 'typescript';
import type {Snippet} from './find-snippets.js';

export interface CompiledSnippet {
  /** The module to run. */
  readonly module: string;
  /** What the type checker has against it; lines are those of the snippet's own file. */
  readonly errors: readonly string[];
}

const config = fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url));

/**
 * Type-checks snippets and compiles each to a module of its own in a folder, from where their imports resolve.
 *
 * @returns a function that gives what became of a snippet
 */
export function compileSnippets(
  snippets: readonly Snippet[],
  folder: string,
  overrides: ts.CompilerOptions = {},
): (snippet: Snippet) => CompiledSnippet {
  const paths = snippets.map(({file, line}) => join(folder, `${file.replaceAll(/[^\w.-]/g, '-')}-${line}.ts`));
  // Empty lines in front give errors and stack traces the line numbers of the snippet's file.
  for (const [i, {code, line}] of snippets.entries()) writeFileSync(paths[i] ?? '', '\n'.repeat(line - 1) + code);

  const {options} = ts.parseJsonConfigFileContent(ts.readConfigFile(config, ts.sys.readFile).config, ts.sys, folder);
  const program = ts.createProgram(paths, {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    declaration: false,
    inlineSourceMap: true,
    ...overrides,
  });
  program.emit();

  const compiled = new Map(
    snippets.map((snippet, i) => {
      const path = paths[i] ?? '';
      const source = program.getSourceFile(path);
      const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      const errors = diagnostics.map(({start, messageText}) => {
        const line =
          source && start !== undefined ? source.getLineAndCharacterOfPosition(start).line + 1 : snippet.line;
        return `${snippet.file}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      });
      return [snippet, {module: path.replace(/\.ts$/, '.js'), errors}];
    }),
  );
  return (snippet) => {
    const found = compiled.get(snippet);
    if (!found) throw new Error(`${snippet.file}:${snippet.line} was not compiled`);
    return found;
  };
}
