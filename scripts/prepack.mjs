// Runs before npm packs or publishes the package in the current folder: builds it, so that no tarball is empty or stale,
// and puts the licence beside it, since npm packs no file from above.
import {copyFileSync} from 'node:fs';
import {basename} from 'node:path';
import {fileURLToPath} from 'node:url';
import {turbo} from './turbo.mjs';

// A task of turbo has had its build, and another run of turbo beside it would write what it reads. What turbo prints goes
// to stderr: npm's own output may be JSON.
if (!process.env.TURBO_HASH) turbo(['build', `--filter=./packages/${basename(process.cwd())}`], 2);
copyFileSync(fileURLToPath(new URL('../LICENSE', import.meta.url)), 'LICENSE');
