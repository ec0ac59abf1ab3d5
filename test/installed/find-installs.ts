/** The lines of a Markdown text's `sh` blocks that install packages by name. */
export function findInstalls(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', '').split('\n'))
    .filter((line) => line.startsWith('npm install ') && !line.includes('.tgz'));
}
