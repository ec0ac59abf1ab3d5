import {BACKENDS_OF_NODE} from './backends.js';
import {bench} from './bench.js';
import {runCommand} from './command.js';

await runCommand(() => bench(process.argv.slice(2), [...BACKENDS_OF_NODE, 'webgl']));
