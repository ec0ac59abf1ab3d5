import {useSignal} from '@preact/signals';
import {formatCount} from './format.js';
import {restorePairs, setPairs, takeFile, takeText} from './pairs-actions.js';
import {isBusy, model, pairs} from './state.js';

const ROWS = 6;

/** The pairs that are taught, some at a time: to be edited, pasted into, and loaded from a file. */
export function PairsTable() {
  const first = useSignal(0);
  const count = pairs.value.length;
  const from = Math.min(first.value, Math.max(0, count - 1));
  const isTranslator = model.value?.isTranslator ?? true;
  const [asked, answer] = isTranslator ? ['English', 'German'] : ['Prompt', 'Answer'];
  const change = (at: number, key: 'source' | 'target', value: string) =>
    setPairs(pairs.value.map((pair, i) => (i === at ? {...pair, [key]: value} : pair)));
  const cell = (at: number, key: 'source' | 'target', label: string) => (
    <td>
      <input
        aria-label={`${label} ${at + 1}`}
        value={pairs.value[at]?.[key] ?? ''}
        disabled={isBusy.value}
        onInput={({currentTarget}) => change(at, key, currentTarget.value)}
        onPaste={(event) => {
          const text = event.clipboardData?.getData('text/plain') ?? '';
          if (!/[\t\n]/.test(text.trim())) return;
          event.preventDefault();
          takeText(text, 'add');
        }}
      />
    </td>
  );
  return (
    <>
      <table class="pairs">
        <caption>
          {formatCount(count)} pairs to learn from{count > 0 && `, ${from + 1} to ${Math.min(count, from + ROWS)}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">{asked}</th>
            <th scope="col">{answer}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {pairs.value.slice(from, from + ROWS).map((_, i) => (
            <tr key={from + i}>
              {cell(from + i, 'source', asked)}
              {cell(from + i, 'target', answer)}
              <td>
                <button
                  type="button"
                  aria-label={`Remove pair ${from + i + 1}`}
                  disabled={isBusy.value}
                  onClick={() => setPairs(pairs.value.filter((_, at) => at !== from + i))}
                >
                  ×
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="buttons">
        <button type="button" disabled={from === 0} onClick={() => (first.value = Math.max(0, from - ROWS))}>
          Earlier
        </button>
        <button type="button" disabled={from + ROWS >= count} onClick={() => (first.value = from + ROWS)}>
          Later
        </button>
        <button
          type="button"
          disabled={isBusy.value}
          onClick={() => {
            setPairs([{source: '', target: ''}, ...pairs.value]);
            first.value = 0;
          }}
        >
          Add a pair
        </button>
        <button type="button" disabled={isBusy.value} onClick={() => void restorePairs()}>
          The formal German ones
        </button>
      </div>
      <OtherPairs />
    </>
  );
}

/** Pairs from the clipboard or a file. */
function OtherPairs() {
  const text = useSignal('');
  const take = (how: 'add' | 'replace') => {
    if (takeText(text.value, how)) text.value = '';
  };
  return (
    <details>
      <summary>Paste pairs, or load a file</summary>
      <label for="pasted">A pair a line, a tab between the two (as a spreadsheet copies them)</label>
      <textarea
        id="pasted"
        rows={3}
        value={text.value}
        onInput={({currentTarget}) => {
          text.value = currentTarget.value;
        }}
      />
      <div class="buttons">
        <button type="button" disabled={isBusy.value || text.value === ''} onClick={() => take('add')}>
          Add them
        </button>
        <button type="button" disabled={isBusy.value || text.value === ''} onClick={() => take('replace')}>
          Learn only them
        </button>
      </div>
      <label for="tsv">A file of tab-separated pairs (.tsv), in place of the table</label>
      <input
        id="tsv"
        type="file"
        accept=".tsv,.txt,text/tab-separated-values"
        disabled={isBusy.value}
        onChange={({currentTarget}) => {
          const [file] = currentTarget.files ?? [];
          if (file) void takeFile(file);
          currentTarget.value = '';
        }}
      />
    </details>
  );
}
