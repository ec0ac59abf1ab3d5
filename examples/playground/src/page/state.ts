import {computed, signal} from '@preact/signals';
import type {SentencePair} from '@subset-tuning/tasks';
import type {
  BackendName,
  CheckpointReport,
  Glance,
  LoadProgress,
  Method,
  ModelInfo,
  Places,
  StepReport,
} from '../worker/protocol.js';
import {adviceFor} from './advice.js';
import {learningRateFor} from './learning-rate.js';

/** What the page tells the reader: an error says what to do. */
export interface Notice {
  kind: 'error' | 'done';
  text: string;
}

/** A delta that is kept in this browser. */
export interface KeptDelta {
  id: string;
  name: string;
  file: Uint8Array;
  /** The model that it belongs to. */
  base: string;
  changed: number;
}

export const notice = signal<Notice | undefined>(undefined);
export const loading = signal<LoadProgress | undefined>({what: 'the page'});
export const model = signal<ModelInfo | undefined>(undefined);

/** The backend that runs, why others cannot, and how long a step took on each, in milliseconds or in words. */
export const backend = signal<BackendName | undefined>(undefined);
export const missing = signal<Partial<Record<BackendName, string>>>({});
export const measured = signal<Partial<Record<BackendName, number | string>>>({});
export const measuring = signal<BackendName | undefined>(undefined);

export const question = signal('Where do you live?');
/** What the models said, and to which question. */
export const answers = signal<{of: string; seed: string | undefined; tuned: string} | undefined>(undefined);

export const pairs = signal<SentencePair[]>([]);
/** Sentences that are translated anew while the model learns, and those of the run that is shown. */
export const probes = signal<string[]>([]);
export const watched = signal<string[]>([]);

export const method = signal<Method>('shrinking');
export const budget = signal(1);
/** The reader's own learning rate, where it is not the budget's. */
export const ownRate = signal<number | undefined>(undefined);
export const learningRate = computed(
  () => ownRate.value ?? learningRateFor(method.value, budget.value / (model.value?.parameters ?? budget.value)),
);
export const steps = signal(60);
export const tokensPerStep = signal(1024);

export type Phase = 'idle' | 'training' | 'paused' | 'stopping';
export const phase = signal<Phase>('idle');
export const curve = signal<StepReport[]>([]);
/** Of the run: how many steps it shall have, when it began, and the answers to the probes before it. */
export const plannedSteps = signal(0);
export const before = signal<string[]>([]);
export const glance = signal<Glance | undefined>(undefined);
/** What is kept of a run that was cut off. */
export const cutOff = signal<CheckpointReport | undefined>(undefined);

export const kept = signal<KeptDelta[]>([]);
export const applied = signal<string | undefined>(undefined);
/** What was done last to the weights, and how long it took. */
export const lastChange = signal('');
/** SHA-256 of all weights as they were loaded, and as they are; none of a model too large to be read each time. */
export const fingerprints = signal<{seed: string; now: string} | undefined>(undefined);
export const places = signal<Places>(new Map());

export const isBusy = computed(() => loading.value !== undefined || phase.value !== 'idle');

export function say(text: string): void {
  notice.value = {kind: 'done', text};
}

/** Says what went wrong; the page goes on. */
export function complain(what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  notice.value = {kind: 'error', text: `${what}: ${message}${adviceFor(message)}`};
}
