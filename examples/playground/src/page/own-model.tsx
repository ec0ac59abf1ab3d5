import {useSignal} from '@preact/signals';
import type {Source} from '../worker/protocol.js';
import {openModel} from './open-model.js';
import {backend, isBusy, model, say} from './state.js';

/** A model of the reader's own: from files, from a folder, or from the hub by its id. */
export function OwnModel() {
  const id = useSignal('');
  const open = async (source: Source) => {
    if (!(await openModel(backend.value ?? 'wasm', source))) return;
    say(`${model.value?.id} is loaded.`);
  };
  const openFiles = (input: HTMLInputElement) => {
    const files = Array.from(input.files ?? []);
    input.value = '';
    if (files.length > 0) void open({kind: 'files', files});
  };
  return (
    <section aria-labelledby="own">
      <h2 id="own">Bring your own model</h2>
      <p>
        A Llama-style model: a folder with <code>config.json</code>, <code>tokenizer.json</code> and{' '}
        <code>model.safetensors</code>, or a <code>.gguf</code> file. It answers prompts then. Files are read here and
        sent nowhere. By an id the page asks huggingface.co for the model’s public files, and for nothing else; it keeps
        them in this browser, and no longer asks once they are here.
      </p>
      <fieldset disabled={isBusy.value}>
        <legend>Load</legend>
        <label for="model-files">Files</label>
        <input id="model-files" type="file" multiple onChange={({currentTarget}) => openFiles(currentTarget)} />
        <label for="model-folder">A folder</label>
        <input
          id="model-folder"
          type="file"
          {...{webkitdirectory: true}}
          onChange={({currentTarget}) => openFiles(currentTarget)}
        />
        <label for="hub-id">An id of a public model on the Hugging Face hub</label>
        <input
          id="hub-id"
          placeholder="owner/name"
          value={id.value}
          onInput={({currentTarget}) => {
            id.value = currentTarget.value;
          }}
        />
        <div class="buttons">
          <button
            type="button"
            disabled={id.value.trim() === ''}
            onClick={() => void open({kind: 'hub', id: id.value.trim()})}
          >
            Load it from the hub
          </button>
          <button type="button" onClick={() => void open({kind: 'translator', base: document.baseURI})}>
            The translator again
          </button>
        </div>
      </fieldset>
    </section>
  );
}
