import {keep} from '../store.js';
import {BACKENDS, type BackendName} from '../worker/protocol.js';
import {formatMilliseconds} from './format.js';
import {load} from './load.js';
import {measureAll} from './measure-actions.js';
import {backend, isBusy, measured, measuring, missing, model, phase} from './state.js';

/** What computes: the backends that there are, and why the others are not. */
export function Backends() {
  const isIdle = phase.value === 'idle' && measuring.value === undefined;
  const choose = async (name: BackendName) => {
    if (await load(name)) await keep('backend', name).catch(() => undefined);
  };
  return (
    <section aria-labelledby="backend">
      <h2 id="backend">Backend</h2>
      <p>
        What computes on this machine. The fastest step decides, unless you choose; small models are often faster on
        wasm than on a graphics card. Now: <span data-backend>{model.value?.backend ?? '…'}</span>.
      </p>
      <fieldset disabled={isBusy.value || measuring.value !== undefined}>
        <legend>Compute on</legend>
        {BACKENDS.map((name) => (
          <label class="choice" key={name}>
            <input
              type="radio"
              name="backend"
              checked={backend.value === name}
              disabled={missing.value[name] !== undefined}
              onChange={() => void choose(name)}
            />
            <span>
              {name} <small data-backend-note={name}>{noteOn(name)}</small>
            </span>
          </label>
        ))}
        <div class="buttons">
          <button type="button" disabled={!isIdle} onClick={() => void measureAll()}>
            Measure again
          </button>
          <button type="button" onClick={() => void load(backend.value ?? 'wasm')}>
            Load the model again
          </button>
        </div>
      </fieldset>
    </section>
  );
}

function noteOn(name: BackendName): string {
  const reason = missing.value[name];
  if (reason !== undefined) return `not here: ${reason}`;
  if (measuring.value === name) return 'being measured …';
  const time = measured.value[name];
  if (time === undefined) return '';
  return typeof time === 'number' ? `a small step took ${formatMilliseconds(time)}` : time;
}
