import type {OpenFile, ReadFile} from './read-folder.js';

/** What `use` makes of a reader. The files that it opens are closed afterwards, whether it throws or not. */
export async function withOpenFiles<T>(read: ReadFile, use: (read: ReadFile) => Promise<T>): Promise<T> {
  if (!read.open) return use(read);
  const opened: OpenFile[] = [];
  const whole = (file: string, limit: number) => read(file, limit);
  const open = async (file: string, limit: number): Promise<OpenFile> => {
    if (!read.open) throw new Error(`${file} cannot be opened any more`);
    const source = await read.open(file, limit);
    opened.push(source);
    return source;
  };
  try {
    return await use(Object.assign(whole, {open}));
  } finally {
    await Promise.all(opened.map((file) => file.close?.()));
  }
}
