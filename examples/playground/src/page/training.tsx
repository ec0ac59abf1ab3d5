import {formatCount, formatSeconds, formatShare} from './format.js';
import {keepLater} from './keep-later.js';
import {ModelMap} from './model-map.js';
import {PairsTable} from './pairs-table.js';
import {Plots} from './plots.js';
import {RecipeForm} from './recipe.js';
import {before, curve, cutOff, glance, isBusy, model, phase, places, plannedSteps, probes, watched} from './state.js';
import {dropRun, goOnWithRun, keepRun, pause, resume, stop, teach} from './teach-actions.js';

/** What is taught, how, and how it goes. */
export function Training() {
  return (
    <section aria-labelledby="teach">
      <h2 id="teach">Teach it</h2>
      <p>
        Start, and in a minute or so it has learnt from the pairs below. Try sentences above meanwhile; change the pairs
        and what may change as you like.
      </p>
      <Controls />
      {curve.value.length > 0 && <Numbers />}
      {curve.value.length > 0 && <Plots />}
      {glance.value && <Probes />}
      {places.value.size > 0 && <ModelMap />}
      <PairsTable />
      <RecipeForm />
      <ProbesField />
    </section>
  );
}

function Controls() {
  const isRunning = phase.value !== 'idle';
  return (
    <div class="buttons controls">
      {!isRunning && (
        <button type="button" class="main" disabled={isBusy.value || !model.value} onClick={() => void teach()}>
          Start
        </button>
      )}
      {phase.value === 'training' && (
        <button type="button" class="main" onClick={() => void pause()}>
          Pause
        </button>
      )}
      {phase.value === 'paused' && (
        <button type="button" class="main" onClick={() => void resume()}>
          Go on
        </button>
      )}
      {isRunning && (
        <button type="button" disabled={phase.value === 'stopping'} onClick={() => void stop()}>
          Stop
        </button>
      )}
      {!isRunning && cutOff.value !== undefined && (
        <>
          {cutOff.value.goesOn && (
            <button type="button" disabled={isBusy.value} onClick={() => void goOnWithRun()}>
              Go on from step {cutOff.value.step}
            </button>
          )}
          <button type="button" disabled={isBusy.value} onClick={() => void keepRun()}>
            Keep what was learnt up to step {cutOff.value.step}
          </button>
          <button type="button" onClick={() => void dropRun()}>
            Forget that training
          </button>
        </>
      )}
    </div>
  );
}

/** How the training goes, in numbers. */
function Numbers() {
  const last = curve.value.at(-1);
  if (!last) return null;
  const recent = curve.value.slice(-10);
  const aStep = recent.reduce((sum, {seconds}) => sum + seconds, 0) / recent.length;
  const left = phase.value === 'idle' ? '–' : formatSeconds(aStep * (plannedSteps.value - last.step));
  const numbers = [
    ['Step', `${last.step} of ${plannedSteps.value}`],
    ['Loss', last.loss.toFixed(3)],
    ['Tokens a second', formatCount(Math.round(last.tokensPerSecond))],
    ['Subset churn', formatShare(last.churn)],
    ['Weights changed', formatCount(last.size)],
    ['Time left', left],
  ];
  return (
    <dl class="tiles">
      {numbers.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-number={name}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is translated anew while the model learns: the reader's choice. */
function ProbesField() {
  return (
    <details>
      <summary>Choose the sentences that are watched</summary>
      <label for="probes">Sentences, one a line</label>
      <textarea
        id="probes"
        rows={4}
        value={probes.value.join('\n')}
        disabled={isBusy.value}
        onInput={({currentTarget}) => {
          probes.value = currentTarget.value.split('\n');
          keepLater('probes', probes.value);
        }}
      />
    </details>
  );
}

/** A few sentences that are not taught, before and now. */
function Probes() {
  const now = glance.value;
  if (!now) return null;
  return (
    <table class="probes">
      <caption>Sentences that are not taught, translated anew every few steps</caption>
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Seed</th>
          <th scope="col">Step {now.step}</th>
        </tr>
      </thead>
      <tbody>
        {watched.value.map((probe, i) => (
          <tr key={probe}>
            <th scope="row">{probe}</th>
            <td>{before.value[i]}</td>
            <td data-probe>
              {now.answers[i] === before.value[i] ? now.answers[i] : <strong>{now.answers[i]}</strong>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
