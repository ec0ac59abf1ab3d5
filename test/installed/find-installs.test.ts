import {expect, test} from 'vitest';
import {findInstalls} from './find-installs.js';

test('finds the install lines of a README, continued ones and comments included', () => {
  const text = [
    '```sh',
    'npm install a \\',
    '  b',
    'npm run demo',
    'npm install c # or d',
    '```',
    '```js',
    'npm install e',
    '```',
  ];
  expect(findInstalls(text.join('\n'))).toEqual(['npm install a   b', 'npm install c # or d']);
});

test('leaves out what is installed from a folder', () => {
  expect(findInstalls('```sh\nnpm install FOLDER/*.tgz\n```')).toEqual([]);
});
