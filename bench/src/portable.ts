import {bench} from './bench.js';
import {CommandError, runCommand} from './command.js';
import {conformance} from './conformance.js';

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  bench: (args) => bench(args, ['cpu', 'wasm', 'webgpu']),
  conformance,
};

// Not awaited: the bundler lets parts that are loaded later import this file, which then must be done.
void runCommand(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new CommandError(
      `the command is '${name}'; expected ${Object.keys(COMMANDS).join(' or ')}, which know --help`,
    );
  }
  await COMMANDS[name](args);
});
