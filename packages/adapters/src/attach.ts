import {show} from '@subset-tuning/checks';
import {type AdaptableModel, checkModel} from './adaptable-model.js';
import {Adapter} from './adapter.js';
import {type AttachConfig, checkIa3, checkLora, checkPrefix, checkPrompt} from './adapter-config.js';
import {chooseModules} from './choose-modules.js';
import {ia3, ia3Modules} from './ia3.js';
import {lora} from './lora.js';
import type {Method} from './method.js';
import {prefixTuning, promptTuning} from './prompt-tuning.js';
import {isWithin, wholeModules} from './whole-modules.js';

/**
 * Lays an adapter over a model: from now on the model computes with it, in losses, logits and answers, and its own weights
 * are frozen: an optimizer trains the adapter's variables alone. An adapter that was active until now rests.
 *
 * @returns The adapter, active and not yet trained.
 * @throws where the configuration is not as said, no linear layer is chosen, the model has no room for so many virtual
 * tokens, a variable of the adapter's names exists, or an adapter of the model is merged into it; nothing has changed then.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import {attach} from '@subset-tuning/adapters';
 * import {loadModel} from '@subset-tuning/models';
 * import {read} from '@subset-tuning/tiny-translator';
 *
 * const model = await loadModel('tiny-translator', {read});
 * const adapter = await attach(model, {method: 'lora', rank: 4, alpha: 8});
 * const optimizer = tf.train.adam(1e-3);
 * optimizer.minimize(() => model.loss({inputs: [[1, 60]], targets: [[60, 2]], weights: [[0, 1]]}));
 * const files = await adapter.save(); // adapter_config.json and adapter_model.safetensors, for PEFT too
 * adapter.detach(); // the model as it was, bit for bit
 * model.dispose();
 * ```
 */
export async function attach(model: AdaptableModel, config: AttachConfig): Promise<Adapter> {
  checkModel('attach', model);
  return new Adapter(model, await methodOf(model, config), config);
}

async function methodOf(model: AdaptableModel, config: AttachConfig): Promise<Method> {
  const output = model.head?.output;
  // What is trained whole needs no adapter.
  const others = () => {
    const wholes = wholeModules(model, config);
    return model.projections().filter(({name}) => !isWithin(name, wholes));
  };
  switch (config?.method) {
    case 'lora':
      checkLora('attach', config);
      return lora(chooseModules(others(), config, output), config, model.weights);
    case 'ia3': {
      checkIa3('attach', config);
      const {modules, feedForward} = ia3Modules(others(), config);
      return ia3(modules, feedForward);
    }
    case 'prompt':
      checkPrompt('attach', config);
      return promptTuning(model, config);
    case 'prefix':
      checkPrefix('attach', config);
      return prefixTuning(model, config);
    default:
      throw new Error(
        `attach: method is ${show((config as {method?: unknown} | undefined)?.method)}, expected one of lora, ia3, prompt, prefix`,
      );
  }
}
