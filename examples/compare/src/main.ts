import {type Arguments, createCommand} from './arguments.js';

const command = createCommand().parse();
try {
  // Loaded only now, so that help and wrong options are answered at once.
  const {runComparison} = await import('./run-comparison.js');
  await runComparison(command.opts<Arguments>());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
