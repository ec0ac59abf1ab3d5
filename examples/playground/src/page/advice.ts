/** What to do about errors that say it not themselves. */
export function adviceFor(message: string): string {
  if (
    /out of memory|allocation failed|invalid array (buffer )?length|could not allocate|memory access out of bounds|cannot enlarge/i.test(
      message,
    )
  ) {
    return ' Memory ran out: take fewer tokens a step, close other tabs, or load a smaller model; then load the model again below under Backend.';
  }
  return '';
}
