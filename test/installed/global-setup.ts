import {cpSync, mkdirSync, mkdtempSync, realpathSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {TestProject} from 'vitest/node';
import {runCommand} from './run-command.js';
import {serveTarballs} from './serve-tarballs.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder outside the repository for whatever the tests write; deleted afterwards. */
    folder: string;
    /** The tarballs of all packages. */
    tarballs: string;
    /** A registry that has these packages and no others. */
    registry: string;
    /** The commands of `tools/package.json`. */
    tools: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packs all packages as `npm run pack` does and serves them. */
export default async function setup({provide}: TestProject) {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'subset-tuning-installed-'));
  const tarballs = join(folder, 'tarballs');
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const file of ['package.json', 'package-lock.json'])
    cpSync(join(root, 'test/installed/tools', file), join(tools, file));
  await runCommand(`npm run pack -- --out ${tarballs}`, {cwd: root});
  await runCommand('npm ci', {cwd: tools});
  const server = await serveTarballs(tarballs);
  provide('folder', folder);
  provide('tarballs', tarballs);
  provide('registry', server.url);
  provide('tools', tools);
  return async () => {
    server.close();
    // Takes a minute, in which vitest must hear that its workers have ended.
    await rm(folder, {recursive: true, force: true});
  };
}
