export {type RegisterOptions, type ReplaceableKernel, register} from './register.js';
