import {Backends} from './backends.js';
import {formatBytes, formatCount} from './format.js';
import {Kept} from './kept.js';
import {cancelLoad} from './load.js';
import {OwnModel} from './own-model.js';
import {loading, model, notice} from './state.js';
import {Training} from './training.js';
import {Translator} from './translator.js';

export function App() {
  return (
    <>
      <header>
        <h1>Teach a translator in your browser</h1>
        <p>
          A small translator says <i>du</i> to everyone. Teach it to say <i>Sie</i> by letting a handful of its{' '}
          {formatCount(model.value?.parameters ?? 1_598_880)} weights change; all others stay as they were, bit for bit.
          What it has learnt is then no second model but a file of kilobytes, which goes on and off in milliseconds.
          Everything happens on this machine: nothing that you type, teach or load leaves it.
        </p>
      </header>
      <main>
        <Message />
        <Loading />
        <Translator />
        <Training />
        <Kept />
        <Backends />
        <OwnModel />
      </main>
    </>
  );
}

function Message() {
  const now = notice.value;
  return (
    <div role={now?.kind === 'error' ? 'alert' : 'status'} class={now ? `notice ${now.kind}` : 'notice none'}>
      {now && (
        <>
          <p>{now.text}</p>
          <button type="button" onClick={() => (notice.value = undefined)}>
            Close
          </button>
        </>
      )}
    </div>
  );
}

function Loading() {
  const now = loading.value;
  if (!now) return null;
  const {what, loaded, total} = now;
  const amount = loaded === undefined ? '' : `, ${formatBytes(loaded)}${total ? ` of ${formatBytes(total)}` : ''}`;
  return (
    <p class="loading" role="status">
      <label for="loading">
        Loading {what}
        {amount}
      </label>
      <progress id="loading" {...(loaded !== undefined && total && {value: loaded, max: total})} />
      {model.value && (
        <button type="button" onClick={cancelLoad}>
          Cancel
        </button>
      )}
    </p>
  );
}
