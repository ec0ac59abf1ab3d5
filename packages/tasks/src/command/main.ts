import {CommandError} from './files.js';
import {scoreCommand} from './score-command.js';

// npm runs scripts in the repository's root; files are named from where the user is.
process.chdir(process.env.INIT_CWD ?? '.');
try {
  console.log(scoreCommand(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof CommandError ? error.message : error);
  process.exitCode = 1;
}
