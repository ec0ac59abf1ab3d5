import {spawn} from 'node:child_process';

/** A stranger's environment: what npm and vitest add to ours is left out. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(package|lifecycle|command|execpath|config_(\w*prefix|workspace))|INIT_CWD|NODE_|VITEST)/.test(name),
  ),
);

export interface CommandOptions {
  readonly cwd: string;
  /** Folders of commands, looked into first. */
  readonly path?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a line in a shell and gives all that it printed.
 *
 * @throws with what it printed, where it fails
 */
export function runCommand(line: string, {cwd, path = [], env}: CommandOptions): Promise<string> {
  const PATH = [...path, environment.PATH].join(':');
  const child = spawn('sh', ['-c', line], {
    cwd,
    env: {
      ...environment,
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      ...env,
      PATH,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(output);
      else reject(new Error(`${line}\nfailed with ${status}:\n${output}`));
    });
  });
}
