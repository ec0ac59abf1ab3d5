import {show} from '@subset-tuning/checks';
import {type AdaptableModel, checkModel} from './adaptable-model.js';
import {Adapter} from './adapter.js';
import {
  type AttachConfig,
  checkIa3,
  checkLora,
  checkPrefix,
  checkPrompt,
  type Ia3Config,
  type LoraConfig,
  type PrefixConfig,
  type PromptConfig,
} from './adapter-config.js';
import {ia3, ia3Modules} from './ia3.js';
import {ia3Budget} from './ia3-budget.js';
import {lora} from './lora.js';
import {fitLora} from './lora-budget.js';
import type {Method} from './method.js';
import {prefixTuning, promptTuning, type WithTokens} from './prompt-tuning.js';
import {virtualTokenBudget} from './virtual-token-budget.js';
import {chooseOthers} from './whole-modules.js';

/**
 * Lays an adapter over a model: from now on the model computes with it, in losses, logits and answers, and its own weights
 * are frozen: an optimizer trains the adapter's variables alone. An adapter that was active until now rests.
 *
 * @returns The adapter, active and not yet trained.
 * @throws where the configuration is not as said, its budget is too small, no linear layer is chosen, the model has no
 * room for so many virtual tokens, a variable of the adapter's names exists, or an adapter of the model is merged into it;
 * nothing has changed then.
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
  const whole = fitted(model, {...config}); // a copy, whatever the caller makes of theirs
  return new Adapter(model, await methodOf(model, whole), whole);
}

/** A configuration without a budget. */
type FittedConfig = LoraConfig | Ia3Config | WithTokens<PromptConfig> | WithTokens<PrefixConfig>;

async function methodOf(model: AdaptableModel, config: FittedConfig): Promise<Method> {
  switch (config?.method) {
    case 'lora':
      return lora(chooseOthers(model, config), config, model.weights);
    case 'ia3': {
      const {modules, feedForward} = ia3Modules(model, config);
      return ia3(modules, feedForward);
    }
    case 'prompt':
      return promptTuning(model, config);
    case 'prefix':
      return prefixTuning(model, config);
  }
}

/** The configuration, checked, with what its budget comes to in the budget's place. */
function fitted(model: AdaptableModel, config: AttachConfig): FittedConfig {
  switch (config?.method) {
    case 'lora': {
      checkLora('attach', config);
      if (config.parameters === undefined) return config;
      if (config.rank !== undefined) {
        throw new Error(`attach: rank is ${config.rank} beside parameters, expected one of them`);
      }
      const {parameters, exclude, layers, ...others} = config;
      const {rank, targets} = fitLora(model, {...config, parameters});
      return {...others, rank, targets};
    }
    case 'ia3': {
      checkIa3('attach', config);
      if (config.parameters === undefined) return config;
      const {parameters, ...others} = config;
      ia3Budget(model, parameters, others);
      return others;
    }
    case 'prompt':
      checkPrompt('attach', config);
      return withTokens(model, config);
    case 'prefix':
      checkPrefix('attach', config);
      return withTokens(model, config);
    default:
      throw new Error(
        `attach: method is ${show((config as {method?: unknown} | undefined)?.method)}, expected one of lora, ia3, prompt, prefix`,
      );
  }
}

/** A configuration of virtual tokens, with their number in the budget's place. */
function withTokens(
  model: AdaptableModel,
  config: PromptConfig | PrefixConfig,
): WithTokens<PromptConfig> | WithTokens<PrefixConfig> {
  const {parameters, tokens = 0, ...others} = config;
  if (parameters === undefined) return {...others, tokens};
  return {...others, tokens: virtualTokenBudget(others.method, model, parameters, others).tokens};
}
