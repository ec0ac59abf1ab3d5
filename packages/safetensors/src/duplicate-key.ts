/**
 * The first key that an object in this JSON has twice, or undefined. `JSON.parse` keeps the last of them and says
 * nothing, so two readers could see two different files in one.
 *
 * @param json A text that `JSON.parse` has accepted.
 */
export function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set());
    else if (json[i] === '}') open.pop();
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      // In valid JSON a string before a colon is a key of the innermost open object; arrays hold no keys of their own.
      if (!isBeforeColon(json, i + 1)) continue;
      const key: string = JSON.parse(json.slice(start, i + 1));
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function isBeforeColon(json: string, at: number): boolean {
  while (' \t\r\n'.includes(json[at])) at++;
  return json[at] === ':';
}
