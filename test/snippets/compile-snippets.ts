import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import ts from 'typescript';
import type {Snippet} from './find-snippets.js';

export interface CompiledSnippet {
  /** The module to run. */
  readonly module: string;
  /** What the type checker has against it; lines are those of the snippet's own file. */
  readonly errors: readonly string[];
}

export interface CompiledSnippets {
  of(snippet: Snippet): CompiledSnippet;
  /** Deletes the modules. */
  dispose(): void;
}

/**
 * Type-checks snippets and compiles each to a module of its own, in a folder inside `root`, so that imports resolve as
 * they do for a user who has installed the packages.
 */
export function compileSnippets(snippets: readonly Snippet[], root: string): CompiledSnippets {
  const folder = mkdtempSync(join(root, 'test/.tmp-'));
  const paths = snippets.map(({file, line}) => join(folder, `${file.replaceAll(/[^\w.-]/g, '-')}-${line}.ts`));
  // Empty lines in front give errors and stack traces the line numbers of the snippet's file.
  for (const [i, {code, line}] of snippets.entries()) writeFileSync(paths[i] ?? '', '\n'.repeat(line - 1) + code);

  const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const {options} = ts.parseJsonConfigFileContent(base.config, ts.sys, root);
  const program = ts.createProgram(paths, {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    declaration: false,
    inlineSourceMap: true,
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
  return {
    of(snippet) {
      const found = compiled.get(snippet);
      if (!found) throw new Error(`${snippet.file}:${snippet.line} was not compiled`);
      return found;
    },
    dispose: () => rmSync(folder, {recursive: true}),
  };
}
