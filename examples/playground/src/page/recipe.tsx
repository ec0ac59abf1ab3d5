import {METHODS, type Method} from '../worker/protocol.js';
import {budgetAt, deltaBytes, placeOf, SLIDER_STEPS} from './budget.js';
import {formatBytes, formatCount, formatShare} from './format.js';
import {budget, isBusy, learningRate, method, model, ownRate, steps, tokensPerStep} from './state.js';

const NAMES: Record<Method, string> = {
  shrinking: 'A subset that moves, from wide to small',
  subset: 'A subset that moves',
  gradient: 'Fixed, by the first gradients',
  random: 'Fixed, at random',
  full: 'Full: every weight',
};

/** How much may change, how it is chosen, and how long it takes. */
export function RecipeForm() {
  const parameters = model.value?.parameters ?? 1;
  const isFull = method.value === 'full';
  const count = isFull ? parameters : Math.min(budget.value, parameters);
  const bytes = deltaBytes(count, parameters, model.value?.tensors.length ?? 1);
  const words = `${formatCount(count)} of ${formatCount(parameters)} weights (${formatShare(count / parameters)}), a file of about ${formatBytes(bytes)}`;
  return (
    <fieldset disabled={isBusy.value || !model.value}>
      <legend>What may change</legend>
      <label for="budget">Budget</label>
      <input
        id="budget"
        type="range"
        min={0}
        max={SLIDER_STEPS}
        value={placeOf(count, parameters)}
        disabled={isFull}
        aria-valuetext={words}
        onInput={({currentTarget}) => {
          budget.value = budgetAt(currentTarget.valueAsNumber, parameters);
        }}
      />
      <output for="budget" data-budget>
        {words}
      </output>
      <label for="method">Method</label>
      <select
        id="method"
        value={method.value}
        onChange={({currentTarget}) => {
          method.value = METHODS.find((name) => name === currentTarget.value) ?? 'subset';
        }}
      >
        {METHODS.map((name) => (
          <option key={name} value={name}>
            {NAMES[name]}
          </option>
        ))}
      </select>
      <div class="numbers">
        <NumberField
          id="rate"
          label="Learning rate"
          value={learningRate.value}
          min={1e-6}
          max={10}
          step="any"
          set={(rate) => (ownRate.value = rate)}
        />
        <NumberField
          id="steps"
          label="Steps"
          value={steps.value}
          min={1}
          max={10_000}
          step={1}
          set={(count) => (steps.value = count)}
        />
        <NumberField
          id="tokens"
          label="Tokens a step"
          value={tokensPerStep.value}
          min={64}
          max={8192}
          step={1}
          set={(count) => (tokensPerStep.value = count)}
        />
      </div>
      <p class="quiet">
        {ownRate.value === undefined ? (
          'The learning rate follows the budget and the method.'
        ) : (
          <button type="button" onClick={() => (ownRate.value = undefined)}>
            The learning rate of the budget again
          </button>
        )}
      </p>
    </fieldset>
  );
}

interface NumberFieldProps {
  id: string;
  label: string;
  value: number;
  min: number;
  max: number;
  step: number | 'any';
  set: (value: number) => void;
}

function NumberField({id, label, set, ...field}: NumberFieldProps) {
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        {...field}
        onChange={({currentTarget}) => {
          // What is out of range is put back.
          if (currentTarget.checkValidity() && currentTarget.value !== '') set(currentTarget.valueAsNumber);
          else currentTarget.value = String(field.value);
        }}
      />
    </div>
  );
}
