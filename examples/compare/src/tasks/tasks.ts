import type {ComparedTask} from './compared-task.js';
import {formalGerman} from './formal-german.js';

/** The tasks by the names that the command is given. A new one is one file and one entry. */
export const TASKS: Readonly<Record<string, ComparedTask>> = {'formal-german': formalGerman};
