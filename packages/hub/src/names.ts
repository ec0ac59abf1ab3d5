import type {Kind} from '@subset-tuning/checks';

/** A model's id on the hub: `owner/name`, or the name alone of a few old ones. */
export const modelId: Kind = {
  expected: 'a model’s id on the hub, like HuggingFaceTB/SmolLM2-135M-Instruct',
  is: (value) =>
    typeof value === 'string' && /^(\w[\w.-]{0,95}\/)?\w[\w.-]{0,95}$/.test(value) && !/--|\.\.|\.git$/.test(value),
};

/** A branch, a tag, or a commit: it becomes part of a path in the cache. */
export const revisionName: Kind = {
  expected: 'a branch, a tag or a commit',
  is: (value) => typeof value === 'string' && value.length <= 255 && isPath(value),
};

/** Whether a text is a file's path inside a repository: it becomes part of a path in the cache. */
export function isPath(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no file is called by
  return text.length <= 1024 && text.split('/').every((part) => /^(?!\.\.?$)[^\\:*?"<>|\u0000-\u001f]+$/.test(part));
}

/** Whether a revision is a commit, which never stands for another content. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}

/** Whether a text is what the hub calls a content by: a SHA-1 or a SHA-256. */
export function isEtag(text: unknown): text is string {
  return typeof text === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
