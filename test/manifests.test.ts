import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {publishedPackages} from './installed/published-packages.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const repository = 'https://github.com/subset-tuning/subset-tuning';
const {engines} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const versions = new Map(publishedPackages.map(({name, manifest}) => [name, manifest.version]));

describe.each(publishedPackages)('$folder', ({folder, manifest}) => {
  test('says where it comes from and what it is', () => {
    expect(manifest).toMatchObject({
      name: `@subset-tuning/${folder.replace('packages/', '')}`,
      description: expect.stringMatching(/.{20}/),
      keywords: expect.arrayContaining(['tensorflow.js', 'tfjs', 'fine-tuning', 'subset-tuning']),
      homepage: `${repository}/tree/main/${folder}#readme`,
      bugs: `${repository}/issues`,
      repository: {type: 'git', url: `git+${repository}.git`, directory: folder},
      license: expect.stringContaining('Apache-2.0'),
      author: 'The Subset Tuning authors',
      type: 'module',
      engines,
      publishConfig: {access: 'public'},
    });
  });

  test('packs what it was built to, with its changelog', () => {
    expect(manifest).toMatchObject({
      files: expect.arrayContaining(['dist', '!dist/**/*.test.*', 'CHANGELOG.md']),
      scripts: {prepack: 'node ../../scripts/prepack.mjs'},
    });
    expect(existsSync(join(root, folder, 'README.md'))).toBe(true);
  });

  test('asks for the other packages as they are', () => {
    const dependencies = Object.entries({...Object(manifest.dependencies), ...Object(manifest.peerDependencies)});
    for (const [name, range] of dependencies.filter(([name]) => versions.has(name))) {
      expect(range, name).toBe(`^${versions.get(name)}`);
    }
  });

  test('is named by a change where it was never released', () => {
    const changes = readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md'));
    const texts = changes.map((file) => readFileSync(join(root, '.changeset', file), 'utf8'));
    if (manifest.version === '0.0.0') expect(texts.join('\n')).toContain(`'${manifest.name}':`);
  });
});
