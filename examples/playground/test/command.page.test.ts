import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test} from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

test('npm run playground serves the page and prints its address', async () => {
  // A group of its own, so that the server ends with npm.
  const server = spawn('npm', ['run', 'playground'], {cwd: root, detached: true, env: {...process.env, NO_COLOR: '1'}});
  try {
    let said = '';
    const address = await new Promise<string>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += String(text);
        const found = /http:\/\/localhost:\d+\//.exec(said)?.[0];
        if (found) resolve(found);
      };
      server.stdout.on('data', hear);
      server.stderr.on('data', hear);
      server.on('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    });
    const response = await fetch(address);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await response.text()).toContain('<h1>Teach a translator in your browser</h1>');
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid);
  }
});
