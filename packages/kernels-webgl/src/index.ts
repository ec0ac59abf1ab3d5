export {register} from './register.js';
