import {show} from '@subset-tuning/checks';
import type {
  ChoiceRequest,
  GenerationRequest,
  PairRequest,
  PromptRequest,
  SpanRequest,
} from '../prompts/render-prompt.js';
import type {Answer} from './answer.js';
import {askChoices, askMultipleChoice} from './ask-choices.js';
import {askPairs} from './ask-pairs.js';
import {askSpans, askTexts} from './ask-texts.js';
import type {EvaluateOptions} from './evaluate-options.js';
import type {
  Answering,
  ChoosingModel,
  Classifying,
  EvaluatedModel,
  GeneratingModel,
  MultipleChoice,
} from './evaluated-model.js';

/**
 * What a model says to requests, all of one kind.
 *
 * @param delimiter What stands before each choice and is none of it.
 * @throws where the model lacks what this kind needs.
 */
export function ask(
  model: EvaluatedModel,
  requests: readonly PromptRequest[],
  delimiter: string,
  {chat = false, normalization = 'none', batchSize = 16, maxTokens, signal}: EvaluateOptions,
): Promise<Answer[]> {
  // A chat's template has put the special tokens there.
  const how = {addSpecialTokens: !chat, batchSize, signal};
  const [{kind}] = requests;
  // Requests of one prompt are of one kind, and what a model has by name is taken for what the interface says of it.
  switch (kind) {
    case 'choices': {
      const choices = requests as ChoiceRequest[];
      if (has(model, 'logProbabilities')) {
        return askChoices(model as ChoosingModel, choices, {...how, delimiter, normalization});
      }
      return askMultipleChoice(
        needing(model, kind, 'logProbabilities or predict', 'predict') as MultipleChoice,
        choices,
      );
    }
    case 'generation':
      return askTexts(needing(model, kind, 'generate') as GeneratingModel, requests as GenerationRequest[], {
        ...how,
        ...(maxTokens !== undefined && {maxTokens}),
      });
    case 'pair':
      return askPairs(
        needing(model, kind, 'predict and labels', 'predict', 'labels') as Classifying,
        requests as PairRequest[],
        how,
      );
    case 'span':
      return askSpans(needing(model, kind, 'predict') as Answering, requests as SpanRequest[]);
  }
}

function has(model: EvaluatedModel, name: string): boolean {
  return name in model;
}

function needing(model: EvaluatedModel, kind: string, what: string, ...names: string[]): EvaluatedModel {
  if ((names.length > 0 ? names : [what]).every((name) => has(model, name))) return model;
  throw new Error(`evaluate: the model ${show(model.id)} has no ${what}, which a prompt of the kind ${kind} needs`);
}
