export {denseAdamStep} from './dense-adam-step.js';
export {type RegisterOptions, type ReplaceableKernel, register} from './register.js';
