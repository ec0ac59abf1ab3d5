import {useSignal} from '@preact/signals';
import type {Source} from '../worker/session.js';
import {load} from './load.js';
import {backend, isBusy, model, question, say} from './state.js';

/** A model of the reader's own: from files, from a folder, or from the hub by its id. */
export function OwnModel() {
  const id = useSignal('');
  const open = async (source: Source) => {
    const before = question.value;
    if (source.kind !== 'translator') question.value = 'What is the capital of France?';
    if (await load(backend.value ?? 'wasm', source)) say(`${model.value?.id} is loaded.`);
    else question.value = before;
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
        sent nowhere; by an id the page asks huggingface.co for the model’s files, and for nothing else.
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
        <label for="hub-id">An id on the Hugging Face hub</label>
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
