import {parseArgs} from 'node:util';
import {SubsetProject, SubsetStep, TopKMask} from '@subset-tuning/kernels';
import {type ConformanceOptions, conformanceCases} from '@subset-tuning/kernels/conformance';
import {version} from '@tensorflow/tfjs';
import {startBackend} from './backends.js';
import {CommandError} from './command.js';
import {webgpuBackend} from './webgpu-backend.js';
import {writeText} from './write-text.js';

/** What each backend is held to, as by the tests of its package. */
const OPTIONS: Record<string, Omit<ConformanceOptions, 'path'>[]> = {
  cpu: [{kernels: [TopKMask, SubsetProject]}, {kernels: [SubsetStep], rounding: 'close', predicts: true}],
  wasm: [
    {kernels: [TopKMask, SubsetProject], predicts: true},
    {kernels: [SubsetStep], rounding: 'close', predicts: true},
  ],
  webgpu: [{rounding: 'close', predicts: true}],
};

const HELP = `conformance ${Object.keys(OPTIONS).join('|')} [options]

  --random N     how many random cases to run; default: 1000
  --large        runs the cases at n = 20,000,003 too
  --only REGEX   runs only the cases whose names match
  --seconds S    begins no case later than so many seconds after the start; default: runs all
  --software     takes a software renderer for webgpu's GPU
  --subgroups    gives webgpu's device subgroups, for which tfjs does not ask
  --json FILE    where to write the result
  --help         prints this`;

/**
 * Runs the conformance suite on a backend with its kernels, and prints each case that fails and how many passed.
 *
 * @throws if an argument is off, the backend does not start, or a case fails
 */
export async function conformance(args: string[]): Promise<void> {
  const {backend, only, random, seconds, large, software, subgroups, json, help} = readArguments(args);
  if (help) {
    console.log(HELP);
    return;
  }
  const {device} = await startBackend(backend, {software, subgroups});
  const start = Date.now();
  const passed: string[] = [];
  const failures: string[] = [];
  const secondsOf: [name: string, seconds: number][] = [];
  let skipped = 0;
  for (const options of OPTIONS[backend]) {
    for (const {name, run} of conformanceCases({...options, path: 'fused', random, large})) {
      if (!only.test(name)) continue;
      if (Date.now() - start > 1000 * seconds) {
        skipped++;
        continue;
      }
      const begin = performance.now();
      try {
        await withoutDeviceError(run);
        passed.push(name);
      } catch (error) {
        console.error(`${name}: ${error instanceof Error ? error.message : error}`);
        failures.push(name);
      }
      secondsOf.push([name, Math.round(performance.now() - begin) / 1000]);
    }
  }
  const minutes = Math.round((Date.now() - start) / 6000) / 10;
  console.log(`${passed.length} passed, ${failures.length} failed, ${skipped} skipped after ${minutes} minutes`);
  if (json !== undefined) {
    const count = (part: string) => passed.filter((name) => name.includes(part)).length;
    const result = {
      command: `conformance ${args.join(' ')}`,
      date: new Date(start).toISOString(),
      minutes,
      device,
      versions: {node: process.versions.node, '@tensorflow/tfjs': version.tfjs},
      passed: passed.length,
      failed: failures.length,
      skipped,
      passedHundredsOfRandomCases: count('random cases'),
      passedLarge: count('20,000,003'),
      failures,
      slowest: Object.fromEntries(secondsOf.toSorted(([, a], [, b]) => b - a).slice(0, 10)),
    };
    await writeText(json, `${JSON.stringify(result, undefined, 2)}\n`);
  }
  if (failures.length > 0) process.exitCode = 1;
}

/** A faulty shader or binding throws nothing by itself. */
async function withoutDeviceError(run: () => Promise<void>): Promise<void> {
  const device = webgpuBackend()?.device;
  device?.pushErrorScope('validation');
  let error: GPUError | null | undefined;
  try {
    await run();
  } finally {
    error = await device?.popErrorScope();
  }
  if (error) throw new Error(error.message);
}

function readArguments(args: string[]) {
  try {
    const {positionals, values} = parseArgs({
      args,
      allowPositionals: true,
      options: {
        random: {type: 'string', default: '1000'},
        large: {type: 'boolean', default: false},
        only: {type: 'string', default: ''},
        seconds: {type: 'string', default: 'Infinity'},
        software: {type: 'boolean', default: false},
        subgroups: {type: 'boolean', default: false},
        json: {type: 'string'},
        help: {type: 'boolean', default: false},
      },
    });
    const [backend = ''] = positionals;
    if (!values.help && (positionals.length !== 1 || !Object.hasOwn(OPTIONS, backend))) {
      throw new Error(`the backend is '${positionals.join(' ')}'; expected ${Object.keys(OPTIONS).join(' or ')}`);
    }
    const random = Number(values.random);
    if (!Number.isInteger(random) || random < 0)
      throw new Error(`--random is '${values.random}'; expected an integer from 0`);
    const seconds = Number(values.seconds);
    if (!(seconds > 0)) throw new Error(`--seconds is '${values.seconds}'; expected a number above 0`);
    return {...values, only: new RegExp(values.only), backend, random, seconds};
  } catch (error) {
    throw new CommandError(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
  }
}
