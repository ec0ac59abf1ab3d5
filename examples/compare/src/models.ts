import {type CausalModel, loadModel} from '@subset-tuning/models';
import {read} from '@subset-tuning/tiny-translator';

/**
 * Loads a model by the name that the command is given: `tiny-translator` is embedded, any other is a folder or a GGUF file
 * for `loadModel`.
 */
export function loadNamedModel(name: string): Promise<CausalModel> {
  return name === 'tiny-translator' ? loadModel(name, {read}) : loadModel(name);
}
