import {type Arguments, createCommand} from './arguments.js';

const values = createCommand().parse().opts<Arguments>();
try {
  // Loaded only now, so that help and wrong options are answered at once.
  const {main} = await import('./main.js');
  await main(values);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
