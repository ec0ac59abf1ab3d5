import {readFileSync} from 'node:fs';
import {afterAll, beforeAll, beforeEach, expect, test} from 'vitest';
import {startHubServer} from '../../../test/hub-server.js';
import {Reader, Site} from './open-page.js';
import {startTlsFront} from './tls-front.js';

const fileOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../packages/models/golden/tiny-llama/${name}`, import.meta.url)));
const names = ['config.json', 'tokenizer.json', 'model.safetensors'];
const files = Object.fromEntries(names.map((name) => [name, fileOf(name)]));

// The page as it is served, with its policy, in a Chromium for which the hub's names are this machine's.
const site = new Site();
let server: Awaited<ReturnType<typeof startHubServer>>;
let front: Awaited<ReturnType<typeof startTlsFront>>;
/** Names that were asked for. */
const asked = new Set<string>();

beforeAll(async () => {
  server = await startHubServer({id: 'some/model', files}, {id: 'some/gated', files, gated: true});
  front = await startTlsFront((name) => {
    asked.add(name);
    return Number(new URL(name === 'huggingface.co' ? server.endpoint : server.storage).port);
  });
  const to = `127.0.0.1:${front.port}`;
  const rules = `MAP huggingface.co:443 ${to},MAP *.hf.co:443 ${to}`;
  await site.open({args: [`--host-resolver-rules=${rules}`, '--ignore-certificate-errors', '--no-proxy-server']});
});
afterAll(async () => {
  await site.close();
  await front.stop();
  await server.stop();
});
beforeEach(() => server.clear());

/** Types an id, and loads it. */
async function load({page}: Reader, id: string): Promise<void> {
  await page.getByLabel('An id of a public model').fill(id);
  await page.getByRole('button', {name: 'Load it from the hub'}).click();
}

test('a model of the hub is loaded by its id, through a cut, and is there again without the hub', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  server.plan(/storage/, {cutAfter: 1000}, {cutAfter: 1000});
  await load(reader, 'some/model');
  await page.getByText('some/model is loaded.').waitFor();
  expect(server.left).toBe(0);
  expect(asked).toEqual(new Set(['huggingface.co', 'cas-bridge.xethub.hf.co']));
  const answer = await reader.ask('Hello');
  const requests = server.requests.length;
  await reader.visit('wasm');
  await page.getByLabel('Prompt', {exact: true}).waitFor();
  expect(await reader.ask('Hello')).toBe(answer);
  expect(server.requests).toHaveLength(requests);

  await page.getByRole('button', {name: 'The translator again'}).click();
  await page.getByLabel('English', {exact: true}).waitFor();
  await reader.visit('wasm');
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  // Nothing but the two hosts was asked, and they for the files alone.
  expect(new Set(reader.elsewhere.splice(0).map((address) => new URL(address).host))).toEqual(asked);
  // The browser tells of the connection that was cut, which the page took up again.
  reader.expectErrors(/net::ERR_/);
  await reader.close();
});

test('a model of the hub is forgotten where it cannot be loaded twice, not once', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  await load(reader, 'some/model');
  await page.getByText('some/model is loaded.').waitFor();
  /** Comes back while the first worker, which is the model's, does not start: the translator takes its place. */
  const failOnce = async () => {
    await page.route(/\/worker-[^/]*\.js$/, (route) => route.abort(), {times: 1});
    await reader.visit('wasm');
    expect(await page.getByRole('alert').innerText()).toMatch(/could not be loaded.*the worker failed/s);
    expect(await page.getByLabel('English', {exact: true}).count()).toBe(1);
  };
  await failOnce();
  await reader.visit('wasm');
  await page.getByLabel('Prompt', {exact: true}).waitFor();
  await failOnce();
  await failOnce();
  await reader.visit('wasm');
  expect(await page.getByLabel('English', {exact: true}).count()).toBe(1);
  reader.elsewhere.splice(0);
  reader.expectErrors(/net::ERR_/);
  await reader.close();
});

test('what the hub refuses is told, and the page goes on', async () => {
  const reader = await Reader.open(site);
  const {page} = reader;
  const alert = page.getByRole('alert');
  await load(reader, 'no id');
  await expect.poll(() => alert.innerText()).toMatch(/could not be loaded.*expected a model’s id on the hub/s);
  // 401: the hub tells a stranger so of what is private and of what is not there.
  await load(reader, 'some/none');
  await expect.poll(() => alert.innerText()).toMatch(/some\/none.*401.*there is no such model.*public models only/s);
  await load(reader, 'some/gated');
  await expect.poll(() => alert.innerText()).toMatch(/some\/gated.*403.*access on request.*public models only/s);
  server.plan(/api/, {status: 404});
  await load(reader, 'some/model');
  await expect.poll(() => alert.innerText()).toMatch(/some\/model.*404.*there is no such model/s);
  // All tries are cut.
  server.plan(/storage/, ...Array.from({length: 4}, () => ({cutAfter: 0})));
  await load(reader, 'some/model');
  await expect.poll(() => alert.innerText()).toMatch(/tokenizer.json.*given up after 4 tries/s);
  // One that says nothing is not waited for.
  server.plan(/storage/, {silentAfter: 10});
  await load(reader, 'some/model');
  await expect.poll(() => server.left).toBe(0);
  await page.getByRole('button', {name: 'Cancel'}).click();
  await expect.poll(() => alert.innerText()).toMatch(/it was cancelled; all is as before/);
  expect(await reader.ask('Are you tired?')).toBe('Bist du müde?');
  await load(reader, 'some/model');
  await page.getByText('some/model is loaded.').waitFor();
  reader.elsewhere.splice(0);
  // The browser tells of each refusal, too.
  reader.expectErrors(/status of 40[134]|net::ERR_/);
  await reader.close();
});
