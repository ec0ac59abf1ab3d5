import {hasDigests} from '../has-digests.js';
import {formatBytes, formatCount} from './format.js';
import {apply, download, remove, revert, takeFile} from './keep-actions.js';
import {applied, fingerprints, isBusy, kept, lastChange} from './state.js';

/** The deltas that this browser keeps: one of them can be on the model. */
export function Kept() {
  return (
    <section aria-labelledby="keep">
      <h2 id="keep">Keep what was learnt</h2>
      <p>
        What changed is a delta: a file of the few weights and where they lie. It goes on and off in milliseconds, and
        stays in this browser when you leave the page.
      </p>
      <fieldset disabled={isBusy.value}>
        <legend>On the model now</legend>
        <label class="choice">
          <input type="radio" name="delta" checked={applied.value === undefined} onChange={() => void revert()} />
          <span>Nothing: the seed</span>
        </label>
        {kept.value.map((delta) => (
          <div class="choice" key={delta.id} data-delta>
            <label>
              <input
                type="radio"
                name="delta"
                checked={applied.value === delta.id}
                onChange={() => void apply(delta)}
              />
              <span>
                {delta.name}{' '}
                <small>
                  {formatCount(delta.changed)} weights, {formatBytes(delta.file.length)}
                </small>
              </span>
            </label>
            <button type="button" onClick={() => download(delta)} aria-label={`Download ${delta.name}`}>
              Download
            </button>
            <button type="button" onClick={() => void remove(delta)} aria-label={`Remove ${delta.name}`}>
              ×
            </button>
          </div>
        ))}
        <p role="status" data-change>
          {lastChange.value}
        </p>
        {!hasDigests() && (
          <p class="quiet">
            Nothing can be kept, since a browser gives SHA-256 only to pages from https or from this machine.
          </p>
        )}
        {fingerprints.value && <Fingerprint {...fingerprints.value} />}
        <label for="delta-file">Load a delta from a file</label>
        <input
          id="delta-file"
          type="file"
          accept=".safetensors"
          onChange={({currentTarget}) => {
            const [file] = currentTarget.files ?? [];
            if (file) void takeFile(file);
            currentTarget.value = '';
          }}
        />
      </fieldset>
    </section>
  );
}

/** What shows that a delta came off bit for bit. */
function Fingerprint({seed, now}: {seed: string; now: string}) {
  return (
    <p class="quiet">
      All weights have the SHA-256 <code data-fingerprint={now}>{now.slice(0, 16)}…</code>,{' '}
      {now === seed ? 'the seed’s' : `the seed’s is ${seed.slice(0, 16)}…`}.
    </p>
  );
}
