import {proxy} from 'comlink';
import {forget, keep, recall} from '../store.js';
import type {BackendName, LoadProgress, Source} from '../worker/protocol.js';
import {Client} from './client.js';
import {isCurrent, replaceClient} from './current.js';
import {restoreApplied} from './keep-actions.js';
import {backend, budget, complain, loading, missing, model} from './state.js';
import {takeFingerprint} from './take-fingerprint.js';

let cancelLoading = () => {};

/** What the page's model was loaded from, to load it on another backend. */
let source: Source = {kind: 'translator', base: document.baseURI};

/** Starts a worker on a backend, with the model that the page has, or another. The one before ends only when this works. */
export async function load(name: BackendName, from: Source = source): Promise<boolean> {
  const next = new Client();
  cancelLoading = () => next.close(new Error('it was cancelled; all is as before'));
  try {
    loading.value = {what: `the backend ${name}`};
    missing.value = await next.call((session) => session.missing());
    await next.start(name);
    const onProgress = proxy((progress: LoadProgress) => {
      loading.value = progress;
    });
    const info = await next.call((session) => session.load(from, onProgress));
    // From here on it is the page's own, which cancelling would leave without a model.
    cancelLoading = () => undefined;
    replaceClient(next);
    if (from !== source) await remember(from);
    source = from;
    const isOther = model.value?.id !== info.id;
    backend.value = name;
    model.value = info;
    if (isOther) budget.value = Math.max(1, Math.round(info.parameters / 100));
    loading.value = undefined;
    await takeFingerprint('seed');
    await restoreApplied(await recall('applied'));
    return true;
  } catch (error) {
    // What fails after the model is the page's leaves it there.
    if (!isCurrent(next)) next.close();
    complain(`The model could not be loaded on ${name}`, error);
    return false;
  } finally {
    loading.value = undefined;
    cancelLoading = () => undefined;
  }
}

/** Stops what {@link load} does. What has come from the hub is kept for the next try. */
export function cancelLoad(): void {
  cancelLoading();
}

/** A model of the hub is there again after a reload, from what this browser has of it. */
async function remember(from: Source): Promise<void> {
  if (from.kind === 'hub') await keep('source', {kind: 'hub', id: from.id, offline: true}).catch(() => undefined);
  else await forget('source');
}

/** What the page's model was loaded from. */
export function currentSource(): Source {
  return source;
}
