/** What the environment says of the hub, by the variables that Python's huggingface_hub reads. In a page, nothing. */
export interface Environment {
  /** Where the hub is, without a slash at the end. */
  readonly endpoint: string;
  readonly offline: boolean;
  /** The cache's folder; none in a page. */
  readonly cache: string | undefined;
  /** The token that `hf auth login` left, or `HF_TOKEN`. */
  token(): Promise<string | undefined>;
}

/** Reads the environment. */
export function readEnvironment(): Environment {
  const node = nodeModules();
  const endpoint = node?.env('HF_ENDPOINT')?.replace(/\/+$/, '') ?? 'https://huggingface.co';
  if (!node) return {endpoint, offline: false, cache: undefined, token: async () => undefined};
  const {env, path, home} = node;
  const expand = (folder: string) =>
    folder.replace(/^~(?=$|[/\\])/, home).replace(/\$(\w+)/g, (all, name) => env(name) ?? all);
  const base = expand(env('HF_HOME') ?? path.join(env('XDG_CACHE_HOME') ?? path.join(home, '.cache'), 'huggingface'));
  return {
    endpoint,
    offline: /^(1|on|yes|true)$/i.test(env('HF_HUB_OFFLINE') ?? env('TRANSFORMERS_OFFLINE') ?? ''),
    cache: expand(env('HF_HUB_CACHE') ?? env('HUGGINGFACE_HUB_CACHE') ?? path.join(base, 'hub')),
    async token() {
      const given = env('HF_TOKEN') ?? env('HUGGING_FACE_HUB_TOKEN');
      if (given !== undefined) return given.trim() || undefined;
      const file = expand(env('HF_TOKEN_PATH') ?? path.join(base, 'token'));
      const text = await node.files.readFile(file, 'utf8').catch(() => '');
      return text.trim() || undefined;
    },
  };
}

/** What Node, Deno and Bun have. Not imports, so that no bundler follows them. */
function nodeModules() {
  const builtin = globalThis.process?.getBuiltinModule;
  if (!builtin) return undefined;
  return {
    env: (name: string) => process.env[name] || undefined,
    home: builtin('node:os').homedir(),
    path: builtin('node:path'),
    files: builtin('node:fs/promises'),
  };
}
